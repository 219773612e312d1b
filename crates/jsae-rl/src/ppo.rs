//! Proximal policy optimisation with the clipped objective (Schulman et al. 2017).

use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::config::{
    ACTOR_LEARNING_RATE, ACTOR_UPDATES, COUNT, CRITIC_LEARNING_RATE, CRITIC_UPDATES, GAE_LAMBDA, GAMMA,
    HIDDEN_SIZES, INITIAL_STD, MAX_GRAD_NORM, NON_NEGATIVE, POSITIVE, Validation,
};
use crate::{ConfigError, Key};

/// Hyperparameters of PPO.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Adam's step size for the policy; 3e-4; above 0.
    pub actor_learning_rate: f64,
    /// Adam's step size for the value function; 1e-3; above 0.
    pub critic_learning_rate: f64,
    /// Passes over an epoch's samples for the policy; 3; at least 1.
    pub actor_updates: usize,
    /// Passes over an epoch's samples for the value function; 6; at least 1.
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
    /// How far the probability ratio pays; 0.2; in (0, 1).
    pub clip_range: f64,
    /// The policy's passes end when the KL divergence passes 1.5 times this; absent; above 0.
    pub target_kl: Option<f64>,
    /// Samples per optimiser step; absent = the whole epoch; at least 1.
    pub batch_size: Option<usize>,
    /// Gradients are scaled down to this norm; absent; above 0.
    pub max_grad_norm: Option<f64>,
    /// Weight of the entropy in the policy's objective; 0; at least 0.
    pub ent_coef: f64,
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
            clip_range: 0.2,
            target_kl: None,
            batch_size: None,
            max_grad_norm: None,
            ent_coef: 0.0,
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
        Key::new("clip_range", "how far the probability ratio pays", "a number in (0, 1)"),
        Key::new(
            "target_kl",
            "the policy's passes end at 1.5 times this divergence; absent = never",
            POSITIVE,
        ),
        Key::new("batch_size", "samples per optimiser step; absent = the whole epoch", COUNT),
        MAX_GRAD_NORM,
        Key::new("ent_coef", "weight of the entropy in the policy's objective", NON_NEGATIVE),
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
        check.require("clip_range", self.clip_range > 0.0 && self.clip_range < 1.0, self.clip_range);
        check.optional_positive("target_kl", self.target_kl);
        check.count("batch_size", self.batch_size.unwrap_or(1));
        check.optional_positive("max_grad_norm", self.max_grad_norm);
        check.non_negative("ent_coef", self.ent_coef);
        check.finish()
    }
}

/// −mean(min(ρ A, clip(ρ, 1 ± clip_range) A)) with ρ = π(e)/π_old(e), a scalar tensor, for
/// log-probabilities and advantages `[n]` (Schulman et al. 2017, eq. 7).
pub fn policy_loss(log_prob: &Tensor, old_log_prob: &Tensor, advantages: &Tensor, clip_range: f64) -> Tensor {
    let ratio = (log_prob - old_log_prob).exp();
    let clipped = ratio.clamp(1.0 - clip_range, 1.0 + clip_range) * advantages;
    -(ratio * advantages).minimum(&clipped).mean(None)
}

/// Share of the samples whose probability ratio lies outside 1 ± clip_range.
pub fn clip_fraction(log_prob: &Tensor, old_log_prob: &Tensor, clip_range: f64) -> f64 {
    let distance = ((log_prob - old_log_prob).exp() - 1.0).abs();
    distance.gt(clip_range).to_kind(tch::Kind::Float).mean(None).double_value(&[])
}
