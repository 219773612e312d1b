//! Pre-training that runs share.
//!
//! What pre-training learns depends on the environment, the embedding, the samples and the seed, and on nothing of
//! the policy. A grid over the policy's keys therefore learns each embedding once, as a run of its own without
//! epochs: `DIR/embedding-HASH/seed-N`, which `jsae-run inspect` looks at like at any other. HASH is that of all it
//! depends on, this very program and the environment's files among it.
//!
//! It is learnt beside its place and moved there when it is whole. A lock spares others the same work; where locks do
//! not reach from machine to machine, the first to finish is taken and nothing else is lost.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::checkpoint::{Checkpoint, Checkpoints};
use crate::disk::{self, Sum};
use crate::experiment::{AlgorithmConfig, Experiment, Registry, Training};
use crate::observer::Event;
use crate::run_folder::{RunFolder, set_aside};
use crate::train::pretrain;
use crate::versions::host;

/// Time between two looks at an embedding that another process learns.
const BUSY_INTERVAL: Duration = Duration::from_millis(200);

/// What a run without epochs has learnt.
#[derive(Debug)]
pub(crate) struct Pretrained {
    pub(crate) checkpoint: Checkpoint,
    /// Its `pretrain.csv`.
    pub(crate) passes: Vec<u8>,
}

/// What a run is to begin with.
#[derive(Debug)]
pub(crate) enum Beginning {
    /// A shared embedding.
    Shared(Box<Pretrained>),
    /// Whatever it learns itself.
    Own,
    /// It was asked to stop while it waited.
    Stopped,
}

/// The run that learns the embedding of `experiment` alone; none but for JSAE and RA from a random policy's samples.
///
/// # Errors
/// A file of the environment, or this program's own, that cannot be read.
pub(crate) fn alone(experiment: &Experiment) -> Result<Option<Experiment>> {
    if !experiment.embedding.is_learnt() || experiment.pretrain.samples == 0 || experiment.transfer.is_some()
    {
        return Ok(None);
    }
    let n_envs = experiment.training.n_envs;
    let training =
        Training { n_epochs: 0, n_envs, steps_per_epoch: n_envs, n_eval_episodes: 1, ..Training::default() };
    let mut alone = Experiment {
        name: "embedding".to_owned(),
        training,
        algorithm: AlgorithmConfig::Vpg(jsae_rl::vpg::Config::default()),
        mapping: None,
        ..experiment.clone()
    };
    alone.embedding_update.passes = alone.embedding_update.passes.min(1);
    let mut depends_on = alone.with_seed(0).to_toml() + program()?;
    for file in alone.env.files() {
        depends_on += &disk::sha256_of(&file)?;
    }
    alone.name = format!("embedding-{}", &Sum::of(depends_on.as_bytes()).sha256[..12]);
    alone.training.n_threads = experiment.training.n_threads;
    Ok(Some(alone))
}

/// SHA-256 of this program: another one may learn another embedding.
fn program() -> Result<&'static str> {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    if let Some(sum) = PROGRAM.get() {
        return Ok(sum);
    }
    let sum = disk::sha256_of(&std::env::current_exe().context("this program's own file")?)?;
    Ok(PROGRAM.get_or_init(|| sum))
}

/// The embedding of `experiment` from `root`, learnt now where it is not there; waits where another process is
/// learning it. One that cannot be used is set aside, which a warning tells.
///
/// # Errors
/// As [`crate::train`].
pub(crate) fn beginning(
    root: &Path,
    experiment: &Experiment,
    registry: &Registry,
    stop: &AtomicBool,
    observe: &mut dyn FnMut(Event),
) -> Result<Beginning> {
    let Some(alone) = alone(experiment)? else { return Ok(Beginning::Own) };
    let folder = RunFolder::of(root, &alone, alone.seeds[0]);
    let path = folder.path();
    let named = || format!("the embedding {}", path.display());
    let mut told = false;
    loop {
        if let Ok(Some(pretrained)) = read(&folder, &alone) {
            return Ok(Beginning::Shared(Box::new(pretrained)));
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(Beginning::Stopped);
        }
        let place = path.parent().unwrap_or(root);
        std::fs::create_dir_all(place).with_context(|| format!("{} cannot be made", place.display()))?;
        let Some(_lock) = disk::try_lock(&path.with_extension("lock"))? else {
            if !std::mem::replace(&mut told, true) {
                observe(Event::Waiting { text: named() });
            }
            std::thread::sleep(BUSY_INTERVAL);
            continue;
        };
        // Another process may have come before.
        match read(&folder, &alone) {
            Ok(Some(pretrained)) => return Ok(Beginning::Shared(Box::new(pretrained))),
            Ok(None) => {}
            Err(why) => {
                let kept = set_aside(path)?.display().to_string();
                let text = format!("{} cannot be used ({why:#}): kept as {kept}, learnt anew", named());
                observe(Event::Warning { text });
            }
        }
        learn(&folder, &alone, registry, observe).with_context(named)?;
        let pretrained = read(&folder, &alone).with_context(named)?.with_context(named)?;
        return Ok(Beginning::Shared(Box::new(pretrained)));
    }
}

/// What stands in the folder, if it is there.
fn read(folder: &RunFolder, alone: &Experiment) -> Result<Option<Pretrained>> {
    if !folder.path().is_dir() {
        return Ok(None);
    }
    let checkpoint = Checkpoints::of(folder, alone).newest(&mut Ok, &mut |_| ())?;
    let checkpoint = checkpoint.context("it has no checkpoint")?;
    let path = folder.file("pretrain.csv");
    let passes = match &checkpoint.manifest.pretrain {
        Some(sum) => sum.read(&path),
        None => std::fs::read(&path).map_err(Into::into),
    };
    Ok(Some(Pretrained { checkpoint, passes: passes.context("pretrain.csv")? }))
}

/// Learns beside the folder and moves the whole there.
fn learn(
    folder: &RunFolder,
    alone: &Experiment,
    registry: &Registry,
    observe: &mut dyn FnMut(Event),
) -> Result<()> {
    let part = being_learnt(folder.path());
    // What a process that was killed has left: on one machine the lock holds.
    if part.exists() {
        std::fs::remove_dir_all(&part).with_context(|| format!("{} cannot be removed", part.display()))?;
    }
    pretrain(&RunFolder::at(part.clone()), alone, registry, observe)?;
    if let Err(error) = std::fs::rename(&part, folder.path()) {
        let _ = std::fs::remove_dir_all(&part);
        if !folder.path().is_dir() {
            return Err(error).context("it cannot be moved to its place");
        }
    }
    Ok(())
}

/// `.seed-N.HOST` beside `seed-N`.
fn being_learnt(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", host()))
}
