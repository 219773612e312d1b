//! One epoch of learning, on the epoch's own samples or on remembered ones.

mod off_policy;
mod on_policy;

use anyhow::Result;
use jsae_embed::Transitions;
use jsae_rl::{Metrics, ReplayBuffer, RowLengths};

use crate::agent::Agent;
use crate::collect::Collector;
use crate::experiment::{AlgorithmConfig, Experiment};
use crate::streams::Streams;
use off_policy::OffPolicy;
use on_policy::OnPolicy;

/// What stands between collecting and updating.
#[derive(Debug)]
pub(crate) enum Learner {
    OnPolicy(OnPolicy),
    OffPolicy(OffPolicy),
}

impl Learner {
    pub(crate) fn new(experiment: &Experiment, agent: &Agent) -> Self {
        let spaces = agent.embedding().spaces();
        let lengths = RowLengths {
            obs_len: spaces.observation.len(),
            action_len: spaces.action.len(),
            latent_len: agent.latent_len(),
        };
        match &experiment.algorithm {
            AlgorithmConfig::Vpg(_) | AlgorithmConfig::Ppo(_) => {
                Self::OnPolicy(OnPolicy::new(experiment, lengths))
            }
            AlgorithmConfig::Sac(config) => {
                Self::OffPolicy(OffPolicy::new(experiment, lengths, off_policy::Schedule::of_sac(config)))
            }
            AlgorithmConfig::DiscreteSac(config) => Self::OffPolicy(OffPolicy::new(
                experiment,
                lengths,
                off_policy::Schedule::of_discrete_sac(config),
            )),
        }
    }

    /// An epoch's samples of the policy as it is; an off-policy learner may update it on the way.
    pub(crate) fn collect(
        &mut self,
        agent: &mut Agent,
        collector: &mut Collector,
        streams: &mut Streams,
    ) -> Result<()> {
        match self {
            Self::OnPolicy(learner) => learner.collect(agent, collector, streams),
            Self::OffPolicy(learner) => learner.collect(agent, collector, streams),
        }
    }

    /// The update at the end of an epoch; a metric that nothing was done for is NaN.
    pub(crate) fn update(&mut self, agent: &mut Agent, streams: &mut Streams) -> Result<Metrics> {
        match self {
            Self::OnPolicy(learner) => learner.update(agent, streams),
            Self::OffPolicy(learner) => learner.update(agent, streams),
        }
    }

    /// Samples for the embedding: the epoch's own, or as many drawn from the replay.
    pub(crate) fn transitions(&self, streams: &mut Streams) -> Transitions {
        match self {
            Self::OnPolicy(learner) => learner.transitions(),
            Self::OffPolicy(learner) => learner.transitions(streams),
        }
    }

    /// What is to be saved beside what was learnt; an epoch's samples are not: the next epoch replaces them.
    pub(crate) fn replay(&self) -> Option<&ReplayBuffer> {
        match self {
            Self::OnPolicy(_) => None,
            Self::OffPolicy(learner) => Some(learner.replay()),
        }
    }

    /// An epoch's own samples.
    #[cfg(test)]
    pub(crate) fn rollout(&self) -> Option<&jsae_rl::RolloutBuffer> {
        match self {
            Self::OnPolicy(learner) => Some(learner.rollout()),
            Self::OffPolicy(_) => None,
        }
    }

    /// Goes on after `epoch` epochs with what `fill` puts into the replay.
    pub(crate) fn resume(
        &mut self,
        epoch: usize,
        fill: &mut dyn FnMut(&mut ReplayBuffer) -> Result<()>,
    ) -> Result<()> {
        match self {
            Self::OnPolicy(_) => Ok(()),
            Self::OffPolicy(learner) => learner.resume(epoch, fill),
        }
    }
}
