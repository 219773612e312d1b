//! From runs to the figures that are told of them.

mod experiment;
mod finals;
mod series;
mod task;

use rayon::prelude::*;

pub(crate) use experiment::differing_keys;
pub use experiment::{Estimate, Experiment, Reach, Summary};
pub use finals::KeptEnd;
pub use series::SeriesRow;
pub use task::Task;

use crate::reading::{Reading, count};
use crate::run::{Run, RunState};
use crate::statistics::{Bootstrap, Interval, mean, probability_of_improvement};
use crate::warning::Warning;

/// Up to so many experiments of a task are compared each with each; of more, the best with each.
const ALL_PAIRS: usize = 6;

/// How figures are made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Do unfinished and damaged runs count too, as far as they came? Default no.
    pub unfinished: bool,
    /// Returns for which "steps to reach" is reported besides 50 % and 90 % of the best.
    pub thresholds: Vec<f64>,
    /// Intervals.
    pub bootstrap: Bootstrap,
}

/// A set of runs with their figures.
#[derive(Clone, Debug)]
pub struct Report {
    /// Groups of runs that differ in their seeds only, by task and name.
    pub experiments: Vec<Experiment>,
    /// The environments that they are about.
    pub tasks: Vec<Task>,
    /// Which experiment does better than which, within each task.
    pub comparisons: Vec<Comparison>,
    /// Everything that a reader should know.
    pub warnings: Vec<Warning>,
    /// How the figures were made.
    pub options: Options,
}

/// Two experiments of one task.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Index of the one in [`Report::experiments`].
    pub x: usize,
    /// Index of the other.
    pub y: usize,
    /// Probability that a run of `x` ends higher than a run of `y`.
    pub probability: f64,
    /// Its interval; `None` where neither has two runs.
    pub interval: Option<Interval>,
}

/// Where the thresholds of a task lie: returns of an agent before it learns, and of the best experiment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Mean over runs of the first [smoothed](crate::Curve::smoothed) return.
    pub start: f64,
    /// Highest mean final return of an experiment.
    pub best: f64,
}

impl Scale {
    /// The return that lies `share` of the way from start to best; `None` where nothing was learned.
    pub fn level(&self, share: f64) -> Option<f64> {
        (self.best > self.start).then_some(self.start + share * (self.best - self.start))
    }
}

impl Report {
    /// Groups the runs by experiment and makes the figures.
    pub fn new(reading: Reading, options: &Options) -> Self {
        let Reading { runs, mut warnings } = reading;
        let groups = experiment::groups(runs, &mut warnings);
        let (tasks, mut groups) = task::tasks(groups);
        experiment::share_references(&mut groups);
        let counted: Vec<Vec<bool>> =
            groups.iter().map(|group| counted(&group.runs, options.unfinished)).collect();
        let scales: Vec<_> = (0..tasks.len()).map(|task| scale(task, &groups, &counted)).collect();
        let experiments: Vec<Experiment> = groups
            .into_par_iter()
            .zip(counted)
            .map(|(group, counted)| {
                let scale = scales[group.task];
                Experiment::new(group, counted, scale, options)
            })
            .collect();
        warn_left_out(&experiments, &mut warnings);
        let comparisons = comparisons(&experiments, tasks.len(), &options.bootstrap);
        Self { experiments, tasks, comparisons, warnings, options: options.clone() }
    }

    /// Is the best return of any of the tasks known?
    pub fn knows_optimum(&self) -> bool {
        self.experiments.iter().any(|experiment| experiment.summary.of_optimal.mean.is_some())
    }

    /// The experiments of a task.
    pub fn of_task(&self, task: usize) -> impl Iterator<Item = (usize, &Experiment)> {
        self.experiments.iter().enumerate().filter(move |(_, experiment)| experiment.task == task)
    }
}

fn counted(runs: &[Run], unfinished: bool) -> Vec<bool> {
    runs.iter().map(|run| !run.curve.is_empty() && (unfinished || run.state == RunState::Finished)).collect()
}

fn scale(task: usize, groups: &[experiment::Group], counted: &[Vec<bool>]) -> Option<Scale> {
    let mut first = Vec::new();
    let mut best = None;
    for (group, counted) in groups.iter().zip(counted).filter(|(group, _)| group.task == task) {
        let runs =
            || group.runs.iter().zip(counted).filter(|(_, counted)| **counted).map(|(run, _)| &run.curve);
        first.extend(runs().filter_map(|curve| curve.smoothed().first().map(|point| point.1)));
        let finals: Vec<f64> = runs().filter_map(crate::Curve::final_return).collect();
        best = mean(&finals).into_iter().chain(best).reduce(f64::max);
    }
    Some(Scale { start: mean(&first)?, best: best? })
}

fn warn_left_out(experiments: &[Experiment], warnings: &mut Vec<Warning>) {
    for experiment in experiments {
        let left_out = experiment.runs.len() - experiment.summary.n_runs;
        if left_out > 0 {
            let message = format!(
                "{}: {} of {} left out of the figures",
                experiment.name,
                left_out,
                count(experiment.runs.len())
            );
            warnings.push(Warning { path: std::path::PathBuf::new(), message });
        }
    }
}

fn comparisons(experiments: &[Experiment], n_tasks: usize, bootstrap: &Bootstrap) -> Vec<Comparison> {
    let pairs: Vec<(usize, usize)> = (0..n_tasks).flat_map(|task| pairs(task, experiments)).collect();
    let compare = |(x, y): (usize, usize)| {
        let scores = |i: usize| [experiments[i].summary.final_returns.clone()];
        let probability = probability_of_improvement(&scores(x), &scores(y))?;
        let interval = bootstrap.probability_of_improvement(&scores(x), &scores(y));
        Some(Comparison { x, y, probability, interval })
    };
    pairs.into_par_iter().filter_map(compare).collect()
}

/// The better one (by mean final return) stands first.
fn pairs(task: usize, experiments: &[Experiment]) -> Vec<(usize, usize)> {
    let score = |i: usize| experiments[i].summary.final_return.mean.unwrap_or(f64::NEG_INFINITY);
    let mut order: Vec<usize> = (0..experiments.len())
        .filter(|&i| experiments[i].task == task && experiments[i].summary.final_return.mean.is_some())
        .collect();
    order.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
    let first = if order.len() > ALL_PAIRS { 1 } else { order.len() };
    let pair = |i: usize| order[i + 1..].iter().copied();
    (0..first).flat_map(|i| pair(i).map(move |y| (i, y))).map(|(i, y)| (order[i], y)).collect()
}
