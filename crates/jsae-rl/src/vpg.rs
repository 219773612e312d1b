//! Vanilla policy gradient with a learned baseline (Sutton et al. 2000; Achiam 2018).

use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::config::{
    ACTOR_LEARNING_RATE, ACTOR_UPDATES, CRITIC_LEARNING_RATE, CRITIC_UPDATES, GAE_LAMBDA, GAMMA,
    HIDDEN_SIZES, INITIAL_STD, Validation,
};
use crate::{ConfigError, Key};

/// Hyperparameters of VPG; each update sees the whole batch of an epoch, without ratio and
/// without early stop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Adam's step size for the policy; 3e-4; above 0.
    pub actor_learning_rate: f64,
    /// Adam's step size for the value function; 1e-3; above 0.
    pub critic_learning_rate: f64,
    /// Policy steps per epoch; 3; at least 1.
    pub actor_updates: usize,
    /// Value function steps per epoch; 6; at least 1.
    pub critic_updates: usize,
    /// Discount factor per step; 0.99; in [0, 1].
    pub gamma: f64,
    /// Generalised advantage estimation; 0.97; in [0, 1].
    pub gae_lambda: f64,
    /// Standard deviation of the Gaussian policy at the start, per latent dimension; 0.6;
    /// in [0.01, 7.4].
    pub initial_std: f64,
    /// Units of each hidden layer of actor and critic; [64, 64]; each at least 1.
    pub hidden_sizes: Vec<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            actor_learning_rate: 3e-4,
            critic_learning_rate: 1e-3,
            actor_updates: 3,
            critic_updates: 6,
            gamma: 0.99,
            gae_lambda: 0.97,
            initial_std: 0.6,
            hidden_sizes: vec![64, 64],
        }
    }
}

impl Config {
    /// The keys of the table.
    pub const KEYS: &[Key] = &[
        ACTOR_LEARNING_RATE,
        CRITIC_LEARNING_RATE,
        ACTOR_UPDATES,
        CRITIC_UPDATES,
        GAMMA,
        GAE_LAMBDA,
        INITIAL_STD,
        HIDDEN_SIZES,
    ];

    /// Everything that is out of range; empty where nothing is.
    pub fn validate(&self) -> Vec<ConfigError> {
        let mut check = Validation::new(Self::KEYS);
        check.positive("actor_learning_rate", self.actor_learning_rate);
        check.positive("critic_learning_rate", self.critic_learning_rate);
        check.count("actor_updates", self.actor_updates);
        check.count("critic_updates", self.critic_updates);
        check.share("gamma", self.gamma);
        check.share("gae_lambda", self.gae_lambda);
        check.std("initial_std", self.initial_std);
        check.sizes("hidden_sizes", &self.hidden_sizes);
        check.finish()
    }
}

/// −mean(ln π(e) · A), a scalar tensor, for log-probabilities and advantages `[n]`: its
/// gradient is the policy gradient (the paper, section 4).
pub fn policy_loss(log_prob: &Tensor, advantages: &Tensor) -> Tensor {
    -(log_prob * advantages).mean(None)
}
