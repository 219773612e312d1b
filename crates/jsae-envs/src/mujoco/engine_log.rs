#![allow(unsafe_code, reason = "the engine's log handler is a global of its C library")]

use std::sync::Once;

use mujoco_rs::prelude::{MjLogMessage, MjtLogLevel, set_log_handler};

static INSTALLED: Once = Once::new();

/// Takes the engine's messages away from the terminal and from `MUJOCO_LOG.TXT`.
///
/// Every model of this crate is compiled after this call, and nothing of the engine runs before
/// a model exists.
pub(super) fn install() {
    INSTALLED.call_once(|| {
        // SAFETY: `Once` keeps this crate's other threads waiting, and none of them holds a model
        // yet, so that none is inside the engine while its global handler changes.
        unsafe { set_log_handler(keep_errors) };
    });
}

/// Warnings are counted in the simulation's data and become an `EnvError` there; an error ends the
/// process, and only this line says why.
fn keep_errors(message: &MjLogMessage) {
    if message.level() == MjtLogLevel::mjLOG_ERROR {
        eprintln!("MuJoCo: {}", message.subject());
    }
}
