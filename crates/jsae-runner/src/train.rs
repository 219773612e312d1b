use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use jsae_embed::Pass;
use jsae_rl::Metrics;
use serde::{Deserialize, Serialize};

use crate::agent::Agent;
use crate::checkpoint::{Checkpoint, Progress};
use crate::collect::{Collector, Finished, mean, random_transitions};
use crate::evaluate::{Evaluation, evaluate};
use crate::experiment::{Experiment, Registry};
use crate::learner::Learner;
use crate::observer::Event;
use crate::record::{Recorder, Row};
use crate::run_folder::RunFolder;
use crate::streams::Streams;

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
/// An environment, a loss or a disk that gives up; the last checkpoint stays as it is.
pub fn train(
    folder: &RunFolder,
    registry: &Registry,
    stop: &AtomicBool,
    observe: &mut dyn FnMut(Event),
) -> Result<Outcome> {
    let _lock = folder.lock()?;
    let experiment = folder.experiment(registry)?;
    let mut run = Run::start(folder, &experiment, observe)?;
    let training = &experiment.training;
    let mut recorder = Recorder::open(folder.path(), run.epoch)?;
    let first_epoch = run.epoch;
    let started = Instant::now();
    while run.epoch < training.n_epochs {
        if stop.load(Ordering::Relaxed) {
            recorder.sync()?;
            run.save(folder)?;
            return Ok(Outcome::Stopped { epoch: run.epoch });
        }
        let mut clock = Clock::start();
        if training.reset_each_epoch {
            run.collector.reset()?;
        }
        run.learner.collect(&mut run.agent, &mut run.collector, &mut run.streams)?;
        let collected = clock.lap();
        let mut metrics = run.learner.update(&mut run.agent, &mut run.streams)?;
        let updated = clock.lap();
        metrics.extend(run.update_embedding(&experiment)?);
        let embedded = clock.lap();
        run.epoch += 1;
        run.steps += training.steps_per_epoch as u64;
        let evaluation = run.evaluate_when_due(&experiment)?;
        let finished = run.collector.take_finished();
        run.epoch_returns.push(mean(finished.returns.iter().copied()));
        let steps_done = ((run.epoch - first_epoch) * training.steps_per_epoch) as f64;
        let steps_per_second = steps_done / started.elapsed().as_secs_f64();
        let timing = timing_row(run.epoch, steps_per_second, [collected, updated, embedded, clock.lap()]);
        recorder.write(run.steps, &run.progress_row(&finished, &metrics, evaluation.as_ref()), &timing)?;
        if run.epoch.is_multiple_of(training.checkpoint_freq) || run.epoch == training.n_epochs {
            recorder.sync()?;
            run.save(folder)?;
        }
        observe(Event::Epoch {
            epoch: run.epoch,
            n_epochs: training.n_epochs,
            episode_return: run.collector.recent_return(),
            steps: run.steps,
            steps_per_second,
        });
    }
    let summary = run.summary(&experiment)?;
    folder.write_json("evaluation.json", &summary)?;
    observe(Event::Finished { final_return: summary.final_return, evaluation: summary.mean_return });
    Ok(Outcome::Finished(summary))
}

/// A run under way.
struct Run {
    agent: Agent,
    collector: Collector,
    learner: Learner,
    streams: Streams,
    epoch: usize,
    steps: u64,
    epoch_returns: Vec<Option<f64>>,
}

impl Run {
    fn start(folder: &RunFolder, experiment: &Experiment, observe: &mut dyn FnMut(Event)) -> Result<Self> {
        let seed = experiment.seeds[0];
        let mut streams = Streams::new(seed);
        let agent = Agent::new(experiment, &*experiment.env.build()?, &mut streams)?;
        let collector = Collector::new(experiment, agent.latent_len(), &mut streams.environments)?;
        let learner = Learner::new(experiment, &agent);
        let mut run =
            Self { agent, collector, learner, streams, epoch: 0, steps: 0, epoch_returns: Vec::new() };
        match Checkpoint::read(folder)? {
            Some(checkpoint) => run.resume(folder, checkpoint, observe)?,
            None => {
                run.pretrain(folder, experiment, observe)?;
                run.save(folder)?;
            }
        }
        Ok(run)
    }

    fn resume(
        &mut self,
        folder: &RunFolder,
        checkpoint: Checkpoint,
        observe: &mut dyn FnMut(Event),
    ) -> Result<()> {
        checkpoint.restore(folder, &mut self.learner)?;
        self.agent.load_tensors(&checkpoint.tensors)?;
        let Progress { epoch, steps, epoch_returns, streams, collector } = checkpoint.progress;
        self.collector.load_state(collector)?;
        (self.epoch, self.steps, self.epoch_returns, self.streams) = (epoch, steps, epoch_returns, streams);
        observe(Event::Resumed { epoch });
        Ok(())
    }

    fn pretrain(
        &mut self,
        folder: &RunFolder,
        experiment: &Experiment,
        observe: &mut dyn FnMut(Event),
    ) -> Result<()> {
        let config = &experiment.pretrain;
        if config.samples == 0 || !self.agent.embedding().uses_samples() {
            return Ok(());
        }
        let samples = random_transitions(experiment, &mut self.streams.pretrain_samples)?;
        let mut passes = Vec::new();
        self.agent.pretrain_embedding(
            &samples,
            config,
            &mut self.streams.embedding_batches,
            &mut |pass| {
                passes.push(*pass);
                observe(Event::Pretraining { pass: pass.pass, passes: pass.passes, loss: pass.train_loss });
            },
        )?;
        folder.write("pretrain.csv", &pretrain_csv(&passes)?)?;
        if experiment.training.count_pretrain_steps {
            self.steps = config.samples as u64;
        }
        Ok(())
    }

    fn update_embedding(&mut self, experiment: &Experiment) -> Result<Metrics> {
        let passes = experiment.embedding_update.passes;
        if passes == 0 {
            return Ok(Metrics::new());
        }
        let samples = self.learner.transitions(&mut self.streams);
        let report = self.agent.update_embedding(&samples, passes, &mut self.streams.embedding_batches)?;
        Ok(report.metrics())
    }

    fn evaluate_when_due(&mut self, experiment: &Experiment) -> Result<Option<Evaluation>> {
        let frequency = experiment.training.eval_freq;
        if frequency == 0 || !self.epoch.is_multiple_of(frequency) {
            return Ok(None);
        }
        let episodes = experiment.training.n_eval_episodes;
        evaluate(&self.agent, experiment, episodes, &mut self.streams.evaluation).map(Some)
    }

    fn progress_row(&self, finished: &Finished, metrics: &Metrics, evaluation: Option<&Evaluation>) -> Row {
        let length = mean(finished.lengths.iter().map(|&length| length as f64));
        let own = [
            ("time/iterations", Some(self.epoch as f64)),
            ("time/total_timesteps", Some(self.steps as f64)),
            ("rollout/ep_rew_mean", self.epoch_returns.last().copied().flatten()),
            ("rollout/ep_rew_mean_last10", self.collector.recent_return()),
            ("rollout/ep_len_mean", length),
            ("rollout/episodes", Some(finished.returns.len() as f64)),
        ];
        let metrics = metrics.iter().map(|&(name, value)| (name, value.is_finite().then_some(value)));
        let evaluation = [
            ("eval/mean_reward", evaluation.map(Evaluation::mean_return)),
            ("eval/mean_ep_length", evaluation.map(Evaluation::mean_length)),
        ];
        own.into_iter()
            .chain(metrics)
            .chain(evaluation)
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn save(&self, folder: &RunFolder) -> Result<()> {
        let progress = Progress {
            epoch: self.epoch,
            steps: self.steps,
            epoch_returns: self.epoch_returns.clone(),
            streams: self.streams.clone(),
            collector: self.collector.save_state(),
        };
        Checkpoint::write(folder, &self.agent.tensors(), &progress, &self.learner)
    }

    fn summary(&mut self, experiment: &Experiment) -> Result<Summary> {
        let episodes = experiment.training.n_eval_episodes;
        let evaluation = evaluate(&self.agent, experiment, episodes, &mut self.streams.evaluation)?;
        Ok(Summary {
            seed: experiment.seeds[0],
            final_return: final_return(&self.epoch_returns),
            steps: self.steps,
            mean_return: evaluation.mean_return(),
            evaluation,
        })
    }
}

/// The average over the last 10 % of epochs (at least one) of the epoch's mean return.
pub fn final_return(epoch_returns: &[Option<f64>]) -> Option<f64> {
    let last = epoch_returns.len().div_ceil(10);
    let returns: Vec<f64> = epoch_returns[epoch_returns.len() - last..].iter().copied().flatten().collect();
    mean(returns.into_iter())
}

fn pretrain_csv(passes: &[Pass]) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["phase", "pass", "train_loss", "held_out_loss"])?;
    for pass in passes {
        let phase = format!("{:?}", pass.phase).to_lowercase();
        let held_out = pass.held_out_loss.map(|loss| loss.to_string()).unwrap_or_default();
        table.write_record([phase, pass.pass.to_string(), pass.train_loss.to_string(), held_out])?;
    }
    Ok(table.into_inner()?)
}

/// Measures the parts of an epoch.
struct Clock(Instant);

impl Clock {
    fn start() -> Self {
        Self(Instant::now())
    }

    fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.0, now))
    }
}

fn timing_row(epoch: usize, steps_per_second: f64, parts: [Duration; 4]) -> Row {
    let names = ["time/collect", "time/update", "time/embed", "time/evaluate"];
    let seconds = names.into_iter().zip(parts).map(|(name, part)| (name, part.as_secs_f64()));
    let own = [("time/iterations", epoch as f64), ("time/fps", steps_per_second)];
    own.into_iter().chain(seconds).map(|(name, value)| (name.to_owned(), Some(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_return_averages_the_last_tenth() {
        let returns: Vec<Option<f64>> = (0..20).map(|epoch| Some(f64::from(epoch))).collect();
        assert_eq!(final_return(&returns), Some(18.5));
    }

    #[test]
    fn final_return_leaves_out_epochs_without_an_episode() {
        let mut returns = vec![Some(1.0); 20];
        returns[19] = None;
        assert_eq!(final_return(&returns), Some(1.0));
        assert_eq!(final_return(&[None]), None);
        assert_eq!(final_return(&[]), None);
    }
}
