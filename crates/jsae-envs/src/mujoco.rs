//! Robots on the physics engine MuJoCo 3.17.0 (feature `mujoco`).
//!
//! [`HalfCheetah`] and [`Ant`] are Gym's v2 environments: same observations, rewards and resets, on
//! a newer engine. Each page says what differs.
//!
//! Every environment has its own world and random stream; all of one kind share one compiled model,
//! so that many can be stepped side by side on several threads. The engine writes neither to the
//! terminal nor to a `MUJOCO_LOG.TXT`: what it warns of becomes an [`EnvError::Engine`].
//!
//! The engine's library is found at build time in the folder that `MUJOCO_DYNAMIC_LINK_DIR` names
//! (absolute; it holds `libmujoco.so`).
//!
//! [`EnvError::Engine`]: crate::EnvError::Engine
//!
//! ```
//! use jsae_envs::{Env, Start, mujoco::half_cheetah};
//!
//! let mut env = half_cheetah::Config::default().build()?;
//! let mut observation = vec![0.0; env.observation_space().len()];
//! env.seed(7);
//! env.reset(Start::Fixed, &mut observation)?;
//! let step = env.step(&[0.5; 6], &mut observation)?;
//! assert!(step.reward.is_finite() && !step.ended());
//! # Ok::<(), jsae_envs::EnvError>(())
//! ```

pub mod ant;
pub mod half_cheetah;
#[cfg(feature = "renderer")]
pub mod renderer;

mod engine_log;
mod simulation;

pub use ant::Ant;
pub use half_cheetah::HalfCheetah;

use mujoco_rs::prelude::{MjModel, MjModelError};

/// What the reward of one step is made of; costs count positive.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RewardTerms {
    /// Velocity forward over the step, m/s.
    pub forward: f64,
    /// Paid for not having fallen.
    pub survive: f64,
    /// Cost of the action.
    pub control_cost: f64,
    /// Cost of the forces on the bodies.
    pub contact_cost: f64,
}

impl RewardTerms {
    /// The reward.
    pub fn total(&self) -> f64 {
        self.forward - self.control_cost - self.contact_cost + self.survive
    }
}

/// Compiles a model, with the engine's messages kept off the terminal and out of any log file.
///
/// # Errors
/// What the engine says about the source.
pub fn compile(mjcf: &str) -> Result<MjModel, MjModelError> {
    engine_log::install();
    MjModel::from_xml_string(mjcf)
}
