use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{performance_profile, probability_of_improvement, quantile, trimmed_mean};

/// An interval of confidence.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Percentile bootstrap, stratified by task: each task's runs are drawn again with replacement.
///
/// The same scores, settings and seed give the same interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Resamples; default 10,000.
    pub reps: usize,
    /// Coverage; default 0.95.
    pub level: f64,
    /// Seed of the resampling; default 0.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { reps: 10_000, level: 0.95, seed: 0 }
    }
}

impl Bootstrap {
    /// Interval of the mean over all runs; `None` where no task has two runs.
    pub fn mean(&self, tasks: &[Vec<f64>]) -> Option<Interval> {
        self.interval(tasks, |runs| super::mean(runs).unwrap_or(f64::NAN))
    }

    /// Interval of the interquartile mean over all runs; `None` where no task has two runs.
    pub fn interquartile_mean(&self, tasks: &[Vec<f64>]) -> Option<Interval> {
        self.interval(tasks, |runs| trimmed_mean(runs).unwrap_or(f64::NAN))
    }

    /// Interval of the median over all runs, whose values and ends may be infinite; `None` where no task has two runs.
    pub fn median(&self, tasks: &[Vec<f64>]) -> Option<Interval> {
        self.interval(tasks, |runs| super::median(runs).unwrap_or(f64::NAN))
    }

    /// Interval of [`probability_of_improvement`]; `None` where that is, or where no task has two runs.
    pub fn probability_of_improvement(&self, x: &[Vec<f64>], y: &[Vec<f64>]) -> Option<Interval> {
        probability_of_improvement(x, y)?;
        if !resampling_matters(x) && !resampling_matters(y) {
            return None;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let (mut drawn_x, mut drawn_y) = (x.to_vec(), y.to_vec());
        let estimates = (0..self.reps).filter_map(|_| {
            draw(x, &mut drawn_x, &mut rng);
            draw(y, &mut drawn_y, &mut rng);
            probability_of_improvement(&drawn_x, &drawn_y)
        });
        self.of_estimates(estimates.collect())
    }

    /// Interval of [`performance_profile`] at every threshold; empty where no task has two runs.
    pub fn performance_profile(&self, tasks: &[Vec<f64>], thresholds: &[f64]) -> Vec<Interval> {
        if !resampling_matters(tasks) {
            return Vec::new();
        }
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut drawn = tasks.to_vec();
        let mut estimates = vec![Vec::with_capacity(self.reps); thresholds.len()];
        for _ in 0..self.reps {
            draw(tasks, &mut drawn, &mut rng);
            for (estimates, share) in estimates.iter_mut().zip(performance_profile(&drawn, thresholds)) {
                estimates.push(share);
            }
        }
        estimates.into_iter().filter_map(|estimates| self.of_estimates(estimates)).collect()
    }

    /// Interval of `statistic` at every point of whole curves drawn together, `curves[run][point]`.
    ///
    /// Empty below two runs.
    pub fn curves(&self, curves: &[Vec<f64>], statistic: impl Fn(&mut [f64]) -> f64) -> Vec<Interval> {
        if curves.len() < 2 {
            return Vec::new();
        }
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let n_points = curves.iter().map(Vec::len).min().unwrap_or(0);
        let chosen: Vec<usize> =
            (0..self.reps * curves.len()).map(|_| rng.random_range(0..curves.len())).collect();
        let mut runs = vec![0.0; curves.len()];
        let interval_at = |point: usize| {
            let estimates = chosen.chunks(curves.len()).map(|chosen| {
                for (run, &index) in runs.iter_mut().zip(chosen) {
                    *run = curves[index][point];
                }
                statistic(&mut runs)
            });
            self.of_estimates(estimates.collect())
        };
        (0..n_points).filter_map(interval_at).collect()
    }

    /// The middle `level` of a statistic's values over resamples; `None` of nothing.
    pub fn of_estimates(&self, mut estimates: Vec<f64>) -> Option<Interval> {
        estimates.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        Some(Interval { low: quantile(&estimates, tail)?, high: quantile(&estimates, 1.0 - tail)? })
    }

    fn interval(&self, tasks: &[Vec<f64>], statistic: impl Fn(&mut [f64]) -> f64) -> Option<Interval> {
        if !resampling_matters(tasks) {
            return None;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut runs = Vec::new();
        let estimates = (0..self.reps).map(|_| {
            runs.clear();
            for task in tasks.iter().filter(|task| !task.is_empty()) {
                runs.extend((0..task.len()).map(|_| task[rng.random_range(0..task.len())]));
            }
            statistic(&mut runs)
        });
        self.of_estimates(estimates.collect())
    }
}

/// One run alone says nothing of the spread between runs.
fn resampling_matters(tasks: &[Vec<f64>]) -> bool {
    tasks.iter().any(|task| task.len() > 1)
}

fn draw(tasks: &[Vec<f64>], drawn: &mut [Vec<f64>], rng: &mut ChaCha8Rng) {
    for (task, drawn) in tasks.iter().zip(drawn).filter(|(task, _)| !task.is_empty()) {
        drawn.fill_with(|| task[rng.random_range(0..task.len())]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_is_cut_between_the_sorted_estimates() {
        let estimates: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(
            Bootstrap { level: 0.5, ..Bootstrap::default() }.of_estimates(estimates),
            Some(Interval { low: 25.0, high: 75.0 })
        );
    }

    #[test]
    fn two_runs_give_the_interval_between_them() {
        let interval = Bootstrap::default().mean(&[vec![0.0, 1.0]]);
        assert_eq!(interval, Some(Interval { low: 0.0, high: 1.0 }));
    }

    #[test]
    fn each_task_keeps_its_number_of_runs() {
        let tasks = [vec![0.0, 0.0, 0.0], vec![8.0, 8.0]];
        assert_eq!(Bootstrap::default().mean(&tasks), Some(Interval { low: 3.2, high: 3.2 }));
    }

    #[test]
    fn one_run_has_no_interval() {
        let bootstrap = Bootstrap::default();
        assert_eq!(bootstrap.interquartile_mean(&[vec![1.0]]), None);
        assert_eq!(bootstrap.probability_of_improvement(&[vec![1.0]], &[vec![0.0]]), None);
        assert!(bootstrap.performance_profile(&[vec![1.0]], &[0.0]).is_empty());
        assert!(bootstrap.curves(&[vec![1.0]], |_| 0.0).is_empty());
    }

    #[test]
    fn seed_decides_the_interval() {
        let tasks = [(0..30).map(|i| f64::from(i * i)).collect()];
        let of = |seed| Bootstrap { reps: 200, seed, ..Bootstrap::default() }.interquartile_mean(&tasks);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn curves_are_drawn_whole() {
        let curves = [vec![0.0, 1.0], vec![1.0, 2.0]];
        let intervals = Bootstrap::default().curves(&curves, |runs| runs.iter().sum::<f64>() / 2.0);
        assert_eq!(intervals, [Interval { low: 0.0, high: 1.0 }, Interval { low: 1.0, high: 2.0 }]);
    }
}
