use std::fmt::Display;
use std::ops::Range;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::experiment::{Place, Problem, Problems, Sources, unknown};

/// Collects what a sweep file says, and everything that is wrong with it.
pub(super) struct Reader<'s> {
    pub(super) sources: &'s Sources,
    pub(super) problems: Vec<Problem>,
}

impl Reader<'_> {
    /// Notes a problem at `span`.
    pub(super) fn report(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.problems.push(Problem { place: self.sources.place(Some(span)), message: message.into() });
    }

    /// Notes that `key` holds something else than was `expected`.
    pub(super) fn mismatch(&mut self, span: Range<usize>, key: &str, expected: impl Display) {
        let found = self.sources.written(&span);
        self.report(span, format!("{key} is {found}, expected {expected}"));
    }

    /// Notes every key of `table` that is not in `known`; `prefix` is the table's name with its dot.
    pub(super) fn only(&mut self, table: &DeTable<'_>, prefix: &str, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let name = key.get_ref();
            self.report(key.span(), unknown(&format!("{prefix}{name}"), name, known));
        }
    }

    /// The problems in the order of the file.
    pub(super) fn sorted(mut self) -> Problems {
        let rank = |problem: &Problem| match &problem.place {
            Place::File { path, line, column } => (path.clone(), *line, *column),
            Place::Path(path) => (path.clone(), 0, 0),
            Place::Override(text) => (text.into(), 0, 0),
            Place::Variable(name) => (name.into(), 0, 0),
        };
        self.problems.sort_by_key(rank);
        Problems(self.problems)
    }

    /// The place of `span`.
    pub(super) fn place(&self, span: Range<usize>) -> Place {
        self.sources.place(Some(span))
    }
}

/// What every whole number of a file must be.
pub(super) const SMALL: &str = "a whole number from -2^63 to 2^63 - 1";

/// A value without its place; `None` for what TOML's own types cannot hold.
pub(super) fn plain(value: &Spanned<DeValue<'_>>) -> Option<toml::Value> {
    toml::Value::deserialize(ValueDeserializer::from(value.clone())).ok()
}

/// A whole number of at least 0 and below 2^63, which a resolved file can hold.
pub(super) fn whole(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::try_from(i64::from_str_radix(number.as_str(), number.radix()).ok()?).ok()
}

/// A number, whole or not.
pub(super) fn number(value: &Spanned<DeValue<'_>>) -> Option<f64> {
    match plain(value)? {
        toml::Value::Integer(number) => Some(number as f64),
        toml::Value::Float(number) => Some(number),
        _ => None,
    }
}

/// Every leaf of a table with its dotted key, tables within it opened unless they are empty or `is_leaf` keeps them
/// whole.
pub(super) fn leaves<'t, 'i>(
    table: &'t DeTable<'i>,
    is_leaf: &dyn Fn(&DeTable<'i>) -> bool,
) -> Vec<Leaf<'t, 'i>> {
    let mut found = Vec::new();
    for (key, value) in table {
        let name = key.get_ref().to_string();
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() && !is_leaf(inner) => {
                let inner = leaves(inner, is_leaf).into_iter();
                found.extend(inner.map(|leaf| Leaf { key: format!("{name}.{}", leaf.key), ..leaf }));
            }
            _ => found.push(Leaf { key: name, span: key.span(), value }),
        }
    }
    found
}

/// A value with its dotted key.
pub(super) struct Leaf<'t, 'i> {
    pub(super) key: String,
    /// Where the last part of the key stands.
    pub(super) span: Range<usize>,
    pub(super) value: &'t Spanned<DeValue<'i>>,
}
