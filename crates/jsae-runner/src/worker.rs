use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use crate::cuda;
use crate::exit::Exit;
use crate::experiment::{Device, Place, Problems, Registry};
use crate::observer::Event;
use crate::run_folder::RunFolder;
use crate::signals;
use crate::train::{Outcome, train_sharing};

/// One thread for libtorch, and the library of the device that was asked for.
///
/// Call it once, before [`crate::train`] or [`crate::Agent::load`]: networks of this size are many times
/// slower on several threads. Parallelism is over environments, seeds and experiments. `config` is the
/// file that an error names.
///
/// # Errors
/// A device that is not there.
pub fn prepare_torch(device: Device, config: &Path) -> Result<(), Problems> {
    ready(device).map_err(|why| {
        Problems::one(Place::Path(config.to_owned()), format!("device is \"cuda\", and {why}"))
    })
}

/// As [`prepare_torch`]; the error says in one line why `device` is not there.
pub(crate) fn ready(device: Device) -> Result<(), String> {
    tch::set_num_threads(1);
    if device == Device::Cuda { cuda::load() } else { Ok(()) }
}

/// Trains one run in this process and tells the parent about it, a JSON object a line; embeddings that runs share
/// are in `embeddings`.
///
/// # Errors
/// Whatever stopped the run before its time.
pub(crate) fn work(folder: &Path, embeddings: Option<&Path>, registry: &Registry) -> Result<Exit> {
    let stop = Arc::new(AtomicBool::new(false));
    signals::stop_soon(&stop)?;
    // Nobody would hear of a run whose parent was killed, and the next start would find its folder in use.
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM))?;
    let folder = RunFolder::open(folder)?;
    prepare_torch(folder.experiment(registry)?.device, &folder.file("config.toml"))?;
    let heard = Arc::clone(&stop);
    let mut tell = move |event: Event| {
        let line = serde_json::to_string(&event).unwrap_or_default();
        let mut stdout = std::io::stdout().lock();
        if writeln!(stdout, "{line}").and_then(|()| stdout.flush()).is_err() {
            // Nobody listens any more: whoever starts the run again finds a checkpoint.
            heard.store(true, Ordering::Relaxed);
        }
    };
    match train_sharing(&folder, embeddings, registry, &stop, &mut tell)? {
        Outcome::Finished(_) => Ok(Exit::Done),
        Outcome::Stopped { .. } => Ok(Exit::Stopped),
    }
}
