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

impl Experiment {
    /// Name of its series as a file, without `.csv`: its own, a `_` for every `/`.
    pub fn file_name(&self) -> String {
        file_name(&self.name)
    }
}

pub(super) fn file_name(experiment: &str) -> String {
    experiment.replace(['/', '\\'], "_")
}

impl SeriesRow {
    /// The rows that [`Experiment::series_csv`] wrote.
    ///
    /// # Errors
    /// Another table, with the line that is wrong.
    pub fn parse(text: &str) -> Result<Vec<Self>, String> {
        let (head, rows) = text.split_once('\n').unwrap_or((text, ""));
        let (head, expected) = (head.trim_end(), COLUMNS.trim_end());
        if head != expected {
            return Err(format!("line 1 is {head:?}, expected {expected:?}"));
        }
        if rows.trim().is_empty() {
            return Err("holds no row".to_owned());
        }
        let row = |(i, line): (usize, &str)| {
            Self::cells(line).ok_or_else(|| format!("line {} is {line:?}, expected nine numbers", i + 2))
        };
        rows.lines().enumerate().map(row).collect()
    }

    fn cells(line: &str) -> Option<Self> {
        let cells: Vec<&str> = line.split(',').collect();
        let [epoch, steps, seconds, runs, mean, sd, iqm, low, high] = cells[..] else { return None };
        let number = |cell: &str| match cell {
            "" => Some(None),
            _ => cell.parse().ok().filter(|value: &f64| value.is_finite()).map(Some),
        };
        let interval = number(low)?.zip(number(high)?).map(|(low, high)| Interval { low, high });
        Some(Self {
            epoch: epoch.parse().ok()?,
            steps: number(steps)??,
            seconds: number(seconds)?,
            n_runs: runs.parse().ok()?,
            mean: number(mean)?,
            sd: number(sd)?,
            iqm: number(iqm)?,
            interval,
        })
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
    fn what_was_written_is_read_again() {
        let text = format!("{COLUMNS}3,34500,0.1,5,-3.5622,0.25,-3.5,-3.75,-3.25\n6,39000,,0,,,,,\n");
        let rows = SeriesRow::parse(&text).expect("a series");
        assert_eq!(rows.len(), 2);
        assert_eq!(
            (rows[0].epoch, rows[0].steps, rows[0].seconds, rows[0].n_runs),
            (3, 34500.0, Some(0.1), 5)
        );
        assert_eq!((rows[0].mean, rows[0].sd, rows[0].iqm), (Some(-3.5622), Some(0.25), Some(-3.5)));
        assert_eq!(rows[0].interval, Some(Interval { low: -3.75, high: -3.25 }));
        assert_eq!((rows[1].mean, rows[1].interval), (None, None));
    }

    #[test]
    fn another_table_is_told_by_its_line() {
        assert_eq!(SeriesRow::parse(COLUMNS), Err("holds no row".to_owned()));
        assert!(
            SeriesRow::parse("a,b\n").is_err_and(|error| error.starts_with("line 1 is \"a,b\", expected"))
        );
        for row in ["3,1,0,5,NaN,1,1,1,1", "3,1", "x,1,0,5,1,1,1,1,1", "3,,0,5,1,1,1,1,1"] {
            let error = SeriesRow::parse(&format!("{COLUMNS}{row}\n")).expect_err(row);
            assert_eq!(error, format!("line 2 is {row:?}, expected nine numbers"));
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
