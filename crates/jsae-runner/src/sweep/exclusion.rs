use toml::Spanned;
use toml::de::DeValue;

use super::axis::Axis;
use super::reader::{Reader, leaves, plain};

/// Points of the grid that are left out: those where every condition holds.
#[derive(Clone, Debug)]
pub(crate) struct Exclusion {
    pub(crate) conditions: Vec<Condition>,
}

/// Holds where the axis has one of the values.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) key: String,
    pub(crate) values: Vec<toml::Value>,
}

impl Exclusion {
    /// Does it leave out the point where each key has the value that `value_of` says?
    pub(crate) fn holds<'v>(&self, value_of: impl Fn(&str) -> Option<&'v toml::Value>) -> bool {
        let holds = |condition: &Condition| {
            value_of(&condition.key).is_some_and(|value| condition.values.contains(value))
        };
        self.conditions.iter().all(holds)
    }
}

/// One `[[exclude]]`: each key an axis, each value one of the axis's or a list of them.
pub(super) fn exclusion(
    reader: &mut Reader<'_>,
    table: &Spanned<DeValue<'_>>,
    axes: &[Axis],
) -> Option<Exclusion> {
    let DeValue::Table(keys) = table.get_ref() else {
        reader.mismatch(table.span(), "exclude", "a table of conditions, as [[exclude]]");
        return None;
    };
    let mut conditions = Vec::new();
    for leaf in leaves(keys, &|_| false) {
        let name = format!("exclude.{}", leaf.key);
        let Some(axis) = axes.iter().flat_map(|axis| &axis.keys).find(|key| key.key == leaf.key) else {
            reader.report(leaf.span, format!("{name}: {} is no axis of this sweep", leaf.key));
            continue;
        };
        let known = |value: &toml::Value| axis.values.iter().any(|other| other.value == *value);
        let values = match plain(leaf.value) {
            Some(value) if known(&value) => vec![value],
            Some(toml::Value::Array(values)) if !values.is_empty() => values,
            Some(value) => vec![value],
            None => Vec::new(),
        };
        if values.is_empty() || !values.iter().all(known) {
            let listed: Vec<String> = axis.values.iter().map(|value| value.value.to_string()).collect();
            let expected = format!("values of the axis: {}", listed.join(", "));
            reader.mismatch(leaf.value.span(), &name, expected);
            continue;
        }
        conditions.push(Condition { key: leaf.key, values });
    }
    if conditions.is_empty() && keys.is_empty() {
        reader.report(table.span(), "an empty exclusion leaves out everything, expected a condition");
    }
    Some(Exclusion { conditions }).filter(|exclusion| !exclusion.conditions.is_empty())
}
