use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::{Leaf, Reader, SMALL, leaves, number, plain, whole};
use crate::experiment::Place;

/// Keys of an experiment that move together; a plain axis has one.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    /// By name.
    pub(crate) keys: Vec<AxisKey>,
}

/// One key of an axis with its value at each of the axis's points.
#[derive(Clone, Debug)]
pub(crate) struct AxisKey {
    /// Dotted, `algorithm.vpg.initial_std`.
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) values: Vec<AxisValue>,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct AxisValue {
    pub(crate) value: toml::Value,
    pub(crate) place: Place,
}

impl Axis {
    /// Points of the axis.
    pub(crate) fn len(&self) -> usize {
        self.keys.first().map_or(0, |key| key.values.len())
    }
}

const EXPECTED: &str = "a list of values, or { log = [LOW, HIGH], n = COUNT }";

/// Most points of a range: anything longer is a slip of the pen.
const MOST_POINTS: u64 = 1_000_000;

/// The axes of `[axes]`: one for each key.
pub(super) fn axes(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Vec<Axis> {
    let found = leaves(table, &is_range);
    found
        .iter()
        .filter_map(|leaf| axis_key(reader, "axes.", leaf))
        .map(|key| Axis { keys: vec![key] })
        .collect()
}

/// The axis of one `[[linked]]`: its keys move together.
pub(super) fn linked(reader: &mut Reader<'_>, table: &Spanned<DeValue<'_>>) -> Option<Axis> {
    let DeValue::Table(keys) = table.get_ref() else {
        reader.mismatch(table.span(), "linked", "a table of lists that are equally long, as [[linked]]");
        return None;
    };
    let found = leaves(keys, &is_range);
    let mut keys: Vec<AxisKey> = found.iter().filter_map(|leaf| axis_key(reader, "linked.", leaf)).collect();
    keys.sort_by(|a, b| a.key.cmp(&b.key));
    let (first, others) = keys.split_first()?;
    if let Some(other) = others.iter().find(|other| other.values.len() != first.values.len()) {
        let counts = format!(
            "{} has {} values and {} has {}",
            first.key,
            first.values.len(),
            other.key,
            other.values.len()
        );
        reader.report(
            table.span(),
            format!("linked axes move together: {counts}, expected equally long lists"),
        );
        return None;
    }
    Some(Axis { keys })
}

fn is_range(table: &DeTable<'_>) -> bool {
    table.get("log").is_some()
}

fn axis_key(reader: &mut Reader<'_>, prefix: &str, leaf: &Leaf<'_, '_>) -> Option<AxisKey> {
    let name = format!("{prefix}{}", leaf.key);
    let span = leaf.value.span();
    let values = match leaf.value.get_ref() {
        DeValue::Array(items) if items.is_empty() => {
            reader.mismatch(span, &name, "at least one value");
            return None;
        }
        DeValue::Array(items) => listed(reader, &name, items)?,
        DeValue::Table(range) => {
            let place = reader.place(span);
            let values = log_range(reader, &name, leaf.value, range)?;
            values.into_iter().map(|value| AxisValue { value, place: place.clone() }).collect()
        }
        _ => {
            reader.mismatch(span, &name, EXPECTED);
            return None;
        }
    };
    Some(AxisKey { key: leaf.key.clone(), place: reader.place(leaf.span.clone()), values })
}

fn listed(reader: &mut Reader<'_>, name: &str, items: &[Spanned<DeValue<'_>>]) -> Option<Vec<AxisValue>> {
    let mut values: Vec<AxisValue> = Vec::new();
    let before = reader.problems.len();
    for item in items {
        match plain(item) {
            // Linked lists may well repeat a value; an axis of its own would run the same trial twice.
            Some(value) if name.starts_with("axes.") && values.iter().any(|other| other.value == value) => {
                let found = reader.sources.written(&item.span());
                reader.report(item.span(), format!("{name} holds {found} twice, expected different values"));
            }
            Some(value) => values.push(AxisValue { value, place: reader.place(item.span()) }),
            None => reader.mismatch(item.span(), name, SMALL),
        }
    }
    (reader.problems.len() == before).then_some(values)
}

fn log_range(
    reader: &mut Reader<'_>,
    name: &str,
    whole_value: &Spanned<DeValue<'_>>,
    range: &DeTable<'_>,
) -> Option<Vec<toml::Value>> {
    reader.only(range, &format!("{name}."), &["log", "n"]);
    let n = range.get("n").and_then(|n| whole(n.get_ref())).filter(|n| (2..=MOST_POINTS).contains(n));
    let ends = range.get("log").and_then(|ends| match ends.get_ref() {
        DeValue::Array(ends) => Some(ends),
        _ => None,
    });
    let numbers: Vec<f64> = ends.into_iter().flat_map(|ends| ends.iter().filter_map(number)).collect();
    let (Some(n), Some(ends), &[low, high]) = (n, ends, &numbers[..]) else {
        reader.mismatch(whole_value.span(), name, "{ log = [LOW, HIGH], n = COUNT } with at least 2 points");
        return None;
    };
    if ends.len() != 2 || !(low > 0.0 && low < high && high.is_finite()) {
        reader.mismatch(whole_value.span(), name, "0 < LOW < HIGH");
        return None;
    }
    let integers = ends.iter().all(|end| whole(end.get_ref()).is_some());
    Some(spaced(low, high, n, integers))
}

/// `n` values from `low` to `high`, each the same multiple of the one before; whole numbers are rounded.
fn spaced(low: f64, high: f64, n: u64, integers: bool) -> Vec<toml::Value> {
    let point = |k: u64| match k {
        0 => low,
        k if k == n - 1 => high,
        k => low * (high / low).powf(k as f64 / (n - 1) as f64),
    };
    let mut values: Vec<toml::Value> = Vec::new();
    for k in 0..n {
        let value = if integers {
            toml::Value::Integer(point(k).round() as i64)
        } else {
            // Twelve digits: 0.001 and not 0.0010000000000000002.
            toml::Value::Float(format!("{:.11e}", point(k)).parse().unwrap_or_else(|_| point(k)))
        };
        if values.last() != Some(&value) {
            values.push(value);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::spaced;

    #[test]
    fn a_log_range_has_its_ends_and_round_numbers_between() {
        let values: Vec<f64> =
            spaced(1e-4, 1e-2, 3, false).iter().filter_map(toml::Value::as_float).collect();
        assert_eq!(values, [1e-4, 1e-3, 1e-2]);
    }

    #[test]
    fn a_range_between_whole_numbers_holds_whole_numbers_once_each() {
        let values: Vec<i64> =
            spaced(8.0, 64.0, 4, true).iter().filter_map(toml::Value::as_integer).collect();
        assert_eq!(values, [8, 16, 32, 64]);
        assert_eq!(spaced(1.0, 3.0, 9, true).len(), 3);
    }
}
