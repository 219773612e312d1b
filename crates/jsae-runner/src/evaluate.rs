use anyhow::Result;
use jsae_envs::{Start, VecStep};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::agent::Agent;
use crate::collect::{Acting, build_envs, mean};
use crate::experiment::Experiment;
use crate::guard;

/// More environments at once would take more memory and no less time.
const SIDE_BY_SIDE: usize = 64;

/// Whole episodes under the deterministic policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Undiscounted return of each episode.
    pub returns: Vec<f64>,
    /// Steps of each episode.
    pub lengths: Vec<u64>,
    /// Did the task end each episode (and not a time limit)?
    pub terminated: Vec<bool>,
}

impl Evaluation {
    /// Mean of the returns.
    pub fn mean_return(&self) -> f64 {
        mean(self.returns.iter().copied()).unwrap_or(f64::NAN)
    }

    /// Mean of the lengths.
    pub fn mean_length(&self) -> f64 {
        mean(self.lengths.iter().map(|&length| length as f64)).unwrap_or(f64::NAN)
    }
}

/// Runs `n_episodes` episodes with f of the policy's mean, up to 64 side by side in environments of their own.
///
/// # Errors
/// An environment or a policy that gives up.
pub fn evaluate(
    agent: &Agent,
    experiment: &Experiment,
    n_episodes: usize,
    rng: &mut ChaCha8Rng,
) -> Result<Evaluation> {
    let mut all = Evaluation { returns: Vec::new(), lengths: Vec::new(), terminated: Vec::new() };
    while all.returns.len() < n_episodes {
        let group = SIDE_BY_SIDE.min(n_episodes - all.returns.len());
        let Evaluation { returns, lengths, terminated } = side_by_side(agent, experiment, group, rng)?;
        all.returns.extend(returns);
        all.lengths.extend(lengths);
        all.terminated.extend(terminated);
    }
    Ok(all)
}

fn side_by_side(
    agent: &Agent,
    experiment: &Experiment,
    n_episodes: usize,
    rng: &mut ChaCha8Rng,
) -> Result<Evaluation> {
    let mut envs = build_envs(experiment, n_episodes, rng)?;
    let mut step = VecStep::new(&envs);
    let mut latent_actions = vec![0.0; n_episodes * agent.latent_len()];
    let mut actions = vec![0.0; n_episodes * envs.action_space().len()];
    let mut evaluation = Evaluation {
        returns: vec![0.0; n_episodes],
        lengths: vec![0; n_episodes],
        terminated: vec![false; n_episodes],
    };
    let mut under_way = vec![true; n_episodes];
    envs.reset(Start::Fixed, &mut step.observations)?;
    while under_way.contains(&true) {
        agent.act_all(&step.observations, Acting::Mode, &mut latent_actions, &mut actions)?;
        envs.step(&actions, &mut step)?;
        guard::rows("evaluation reward", &step.rewards, 1)?;
        for i in (0..n_episodes).filter(|&i| under_way[i]) {
            evaluation.returns[i] += step.rewards[i];
            evaluation.lengths[i] += 1;
            evaluation.terminated[i] = step.terminated[i];
        }
        for (under_way, ended) in under_way.iter_mut().zip(step.terminated.iter().zip(&step.truncated)) {
            *under_way &= !(ended.0 | ended.1);
        }
    }
    Ok(evaluation)
}
