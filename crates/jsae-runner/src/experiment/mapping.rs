use jsae_envs::Key;
use serde::{Deserialize, Serialize};

/// How f chooses, where it is more than the nearest action: the one table of `[mapping.*]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappingConfig {
    /// Among the nearest actions.
    Nearest(Nearest),
}

/// `[mapping.nearest]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Nearest {
    /// Nearest actions among which SAC's critic chooses; 1 = the nearest itself. With more, the critic learns
    /// of the executed action's embedding; its targets stay those of SAC, without a choice.
    pub k: usize,
}

impl Default for Nearest {
    fn default() -> Self {
        Self { k: 1 }
    }
}

impl Nearest {
    /// Keys of the table.
    pub const KEYS: &'static [Key] = &[Key {
        name: "k",
        about: "nearest actions among which SAC's critic chooses (Wolpertinger, Dulac-Arnold et al. 2015)",
        expected: "a whole number of at least 1",
    }];
}

impl MappingConfig {
    /// Nearest actions that are looked at.
    pub fn candidates(&self) -> usize {
        let Self::Nearest(config) = self;
        config.k
    }
}
