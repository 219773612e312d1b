#[cfg(test)]
mod tests;

use std::fmt::Display;

/// One key of an embedding's table: what a listing prints and what a refusal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Name within the table.
    pub name: &'static str,
    /// What it decides, with its default and unit.
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

/// Collects every violated range of one table; the range's text stands in the table's keys alone.
pub(crate) struct Checks {
    keys: &'static [Key],
    errors: Vec<ConfigError>,
}

impl Checks {
    pub(crate) fn of(keys: &'static [Key]) -> Self {
        Self { keys, errors: Vec::new() }
    }

    pub(crate) fn require(mut self, name: &str, found: impl Display, holds: bool) -> Self {
        if !holds {
            let expected = self.keys.iter().find(|key| key.name == name).map_or("", |key| key.expected);
            self.errors.push(ConfigError {
                key: name.to_owned(),
                found: found.to_string(),
                expected: expected.to_owned(),
            });
        }
        self
    }

    pub(crate) fn errors(self) -> Vec<ConfigError> {
        self.errors
    }
}

/// Widths of layers as a configuration file writes them.
pub(crate) fn list(widths: &[usize]) -> String {
    format!("{widths:?}")
}

pub(crate) const POSITIVE: &str = "a whole number of at least 1";
pub(crate) const POSITIVE_REAL: &str = "a number above 0";
pub(crate) const NOT_NEGATIVE: &str = "a number of at least 0";
pub(crate) const WIDTHS: &str = "a list of whole numbers of at least 1";
pub(crate) const SWITCH: &str = "true or false";

pub(crate) fn is_positive(x: f64) -> bool {
    x.is_finite() && x > 0.0
}

pub(crate) fn is_not_negative(x: f64) -> bool {
    x.is_finite() && x >= 0.0
}
