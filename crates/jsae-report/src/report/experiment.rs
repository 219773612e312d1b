use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Options, Scale};
use crate::reading::count;
use crate::run::{Curve, Run};
use crate::statistics::{Interval, interquartile_mean, mean, median, standard_deviation};
use crate::warning::Warning;

/// Runs that differ in their seeds only.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Its name; its folder where two have the same name.
    pub name: String,
    /// What learns, as in `VPG-JSAE`.
    pub method: String,
    /// Index of its environment in [`Report::tasks`](super::Report::tasks).
    pub task: usize,
    /// All runs, by seed.
    pub runs: Vec<Run>,
    /// Which of them count in the figures, `[n_runs]`.
    pub counted: Vec<bool>,
    /// Its figures.
    pub summary: Summary,
}

/// The figures of an experiment over the runs that count.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Runs that count.
    pub n_runs: usize,
    /// Final return of each that has one.
    pub final_returns: Vec<f64>,
    /// Final return.
    pub final_return: Estimate,
    /// Percentage of the way from the random to the best policy at which the final return lies.
    pub of_optimal: Estimate,
    /// Mean return of the final deterministic evaluation.
    pub evaluation: Estimate,
    /// Average return while learning.
    pub area: Estimate,
    /// Seconds of training, of one process on a machine that may have had other work.
    pub seconds: Estimate,
    /// Steps to 50 % and 90 % of the way from the start to the task's best, then to the thresholds asked for.
    pub steps_to: Vec<Reach>,
}

/// A figure over runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Mean; `None` without a run.
    pub mean: Option<f64>,
    /// Sample standard deviation (ddof = 1); `None` below two runs.
    pub sd: Option<f64>,
    /// Interquartile mean.
    pub iqm: Option<f64>,
    /// Stratified bootstrap interval of the interquartile mean; `None` below two runs.
    pub interval: Option<Interval>,
}

/// How soon a return is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    /// In words, as in `50 % of the best`.
    pub name: String,
    /// The return; `None` where the task has no best above its start.
    pub threshold: Option<f64>,
    /// Runs that reach it.
    pub reached: usize,
    /// Runs that count.
    pub of: usize,
    /// Median steps over all runs, one that never reaches it counting as endless; `None` where that is the median.
    pub median: Option<f64>,
    /// Bootstrap interval of the median, its upper end infinite where that is endless; `None` below two runs or where
    /// the lower end is endless too.
    pub interval: Option<Interval>,
}

/// Runs of one experiment, before their figures.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) task: usize,
    pub(super) runs: Vec<Run>,
}

/// Groups runs by folder and name.
pub(super) fn groups(runs: Vec<Run>, warnings: &mut Vec<Warning>) -> Vec<Group> {
    let mut groups: BTreeMap<(String, PathBuf), Vec<Run>> = BTreeMap::new();
    for run in runs {
        let folder = run.path.parent().map(Path::to_owned).unwrap_or_default();
        groups.entry((run.experiment.clone(), folder)).or_default().push(run);
    }
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for (name, _) in groups.keys() {
        *names.entry(name.clone()).or_default() += 1;
    }
    let unique = |name: String, folder: &Path| match names[&name] {
        1 => name,
        _ => folder.display().to_string(),
    };
    let group = |((name, folder), runs): ((String, PathBuf), Vec<Run>)| {
        warn_of_differences(&folder, &runs, warnings);
        Group { name: unique(name, &folder), task: 0, runs }
    };
    let mut groups: Vec<Group> = groups.into_iter().map(group).collect();
    groups.sort_by_cached_key(|group| natural(&group.name));
    groups
}

/// What one run knows of its environment holds for all runs of the task: a run that found no time for it has none.
pub(super) fn share_references(groups: &mut [Group]) {
    let mut known = BTreeMap::new();
    for group in groups.iter() {
        if let Some(reference) = group.runs.iter().find_map(|run| run.reference) {
            known.entry(group.task).or_insert(reference);
        }
    }
    for group in groups {
        for run in &mut group.runs {
            run.reference = run.reference.or_else(|| known.get(&group.task).copied());
        }
    }
}

/// Numbers in a name sort by value: `gridworld9` before `gridworld11`.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = vec![(String::new(), 0u64)];
    let mut digits = false;
    for character in name.chars() {
        if digits && !character.is_ascii_digit() {
            parts.push((String::new(), 0));
        }
        digits = character.is_ascii_digit();
        let (text, number) = parts.last_mut().expect("never empty");
        match character.to_digit(10) {
            Some(digit) => *number = number.saturating_mul(10).saturating_add(digit.into()),
            None => text.push(character),
        }
    }
    parts
}

fn warn_of_differences(folder: &Path, runs: &[Run], warnings: &mut Vec<Warning>) {
    let keys = differing_keys(runs.iter().map(|run| &run.config));
    if !keys.is_empty() {
        let keys: Vec<_> = keys.into_iter().take(5).collect();
        let message = format!("{} of one experiment differ in {}", count(runs.len()), keys.join(", "));
        warnings.push(Warning::new(folder, message));
    }
    let seeds: BTreeSet<_> = runs.iter().filter_map(|run| run.seed).collect();
    if seeds.len() < runs.iter().filter(|run| run.seed.is_some()).count() {
        warnings.push(Warning::new(folder, "two runs have the same seed: the intervals are too narrow"));
    }
}

/// Keys that are not the same in all configurations, absence included.
pub(crate) fn differing_keys<'a>(
    configs: impl Iterator<Item = &'a BTreeMap<String, String>>,
) -> BTreeSet<String> {
    let configs: Vec<_> = configs.collect();
    let Some((first, others)) = configs.split_first() else { return BTreeSet::new() };
    let mut keys = BTreeSet::new();
    for other in others {
        let of_one = first.iter().filter(|(key, value)| other.get(*key) != Some(value));
        let of_other = other.iter().filter(|(key, _)| !first.contains_key(*key));
        keys.extend(of_one.chain(of_other).map(|(key, _)| key.clone()));
    }
    keys
}

impl Experiment {
    pub(super) fn new(group: Group, counted: Vec<bool>, scale: Option<Scale>, options: &Options) -> Self {
        let runs: Vec<&Run> =
            group.runs.iter().zip(&counted).filter(|(_, counted)| **counted).map(|(run, _)| run).collect();
        let summary = Summary::new(&runs, scale, options);
        let method = group.runs.first().map(|run| method(&run.config)).unwrap_or_default();
        Self { name: group.name, method, task: group.task, summary, runs: group.runs, counted }
    }

    /// Curves of the runs that count.
    pub fn curves(&self) -> Vec<&Curve> {
        self.counted_runs().map(|run| &run.curve).collect()
    }

    pub(super) fn counted_runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().zip(&self.counted).filter(|(_, counted)| **counted).map(|(run, _)| run)
    }
}

impl Summary {
    fn new(runs: &[&Run], scale: Option<Scale>, options: &Options) -> Self {
        let over_runs = |figure: &dyn Fn(&Run) -> Option<f64>| -> Vec<f64> {
            runs.iter().filter_map(|run| figure(run)).collect()
        };
        let final_returns = over_runs(&|run| run.curve.final_return());
        let levels = [0.5, 0.9]
            .map(|share| (format!("{:.0} % of the best", 100.0 * share), scale.and_then(|s| s.level(share))));
        let asked = options.thresholds.iter().map(|&threshold| (format!("{threshold}"), Some(threshold)));
        Self {
            n_runs: runs.len(),
            final_return: Estimate::new(&final_returns, options),
            final_returns,
            of_optimal: Estimate::new(&over_runs(&|run| Some(100.0 * run.share_of_optimal()?)), options),
            evaluation: Estimate::new(&over_runs(&|run| run.evaluation), options),
            area: Estimate::new(&over_runs(&|run| run.curve.area()), options),
            seconds: Estimate::new(&over_runs(&|run| run.curve.seconds.last().copied()), options),
            steps_to: levels
                .into_iter()
                .chain(asked)
                .map(|(name, level)| Reach::new(name, level, runs, options))
                .collect(),
        }
    }
}

impl Estimate {
    /// Of `values`, one a run.
    pub(crate) fn new(values: &[f64], options: &Options) -> Self {
        Self {
            mean: mean(values),
            sd: standard_deviation(values),
            iqm: interquartile_mean(values),
            interval: options.bootstrap.interquartile_mean(&[values.to_vec()]),
        }
    }
}

impl Reach {
    fn new(name: String, threshold: Option<f64>, runs: &[&Run], options: &Options) -> Self {
        let steps = |run: &Run| threshold.and_then(|threshold| run.curve.steps_to(threshold));
        let steps: Vec<Option<f64>> = runs.iter().map(|run| steps(run)).collect();
        let endless: Vec<f64> = steps.iter().map(|steps| steps.unwrap_or(f64::INFINITY)).collect();
        Self {
            name,
            threshold,
            reached: steps.iter().flatten().count(),
            of: runs.len(),
            median: median(&endless).filter(|median| median.is_finite()),
            interval: options.bootstrap.median(&[endless]).filter(|interval| interval.low.is_finite()),
        }
    }
}

/// `VPG-JSAE` of `[algorithm.vpg]` and `[embedding.jsae]`; the identity embedding is not told.
fn method(config: &BTreeMap<String, String>) -> String {
    let choice = |table: &str| {
        let key = config.keys().find_map(|key| key.strip_prefix(table))?;
        Some(key.split('.').next().unwrap_or(key).to_uppercase().replace('_', " "))
    };
    match (choice("algorithm."), choice("embedding.").filter(|embedding| embedding != "IDENTITY")) {
        (Some(algorithm), Some(embedding)) => format!("{algorithm}-{embedding}"),
        (algorithm, embedding) => algorithm.or(embedding).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(keys: &[(&str, &str)]) -> BTreeMap<String, String> {
        keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn method_joins_algorithm_and_embedding() {
        let vpg = ("algorithm.vpg.actor_learning_rate", "1e-3");
        assert_eq!(method(&config(&[vpg, ("embedding.jsae.state_dim", "8")])), "VPG-JSAE");
        assert_eq!(method(&config(&[vpg, ("embedding.identity", "")])), "VPG");
        assert_eq!(method(&config(&[("algorithm.discrete_sac.tau", "1")])), "DISCRETE SAC");
        assert_eq!(method(&config(&[])), "");
    }

    #[test]
    fn numbers_in_names_sort_by_value() {
        let mut names = ["g11_b", "g9_b", "g9_a", "g", "h1"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["g", "g9_a", "g9_b", "g11_b", "h1"]);
    }

    #[test]
    fn absent_keys_count_as_differing() {
        let configs = [config(&[("a", "1"), ("b", "2")]), config(&[("a", "1"), ("c", "2")])];
        assert_eq!(differing_keys(configs.iter()).into_iter().collect::<Vec<_>>(), ["b", "c"]);
    }
}
