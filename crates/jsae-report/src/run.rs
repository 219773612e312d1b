use std::collections::BTreeMap;
use std::path::PathBuf;

/// One run, as its folder tells it.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its folder.
    pub path: PathBuf,
    /// Name of its experiment.
    pub experiment: String,
    /// Its seed.
    pub seed: Option<u64>,
    /// Did it end?
    pub state: RunState,
    /// Epochs that its configuration asks for.
    pub n_epochs: Option<usize>,
    /// The resolved configuration, text of `config.toml`.
    pub config_text: String,
    /// The same as dotted keys and their values in TOML; without `name` and `seeds`.
    pub config: BTreeMap<String, String>,
    /// What it was made with: the entries of `versions.json`.
    pub versions: BTreeMap<String, String>,
    /// What it learned, epoch by epoch.
    pub curve: Curve,
    /// Mean return of the final deterministic evaluation.
    pub evaluation: Option<f64>,
    /// What its returns can be held against, where that is known.
    pub reference: Option<Reference>,
}

/// Exact returns of the environment: the entries of `reference.json`.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
pub struct Reference {
    /// Of the uniform random policy.
    pub random: f64,
    /// Of the best policy.
    pub optimal: f64,
}

impl Run {
    /// Share of the way from the random policy (0) to the best one (1) at which the final return lies.
    pub fn share_of_optimal(&self) -> Option<f64> {
        self.reference?.share(self.curve.final_return()?)
    }
}

impl Reference {
    /// Share of the way from the random policy (0) to the best one (1) at which a return lies; `None` where there is
    /// no way between them.
    pub fn share(&self, value: f64) -> Option<f64> {
        let way = self.optimal - self.random;
        (way > 0.0).then_some((value - self.random) / way)
    }
}

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It has its final evaluation and every epoch.
    Finished,
    /// It is under way, or was stopped.
    Unfinished,
    /// It says that it is finished, but parts are missing or cannot be read.
    Damaged,
}

impl RunState {
    /// As a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Unfinished => "unfinished",
            Self::Damaged => "damaged",
        }
    }
}

/// Columns of `progress.csv` and `timing.csv`, each `[n_epochs]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Environment steps at the end of each epoch, pre-training included where the run counted it.
    pub steps: Vec<f64>,
    /// Seconds of training at the end of each epoch; empty without `timing.csv`.
    pub seconds: Vec<f64>,
    /// Mean return of the episodes that ended in the epoch.
    pub returns: Vec<Option<f64>>,
    /// Mean return of the last 10 episodes.
    pub recent_returns: Vec<Option<f64>>,
    /// Mean return of the epoch's deterministic evaluation.
    pub evaluations: Vec<Option<f64>>,
}

/// Which return a curve shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metric {
    /// Mean of the last 10 training episodes: the paper's axis.
    #[default]
    RecentReturn,
    /// Mean of the training episodes that ended in the epoch.
    EpochReturn,
    /// Deterministic evaluation.
    Evaluation,
}

/// What a curve is drawn over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum XAxis {
    /// Environment steps.
    #[default]
    Steps,
    /// Seconds of training.
    WallTime,
}

impl Curve {
    /// Finished epochs.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Is there no epoch?
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The chosen return, `[n_epochs]`.
    pub fn values(&self, metric: Metric) -> &[Option<f64>] {
        match metric {
            Metric::RecentReturn => &self.recent_returns,
            Metric::EpochReturn => &self.returns,
            Metric::Evaluation => &self.evaluations,
        }
    }

    /// What the axis shows, `[n_epochs]`; empty where it was not recorded.
    pub fn x(&self, axis: XAxis) -> &[f64] {
        match axis {
            XAxis::Steps => &self.steps,
            XAxis::WallTime => &self.seconds,
        }
    }

    /// Points (x, return) of the epochs that have a return.
    pub fn points(&self, axis: XAxis, metric: Metric) -> Vec<(f64, f64)> {
        let points = self.x(axis).iter().zip(self.values(metric));
        points.filter_map(|(&x, value)| value.map(|value| (x, value))).collect()
    }

    /// Average over the last 10 % of epochs (at least one) of the epoch's mean return.
    pub fn final_return(&self) -> Option<f64> {
        let last = self.returns.len().div_ceil(10);
        let returns: Vec<f64> = self.returns[self.returns.len() - last..].iter().copied().flatten().collect();
        crate::statistics::mean(&returns)
    }

    /// Area under the return over steps (trapezoids), divided by the steps: the average return while learning.
    pub fn area(&self) -> Option<f64> {
        let points = self.points(XAxis::Steps, Metric::EpochReturn);
        let (first, last) = (points.first()?, points.last()?);
        if last.0 <= first.0 {
            return Some(first.1);
        }
        let area: f64 = points.windows(2).map(|p| (p[1].0 - p[0].0) * (p[0].1 + p[1].1) / 2.0).sum();
        Some(area / (last.0 - first.0))
    }

    /// Mean return of each epoch and the nine before it, from the tenth epoch with a return on: (steps, return).
    ///
    /// Of fewer than ten, one point: the mean of all.
    pub fn smoothed(&self) -> Vec<(f64, f64)> {
        let points = self.points(XAxis::Steps, Metric::EpochReturn);
        let width = SMOOTHING.min(points.len()).max(1);
        let mean = |window: &[(f64, f64)]| window.iter().map(|point| point.1).sum::<f64>() / width as f64;
        points.windows(width).map(|window| (window[width - 1].0, mean(window))).collect()
    }

    /// Steps until the [smoothed](Self::smoothed) return is at least `threshold` for the first time.
    pub fn steps_to(&self, threshold: f64) -> Option<f64> {
        self.smoothed().into_iter().find(|&(_, value)| value >= threshold).map(|(steps, _)| steps)
    }
}

/// Epochs over which a return is averaged before it is compared with a threshold.
pub(crate) const SMOOTHING: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(returns: &[f64]) -> Curve {
        Curve {
            steps: (1..=returns.len()).map(|epoch| 100.0 * epoch as f64).collect(),
            returns: returns.iter().copied().map(Some).collect(),
            ..Curve::default()
        }
    }

    #[test]
    fn final_return_averages_the_last_tenth_rounded_up() {
        let mut curve = curve(&(0..21).map(f64::from).collect::<Vec<_>>());
        assert_eq!(curve.final_return(), Some(19.0));
        curve.returns[19] = None;
        assert_eq!(curve.final_return(), Some(19.0));
        curve.returns[20] = None;
        assert_eq!(curve.final_return(), Some(18.0));
        assert_eq!(Curve::default().final_return(), None);
    }

    #[test]
    fn area_is_the_average_return_over_steps() {
        let mut curve = curve(&[0.0, 1.0, 1.0]);
        assert_eq!(curve.area(), Some(0.75));
        curve.steps = vec![0.0, 100.0, 400.0];
        assert_eq!(curve.area(), Some(0.875));
        curve.returns[1] = None;
        assert_eq!(curve.area(), Some(0.5));
        assert_eq!(Curve::default().area(), None);
    }

    #[test]
    fn threshold_is_met_by_the_mean_of_ten_epochs() {
        let mut returns = vec![0.0; 12];
        returns.extend([1.0; 10]);
        let curve = curve(&returns);
        assert_eq!(curve.steps_to(0.5), Some(1700.0));
        assert_eq!(curve.steps_to(1.0), Some(2200.0));
        assert_eq!(curve.steps_to(1.1), None);
        assert_eq!(curve.smoothed().len(), 13);
    }

    #[test]
    fn short_curve_is_one_mean() {
        assert_eq!(curve(&[1.0, 2.0]).smoothed(), [(200.0, 1.5)]);
        assert!(Curve::default().smoothed().is_empty());
    }
}
