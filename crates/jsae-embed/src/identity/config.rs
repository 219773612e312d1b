use serde::{Deserialize, Serialize};

use crate::config::SWITCH;
use crate::{ConfigError, Key};

/// The table `[embedding.identity]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Standardise a box's observations by the samples of pre-training; default false.
    pub standardize_observations: bool,
}

impl Config {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[Key {
        name: "standardize_observations",
        about: "standardise a box's observations by the samples of pre-training (default false)",
        expected: SWITCH,
    }];

    /// All values out of range: none, both switches will do.
    pub fn validate(&self) -> Vec<ConfigError> {
        Vec::new()
    }
}
