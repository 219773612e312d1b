use std::collections::BTreeSet;

use super::palette::{color, dashes};
use crate::report::{Experiment, Report};

/// How an experiment is shown in a panel.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) experiment: &'a Experiment,
    pub(crate) label: String,
    /// Index of its colour and dashes.
    pub(crate) style: usize,
}

/// The experiments of a task: told by method where that tells them apart, by name otherwise.
///
/// A method has the same colour in every panel of the report.
pub(crate) fn lines<'r>(report: &'r Report, task: usize) -> Vec<Line<'r>> {
    let experiments: Vec<&'r Experiment> = report.of_task(task).map(|(_, experiment)| experiment).collect();
    let methods: BTreeSet<&str> = experiments.iter().map(|experiment| experiment.method.as_str()).collect();
    let by_method = methods.len() == experiments.len() && !methods.contains("");
    let all: BTreeSet<&str> =
        report.experiments.iter().map(|experiment| experiment.method.as_str()).collect();
    let alike = as_many_seeds(&experiments);
    let line = |(i, experiment): (usize, &'r Experiment)| {
        let name = if by_method { &experiment.method } else { &experiment.name };
        let own = all.iter().position(|method| *method == experiment.method);
        Line {
            experiment,
            label: if alike { name.clone() } else { format!("{name} ({})", seeds(experiment)) },
            style: own.filter(|_| by_method).unwrap_or(i),
        }
    };
    experiments.iter().copied().enumerate().map(line).collect()
}

/// "5 seeds" where all lines have as many; nothing otherwise, for then each label says its own.
pub(super) fn seeds_of_all(lines: &[Line]) -> String {
    let experiments: Vec<&Experiment> = lines.iter().map(|line| line.experiment).collect();
    lines
        .first()
        .filter(|_| as_many_seeds(&experiments))
        .map(|line| seeds(line.experiment))
        .unwrap_or_default()
}

/// Of those that have any.
fn as_many_seeds(experiments: &[&Experiment]) -> bool {
    let counts = experiments.iter().map(|experiment| experiment.summary.n_runs).filter(|&n| n > 0);
    counts.collect::<BTreeSet<usize>>().len() < 2
}

fn seeds(experiment: &Experiment) -> String {
    n_seeds(experiment.summary.n_runs)
}

pub(super) fn n_seeds(n: usize) -> String {
    match n {
        1 => "1 seed".to_owned(),
        n => format!("{n} seeds"),
    }
}

/// Attributes of the line in a style.
pub(super) fn stroke(style: usize) -> String {
    let dashes = match dashes(style) {
        "" => String::new(),
        dashes => format!(" stroke-dasharray=\"{dashes}\""),
    };
    format!(
        "fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\" stroke-linejoin=\"round\"{dashes}",
        color(style)
    )
}
