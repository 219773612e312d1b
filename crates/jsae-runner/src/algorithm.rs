use std::collections::BTreeMap;

use anyhow::{Result, bail};
use jsae_embed::{Embedding, Features, Latent};
use jsae_rl::{ActionSpace, DiscreteSac, FeatureSpace, Metrics, OnPolicy, Sac, Transitions};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use crate::experiment::AlgorithmConfig;
use crate::guard;

/// The algorithm that an experiment chose, over whatever its embedding makes of the task.
#[derive(Debug)]
pub(crate) enum Algorithm {
    /// VPG or PPO.
    OnPolicy {
        /// The learner.
        learner: OnPolicy,
        /// Discount factor.
        gamma: f64,
        /// Generalised advantage estimation's λ.
        gae_lambda: f64,
    },
    /// SAC.
    Sac(Sac),
    /// SAC on a finite action set.
    DiscreteSac(DiscreteSac),
}

impl Algorithm {
    /// Fresh networks drawn from `rng`, between the features and the latent actions of `embedding`.
    pub(crate) fn new(
        config: &AlgorithmConfig,
        embedding: &dyn Embedding,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let features = match embedding.features() {
            Features::Dense(dim) => FeatureSpace::Dense(dim),
            Features::Indices(sizes) => FeatureSpace::OneHot(sizes),
        };
        let actions = match embedding.latent() {
            Latent::Continuous(dim) => ActionSpace::Continuous(dim),
            Latent::Discrete(n) => ActionSpace::Discrete(n),
        };
        match config {
            AlgorithmConfig::Vpg(config) => Self::OnPolicy {
                learner: OnPolicy::vpg(config, &features, actions, device, rng),
                gamma: config.gamma,
                gae_lambda: config.gae_lambda,
            },
            AlgorithmConfig::Ppo(config) => Self::OnPolicy {
                learner: OnPolicy::ppo(config, &features, actions, device, rng),
                gamma: config.gamma,
                gae_lambda: config.gae_lambda,
            },
            AlgorithmConfig::Sac(config) => {
                Self::Sac(Sac::new(config, &features, actions.latent_len(), device, rng))
            }
            AlgorithmConfig::DiscreteSac(config) => {
                Self::DiscreteSac(DiscreteSac::new(config, &features, actions.outputs(), device, rng))
            }
        }
    }

    /// Samples a latent action for each row of `features`, `[n, state_dim]`, into `[n, latent_len]`.
    pub(crate) fn sample(&self, features: &Tensor, rng: &mut ChaCha8Rng, latent_actions: &mut [f32]) {
        match self {
            Self::OnPolicy { learner, .. } => learner.sample(features, rng, latent_actions),
            Self::Sac(learner) => learner.sample(features, rng, latent_actions),
            Self::DiscreteSac(learner) => learner.sample(features, rng, latent_actions),
        }
    }

    /// The policy's mean or most likely action for each row of `features`.
    pub(crate) fn mode(&self, features: &Tensor, latent_actions: &mut [f32]) {
        match self {
            Self::OnPolicy { learner, .. } => learner.mode(features, latent_actions),
            Self::Sac(learner) => learner.mode(features, latent_actions),
            Self::DiscreteSac(learner) => learner.mode(features, latent_actions),
        }
    }

    /// Uniform latent actions, for a replay that is still to be filled.
    pub(crate) fn sample_uniform(&self, rng: &mut ChaCha8Rng, latent_actions: &mut [f32]) {
        match self {
            Self::OnPolicy { .. } => latent_actions.fill_with(|| rng.random_range(-1.0..=1.0)),
            Self::Sac(learner) => learner.sample_uniform(rng, latent_actions),
            Self::DiscreteSac(learner) => learner.sample_uniform(rng, latent_actions),
        }
    }

    /// What the critic expects of latent actions, `[n, latent_len]`, in the states of `features`, `[n, state_dim]`.
    ///
    /// # Errors
    /// A critic that values states alone, or values that are no numbers.
    pub(crate) fn action_values(&self, features: &Tensor, latent_actions: &Tensor) -> Result<Vec<f32>> {
        let Self::Sac(learner) = self else { bail!("this algorithm's critic scores no actions") };
        let values = learner.action_values(features, latent_actions).to_device(Device::Cpu);
        let values = Vec::<f32>::try_from(&values)?;
        guard::rows("value of a candidate action", &values, 1)?;
        Ok(values)
    }

    /// One gradient step on remembered transitions.
    ///
    /// # Errors
    /// A loss that is no longer a number, or an algorithm that learns from its own samples alone.
    pub(crate) fn update_replayed(&mut self, batch: &Transitions, rng: &mut ChaCha8Rng) -> Result<Metrics> {
        match self {
            Self::OnPolicy { .. } => bail!("an off-policy learner was given an on-policy algorithm"),
            Self::Sac(learner) => Ok(learner.update(batch, rng)?),
            Self::DiscreteSac(learner) => Ok(learner.update(batch)?),
        }
    }

    /// Refuses parameters that are no numbers.
    ///
    /// # Errors
    /// The name of the first such tensor.
    pub(crate) fn check_parameters(&self) -> Result<()> {
        guard::parameters(&self.tensors())
    }

    /// Parameters and optimiser states.
    pub(crate) fn tensors(&self) -> Vec<(String, Tensor)> {
        match self {
            Self::OnPolicy { learner, .. } => learner.tensors(),
            Self::Sac(learner) => learner.tensors(),
            Self::DiscreteSac(learner) => learner.tensors(),
        }
    }

    /// Takes over what [`Algorithm::tensors`] returned.
    ///
    /// # Errors
    /// A tensor that is missing or has another shape.
    pub(crate) fn load_tensors(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<()> {
        match self {
            Self::OnPolicy { learner, .. } => Ok(learner.load_tensors(tensors)?),
            Self::Sac(learner) => Ok(learner.load_tensors(tensors)?),
            Self::DiscreteSac(learner) => Ok(learner.load_tensors(tensors)?),
        }
    }

    /// Begins with the actor, the critic or both of a learner of the same kind, as its tensors say.
    ///
    /// # Errors
    /// A tensor that is missing or has another shape, an algorithm without latent actions.
    pub(crate) fn take(
        &mut self,
        tensors: &BTreeMap<String, Tensor>,
        actor: bool,
        critic: bool,
    ) -> Result<()> {
        match self {
            Self::OnPolicy { learner, .. } => Ok(learner.take(tensors, actor, critic)?),
            Self::Sac(learner) => Ok(learner.take(tensors, actor, critic)?),
            Self::DiscreteSac(_) => bail!("discrete SAC acts without an embedding: nothing of it is moved"),
        }
    }
}
