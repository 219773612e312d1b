/// One key of an environment's table: what a listing prints and what a refusal says.
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
