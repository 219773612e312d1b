mod config;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jsae_envs::Space;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use crate::identity::{self, Identity};
use crate::spaces::describe;
use crate::{Embedding, Error, Features, Latent, Pass, PretrainConfig, Report, Spaces, Transitions};

pub use config::Config;

/// A continuous actor for a finite action set, without learning (Van Hasselt and Wiering 2009): actions lie on
/// a fixed line or grid within [−1, 1], and what the policy emits is rounded to the nearest one. The policy
/// sees the raw state.
#[derive(Debug)]
pub struct Rounding {
    states: Identity,
    /// Where the actions lie, `[n_actions, digits]`.
    action_table: Tensor,
}

impl Rounding {
    /// Lays the actions out.
    ///
    /// # Errors
    /// [`Error::Space`] for actions that are not one index of at least two.
    pub fn new(config: &Config, spaces: &Spaces, device: Device) -> Result<Self, Error> {
        let n_actions = match spaces.action {
            Space::Discrete(n) if n >= 2 => n,
            _ => {
                return Err(Error::Space {
                    method: "rounding",
                    what: "the action space",
                    found: describe(&spaces.action),
                    expected: "one index of at least two",
                });
            }
        };
        let states = identity::Config { standardize_observations: config.standardize_observations };
        Ok(Self {
            states: Identity::new(&states, spaces, device)?,
            action_table: grid(n_actions, config).to_device(device),
        })
    }
}

/// Digits of every index, the most significant first, each spread evenly over [−1, 1]: `[n_actions, digits]`.
fn grid(n_actions: usize, config: &Config) -> Tensor {
    let digits = config.latent_dim(n_actions);
    let base = config.base.unwrap_or(n_actions);
    let mut values = vec![0.0_f32; n_actions * digits];
    for (action, row) in values.chunks_exact_mut(digits).enumerate() {
        let mut rest = action;
        for value in row.iter_mut().rev() {
            *value = (2.0 * (rest % base) as f64 / (base - 1) as f64 - 1.0) as f32;
            rest /= base;
        }
    }
    Tensor::from_slice(&values).view([n_actions as i64, digits as i64])
}

impl Embedding for Rounding {
    fn kind(&self) -> &'static str {
        "rounding"
    }

    fn spaces(&self) -> &Spaces {
        self.states.spaces()
    }

    fn features(&self) -> Features {
        self.states.features()
    }

    fn latent(&self) -> Latent {
        Latent::Continuous(self.action_table.size()[1] as usize)
    }

    fn uses_samples(&self) -> bool {
        self.states.uses_samples()
    }

    fn encode(&self, observations: &Tensor) -> Tensor {
        self.states.encode(observations)
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
        self.states.pretrain(samples, config, rng, progress)
    }

    fn update(
        &mut self,
        samples: &Transitions,
        passes: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Report, Error> {
        self.states.update(samples, passes, rng)
    }

    fn tensors(&self) -> Vec<(String, Tensor)> {
        self.states.tensors()
    }

    fn load_tensors(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error> {
        self.states.load_tensors(tensors)
    }
}
