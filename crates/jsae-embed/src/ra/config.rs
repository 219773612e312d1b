use serde::{Deserialize, Serialize};

use crate::config::{Checks, NOT_NEGATIVE, POSITIVE, POSITIVE_REAL, SWITCH, is_not_negative, is_positive};
use crate::{ConfigError, Key};

/// The table `[embedding.ra]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Dimension d of the action embedding; default 2; at least 1.
    pub action_dim: usize,
    /// τ, by which squared distances are divided; default 1; above 0.
    pub temperature: f64,
    /// Weight of the mean square of the action rows; default 0.01; at least 0.
    pub weight_penalty: f64,
    /// Standard deviation that tables start with; default 0.01; above 0.
    pub table_std: f64,
    /// Standard deviation that each dimension of the searched table is brought to, around 0; absent = left as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_embedding_scale: Option<f64>,
    /// Standardise a box's observations, for the embedding and for the policy; default true.
    pub standardize_observations: bool,
    /// Adam's step; default 0.01; above 0.
    pub learning_rate: f64,
    /// Adam's L2 penalty, over all weights; default 0; at least 0.
    pub weight_decay: f64,
    /// Samples per step; default 256; at least 1.
    pub batch_size: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            action_dim: 2,
            temperature: 1.0,
            weight_penalty: 0.01,
            table_std: 0.01,
            action_embedding_scale: None,
            standardize_observations: true,
            learning_rate: 0.01,
            weight_decay: 0.0,
            batch_size: 256,
        }
    }
}

impl Config {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[
        Key {
            name: "action_dim",
            about: "dimension of the action embedding (default 2)",
            expected: POSITIVE,
        },
        Key {
            name: "temperature",
            about: "what squared distances are divided by (default 1)",
            expected: POSITIVE_REAL,
        },
        Key {
            name: "weight_penalty",
            about: "weight of the mean square of the action rows (default 0.01)",
            expected: NOT_NEGATIVE,
        },
        Key {
            name: "table_std",
            about: "standard deviation that tables start with (default 0.01)",
            expected: POSITIVE_REAL,
        },
        Key {
            name: "action_embedding_scale",
            about: "standard deviation of the searched table's rows (absent = as they come)",
            expected: POSITIVE_REAL,
        },
        Key {
            name: "standardize_observations",
            about: "standardise a box's observations by the samples of pre-training, for the embedding and for the policy; without samples they stay as they are (default true)",
            expected: SWITCH,
        },
        Key { name: "learning_rate", about: "Adam's step (default 0.01)", expected: POSITIVE_REAL },
        Key {
            name: "weight_decay",
            about: "Adam's L2 penalty, over all weights (default 0)",
            expected: NOT_NEGATIVE,
        },
        Key { name: "batch_size", about: "samples per step (default 256)", expected: POSITIVE },
    ];

    /// All values out of range; empty when the table is fine.
    pub fn validate(&self) -> Vec<ConfigError> {
        let action_scale = self.action_embedding_scale.unwrap_or(1.0);
        Checks::of(Self::KEYS)
            .require("action_dim", self.action_dim, self.action_dim >= 1)
            .require("temperature", self.temperature, is_positive(self.temperature))
            .require("weight_penalty", self.weight_penalty, is_not_negative(self.weight_penalty))
            .require("table_std", self.table_std, is_positive(self.table_std))
            .require("action_embedding_scale", action_scale, is_positive(action_scale))
            .require("learning_rate", self.learning_rate, is_positive(self.learning_rate))
            .require("weight_decay", self.weight_decay, is_not_negative(self.weight_decay))
            .require("batch_size", self.batch_size, self.batch_size >= 1)
            .errors()
    }
}
