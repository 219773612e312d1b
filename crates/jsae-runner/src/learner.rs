use anyhow::Result;
use jsae_embed::Transitions;
use jsae_rl::{Batch, Metrics, OnPolicy, RolloutBuffer, RowLengths};
use tch::{Device, Kind, Tensor};

use crate::agent::Agent;
use crate::algorithm::Algorithm;
use crate::collect::Collector;
use crate::experiment::Experiment;
use crate::streams::Streams;

/// One epoch of learning: collect, encode once, update.
#[derive(Debug)]
pub(crate) struct Learner {
    buffer: RolloutBuffer,
    n_steps: usize,
}

impl Learner {
    pub(crate) fn new(experiment: &Experiment, agent: &Agent) -> Self {
        let spaces = agent.embedding().spaces();
        let lengths = RowLengths {
            obs_len: spaces.observation.len(),
            action_len: spaces.action.len(),
            latent_len: agent.latent_len(),
        };
        let n_steps = experiment.steps_per_env();
        Self { buffer: RolloutBuffer::new(n_steps, experiment.training.n_envs, lengths), n_steps }
    }

    /// Fills the rollout with samples of the policy as it is.
    pub(crate) fn collect(
        &mut self,
        agent: &Agent,
        collector: &mut Collector,
        streams: &mut Streams,
    ) -> Result<()> {
        self.buffer.clear();
        for _ in 0..self.n_steps {
            self.buffer.push(&collector.step(agent, &mut streams.policy)?);
        }
        Ok(())
    }

    /// Updates policy and value function.
    pub(crate) fn update(&mut self, agent: &mut Agent, streams: &mut Streams) -> Result<Metrics> {
        let features = agent.encode(&self.buffer.observations());
        let bootstrap = agent.encode(&self.buffer.bootstrap_observations());
        let latent_actions = self.buffer.latent_actions().to_device(features.device());
        match agent.algorithm_mut() {
            Algorithm::OnPolicy { learner, gamma, gae_lambda } => {
                let (values, bootstrap) = (values(learner, &features)?, values(learner, &bootstrap)?);
                let (advantages, returns) =
                    self.buffer.advantages_and_returns(&values, &bootstrap, *gamma, *gae_lambda);
                let column = |values: &[f32]| Tensor::from_slice(values).to_device(features.device());
                let (advantages, returns) = (column(&advantages), column(&returns));
                let batch = Batch { latent_actions, advantages, returns, features };
                Ok(learner.update(&batch, &mut streams.batches)?)
            }
        }
    }

    /// The epoch's samples, for the embedding.
    pub(crate) fn transitions(&self) -> Transitions {
        Transitions {
            observations: self.buffer.observations(),
            actions: self.buffer.actions(),
            next_observations: self.buffer.next_observations(),
        }
    }
}

fn values(learner: &OnPolicy, features: &Tensor) -> Result<Vec<f32>> {
    if features.size()[0] == 0 {
        return Ok(Vec::new());
    }
    Ok(Vec::try_from(learner.values(features).to_kind(Kind::Float).to_device(Device::Cpu))?)
}
