use serde::{Deserialize, Serialize};

use crate::config::{
    ACTOR_LEARNING_RATE, AUTO_ENT_COEF, BUFFER_SIZE, CRITIC_LEARNING_RATE, ENT_COEF, FINITE, GAMMA,
    GRADIENT_STEPS, HIDDEN_SIZES, LEARNING_STARTS, REPLAY_BATCH_SIZE, TAU, TRAIN_FREQ, UPDATE_AFTER,
    Validation,
};
use crate::{ConfigError, Key};

/// Hyperparameters of discrete SAC; those that say when to collect and when to update are
/// read by the training loop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Adam's step size for the policy (and for alpha); 1e-3; above 0.
    pub actor_learning_rate: f64,
    /// Adam's step size for both critics; 1e-3; above 0.
    pub critic_learning_rate: f64,
    /// Discount factor per step; 0.99; in [0, 1].
    pub gamma: f64,
    /// 1 − polyak: share of the critics that their targets take over per update; 0.005; in (0, 1].
    pub tau: f64,
    /// Weight of the entropy (alpha), or its first value where it is tuned; 0.2; above 0.
    pub ent_coef: f64,
    /// Tune the weight of the entropy towards `target_entropy`; false.
    pub auto_ent_coef: bool,
    /// Entropy that tuning aims at, in nats; absent = 0.98 ln(number of actions); finite.
    pub target_entropy: Option<f64>,
    /// Samples per update; 256; at least 1.
    pub batch_size: usize,
    /// Samples that the replay keeps; 1,000,000; at least 1.
    pub buffer_size: usize,
    /// Steps with uniform random actions before the policy acts; 10,000; at least 0.
    pub learning_starts: usize,
    /// Steps before the first update; 1,000; at least 0.
    pub update_after: usize,
    /// Steps between rounds of updates; absent = once per epoch, at its end; at least 1.
    pub train_freq: Option<usize>,
    /// Updates per round; absent = as many as steps since the last; at least 1.
    pub gradient_steps: Option<usize>,
    /// Units of each hidden layer of actor and critics; [64, 64]; each at least 1.
    pub hidden_sizes: Vec<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            actor_learning_rate: 1e-3,
            critic_learning_rate: 1e-3,
            gamma: 0.99,
            tau: 0.005,
            ent_coef: 0.2,
            auto_ent_coef: false,
            target_entropy: None,
            batch_size: 256,
            buffer_size: 1_000_000,
            learning_starts: 10_000,
            update_after: 1_000,
            train_freq: None,
            gradient_steps: None,
            hidden_sizes: vec![64, 64],
        }
    }
}

impl Config {
    /// The keys of the table.
    pub const KEYS: &[Key] = &[
        ACTOR_LEARNING_RATE,
        CRITIC_LEARNING_RATE,
        GAMMA,
        TAU,
        ENT_COEF,
        AUTO_ENT_COEF,
        Key::new("target_entropy", "entropy that tuning aims at, in nats; absent = 0.98 ln(actions)", FINITE),
        REPLAY_BATCH_SIZE,
        BUFFER_SIZE,
        LEARNING_STARTS,
        UPDATE_AFTER,
        TRAIN_FREQ,
        GRADIENT_STEPS,
        HIDDEN_SIZES,
    ];

    /// Everything that is out of range; empty where nothing is.
    pub fn validate(&self) -> Vec<ConfigError> {
        let mut check = Validation::new(Self::KEYS);
        check.positive("actor_learning_rate", self.actor_learning_rate);
        check.positive("critic_learning_rate", self.critic_learning_rate);
        check.share("gamma", self.gamma);
        check.rate("tau", self.tau);
        check.positive("ent_coef", self.ent_coef);
        check.require("target_entropy", self.target_entropy.is_none_or(f64::is_finite), self.target_entropy);
        check.count("batch_size", self.batch_size);
        check.count("buffer_size", self.buffer_size);
        check.count("train_freq", self.train_freq.unwrap_or(1));
        check.count("gradient_steps", self.gradient_steps.unwrap_or(1));
        check.sizes("hidden_sizes", &self.hidden_sizes);
        check.finish()
    }
}
