//! What asks a process to stop: SIGINT (a key), SIGTERM (a scheduler), SIGHUP (a terminal that closes).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exit::Exit;

/// A training process that has not stopped at an epoch's end by then leaves as it is: the last checkpoint stands.
const PATIENCE: Duration = Duration::from_millis(400);

/// Schedulers signal every process of a job, and the parent passes its own on: what comes within this time
/// is the same request.
const SAME_REQUEST: Duration = Duration::from_millis(100);

/// Calls `first` for the first request to stop, and `second` for one that comes after it.
///
/// # Errors
/// A system that lets no signal be caught.
pub(crate) fn on_stop(
    mut first: impl FnMut() + Send + 'static,
    mut second: impl FnMut() + Send + 'static,
) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::spawn(move || {
        let mut asked: Option<Instant> = None;
        for _ in signals.forever() {
            match asked {
                None => {
                    asked = Some(Instant::now());
                    first();
                }
                Some(at) if at.elapsed() > SAME_REQUEST => second(),
                Some(_) => {}
            }
        }
    });
    Ok(())
}

/// Sets `stop` at the first request, and leaves where nothing heeds it in time or another one comes.
///
/// # Errors
/// As [`on_stop`].
pub(crate) fn stop_soon(stop: &Arc<AtomicBool>) -> Result<()> {
    let stop = Arc::clone(stop);
    let first = move || {
        stop.store(true, Ordering::Relaxed);
        std::thread::spawn(|| {
            std::thread::sleep(PATIENCE);
            leave();
        });
    };
    on_stop(first, || leave())
}

/// Ends the process here and now; files being written are left as `*.part`.
pub(crate) fn leave() -> ! {
    signal_hook::low_level::exit(Exit::Stopped.code())
}
