mod config;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jsae_envs::Space;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use crate::spaces::describe;
use crate::standardization::Standardization;
use crate::tensors::copy_all;
use crate::{Embedding, Error, Features, Latent, Pass, PretrainConfig, Report, Spaces, Transitions};

pub use config::Config;

/// The plain baseline: the policy sees the observation, standardised where that is asked for, and its action is executed
/// as it is.
#[derive(Debug)]
pub struct Identity {
    spaces: Spaces,
    latent: Latent,
    standardization: Option<Standardization>,
}

impl Identity {
    /// An identity embedding for this task.
    ///
    /// # Errors
    /// [`Error::Space`] for actions that are several indices at once.
    pub fn new(config: &Config, spaces: &Spaces, device: Device) -> Result<Self, Error> {
        let latent = match &spaces.action {
            Space::Discrete(n) => Latent::Discrete(*n),
            Space::Box { low, .. } => Latent::Continuous(low.len()),
            Space::MultiDiscrete(_) => {
                return Err(Error::Space {
                    method: "identity",
                    what: "the action space",
                    found: describe(&spaces.action),
                    expected: "one index or a box",
                });
            }
        };
        let standardizes = config.standardize_observations && !spaces.observation.is_discrete();
        let standardization =
            standardizes.then(|| Standardization::new(spaces.observation.len(), true, device));
        Ok(Self { spaces: spaces.clone(), latent, standardization })
    }
}

impl Embedding for Identity {
    fn kind(&self) -> &'static str {
        "identity"
    }

    fn spaces(&self) -> &Spaces {
        &self.spaces
    }

    fn features(&self) -> Features {
        Features::of(&self.spaces.observation)
    }

    fn latent(&self) -> Latent {
        self.latent
    }

    fn uses_samples(&self) -> bool {
        self.standardization.is_some()
    }

    fn encode(&self, observations: &Tensor) -> Tensor {
        match &self.standardization {
            Some(standardization) => standardization.apply(observations),
            None => observations.shallow_clone(),
        }
    }

    fn action_table(&self) -> Option<Tensor> {
        None
    }

    fn embed_actions(&self, actions: &Tensor) -> Tensor {
        actions.shallow_clone()
    }

    fn decode(&self, latent_actions: &Tensor) -> Option<Tensor> {
        Some(latent_actions.shallow_clone())
    }

    fn pretrain(
        &mut self,
        samples: &Transitions,
        _: &PretrainConfig,
        _: &mut ChaCha8Rng,
        _: &mut dyn FnMut(&Pass),
    ) -> Result<Report, Error> {
        samples.check(&self.spaces)?;
        if let Some(standardization) = &mut self.standardization {
            standardization.fit(&samples.observations, true);
        }
        Ok(Report::default())
    }

    fn update(&mut self, samples: &Transitions, _: usize, _: &mut ChaCha8Rng) -> Result<Report, Error> {
        samples.check(&self.spaces)?;
        Ok(Report::default())
    }

    fn tensors(&self) -> Vec<(String, Tensor)> {
        self.standardization.as_ref().map_or_else(Vec::new, Standardization::tensors)
    }

    fn load_tensors(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error> {
        copy_all(self.tensors(), tensors)
    }
}
