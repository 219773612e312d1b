use super::{Cell, OF_OPTIMAL, Table, comparisons};
use crate::figure::{Figure, FigurePanel, KeptCurve};
use crate::report::{Estimate, Options, SeriesRow};
use crate::run::SMOOTHING;
use crate::statistics::{mean, probability_of_improvement, standard_deviation};

/// Share of the way that counts as learnt.
const LEARNT: f64 = 0.9;

impl Figure {
    /// A row for each curve.
    pub fn table(&self, options: &Options) -> Table {
        let known = self.panels.iter().any(|panel| panel.reference.is_some());
        let mut columns: Vec<String> =
            ["task", "method", "seeds", "steps", "final return", "interquartile mean"]
                .map(str::to_owned)
                .into();
        columns.extend(known.then(|| OF_OPTIMAL.to_owned()));
        columns.extend(["steps to 90 % of the best", "seconds"].map(str::to_owned));
        let level = 100.0 * options.bootstrap.level;
        let of_optimal = match known {
            true => {
                " % of optimal: where the final return lies on the way from the random policy (0) to the best (100);"
            }
            false => "",
        };
        let caption = format!(
            "Steps of a run, pre-training samples included where they count; final return: average over the last 10 % of epochs, \
             mean ± sample standard deviation (ddof 1) over seeds (of several seeds without ±: of the mean curve, an \
             approximation); interquartile mean of the same with its {level} % bootstrap interval;{of_optimal} steps \
             until the curve of the interquartile mean, averaged over {SMOOTHING} epochs, is for the first time 90 % of the way \
             from where the task's lowest curve begins to the highest final interquartile mean, where that is more than \
             the seeds' deviation at the beginning and a tenth of the way from the random policy to the best; seconds of training."
        );
        let rows = self.panels.iter().flat_map(|panel| {
            let ends: Vec<Estimate> = panel.curves.iter().map(|curve| curve.final_return(options)).collect();
            let level = panel.level(&ends);
            panel.curves.iter().zip(ends).map(move |(curve, end)| row(panel, curve, end, level, known))
        });
        Table { caption, columns, rows: rows.collect() }
    }

    /// A row for each pair of curves of one panel, of as many epochs, whose ends are known; the one with the higher
    /// mean stands first.
    pub fn comparison_table(&self, options: &Options) -> Table {
        let mut rows = Vec::new();
        for panel in &self.panels {
            let mut curves: Vec<(&KeptCurve, f64)> = panel
                .curves
                .iter()
                .filter_map(|curve| Some((curve, mean(&curve.final_returns())?)))
                .collect();
            curves.sort_by(|a, b| b.1.total_cmp(&a.1));
            for (i, (x, _)) in curves.iter().enumerate() {
                for (y, _) in curves[i + 1..].iter().filter(|(y, _)| y.n_epochs() == x.n_epochs()) {
                    let [above, below] = [x, y].map(|curve| [curve.final_returns()]);
                    let probability = Cell::Interval(
                        probability_of_improvement(&above, &below),
                        options.bootstrap.probability_of_improvement(&above, &below),
                    );
                    let [x, y] = [x, y].map(|curve| Cell::Text(curve.label.clone()));
                    rows.push(vec![Cell::Text(panel.title.clone()), x, y, probability]);
                }
            }
        }
        let more = "; X has the higher mean. Methods that were trained for unequal numbers of epochs are not compared.";
        comparisons(rows, options, more)
    }
}

impl FigurePanel {
    /// The return that counts as learnt; `None` where nobody came further than the seeds differ at the beginning, or
    /// a tenth of the way to the optimum. `ends`: the curves' final returns, `[n_curves]`.
    fn level(&self, ends: &[Estimate]) -> Option<f64> {
        let first: Vec<&SeriesRow> =
            self.curves.iter().filter_map(|curve| curve.rows.iter().find(|row| row.mean.is_some())).collect();
        let start = first.iter().filter_map(|row| row.mean).reduce(f64::min)?;
        let spread = mean(&first.iter().filter_map(|row| row.sd).collect::<Vec<_>>()).unwrap_or(0.0);
        let best = ends.iter().filter_map(|end| end.iqm.or(end.mean)).reduce(f64::max)?;
        let way = best - start;
        let learnt =
            self.reference.and_then(|reference| reference.share(best)).is_none_or(|share| share > 0.1);
        (learnt && way > spread).then_some(start + LEARNT * way)
    }
}

impl KeptCurve {
    /// Final return of each run whose end is known.
    pub fn final_returns(&self) -> Vec<f64> {
        self.ends.iter().map(|end| end.final_return).collect()
    }

    fn n_epochs(&self) -> usize {
        self.rows.last().map_or(0, |row| row.epoch)
    }

    /// Final return, over the runs whose ends are known, else of the mean curve: the average over its last 10 % of
    /// epochs, each weighing as much as runs finished an episode.
    fn final_return(&self, options: &Options) -> Estimate {
        if !self.ends.is_empty() {
            return Estimate::new(&self.final_returns(), options);
        }
        let from = self.n_epochs() - self.n_epochs().div_ceil(10);
        let (mut sum, mut weights, mut before) = (0.0, 0.0, 0);
        for row in &self.rows {
            let weight = (row.epoch.saturating_sub(from.max(before)) * row.n_runs) as f64;
            if let Some(mean) = row.mean {
                (sum, weights) = (sum + weight * mean, weights + weight);
            }
            before = row.epoch;
        }
        Estimate { mean: (weights > 0.0).then_some(sum / weights), ..Estimate::default() }
    }

    /// Of each run, else their mean alone.
    fn seconds(&self) -> Vec<f64> {
        match self.ends.is_empty() {
            true => self.rows.last().and_then(|row| row.seconds).into_iter().collect(),
            false => self.ends.iter().filter_map(|end| end.seconds).collect(),
        }
    }

    /// Steps at the end of the first rows, [`SMOOTHING`] epochs of them, whose interquartile means average at least
    /// `level`.
    fn steps_to(&self, level: f64) -> Option<f64> {
        let epochs = self.n_epochs().div_ceil(self.rows.len().max(1)).max(1);
        let width = SMOOTHING.div_ceil(epochs).min(self.rows.len()).max(1);
        let average = |rows: &[SeriesRow]| mean(&rows.iter().filter_map(|row| row.iqm).collect::<Vec<_>>());
        let reached = |rows: &&[SeriesRow]| average(rows).is_some_and(|iqm| iqm >= level);
        self.rows.windows(width).find(reached).map(|rows| rows[width - 1].steps)
    }
}

fn row(panel: &FigurePanel, curve: &KeptCurve, end: Estimate, level: Option<f64>, known: bool) -> Vec<Cell> {
    let n_runs = curve.n_runs();
    let told = if curve.ends.is_empty() { n_runs } else { curve.ends.len() };
    let spread = |values: &[f64]| Cell::Spread(mean(values), standard_deviation(values));
    let share = |value: f64| Some(100.0 * panel.reference?.share(value)?);
    let shares: Vec<f64> = match curve.ends.is_empty() {
        true => end.mean.and_then(share).into_iter().collect(),
        false => curve.final_returns().into_iter().filter_map(share).collect(),
    };
    let mut row = vec![
        Cell::Text(panel.title.clone()),
        Cell::Text(curve.label.clone()),
        Cell::Runs(told, n_runs),
        Cell::Count(curve.rows.last().map(|row| row.steps)),
        Cell::Spread(end.mean, end.sd),
        Cell::Interval(end.iqm, end.interval),
    ];
    row.extend(known.then(|| spread(&shares)));
    row.extend([Cell::Count(level.and_then(|level| curve.steps_to(level))), spread(&curve.seconds())]);
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::KeptEnd;
    use crate::run::Reference;
    use crate::statistics::Interval;

    fn rows(values: &[f64], sd: f64) -> Vec<SeriesRow> {
        let row = |(i, &value): (usize, &f64)| SeriesRow {
            epoch: 5 * (i + 1),
            steps: 100.0 * (i + 1) as f64,
            seconds: Some(0.5 * (i + 1) as f64),
            n_runs: 4,
            mean: Some(value),
            sd: Some(sd),
            iqm: Some(value),
            interval: Some(Interval { low: value, high: value }),
        };
        values.iter().enumerate().map(row).collect()
    }

    fn curve(label: &str, values: &[f64], ends: &[f64]) -> KeptCurve {
        let end = |&final_return: &f64| KeptEnd { final_return, seconds: Some(3.0) };
        KeptCurve {
            label: label.to_owned(),
            series: format!("{label}.csv").into(),
            rows: rows(values, 0.5),
            ends: ends.iter().map(end).collect(),
        }
    }

    fn figure(curves: Vec<KeptCurve>, optimal: f64) -> Figure {
        let reference = Some(Reference { random: 0.0, optimal });
        Figure { panels: vec![FigurePanel { title: "task".to_owned(), curves, reference }], columns: 1 }
    }

    fn learnt() -> Figure {
        let up: Vec<f64> = (0..20).map(f64::from).collect();
        let curves = vec![
            curve("A", &up, &[]),
            curve("B", &[0.0, 1.0], &[1.0, 2.0, 3.0, 8.0]),
            curve("C", &[0.0, 1.0], &[4.0, 5.0]),
        ];
        figure(curves, 20.0)
    }

    fn told(figure: &Figure) -> Vec<Vec<String>> {
        let table = figure.table(&Options::default());
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
        table.rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect()
    }

    #[test]
    fn rows_hold_what_was_kept() {
        let told = told(&learnt());
        // The last two rows of twenty are the last tenth: 18.5. 90 % of the way to it is 16.65, and the mean of
        // two rows, ten epochs, is at least that from 17 and 18 on.
        assert_eq!(told[0], ["task", "A", "4", "2k", "18.50", "–", "92.50", "1.9k", "10.00"]);
        assert_eq!(told[1][..5], ["task", "B", "4", "200", "3.50 ± 3.11"]);
        assert!(told[1][5].starts_with("2.50 ["), "{told:?}");
        assert_eq!(told[1][6..], ["17.50 ± 15.55", "–", "3.00 ± 0.000"]);
        assert_eq!(told[2][2], "2 of 4");
    }

    #[test]
    fn rows_weigh_their_epochs_and_runs() {
        let mut only = curve("A", &[0.0, 1.0, 2.0, 5.0], &[]);
        // The last row has one epoch and one run: of the last two epochs, the other is of four runs.
        (only.rows[3].epoch, only.rows[3].n_runs) = (16, 1);
        assert_eq!(only.final_return(&Options::default()).mean, Some((4.0 * 2.0 + 5.0) / 5.0));
        only.rows[3].mean = None;
        assert_eq!(only.final_return(&Options::default()).mean, Some(2.0));
    }

    #[test]
    fn noise_is_not_learnt() {
        let steps = |values: &[f64], optimal: f64| {
            told(&figure(vec![curve("A", values, &[]), curve("B", &[1.0; 4], &[])], optimal))[0][7].clone()
        };
        // Seeds differ by 0.5 at the beginning.
        assert_eq!(steps(&[1.0, 0.9, 1.4, 1.5], 2.0), "–");
        assert_eq!(steps(&[1.0, 1.0, 1.8, 1.8], 2.0), "400");
        // A tenth of the way from the random policy, which earns 0, not from where the curves begin.
        assert_eq!(steps(&[1.0, 1.0, 1.8, 1.8], 17.9), "400");
        assert_eq!(steps(&[-9.0, 1.0, 1.8, 1.8], 18.1), "–");
    }

    #[test]
    fn pairs_of_as_many_epochs_are_compared_where_ends_are_known() {
        let mut figure = learnt();
        let table = figure.comparison_table(&Options::default());
        assert_eq!(table.rows.len(), 1);
        assert_eq!(table.rows[0][1..3], ["C", "B"].map(|label| Cell::Text(label.to_owned())));
        assert_eq!(table.rows[0][3].number(), Some(0.75));
        figure.panels[0].curves[2].rows.pop();
        assert!(figure.comparison_table(&Options::default()).rows.is_empty());
    }
}
