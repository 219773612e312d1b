use super::{Cell, OF_OPTIMAL, Table};
use crate::figure::{Figure, FigurePanel, KeptCurve};
use crate::report::{Estimate, Options, Scale, SeriesRow};
use crate::statistics::{mean, probability_of_improvement};

/// Share of the way that counts as learnt.
const LEARNT: f64 = 0.9;

impl Figure {
    /// A row for each curve.
    pub fn table(&self, options: &Options) -> Table {
        let known = self.panels.iter().any(|panel| panel.reference.is_some());
        let mut columns: Vec<String> =
            ["task", "method", "seeds", "final return", "interquartile mean"].map(str::to_owned).into();
        columns.extend(known.then(|| OF_OPTIMAL.to_owned()));
        columns.extend(["steps to 90 %", "seconds"].map(str::to_owned));
        let level = 100.0 * options.bootstrap.level;
        let of_optimal = match known {
            true => {
                " % of optimal: where the final return lies on the way from the random policy (0) to the best (100);"
            }
            false => "",
        };
        let caption = format!(
            "Final return: average over the last 10 % of epochs, mean ± sample standard deviation (ddof 1) over seeds; \
             interquartile mean of the same with its {level} % bootstrap interval (neither where only the mean curve was \
             kept);{of_optimal} steps until the interquartile mean of the curve is {LEARNT} of the way from where \
             the task's methods begin to the best final return among them; seconds of training."
        );
        let rows = self.panels.iter().flat_map(|panel| {
            let level = scale(panel).and_then(|scale| scale.level(LEARNT));
            panel.curves.iter().map(move |curve| row(panel, curve, level, known, options))
        });
        Table { caption, columns, rows: rows.collect() }
    }

    /// A row for each pair of curves of one panel whose ends were kept; the one with the higher mean stands first.
    pub fn comparison_table(&self, options: &Options) -> Table {
        let mut rows = Vec::new();
        for panel in &self.panels {
            let mut curves: Vec<(&KeptCurve, Vec<f64>)> =
                panel.curves.iter().map(|curve| (curve, curve.final_returns())).collect();
            curves.retain(|(_, ends)| !ends.is_empty());
            curves.sort_by(|a, b| mean(&b.1).unwrap_or_default().total_cmp(&mean(&a.1).unwrap_or_default()));
            for (i, (x, above)) in curves.iter().enumerate() {
                for (y, below) in &curves[i + 1..] {
                    let (above, below) = ([above.clone()], [below.clone()]);
                    let probability = Cell::Interval(
                        probability_of_improvement(&above, &below),
                        options.bootstrap.probability_of_improvement(&above, &below),
                    );
                    let [x, y] = [x, y].map(|curve| Cell::Text(curve.label.clone()));
                    rows.push(vec![Cell::Text(panel.title.clone()), x, y, probability]);
                }
            }
        }
        let level = 100.0 * options.bootstrap.level;
        Table {
            caption: format!(
                "Probability that a run of X ends higher than a run of Y, ties counting half, with its {level} % \
                 bootstrap interval."
            ),
            columns: ["task", "X", "Y", "P(X > Y)"].map(str::to_owned).into(),
            rows,
        }
    }
}

impl KeptCurve {
    /// Final return of each run whose end was kept.
    pub fn final_returns(&self) -> Vec<f64> {
        self.ends.iter().map(|end| end.final_return).collect()
    }

    /// Final return, over the runs whose ends were kept, else of the mean curve: the average over its rows of
    /// the last 10 % of epochs.
    fn final_return(&self, options: &Options) -> Estimate {
        if !self.ends.is_empty() {
            return Estimate::new(&self.final_returns(), options);
        }
        let n_epochs = self.rows.last().map_or(0, |row| row.epoch);
        let last = self.rows.iter().filter(|row| row.epoch > n_epochs - n_epochs.div_ceil(10));
        let means: Vec<f64> = last.filter_map(|row| row.mean).collect();
        Estimate { mean: mean(&means), ..Estimate::default() }
    }

    fn seconds(&self) -> Estimate {
        let seconds: Vec<f64> = self.ends.iter().filter_map(|end| end.seconds).collect();
        let of_series = || self.rows.last().and_then(|row| row.seconds);
        Estimate { mean: mean(&seconds).or_else(of_series), ..Estimate::default() }
    }

    /// Steps at the end of the first row whose interquartile mean is at least `level`.
    fn steps_to(&self, level: f64) -> Option<f64> {
        let reached = |row: &&SeriesRow| row.iqm.is_some_and(|iqm| iqm >= level);
        self.rows.iter().find(reached).map(|row| row.steps)
    }
}

fn scale(panel: &FigurePanel) -> Option<Scale> {
    let first = |curve: &KeptCurve| curve.rows.iter().find_map(|row| row.mean);
    let starts: Vec<f64> = panel.curves.iter().filter_map(first).collect();
    let ends = panel.curves.iter().filter_map(|curve| curve.final_return(&Options::default()).mean);
    Some(Scale { start: mean(&starts)?, best: ends.reduce(f64::max)? })
}

fn row(
    panel: &FigurePanel,
    curve: &KeptCurve,
    level: Option<f64>,
    known: bool,
    options: &Options,
) -> Vec<Cell> {
    let final_return = curve.final_return(options);
    let n_runs = curve.n_runs();
    let mut row = vec![
        Cell::Text(panel.title.clone()),
        Cell::Text(curve.label.clone()),
        Cell::Runs(n_runs, n_runs),
        Cell::Spread(final_return.mean, final_return.sd),
        Cell::Interval(final_return.iqm, final_return.interval),
    ];
    let share = |value: f64| Some(100.0 * panel.reference?.share(value)?);
    let shares: Vec<f64> = match curve.ends.is_empty() {
        true => final_return.mean.and_then(share).into_iter().collect(),
        false => curve.final_returns().into_iter().filter_map(share).collect(),
    };
    let shares = Estimate::new(&shares, options);
    row.extend(known.then_some(Cell::Spread(shares.mean, shares.sd)));
    let steps = level.and_then(|level| curve.steps_to(level));
    let reached = usize::from(steps.is_some());
    row.extend([Cell::Steps(steps, None, reached, reached), Cell::Spread(curve.seconds().mean, None)]);
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::KeptEnd;
    use crate::run::Reference;
    use crate::statistics::Interval;

    fn rows(values: &[f64]) -> Vec<SeriesRow> {
        let row = |(i, &value): (usize, &f64)| SeriesRow {
            epoch: i + 1,
            steps: 100.0 * (i + 1) as f64,
            seconds: Some(0.5 * (i + 1) as f64),
            n_runs: 4,
            mean: Some(value),
            sd: Some(0.1),
            iqm: Some(value),
            interval: Some(Interval { low: value, high: value }),
        };
        values.iter().enumerate().map(row).collect()
    }

    fn end(final_return: f64) -> KeptEnd {
        KeptEnd { final_return, seconds: Some(3.0) }
    }

    fn figure() -> Figure {
        let up: Vec<f64> = (0..20).map(f64::from).collect();
        let curves = vec![
            KeptCurve { label: "A".to_owned(), rows: rows(&up), ends: vec![] },
            KeptCurve {
                label: "B".to_owned(),
                rows: rows(&[0.0, 1.0]),
                ends: [1.0, 2.0, 3.0, 8.0].map(end).into(),
            },
            KeptCurve { label: "C".to_owned(), rows: rows(&[0.0, 1.0]), ends: [4.0, 5.0].map(end).into() },
        ];
        let reference = Some(Reference { random: 0.0, optimal: 20.0 });
        Figure { panels: vec![FigurePanel { title: "task".to_owned(), curves, reference }], columns: 1 }
    }

    #[test]
    fn rows_hold_what_was_kept() {
        let table = figure().table(&Options::default());
        let told: Vec<Vec<String>> =
            table.rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        // The last two of twenty: 18.5; 90 % of the way to it, 16.65, is reached by the row of 17.
        assert_eq!(told[0], ["task", "A", "4", "18.50", "–", "92.50", "1.8k", "10.00"]);
        assert_eq!(told[1][..4], ["task", "B", "4", "3.50 ± 3.11"]);
        assert!(told[1][4].starts_with("2.50 ["), "{told:?}");
        assert_eq!(told[1][5..], ["17.50 ± 15.55", "–", "3.00"]);
        assert_eq!(table.columns.len(), told[0].len());
    }

    #[test]
    fn pairs_are_compared_where_ends_were_kept() {
        let table = figure().comparison_table(&Options::default());
        assert_eq!(table.rows.len(), 1);
        assert_eq!(table.rows[0][1..3], ["C", "B"].map(|label| Cell::Text(label.to_owned())));
        assert_eq!(table.rows[0][3].number(), Some(0.75));
    }
}
