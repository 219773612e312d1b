use super::{Experiment, Options};
use crate::run::{Curve, XAxis};
use crate::statistics::{Interval, interquartile_mean, mean, standard_deviation};

/// Columns of [`Experiment::series_csv`].
const COLUMNS: &str = "epoch,steps,seconds,runs,mean,sd,iqm,low,high\n";

/// Return over the runs that count, at one epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesRow {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Environment steps at its end.
    pub steps: f64,
    /// Seconds of training at its end, mean over runs; `None` where a run did not record them.
    pub seconds: Option<f64>,
    /// Runs with a return since the row before.
    pub n_runs: usize,
    /// Mean over runs of the mean return since the row before.
    pub mean: Option<f64>,
    /// Sample standard deviation over runs.
    pub sd: Option<f64>,
    /// Interquartile mean over runs.
    pub iqm: Option<f64>,
    /// Bootstrap interval of the interquartile mean.
    pub interval: Option<Interval>,
}

impl Experiment {
    /// What was learnt over the epochs that all counted runs have, in at most `n_rows` rows of as many
    /// epochs each (the last may be shorter).
    pub fn series(&self, n_rows: usize, options: &Options) -> Vec<SeriesRow> {
        let curves = self.curves();
        let n_epochs = curves.iter().map(|curve| curve.len()).min().unwrap_or(0);
        let width = n_epochs.div_ceil(n_rows.max(1)).max(1);
        (0..n_epochs)
            .step_by(width)
            .map(|first| row(&curves, first, (first + width).min(n_epochs), options))
            .collect()
    }

    /// [`Experiment::series`] as CSV: epoch, steps, seconds, runs, mean, sd, iqm, low, high.
    pub fn series_csv(&self, n_rows: usize, options: &Options) -> String {
        let line = |row: SeriesRow| {
            let ends = row.interval.map_or([None; 2], |interval| [Some(interval.low), Some(interval.high)]);
            let figures = [row.mean, row.sd, row.iqm, ends[0], ends[1]].map(cell).join(",");
            let seconds = row.seconds.map(|seconds| format!("{seconds:.1}")).unwrap_or_default();
            format!("{},{},{seconds},{},{figures}\n", row.epoch, row.steps, row.n_runs)
        };
        self.series(n_rows, options).into_iter().map(line).fold(COLUMNS.to_owned(), |text, line| text + &line)
    }
}

/// Four decimals at most; nothing where there is no number.
pub(super) fn cell(value: Option<f64>) -> String {
    value.map(|value| ((value * 1e4).round() / 1e4).to_string()).unwrap_or_default()
}

fn row(curves: &[&Curve], first: usize, end: usize, options: &Options) -> SeriesRow {
    let since =
        |curve: &&Curve| mean(&curve.returns[first..end].iter().copied().flatten().collect::<Vec<_>>());
    let returns: Vec<f64> = curves.iter().filter_map(since).collect();
    let at_end =
        |axis| curves.iter().map(|curve| curve.x(axis).get(end - 1).copied()).collect::<Option<Vec<_>>>();
    SeriesRow {
        epoch: end,
        steps: at_end(XAxis::Steps).and_then(|steps| mean(&steps)).unwrap_or_default(),
        seconds: at_end(XAxis::WallTime).and_then(|seconds| mean(&seconds)),
        n_runs: returns.len(),
        mean: mean(&returns),
        sd: standard_deviation(&returns),
        iqm: interquartile_mean(&returns),
        interval: options.bootstrap.interquartile_mean(&[returns]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(returns: &[f64]) -> Curve {
        Curve {
            steps: (1..=returns.len()).map(|epoch| 10.0 * epoch as f64).collect(),
            seconds: (1..=returns.len()).map(|epoch| epoch as f64).collect(),
            returns: returns.iter().copied().map(Some).collect(),
            ..Curve::default()
        }
    }

    #[test]
    fn rows_average_their_epochs_within_each_run_first() {
        let curves = [curve(&[0.0, 2.0, 4.0, 6.0, 9.0]), curve(&[2.0, 4.0, 6.0, 8.0])];
        let curves: Vec<&Curve> = curves.iter().collect();
        let row = row(&curves, 2, 4, &Options::default());
        assert_eq!((row.epoch, row.steps, row.seconds, row.n_runs), (4, 40.0, Some(4.0), 2));
        assert_eq!((row.mean, row.sd, row.iqm), (Some(6.0), Some(2.0_f64.sqrt()), Some(6.0)));
        assert_eq!(row.interval, Some(Interval { low: 5.0, high: 7.0 }));
    }
}
