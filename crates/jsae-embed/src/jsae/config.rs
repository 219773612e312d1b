use serde::{Deserialize, Serialize};

use crate::config::{
    Checks, NOT_NEGATIVE, POSITIVE, POSITIVE_REAL, SWITCH, WIDTHS, is_not_negative, is_positive, list,
};
use crate::{ConfigError, Key};

/// The table `[embedding.jsae]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Dimension m of the state embedding; default 8; at least 1.
    pub state_dim: usize,
    /// Dimension d of the action embedding; default 2; at least 1.
    pub action_dim: usize,
    /// Widths of `ReLU` layers inside φ and g; default none: one linear layer each.
    pub hidden: Vec<usize>,
    /// Widths of the `ReLU` layers of T; default one of 128; `[]` = a bare linear layer.
    pub transition_hidden: Vec<usize>,
    /// Sigmoid units of a learned decoder f and of the reconstruction; default 64; at least 1.
    pub decoder_hidden: usize,
    /// Standard deviation that the tables of φ and g start with; default 0.01; above 0.
    pub table_std: f64,
    /// Standard deviation that φ(s) is brought to over the pre-training states; absent = left as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_embedding_scale: Option<f64>,
    /// Standard deviation that each dimension of g(a) is brought to over all actions, around 0; absent = left as
    /// it is. SAC's `action_limit` should reach as far as g then does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_embedding_scale: Option<f64>,
    /// Standardise a box's observations, as input and as target; default true.
    pub standardize_observations: bool,
    /// Adam's step; default 0.01; above 0.
    pub learning_rate: f64,
    /// Adam's L2 penalty; default 0; at least 0.
    pub weight_decay: f64,
    /// Samples per step; default 256; at least 1.
    pub batch_size: usize,
    // What follows is left out of a file where it is off: files from before these keys stay as they are.
    /// f for a finite action set; default `nearest`; `softmax` learns it by eq. 6 with a cross-entropy.
    #[serde(skip_serializing_if = "is_default")]
    pub decoder: Decoding,
    /// What T predicts; default `observation`, eq. 5; `latent` is φ(s′), held fixed and divided by its mean
    /// absolute value (SALE, Fujimoto et al. 2023).
    #[serde(skip_serializing_if = "is_default")]
    pub target: Target,
    /// Weight of the squared error of a predicted reward beside eq. 5 (`DeepMDP`, Gelada et al. 2019); absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reward_weight: Option<f64>,
    /// Weight of a's reconstruction from g(a) beside eq. 5 (DCT, Pathakota et al. 2023); absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconstruction_weight: Option<f64>,
    /// Updates from one renewal of the copy of φ and g that the policy sees to the next (the fixed encoders of
    /// SALE, Fujimoto et al. 2023); absent = the policy sees every update at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal_interval: Option<usize>,
}

/// How a latent action becomes one of a finite set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decoding {
    /// The nearest row among g(a).
    #[default]
    Nearest,
    /// The most likely action of a network with one hidden layer, learnt from g(a) (eq. 6).
    Softmax,
}

/// What the transition model predicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The next observation.
    #[default]
    Observation,
    /// The next observation's embedding.
    Latent,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Default for Config {
    fn default() -> Self {
        Self {
            state_dim: 8,
            action_dim: 2,
            hidden: Vec::new(),
            transition_hidden: vec![128],
            decoder_hidden: 64,
            table_std: 0.01,
            state_embedding_scale: None,
            action_embedding_scale: None,
            standardize_observations: true,
            learning_rate: 0.01,
            weight_decay: 0.0,
            batch_size: 256,
            decoder: Decoding::Nearest,
            target: Target::Observation,
            reward_weight: None,
            reconstruction_weight: None,
            renewal_interval: None,
        }
    }
}

impl Config {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[
        Key { name: "state_dim", about: "dimension of the state embedding (default 8)", expected: POSITIVE },
        Key {
            name: "action_dim",
            about: "dimension of the action embedding (default 2)",
            expected: POSITIVE,
        },
        Key {
            name: "hidden",
            about: "widths of ReLU layers inside phi and g (default [])",
            expected: WIDTHS,
        },
        Key {
            name: "transition_hidden",
            about: "widths of the ReLU layers of T (default [128]; [] = a bare linear layer)",
            expected: WIDTHS,
        },
        Key {
            name: "decoder_hidden",
            about: "sigmoid units of a learned decoder and of the reconstruction (default 64)",
            expected: POSITIVE,
        },
        Key {
            name: "table_std",
            about: "standard deviation that the tables of phi and g start with (default 0.01)",
            expected: POSITIVE_REAL,
        },
        Key {
            name: "state_embedding_scale",
            about: "standard deviation of phi(s) over the pre-training states (absent = as it comes)",
            expected: POSITIVE_REAL,
        },
        Key {
            name: "action_embedding_scale",
            about: "standard deviation of g(a) over all actions (absent = as it comes)",
            expected: POSITIVE_REAL,
        },
        Key {
            name: "standardize_observations",
            about: "standardise a box's observations by the samples of pre-training, as input and as target; without samples they stay as they are (default true)",
            expected: SWITCH,
        },
        Key { name: "learning_rate", about: "Adam's step (default 0.01)", expected: POSITIVE_REAL },
        Key { name: "weight_decay", about: "Adam's L2 penalty (default 0)", expected: NOT_NEGATIVE },
        Key { name: "batch_size", about: "samples per step (default 256)", expected: POSITIVE },
        Key {
            name: "decoder",
            about: "f for a finite action set: the nearest row of g, or a softmax learnt from g (eq. 6; default \"nearest\")",
            expected: "\"nearest\" or \"softmax\"",
        },
        Key {
            name: "target",
            about: "what T predicts: the next observation, or its embedding as in SALE (Fujimoto et al. 2023; default \"observation\")",
            expected: "\"observation\" or \"latent\"",
        },
        Key {
            name: "reward_weight",
            about: "weight of a predicted reward's squared error (DeepMDP, Gelada et al. 2019; absent = none)",
            expected: POSITIVE_REAL,
        },
        Key {
            name: "reconstruction_weight",
            about: "weight of the action's reconstruction from g(a) (DCT, Pathakota et al. 2023; absent = none)",
            expected: POSITIVE_REAL,
        },
        Key {
            name: "renewal_interval",
            about: "updates after which the copy that the policy sees is renewed (SALE, Fujimoto et al. 2023; absent = each)",
            expected: POSITIVE,
        },
    ];

    /// All values out of range; empty when the table is fine.
    pub fn validate(&self) -> Vec<ConfigError> {
        let state_scale = self.state_embedding_scale.unwrap_or(1.0);
        let action_scale = self.action_embedding_scale.unwrap_or(1.0);
        let reward = self.reward_weight.unwrap_or(1.0);
        let reconstruction = self.reconstruction_weight.unwrap_or(1.0);
        let renewal = self.renewal_interval.unwrap_or(1);
        Checks::of(Self::KEYS)
            .require("state_dim", self.state_dim, self.state_dim >= 1)
            .require("action_dim", self.action_dim, self.action_dim >= 1)
            .require("hidden", list(&self.hidden), !self.hidden.contains(&0))
            .require("transition_hidden", list(&self.transition_hidden), !self.transition_hidden.contains(&0))
            .require("decoder_hidden", self.decoder_hidden, self.decoder_hidden >= 1)
            .require("table_std", self.table_std, is_positive(self.table_std))
            .require("state_embedding_scale", state_scale, is_positive(state_scale))
            .require("action_embedding_scale", action_scale, is_positive(action_scale))
            .require("learning_rate", self.learning_rate, is_positive(self.learning_rate))
            .require("weight_decay", self.weight_decay, is_not_negative(self.weight_decay))
            .require("batch_size", self.batch_size, self.batch_size >= 1)
            .require("reward_weight", reward, is_positive(reward))
            .require("reconstruction_weight", reconstruction, is_positive(reconstruction))
            .require("renewal_interval", renewal, renewal >= 1)
            .errors()
    }
}
