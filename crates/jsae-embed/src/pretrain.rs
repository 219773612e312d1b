use jsae_envs::Start;
use serde::{Deserialize, Serialize};

use crate::config::{Checks, POSITIVE};
use crate::{ConfigError, Key};

/// How an embedding is learnt before the policy is: the table `[pretrain]`.
///
/// `samples` and `start` are for whoever collects the samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PretrainConfig {
    /// Transitions of the uniform random policy; default 30,000; 0 = no pre-training.
    pub samples: usize,
    /// Where the episodes of pre-training begin; default `fixed`.
    pub start: Start,
    /// Most passes over the samples; default 100; at least 1.
    pub passes: usize,
    /// Passes without a better held-out loss before stopping; default 10; at least 1.
    pub patience: usize,
    /// Share of the samples held out to decide when to stop; default 0.1; 0 = run every pass and keep the last.
    pub held_out: f64,
}

impl Default for PretrainConfig {
    fn default() -> Self {
        Self { samples: 30_000, start: Start::Fixed, passes: 100, patience: 10, held_out: 0.1 }
    }
}

impl PretrainConfig {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[
        Key {
            name: "samples",
            about: "transitions of the uniform random policy (default 30000; 0 = no pre-training)",
            expected: "a whole number of at least 0",
        },
        Key {
            name: "start",
            about: "where the episodes of pre-training begin (default \"fixed\")",
            expected: "\"fixed\" or \"uniform\"",
        },
        Key { name: "passes", about: "most passes over the samples (default 100)", expected: POSITIVE },
        Key {
            name: "patience",
            about: "passes without a better held-out loss before stopping (default 10)",
            expected: POSITIVE,
        },
        Key {
            name: "held_out",
            about: "share of the samples held out to decide when to stop (default 0.1; 0 = run every pass)",
            expected: "a number in [0, 1)",
        },
    ];

    /// All values out of range; empty when the table is fine.
    pub fn validate(&self) -> Vec<ConfigError> {
        Checks::of(Self::KEYS)
            .require("passes", self.passes, self.passes >= 1)
            .require("patience", self.patience, self.patience >= 1)
            .require("held_out", self.held_out, (0.0..1.0).contains(&self.held_out))
            .errors()
    }
}

/// How an embedding goes on learning while the policy does: the table `[embedding_update]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UpdateConfig {
    /// Passes over each epoch's samples; default 0: the embedding stays as pre-trained.
    pub passes: usize,
}

impl UpdateConfig {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[Key {
        name: "passes",
        about: "passes over each epoch's samples (default 0: the embedding stays as pre-trained)",
        expected: "a whole number of at least 0",
    }];

    /// All values out of range: none, every whole number will do.
    pub fn validate(&self) -> Vec<ConfigError> {
        Vec::new()
    }
}
