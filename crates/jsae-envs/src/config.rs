use std::fmt::Debug;

use crate::EnvError;

/// One key of an environment's table: what a listing prints and what a refusal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Name within the table, dotted where nested.
    pub name: &'static str,
    /// What it decides, with its unit.
    pub about: &'static str,
    /// Range or choices.
    pub expected: &'static str,
}

/// One value of a configuration that is out of range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{key} is {found}, expected {expected}")]
pub struct ConfigError {
    /// Key within its table, dotted where nested.
    pub key: String,
    /// The value as written.
    pub found: String,
    /// What would do.
    pub expected: String,
}

/// Collects all that is wrong with a configuration, in the words of its keys.
pub(crate) struct Problems {
    keys: &'static [Key],
    list: Vec<ConfigError>,
}

impl Problems {
    pub(crate) fn new(keys: &'static [Key]) -> Self {
        Self { keys, list: Vec::new() }
    }

    /// Notes that `key` has the value `found`, unless `holds`.
    pub(crate) fn require(&mut self, holds: bool, key: &str, found: impl Debug) {
        if !holds {
            let expected = self.keys.iter().find(|k| k.name == key).map_or("another value", |k| k.expected);
            self.add(key, found, expected);
        }
    }

    /// Notes a problem that the key's own range does not tell.
    pub(crate) fn add(&mut self, key: &str, found: impl Debug, expected: &str) {
        self.list.push(ConfigError {
            key: key.to_owned(),
            found: format!("{found:?}"),
            expected: expected.to_owned(),
        });
    }

    pub(crate) fn into_list(self) -> Vec<ConfigError> {
        self.list
    }
}

/// The first of `problems` as an error: what a constructor says about a configuration.
pub(crate) fn accept(problems: Vec<ConfigError>) -> Result<(), EnvError> {
    problems.into_iter().next().map_or(Ok(()), |problem| Err(problem.into()))
}
