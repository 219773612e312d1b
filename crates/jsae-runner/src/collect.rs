use std::collections::VecDeque;

use anyhow::{Context as _, Result};
use jsae_embed::Transitions;
use jsae_envs::{Space, Start, VecEnv, VecStep};
use jsae_rl::VectorStep;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::agent::Agent;
use crate::experiment::Experiment;
use crate::guard;

/// How an agent chooses its actions.
#[derive(Debug)]
pub enum Acting<'a> {
    /// A sample of its policy.
    Sampled(&'a mut ChaCha8Rng),
    /// Uniform latent actions: what fills a replay before learning starts.
    Uniform(&'a mut ChaCha8Rng),
    /// The policy's mean or most likely action.
    Mode,
}

/// Episodes over which the paper's curves average.
const RECENT: usize = 10;

/// Steps environments with an agent and keeps account of their episodes.
pub(crate) struct Collector {
    envs: VecEnv,
    step: VecStep,
    before: Vec<f64>,
    after: Vec<f64>,
    latent_actions: Vec<f32>,
    actions: Vec<f64>,
    episodes: Episodes,
    steps: u64,
}

/// Episodes under way and lately finished.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Episodes {
    returns: Vec<f64>,
    lengths: Vec<u64>,
    recent: VecDeque<f64>,
    finished: Finished,
}

/// Episodes that ended since the last [`Collector::take_finished`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finished {
    /// Their undiscounted returns.
    pub(crate) returns: Vec<f64>,
    /// Their lengths in steps.
    pub(crate) lengths: Vec<u64>,
}

/// Everything of a collector that a later one needs to go on from the same step.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CollectorState {
    #[serde(with = "crate::hexadecimal")]
    envs: Vec<u8>,
    observations: Vec<f64>,
    episodes: Episodes,
}

impl Collector {
    /// `n_envs` environments of `experiment` at the beginning of their first episodes.
    ///
    /// # Errors
    /// An environment that cannot be built or reset.
    pub(crate) fn new(experiment: &Experiment, latent_len: usize, rng: &mut ChaCha8Rng) -> Result<Self> {
        let envs = build_envs(experiment, experiment.training.n_envs, rng)?;
        let n = envs.n_envs();
        let mut collector = Self {
            step: VecStep::new(&envs),
            before: vec![0.0; n * envs.observation_space().len()],
            after: vec![0.0; n * envs.observation_space().len()],
            latent_actions: vec![0.0; n * latent_len],
            actions: vec![0.0; n * envs.action_space().len()],
            episodes: Episodes { returns: vec![0.0; n], lengths: vec![0; n], ..Episodes::default() },
            steps: 0,
            envs,
        };
        collector.reset()?;
        Ok(collector)
    }

    /// Starts all episodes anew; those under way are forgotten.
    ///
    /// # Errors
    /// An environment that cannot be reset.
    pub(crate) fn reset(&mut self) -> Result<()> {
        self.envs.reset(Start::Fixed, &mut self.step.observations)?;
        self.episodes.returns.fill(0.0);
        self.episodes.lengths.fill(0);
        guard::rows("observation", &self.step.observations, self.envs.observation_space().len())
    }

    /// One step of every environment with actions of `agent`.
    ///
    /// # Errors
    /// An environment or a policy that gives up, or a number that is none.
    pub(crate) fn step(&mut self, agent: &Agent, acting: Acting<'_>) -> Result<VectorStep<'_>> {
        self.before.copy_from_slice(&self.step.observations);
        agent.act_all(&self.before, acting, &mut self.latent_actions, &mut self.actions)?;
        self.envs.step(&self.actions, &mut self.step)?;
        self.steps += self.envs.n_envs() as u64;
        let len = self.envs.observation_space().len();
        for i in 0..self.envs.n_envs() {
            let ended = self.step.terminated[i] || self.step.truncated[i];
            let row = i * len..(i + 1) * len;
            let next = if ended { &self.step.final_observations } else { &self.step.observations };
            self.after[row.clone()].copy_from_slice(&next[row]);
            self.episodes.count(i, self.step.rewards[i], ended);
        }
        guard::rows("reward", &self.step.rewards, 1)?;
        guard::rows("observation", &self.after, len)?;
        guard::rows("observation", &self.step.observations, len)?;
        Ok(VectorStep {
            observations: &self.before,
            actions: &self.actions,
            latent_actions: &self.latent_actions,
            rewards: &self.step.rewards,
            terminated: &self.step.terminated,
            truncated: &self.step.truncated,
            next_observations: &self.after,
        })
    }

    /// Environment steps made by this collector.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// The episodes that ended since the last call.
    pub(crate) fn take_finished(&mut self) -> Finished {
        std::mem::take(&mut self.episodes.finished)
    }

    /// Mean return of the last ten finished episodes (the paper's figure 3).
    pub(crate) fn recent_return(&self) -> Option<f64> {
        mean(self.episodes.recent.iter().copied())
    }

    /// What [`Collector::load_state`] takes.
    pub(crate) fn save_state(&self) -> CollectorState {
        CollectorState {
            envs: self.envs.save_state(),
            observations: self.step.observations.clone(),
            episodes: self.episodes.clone(),
        }
    }

    /// Goes on where `state` was saved.
    ///
    /// # Errors
    /// A state of other environments.
    pub(crate) fn load_state(&mut self, state: CollectorState) -> Result<()> {
        anyhow::ensure!(
            state.observations.len() == self.step.observations.len()
                && state.episodes.returns.len() == self.episodes.returns.len()
                && state.episodes.lengths.len() == self.episodes.lengths.len(),
            "the saved environments are of another number or shape"
        );
        self.envs.load_state(&state.envs)?;
        self.step.observations = state.observations;
        self.episodes = state.episodes;
        Ok(())
    }
}

impl Episodes {
    fn count(&mut self, env: usize, reward: f64, ended: bool) {
        self.returns[env] += reward;
        self.lengths[env] += 1;
        if ended {
            let episode_return = std::mem::take(&mut self.returns[env]);
            self.finished.returns.push(episode_return);
            self.finished.lengths.push(std::mem::take(&mut self.lengths[env]));
            if self.recent.len() == RECENT {
                self.recent.pop_front();
            }
            self.recent.push_back(episode_return);
        }
    }
}

/// `n` environments of `experiment`, seeded from `rng`.
pub(crate) fn build_envs(experiment: &Experiment, n: usize, rng: &mut ChaCha8Rng) -> Result<VecEnv> {
    let mut envs = VecEnv::new(experiment.env.build_many(n)?, experiment.training.n_threads)?;
    envs.seed(rng.random());
    Ok(envs)
}

/// `experiment.pretrain.samples` transitions under uniform random actions.
///
/// # Errors
/// An environment that gives up.
pub(crate) fn random_transitions(experiment: &Experiment, rng: &mut ChaCha8Rng) -> Result<Transitions> {
    let n_envs = experiment.training.n_envs;
    let mut envs = build_envs(experiment, n_envs, rng)?;
    let (obs_len, action_len) = (envs.observation_space().len(), envs.action_space().len());
    let mut step = VecStep::new(&envs);
    let mut actions = vec![0.0; n_envs * action_len];
    let n = experiment.pretrain.samples;
    let mut columns: [Vec<f32>; 3] = Default::default();
    let mut rewards: Vec<f32> = Vec::with_capacity(n);
    envs.reset(experiment.pretrain.start, &mut step.observations).context("pre-training samples")?;
    guard::rows("pre-training observation", &step.observations, obs_len)?;
    while columns[1].len() < n * action_len {
        columns[0].extend(step.observations.iter().map(|&v| v as f32));
        uniform_actions(envs.action_space(), rng, &mut actions);
        columns[1].extend(actions.iter().map(|&v| v as f32));
        envs.step(&actions, &mut step).context("pre-training samples")?;
        guard::rows("pre-training observation", &step.observations, obs_len)?;
        guard::rows("pre-training reward", &step.rewards, 1)?;
        rewards.extend(step.rewards.iter().map(|&reward| reward as f32));
        for i in 0..n_envs {
            let ended = step.terminated[i] || step.truncated[i];
            let next = if ended { &step.final_observations } else { &step.observations };
            guard::rows("pre-training observation", &next[i * obs_len..(i + 1) * obs_len], obs_len)?;
            columns[2].extend(next[i * obs_len..(i + 1) * obs_len].iter().map(|&v| v as f32));
        }
    }
    let rows =
        |column: &[f32], len: usize| Tensor::from_slice(&column[..n * len]).view([n as i64, len as i64]);
    Ok(Transitions {
        observations: rows(&columns[0], obs_len),
        actions: rows(&columns[1], action_len),
        next_observations: rows(&columns[2], obs_len),
        rewards: Some(Tensor::from_slice(&rewards[..n])),
    })
}

/// Uniform over a set of indices; over a box, uniform within its bounds, which must be finite.
fn uniform_actions(space: &Space, rng: &mut ChaCha8Rng, actions: &mut [f64]) {
    for row in actions.chunks_exact_mut(space.len()) {
        match space {
            Space::Box { low, high } => {
                for (action, (&low, &high)) in row.iter_mut().zip(low.iter().zip(high)) {
                    *action = rng.random_range(low..=high);
                }
            }
            _ => {
                for (action, &n) in row.iter_mut().zip(space.sizes().unwrap_or_default()) {
                    *action = rng.random_range(0..n) as f64;
                }
            }
        }
    }
}

/// Mean; `None` of nothing.
pub(crate) fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let n = values.len();
    (n > 0).then(|| values.sum::<f64>() / n as f64)
}
