use anyhow::{Result, ensure};
use jsae_embed::Transitions;
use jsae_rl::{Metrics, ReplayBuffer, RowLengths, discrete_sac, sac};

use crate::agent::Agent;
use crate::collect::{Acting, Collector};
use crate::denormals::FlushedToZero;
use crate::experiment::Experiment;
use crate::streams::Streams;

/// Learns from what it remembers of all epochs.
#[derive(Debug)]
pub(crate) struct OffPolicy {
    replay: ReplayBuffer,
    schedule: Schedule,
    n_envs: usize,
    steps_per_epoch: usize,
    /// Does the embedding change, so that a remembered latent action may have lost its meaning?
    embedding_changes: bool,
    /// Environment steps made.
    steps: usize,
    /// Of these, since the last update.
    steps_since_update: usize,
    totals: Totals,
}

/// When to act at random, when to update, and how often.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    capacity: usize,
    batch_size: usize,
    learning_starts: usize,
    update_after: usize,
    /// Environment steps between updates; `None` = an epoch.
    train_freq: Option<usize>,
    /// Steps of an update; `None` = as many as samples came since the last.
    gradient_steps: Option<usize>,
    auto_ent_coef: bool,
}

impl Schedule {
    pub(super) fn of_sac(config: &sac::Config) -> Self {
        Self {
            capacity: config.buffer_size,
            batch_size: config.batch_size,
            learning_starts: config.learning_starts,
            update_after: config.update_after,
            train_freq: config.train_freq,
            gradient_steps: config.gradient_steps,
            auto_ent_coef: config.auto_ent_coef,
        }
    }

    pub(super) fn of_discrete_sac(config: &discrete_sac::Config) -> Self {
        Self {
            capacity: config.buffer_size,
            batch_size: config.batch_size,
            learning_starts: config.learning_starts,
            update_after: config.update_after,
            train_freq: config.train_freq,
            gradient_steps: config.gradient_steps,
            auto_ent_coef: config.auto_ent_coef,
        }
    }
}

/// Sums of an epoch's metrics over its gradient steps.
#[derive(Debug, Default)]
struct Totals {
    sums: Metrics,
    n: usize,
}

impl OffPolicy {
    pub(super) fn new(experiment: &Experiment, lengths: RowLengths, schedule: Schedule) -> Self {
        Self {
            replay: ReplayBuffer::new(schedule.capacity, experiment.training.n_steps(), lengths),
            schedule,
            n_envs: experiment.training.n_envs,
            steps_per_epoch: experiment.training.steps_per_epoch,
            embedding_changes: experiment.embedding_update.passes > 0,
            steps: 0,
            steps_since_update: 0,
            totals: Totals::default(),
        }
    }

    pub(super) fn replay(&self) -> &ReplayBuffer {
        &self.replay
    }

    pub(super) fn collect(
        &mut self,
        agent: &mut Agent,
        collector: &mut Collector,
        streams: &mut Streams,
    ) -> Result<()> {
        for _ in 0..self.steps_per_epoch / self.n_envs {
            let acting = if self.steps < self.schedule.learning_starts {
                Acting::Uniform(&mut streams.policy)
            } else {
                Acting::Sampled(&mut streams.policy)
            };
            self.replay.push(&collector.step(agent, acting)?);
            self.steps += self.n_envs;
            self.steps_since_update += self.n_envs;
            if self.schedule.train_freq.is_some_and(|every| self.steps_since_update >= every) {
                self.learn(agent, streams)?;
            }
        }
        Ok(())
    }

    pub(super) fn update(&mut self, agent: &mut Agent, streams: &mut Streams) -> Result<Metrics> {
        if self.schedule.train_freq.is_none() {
            self.learn(agent, streams)?;
        }
        Ok(std::mem::take(&mut self.totals).means(self.schedule.auto_ent_coef))
    }

    pub(super) fn transitions(&self, streams: &mut Streams) -> Transitions {
        let sample = self.replay.sample(self.steps_per_epoch, &mut streams.replay);
        Transitions {
            observations: sample.observations,
            actions: sample.actions,
            next_observations: sample.next_observations,
            rewards: Some(sample.rewards),
        }
    }

    pub(super) fn resume(
        &mut self,
        epoch: usize,
        fill: &mut dyn FnMut(&mut ReplayBuffer) -> Result<()>,
    ) -> Result<()> {
        self.steps = epoch * self.steps_per_epoch;
        fill(&mut self.replay)?;
        let (found, expected) = (self.replay.pushed(), self.steps);
        ensure!(found == expected as u64, "the replay was given {found} transitions, expected {expected}");
        // Updates are due every `train_freq` steps from the very first on.
        self.steps_since_update = self.schedule.train_freq.map_or(0, |every| {
            let interval = every.div_ceil(self.n_envs) * self.n_envs;
            self.steps % interval
        });
        Ok(())
    }

    fn learn(&mut self, agent: &mut Agent, streams: &mut Streams) -> Result<()> {
        let samples = std::mem::take(&mut self.steps_since_update);
        if self.steps < self.schedule.update_after {
            return Ok(());
        }
        let _flushed = FlushedToZero::begin();
        for _ in 0..self.schedule.gradient_steps.unwrap_or(samples) {
            let sample = self.replay.sample(self.schedule.batch_size, &mut streams.replay);
            let batch = agent.encode_replayed(&sample, self.embedding_changes)?;
            self.totals.add(agent.algorithm_mut().update_replayed(&batch, &mut streams.batches)?);
        }
        agent.algorithm_mut().check_parameters()
    }
}

impl Totals {
    fn add(&mut self, metrics: Metrics) {
        self.n += 1;
        if self.sums.is_empty() {
            self.sums = metrics;
            return;
        }
        for ((_, sum), (_, value)) in self.sums.iter_mut().zip(metrics) {
            *sum += value;
        }
    }

    /// Means in columns that stand from the first epoch on, when nothing is learnt yet.
    fn means(self, auto_ent_coef: bool) -> Metrics {
        let names = METRICS.iter().copied().chain(auto_ent_coef.then_some("train/ent_coef_loss"));
        let mean = |name| {
            let sum = self.sums.iter().find(|(known, _)| *known == name);
            sum.map_or(f64::NAN, |(_, sum)| sum / self.n as f64)
        };
        names.map(|name| (name, mean(name))).chain([("train/n_updates", self.n as f64)]).collect()
    }
}

const METRICS: [&str; 6] = [
    "train/critic_loss",
    "train/critic_grad_norm",
    "train/actor_loss",
    "train/actor_grad_norm",
    "train/entropy_loss",
    "train/ent_coef",
];
