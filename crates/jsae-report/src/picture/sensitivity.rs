use std::collections::BTreeMap;

use super::axis::{Axis, Kind, Panel};
use super::drawing::{Drawing, path, side_by_side, text_width};
use super::lines::stroke;
use crate::report::{Experiment, Report, differing_keys};

const SIZE: [f64; 2] = [210.0, 150.0];
/// Keys that get a panel.
const MOST: usize = 12;
/// Characters of a value that are shown.
const LONGEST: usize = 12;

/// Each key of the configuration by which the experiments of a task differ, against their mean final return.
///
/// A dot is an experiment; the line joins the means over all experiments with a value.
pub fn sensitivity(report: &Report, task: usize, columns: usize) -> Drawing {
    let experiments: Vec<&Experiment> = report
        .of_task(task)
        .map(|(_, experiment)| experiment)
        .filter(|experiment| experiment.summary.final_return.mean.is_some())
        .collect();
    let keys = differing_keys(experiments.iter().map(|experiment| &experiment.runs[0].config));
    let panels: Vec<Drawing> = keys.iter().take(MOST).map(|key| panel(key, &experiments)).collect();
    side_by_side(&panels, columns)
}

fn panel(key: &str, experiments: &[&Experiment]) -> Drawing {
    let mut by_value: BTreeMap<(Order, &str), Vec<f64>> = BTreeMap::new();
    for experiment in experiments {
        let value = experiment.runs[0].config.get(key).map_or("absent", String::as_str);
        by_value.entry((Order::of(value), value)).or_default().extend(experiment.summary.final_return.mean);
    }
    let names = by_value.keys().map(|(_, value)| shortened(value)).collect();
    let y = Axis::over(by_value.values().flatten().copied(), 4, Kind::Plain, "final return").padded(0.06);
    let name = key.rsplit('.').next().unwrap_or(key);
    let (panel, mut drawing) = Panel::new(name, Axis::named(thinned(names), key), y, SIZE);
    let means = by_value.values().map(|returns| returns.iter().sum::<f64>() / returns.len() as f64);
    let line: Vec<[f64; 2]> = means.enumerate().map(|(i, mean)| panel.at(i as f64, mean)).collect();
    drawing.element(&format!("<path d=\"{}\" {}/>", path(&line), stroke(0)));
    let points = by_value.values().enumerate();
    for [x, y] in points
        .flat_map(|(i, returns)| returns.iter().map(move |&y| (i, y)))
        .map(|(i, y)| panel.at(i as f64, y))
    {
        let at = path(&[[x, y]]);
        drawing.element(&format!(
            "<path d=\"{at}h0\" stroke=\"#333\" stroke-width=\"5\" stroke-linecap=\"round\" opacity=\".5\"/>"
        ));
    }
    drawing
}

/// Numbers by value, before words.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    Number(f64),
    Word,
}

impl Order {
    fn of(value: &str) -> Self {
        value.parse().map_or(Self::Word, Self::Number)
    }
}

impl Eq for Order {}

impl PartialOrd for Order {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Order {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Number(_), Self::Word) => std::cmp::Ordering::Less,
            (Self::Word, Self::Number(_)) => std::cmp::Ordering::Greater,
            (Self::Word, Self::Word) => std::cmp::Ordering::Equal,
        }
    }
}

fn shortened(value: &str) -> String {
    let value = value.trim_matches('"');
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// Leaves out every other name, and again, until they fit beside each other.
fn thinned(mut names: Vec<String>) -> Vec<String> {
    let widest = names.iter().map(|name| text_width(name, 11.0)).fold(0.0, f64::max) + 6.0;
    let fitting = ((SIZE[0] / widest) as usize).max(1);
    let step = names.len().div_ceil(fitting);
    for (i, name) in names.iter_mut().enumerate() {
        if i % step.max(1) != 0 {
            name.clear();
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_by_value_before_words() {
        let mut values = ["word", "1e-3", "10.0", "-2", "0.0001"];
        values.sort_by_key(|value| Order::of(value));
        assert_eq!(values, ["-2", "0.0001", "1e-3", "10.0", "word"]);
    }

    #[test]
    fn names_that_do_not_fit_are_left_out() {
        let names = thinned((0..20).map(|i| format!("value {i}")).collect());
        assert_eq!(names.iter().filter(|name| !name.is_empty()).count(), 3, "210 pixels hold three of 55");
        assert_eq!(shortened("\"a_very_long_value\""), "a_very_long_…");
    }
}
