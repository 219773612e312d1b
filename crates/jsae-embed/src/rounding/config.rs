use serde::{Deserialize, Serialize};

use crate::config::{Checks, SWITCH};
use crate::{ConfigError, Key};

/// The table `[embedding.rounding]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Write an action's index in digits of this base, one latent number for each; absent = the whole index as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<usize>,
    /// Standardise a box's observations by the samples of pre-training; default false.
    pub standardize_observations: bool,
}

impl Config {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[
        Key {
            name: "base",
            about: "write an action's index in digits of this base, one latent number each (absent = the index as one number)",
            expected: "a whole number of at least 2",
        },
        Key {
            name: "standardize_observations",
            about: "standardise a box's observations by the samples of pre-training (default false)",
            expected: SWITCH,
        },
    ];

    /// All values out of range; empty when the table is fine.
    pub fn validate(&self) -> Vec<ConfigError> {
        let base = self.base.unwrap_or(2);
        Checks::of(Self::KEYS).require("base", base, base >= 2).errors()
    }

    /// Numbers that a policy emits for one of `n_actions`.
    pub fn latent_dim(&self, n_actions: usize) -> usize {
        let Some(base) = self.base else { return 1 };
        let mut digits = 1;
        let mut reach = base;
        while reach < n_actions {
            reach = reach.saturating_mul(base);
            digits += 1;
        }
        digits
    }
}
