use anyhow::{Result, bail};
use jsae_embed::Transitions;
use jsae_rl::{Batch, Metrics, RolloutBuffer, RowLengths};
use tch::{Device, Kind, Tensor};

use crate::agent::Agent;
use crate::algorithm::Algorithm;
use crate::collect::{Acting, Collector};
use crate::denormals::FlushedToZero;
use crate::experiment::Experiment;
use crate::streams::Streams;

/// Learns from an epoch's samples and forgets them.
#[derive(Debug)]
pub(crate) struct OnPolicy {
    rollout: RolloutBuffer,
    n_steps: usize,
}

impl OnPolicy {
    pub(super) fn new(experiment: &Experiment, lengths: RowLengths) -> Self {
        let n_steps = experiment.steps_per_env();
        Self { rollout: RolloutBuffer::new(n_steps, experiment.training.n_envs, lengths), n_steps }
    }

    pub(super) fn collect(
        &mut self,
        agent: &Agent,
        collector: &mut Collector,
        streams: &mut Streams,
    ) -> Result<()> {
        self.rollout.clear();
        for _ in 0..self.n_steps {
            self.rollout.push(&collector.step(agent, Acting::Sampled(&mut streams.policy))?);
        }
        Ok(())
    }

    /// Encodes the batch once and updates policy and value function; bootstrap values come from one batch.
    pub(super) fn update(&mut self, agent: &mut Agent, streams: &mut Streams) -> Result<Metrics> {
        let _flushed = FlushedToZero::begin();
        let features = agent.encode(&self.rollout.observations());
        let bootstrap_features = agent.encode(&self.rollout.bootstrap_observations());
        let latent_actions = self.rollout.latent_actions().to_device(features.device());
        let Algorithm::OnPolicy { learner, gamma, gae_lambda } = agent.algorithm_mut() else {
            bail!("an on-policy learner was given another algorithm")
        };
        let values = |features: &Tensor| column(&learner.values(features));
        let (advantages, returns) = self.rollout.advantages_and_returns(
            &values(&features)?,
            &values(&bootstrap_features)?,
            *gamma,
            *gae_lambda,
        );
        let tensor = |values: &[f32]| Tensor::from_slice(values).to_device(features.device());
        let (advantages, returns) = (tensor(&advantages), tensor(&returns));
        let batch = Batch { latent_actions, advantages, returns, features };
        Ok(learner.update(&batch, &mut streams.batches)?)
    }

    #[cfg(test)]
    pub(super) fn rollout(&self) -> &RolloutBuffer {
        &self.rollout
    }

    pub(super) fn transitions(&self) -> Transitions {
        Transitions {
            observations: self.rollout.observations(),
            actions: self.rollout.actions(),
            next_observations: self.rollout.next_observations(),
            rewards: Some(Tensor::from_slice(self.rollout.rewards())),
        }
    }
}

fn column(values: &Tensor) -> Result<Vec<f32>> {
    Ok(Vec::try_from(values.to_kind(Kind::Float).to_device(Device::Cpu))?)
}
