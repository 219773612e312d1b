use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use jsae_embed::Pass;
use jsae_envs::ReferenceReturns;
use jsae_rl::Metrics;

use super::saver::Saver;
use super::timing::{self, Clock};
use super::{Summary, final_return};
use crate::agent::Agent;
use crate::checkpoint::{Checkpoint, Checkpoints, Manifest, Progress, State};
use crate::collect::{Collector, Finished, mean, random_transitions};
use crate::disk::Sum;
use crate::evaluate::{Evaluation, evaluate};
use crate::experiment::{Experiment, Registry};
use crate::guard;
use crate::learner::Learner;
use crate::observer::Event;
use crate::pretraining::Pretrained;
use crate::record::{Recorder, Row, check_progress};
use crate::run_folder::RunFolder;
use crate::streams::Streams;
use crate::transfer;

/// A run under way, always at the boundary of two epochs when seen from outside.
pub(super) struct Run<'a> {
    experiment: &'a Experiment,
    pub(super) state: Learning,
    /// What returns are held against, where that is known.
    pub(super) reference: Option<ReferenceReturns>,
    recorder: Recorder,
    saver: Saver,
    started: (usize, Instant),
}

/// Everything that a checkpoint holds.
pub(super) struct Learning {
    pub(super) agent: Agent,
    pub(super) collector: Collector,
    pub(super) learner: Learner,
    pub(super) streams: Streams,
    epoch: usize,
    steps: u64,
    epoch_returns: Vec<Option<f64>>,
}

impl<'a> Run<'a> {
    /// Goes on from the newest checkpoint, or begins with pre-training, its own or that of `pretrained`, and
    /// a first checkpoint.
    pub(super) fn start(
        folder: &RunFolder,
        experiment: &'a Experiment,
        registry: &Registry,
        pretrained: Option<&Pretrained>,
        observe: &mut dyn FnMut(Event),
    ) -> Result<Self> {
        let mut state = Learning::new(experiment)?;
        let checkpoints = Checkpoints::of(folder, experiment);
        let mut saver = Saver::new(checkpoints.clone());
        let mut take = |checkpoint: Checkpoint| -> Result<Sum> {
            check_progress(folder.path(), &checkpoint.manifest.records)?;
            state.resume(&checkpoint)?;
            let Manifest { replay, records, .. } = checkpoint.manifest;
            saver.resume(state.epoch, replay);
            Ok(records)
        };
        let mut warnings = Vec::new();
        let resumed = checkpoints.newest(&mut take, &mut |text| warnings.push(text))?;
        warnings.into_iter().for_each(|text| observe(Event::Warning { text }));
        let begun = resumed.is_none();
        let recorder = match resumed {
            Some(kept) => {
                let recorder = Recorder::open(folder.path(), state.epoch, Some(&kept), &timing::COLUMNS)?;
                observe(Event::Resumed { epoch: state.epoch });
                recorder
            }
            None => {
                refuse_records_without_checkpoint(folder)?;
                state.take_source(experiment, registry)?;
                match pretrained {
                    Some(pretrained) => state.take_pretrained(folder, experiment, pretrained)?,
                    None => state.pretrain(folder, experiment, observe)?,
                }
                Recorder::open(folder.path(), 0, None, &timing::COLUMNS)?
            }
        };
        let started = (state.epoch, Instant::now());
        let mut run = Self { experiment, state, reference: None, recorder, saver, started };
        if begun {
            run.save()?.into_iter().for_each(observe);
        }
        Ok(run)
    }

    /// Finished epochs.
    pub(super) fn epoch(&self) -> usize {
        self.state.epoch
    }

    /// Collects, updates, evaluates where that is due, and writes it down.
    pub(super) fn next_epoch(&mut self) -> Result<Event> {
        let (epoch, steps) = (self.state.epoch + 1, self.state.steps - self.state.collector.steps());
        let mut clock = Clock::start();
        let learnt = self.state.learn(self.experiment, &mut clock);
        let (metrics, evaluation, parts) = learnt.with_context(|| {
            let step = steps + self.state.collector.steps();
            format!("epoch {epoch}, step {step}, {}", guard::learning_rates(self.experiment))
        })?;
        let finished = self.state.collector.take_finished();
        self.state.epoch_returns.push(mean(finished.returns.iter().copied()));
        let steps_per_second = self.steps_per_second();
        let [collect, update, embed] = parts;
        let parts = [collect, update, embed, clock.lap(), self.saver.take_spent()];
        let timing = timing::row(epoch, steps_per_second, parts);
        let progress = self.state.progress_row(&finished, &metrics, evaluation.as_ref());
        self.recorder.write(self.state.steps, &progress, &timing)?;
        let episode_return = self.state.collector.recent_return();
        Ok(Event::Epoch {
            epoch,
            n_epochs: self.experiment.training.n_epochs,
            episode_return,
            share_of_optimal: self.share_of_optimal(episode_return),
            steps: self.state.steps,
            steps_per_second,
        })
    }

    /// Writes a checkpoint of this boundary, unless there is one. Returns a warning where there is something to tell.
    pub(super) fn save(&mut self) -> Result<Option<Event>> {
        if self.saver.has(self.state.epoch) {
            return Ok(None);
        }
        let records = self.recorder.sync()?;
        let (tensors, progress) = (self.state.agent.tensors(), self.state.progress());
        let replay = self.state.learner.replay();
        let state = State { tensors: &tensors, progress: &progress, records, replay, segments: &[] };
        Ok(self.saver.save(state)?.map(|text| Event::Warning { text }))
    }

    /// Writes a checkpoint where it is time for one, as [`Run::save`].
    pub(super) fn save_when_due(&mut self) -> Result<Option<Event>> {
        if self.saver.is_due(self.state.epoch, &self.experiment.training) { self.save() } else { Ok(None) }
    }

    /// The final evaluation.
    pub(super) fn summary(&mut self) -> Result<Summary> {
        let state = &mut self.state;
        let episodes = self.experiment.training.n_eval_episodes;
        let evaluation = evaluate(&state.agent, self.experiment, episodes, &mut state.streams.evaluation)?;
        Ok(Summary {
            seed: self.experiment.seeds[0],
            final_return: final_return(&state.epoch_returns),
            steps: state.steps,
            mean_return: evaluation.mean_return(),
            evaluation,
        })
    }

    /// Share of the way from the random to the best policy, where that is known.
    pub(super) fn share_of_optimal(&self, episode_return: Option<f64>) -> Option<f64> {
        self.reference?.share(episode_return?)
    }

    fn steps_per_second(&self) -> f64 {
        let (first, at) = self.started;
        let steps = (self.state.epoch - first) * self.experiment.training.steps_per_epoch;
        steps as f64 / at.elapsed().as_secs_f64()
    }
}

impl Learning {
    pub(super) fn new(experiment: &Experiment) -> Result<Self> {
        let mut streams = Streams::new(experiment.seeds[0]);
        let agent = Agent::new(experiment, &*experiment.env.build()?, &mut streams)?;
        let collector = Collector::new(experiment, agent.latent_len(), &mut streams.environments)?;
        let learner = Learner::new(experiment, &agent);
        Ok(Self { agent, collector, learner, streams, epoch: 0, steps: 0, epoch_returns: Vec::new() })
    }

    pub(super) fn resume(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let Progress { epoch, steps, epoch_returns, streams, collector } =
            checkpoint.manifest.progress.clone();
        ensure!(
            epoch_returns.len() == epoch,
            "key progress.epoch_returns: {} of {epoch}",
            epoch_returns.len()
        );
        self.agent.load_tensors(&checkpoint.tensors)?;
        self.collector.load_state(collector)?;
        self.learner.resume(epoch, &mut |replay| checkpoint.restore(replay))?;
        (self.epoch, self.steps, self.epoch_returns, self.streams) = (epoch, steps, epoch_returns, streams);
        Ok(())
    }

    /// Begins with what another run has learnt, where `[transfer]` asks for it.
    fn take_source(&mut self, experiment: &Experiment, registry: &Registry) -> Result<()> {
        if let Some(agent) = transfer::agent(experiment, registry)? {
            self.agent = agent;
        }
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
        let place = || guard::pretraining(experiment);
        let samples =
            random_transitions(experiment, &mut self.streams.pretrain_samples).with_context(place)?;
        let mut passes = Vec::new();
        let mut tell = |pass: &Pass| {
            passes.push(*pass);
            observe(Event::Pretraining { pass: pass.pass, passes: pass.passes, loss: pass.train_loss });
        };
        let batches = &mut self.streams.embedding_batches;
        self.agent.pretrain_embedding(&samples, config, batches, &mut tell).with_context(place)?;
        self.record_pretraining(folder, experiment, &pretrain_csv(&passes)?)
    }

    /// Begins as if it had pre-trained the embedding itself.
    fn take_pretrained(
        &mut self,
        folder: &RunFolder,
        experiment: &Experiment,
        pretrained: &Pretrained,
    ) -> Result<()> {
        let Checkpoint { tensors, manifest, .. } = &pretrained.checkpoint;
        self.agent.load_embedding(tensors)?;
        let streams = &manifest.progress.streams;
        self.streams.pretrain_samples = streams.pretrain_samples.clone();
        self.streams.embedding_batches = streams.embedding_batches.clone();
        self.record_pretraining(folder, experiment, &pretrained.passes)
    }

    fn record_pretraining(
        &mut self,
        folder: &RunFolder,
        experiment: &Experiment,
        passes: &[u8],
    ) -> Result<()> {
        folder.write("pretrain.csv", passes)?;
        if experiment.training.count_pretrain_steps {
            self.steps = experiment.pretrain.samples as u64;
        }
        Ok(())
    }

    /// One epoch; the seconds of collecting and of both updates.
    fn learn(
        &mut self,
        experiment: &Experiment,
        clock: &mut Clock,
    ) -> Result<(Metrics, Option<Evaluation>, [std::time::Duration; 3])> {
        if experiment.training.reset_each_epoch {
            self.collector.reset()?;
        }
        self.learner.collect(&mut self.agent, &mut self.collector, &mut self.streams)?;
        let collected = clock.lap();
        let mut metrics = self.learner.update(&mut self.agent, &mut self.streams)?;
        let updated = clock.lap();
        metrics.extend(self.update_embedding(experiment)?);
        let embedded = clock.lap();
        self.epoch += 1;
        self.steps += experiment.training.steps_per_epoch as u64;
        let evaluation = self.evaluate_when_due(experiment)?;
        Ok((metrics, evaluation, [collected, updated, embedded]))
    }

    pub(super) fn update_embedding(&mut self, experiment: &Experiment) -> Result<Metrics> {
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

    fn progress(&self) -> Progress {
        Progress {
            epoch: self.epoch,
            steps: self.steps,
            epoch_returns: self.epoch_returns.clone(),
            streams: self.streams.clone(),
            collector: self.collector.save_state(),
        }
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
}

/// Figures of a run whose checkpoints are gone are not overwritten.
fn refuse_records_without_checkpoint(folder: &RunFolder) -> Result<()> {
    let path = folder.file("progress.csv");
    if std::fs::metadata(&path).is_ok_and(|file| file.len() > 0) {
        bail!(
            "{} is there and no checkpoint in checkpoints/: --force keeps it and starts over",
            path.display()
        );
    }
    Ok(())
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
