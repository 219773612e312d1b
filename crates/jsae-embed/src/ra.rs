mod config;
mod model;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jsae_envs::Space;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use crate::jsae::prediction::entropy;
use crate::jsae::scaling::standardized;
use crate::spaces::describe;
use crate::standardization::Standardization;
use crate::tensors::copy_all;
use crate::training::{Examples, Learner as _, Schedule, Split, mean_loss, train};
use crate::{
    Embedding, Error, Features, Judgement, Latent, Pass, Predicted, PretrainConfig, Report, Spaces,
    Transitions,
};

use model::Model;

pub use config::Config;

/// The baseline of Chandak et al. 2019: actions embedded by the transitions they explain; the policy sees the state as
/// it is, a box's standardised by the samples of pre-training unless that is switched off.
#[derive(Debug)]
pub struct Ra {
    config: Config,
    spaces: Spaces,
    device: Device,
    n_actions: usize,
    model: Model,
    standardization: Option<Standardization>,
    /// tanh(w), scaled where that is asked for, `[n_actions, action_dim]`.
    action_table: Tensor,
}

impl Ra {
    /// A fresh embedding.
    ///
    /// # Errors
    /// [`Error::Space`] for actions that are not one index of at least two.
    pub fn new(
        config: &Config,
        spaces: &Spaces,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Result<Self, Error> {
        let n_actions = match spaces.action {
            Space::Discrete(n) if n >= 2 => n,
            _ => {
                return Err(Error::Space {
                    method: "ra",
                    what: "the action space",
                    found: describe(&spaces.action),
                    expected: "one index of at least two: its loss is a softmax over the actions",
                });
            }
        };
        let model = Model::new(config, spaces, n_actions, device, rng);
        let standardizes = config.standardize_observations && !spaces.observation.is_discrete();
        Ok(Self {
            config: config.clone(),
            spaces: spaces.clone(),
            device,
            n_actions,
            action_table: searched(&model, config),
            model,
            standardization: standardizes
                .then(|| Standardization::new(spaces.observation.len(), true, device)),
        })
    }

    fn train(
        &mut self,
        samples: &Transitions,
        (schedule, held_out): (Schedule, Option<f64>),
        rng: &mut ChaCha8Rng,
        progress: &mut dyn FnMut(&Pass),
    ) -> Result<Report, Error> {
        samples.check(&self.spaces)?;
        let samples = samples.to_device(self.device);
        if let Some(standardization) = &mut self.standardization {
            standardization.fit(&samples.observations, held_out.is_some());
        }
        let examples = self.examples(&samples);
        let split = Split::random(samples.len(), held_out.unwrap_or(0.0), rng, self.device);
        let outcome = train(&mut self.model, &examples, &split, schedule, rng, progress)?;
        self.action_table = searched(&self.model, &self.config);
        let judged = examples.target.index_select(0, split.judged());
        Ok(outcome.report(self.constant_loss(&judged)))
    }

    /// Samples as the loss wants them.
    fn examples(&self, samples: &Transitions) -> Examples {
        let rows = |observations: &Tensor| self.model.state.rows(&self.encode(observations));
        Examples {
            inputs: vec![rows(&samples.observations), rows(&samples.next_observations)],
            target: samples.actions.view([-1]).to_kind(Kind::Int64),
        }
    }

    /// Loss of the best constant guess of `actions`, `[n]`.
    fn constant_loss(&self, actions: &Tensor) -> f64 {
        entropy(actions, self.n_actions as i64) / (self.n_actions as f64).ln()
    }
}

/// The table that f searches.
fn searched(model: &Model, config: &Config) -> Tensor {
    let table = model.action_table();
    config.action_embedding_scale.map_or(table.shallow_clone(), |scale| standardized(&table, scale))
}

impl Embedding for Ra {
    fn kind(&self) -> &'static str {
        "ra"
    }

    fn spaces(&self) -> &Spaces {
        &self.spaces
    }

    fn features(&self) -> Features {
        Features::of(&self.spaces.observation)
    }

    fn latent(&self) -> Latent {
        Latent::Continuous(self.config.action_dim)
    }

    fn uses_samples(&self) -> bool {
        true
    }

    fn encode(&self, observations: &Tensor) -> Tensor {
        match &self.standardization {
            Some(standardization) => standardization.apply(observations),
            None => observations.shallow_clone(),
        }
    }

    fn action_table(&self) -> Option<Tensor> {
        Some(self.action_table.shallow_clone())
    }

    fn embed_actions(&self, actions: &Tensor) -> Tensor {
        self.action_table.index_select(0, &actions.view([-1]).to_kind(Kind::Int64))
    }

    fn decode(&self, _: &Tensor) -> Option<Tensor> {
        None
    }

    fn pretrain(
        &mut self,
        samples: &Transitions,
        config: &PretrainConfig,
        rng: &mut ChaCha8Rng,
        progress: &mut dyn FnMut(&Pass),
    ) -> Result<Report, Error> {
        let schedule =
            Schedule { passes: config.passes, patience: config.patience, batch_size: self.config.batch_size };
        self.train(samples, (schedule, Some(config.held_out)), rng, progress)
    }

    fn update(
        &mut self,
        samples: &Transitions,
        passes: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Report, Error> {
        let schedule = Schedule { passes, patience: passes, batch_size: self.config.batch_size };
        self.train(samples, (schedule, None), rng, &mut |_| ())
    }

    fn unscaled_actions(&self, actions: &Tensor) -> Tensor {
        self.model.action_table().index_select(0, &actions.view([-1]).to_kind(Kind::Int64))
    }

    fn judge(&self, samples: &Transitions) -> Result<Option<Judgement>, Error> {
        samples.check(&self.spaces)?;
        let examples = self.examples(&samples.to_device(self.device));
        let loss = mean_loss(&examples, |examples| self.model.loss(examples));
        let constant_loss = self.constant_loss(&examples.target);
        Ok(Some(Judgement { predicted: Predicted::Action, loss, constant_loss }))
    }

    fn tensors(&self) -> Vec<(String, Tensor)> {
        let mut tensors = self.model.parameters.tensors("embedding");
        tensors.extend(self.standardization.iter().flat_map(Standardization::tensors));
        tensors
    }

    fn load_tensors(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error> {
        copy_all(self.tensors(), tensors)?;
        self.action_table = searched(&self.model, &self.config);
        Ok(())
    }
}
