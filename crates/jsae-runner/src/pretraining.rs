//! Pre-training that runs share.
//!
//! What pre-training learns depends on the environment, the embedding, the samples and the seed, and on nothing of
//! the policy. A grid over the policy's keys therefore learns each embedding once, as a run of its own without
//! epochs: `DIR/embedding-HASH/seed-N`, which `jsae-run inspect` looks at like at any other.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::checkpoint::{Checkpoint, Checkpoints};
use crate::disk::Sum;
use crate::experiment::{AlgorithmConfig, EmbeddingConfig, Experiment, Registry, Training};
use crate::observer::Event;
use crate::run_folder::{RunFolder, RunState};
use crate::train::train_locked;
use crate::versions::Versions;

/// Time between two looks at an embedding that another process learns.
const BUSY_INTERVAL: Duration = Duration::from_millis(200);

/// What a run without epochs has learnt.
pub(crate) struct Pretrained {
    pub(crate) checkpoint: Checkpoint,
    /// Its `pretrain.csv`.
    pub(crate) passes: Vec<u8>,
}

/// The run that learns the embedding of `experiment` alone; none where nothing is learnt from a random policy, or
/// where the embedding begins with another run's.
pub(crate) fn of(experiment: &Experiment) -> Option<Experiment> {
    let learnt = matches!(experiment.embedding, EmbeddingConfig::Jsae(_) | EmbeddingConfig::Ra(_));
    if !learnt || experiment.pretrain.samples == 0 || experiment.transfer.is_some() {
        return None;
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
    // Another version of the program may learn another one.
    let versions = serde_json::to_string(&Versions::here()).expect("versions are plain JSON");
    let text = alone.with_seed(0).to_toml() + &versions;
    alone.name = format!("embedding-{}", &Sum::of(text.as_bytes()).sha256[..12]);
    Some(alone)
}

/// The embeddings that runs share.
pub(crate) struct Shared<'a> {
    /// Where they are kept.
    pub(crate) root: &'a Path,
    /// Asks to wait no longer.
    pub(crate) stop: &'a AtomicBool,
}

impl Shared<'_> {
    /// The embedding of `experiment`, learnt now where it is not there; waits where another process is learning it.
    /// `None` where none is shared, it cannot be read (the warning says why), or it was asked to stop.
    ///
    /// # Errors
    /// As [`crate::train`].
    pub(crate) fn pretrained(
        &self,
        experiment: &Experiment,
        registry: &Registry,
        observe: &mut dyn FnMut(Event),
    ) -> Result<Option<Pretrained>> {
        let Some(alone) = of(experiment) else { return Ok(None) };
        let folder = RunFolder::of(self.root, &alone, alone.seeds[0]);
        while folder.state() != RunState::Finished {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            std::fs::create_dir_all(folder.path())
                .with_context(|| format!("{} cannot be made", folder.path().display()))?;
            let Some(_lock) = folder.try_lock()? else {
                std::thread::sleep(BUSY_INTERVAL);
                continue;
            };
            folder.prepare(&alone)?;
            let mut tell = |event| {
                if matches!(event, Event::Pretraining { .. } | Event::Warning { .. }) {
                    observe(event);
                }
            };
            train_locked(&folder, &alone, None, registry, self.stop, &mut tell)?;
        }
        let read = Checkpoints::of(&folder, &alone).newest(&mut Ok, &mut |_| ());
        let passes = std::fs::read(folder.file("pretrain.csv"));
        match (read, passes) {
            (Ok(Some(checkpoint)), Ok(passes)) => Ok(Some(Pretrained { checkpoint, passes })),
            (read, passes) => {
                let why = read.err().or(passes.err().map(Into::into));
                let why = why.map_or_else(|| "no checkpoint".to_owned(), |error| format!("{error:#}"));
                let path = folder.path().display();
                observe(Event::Warning {
                    text: format!("{path} cannot be used ({why}): pre-trains its own"),
                });
                Ok(None)
            }
        }
    }
}
