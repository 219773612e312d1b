//! The training loop.

mod run;
mod saver;
#[cfg(test)]
mod tests;
mod timing;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::checkpoint::Checkpoints;
use crate::collect::mean;
use crate::evaluate::Evaluation;
use crate::experiment::{Experiment, Registry};
use crate::memory::Estimate;
use crate::observer::Event;
use crate::pretraining::{self, Beginning};
use crate::reference;
use crate::run_folder::RunFolder;
use run::Run;

/// What a finished run came to: `evaluation.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Seed of the run.
    pub seed: u64,
    /// Mean over the last 10 % of epochs of the epoch's mean return.
    pub final_return: Option<f64>,
    /// Environment steps, pre-training samples included where they count.
    pub steps: u64,
    /// Mean return of the final deterministic evaluation.
    pub mean_return: f64,
    /// Its episodes.
    pub evaluation: Evaluation,
}

/// How training ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// All epochs are done.
    Finished(Summary),
    /// It was asked to stop, and left a checkpoint after this many epochs.
    Stopped {
        /// Finished epochs.
        epoch: usize,
    },
}

/// Trains the run in `folder` from its checkpoint, or from the beginning, until it is finished or `stop` is set.
///
/// # Errors
/// An environment, a loss or a disk that gives up, a number that is none: with epoch, step and learning
/// rates; the last checkpoint stays as it is. An experiment that cannot fit into memory, and a folder whose
/// checkpoints are all damaged.
pub fn train(
    folder: &RunFolder,
    registry: &Registry,
    stop: &AtomicBool,
    observe: &mut dyn FnMut(Event),
) -> Result<Outcome> {
    train_sharing(folder, None, registry, stop, observe)
}

/// As [`train`], with an embedding from the folder `embeddings` where one is given: whoever needs it first pre-trains
/// it there, for all runs that would pre-train the same. On the same kind of processor no byte of the results differs.
///
/// # Errors
/// As [`train`].
pub fn train_sharing(
    folder: &RunFolder,
    embeddings: Option<&Path>,
    registry: &Registry,
    stop: &AtomicBool,
    observe: &mut dyn FnMut(Event),
) -> Result<Outcome> {
    let _lock = folder.lock()?;
    let experiment = folder.experiment(registry)?;
    refuse_too_large(folder, &experiment)?;
    let beginning = match embeddings.filter(|_| !Checkpoints::of(folder, &experiment).are_there()) {
        Some(root) => pretraining::beginning(root, &experiment, registry, stop, observe)?,
        None => Beginning::Own,
    };
    let pretrained = match beginning {
        Beginning::Shared(pretrained) => Some(pretrained),
        Beginning::Own => None,
        Beginning::Stopped => return Ok(Outcome::Stopped { epoch: 0 }),
    };
    let mut run = Run::start(folder, &experiment, registry, pretrained.as_deref(), observe)?;
    run.reference = reference::of_run(folder, &experiment, stop)?;
    while run.epoch() < experiment.training.n_epochs {
        if stop.load(Ordering::Relaxed) {
            run.save()?.into_iter().for_each(observe);
            return Ok(Outcome::Stopped { epoch: run.epoch() });
        }
        let event = run.next_epoch()?;
        run.save_when_due()?.into_iter().for_each(&mut *observe);
        observe(event);
    }
    let summary = run.summary()?;
    folder.write_json("evaluation.json", &summary)?;
    observe(Event::Finished {
        final_return: summary.final_return,
        share_of_optimal: run.share_of_optimal(summary.final_return),
        evaluation: summary.mean_return,
    });
    Ok(Outcome::Finished(summary))
}

/// Makes the run in `folder`, which has no epochs: it pre-trains an embedding.
///
/// # Errors
/// As [`train`].
pub(crate) fn pretrain(
    folder: &RunFolder,
    experiment: &Experiment,
    registry: &Registry,
    observe: &mut dyn FnMut(Event),
) -> Result<()> {
    folder.prepare(experiment)?;
    refuse_too_large(folder, experiment)?;
    let mut run = Run::start(folder, experiment, registry, None, observe)?;
    folder.write_json("evaluation.json", &run.summary()?)
}

/// Before anything is learnt, or waited for.
fn refuse_too_large(folder: &RunFolder, experiment: &Experiment) -> Result<()> {
    let env = experiment.env.build()?;
    Ok(Estimate::check(experiment, &*env, 1, &folder.file("config.toml"))?)
}

/// The average over the last 10 % of epochs (at least one) of the epoch's mean return.
pub fn final_return(epoch_returns: &[Option<f64>]) -> Option<f64> {
    let last = epoch_returns.len().div_ceil(10);
    let returns: Vec<f64> = epoch_returns[epoch_returns.len() - last..].iter().copied().flatten().collect();
    mean(returns.into_iter())
}
