//! Figures as tables for people, spreadsheets and papers.

mod format;
mod kept;
mod number;

use std::fmt;
use std::str::FromStr;

pub(crate) use number::{figure, steps};

use crate::report::{Estimate, Options, Reach, Report};
use crate::statistics::Interval;

/// Name of the column that says how much of the way from the random to the best policy was made.
pub(crate) const OF_OPTIMAL: &str = "% of optimal";

/// How a table is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns for a terminal.
    #[default]
    Terminal,
    /// Comma-separated, every number in full precision in a column of its own.
    Csv,
    /// Markdown.
    Markdown,
    /// LaTeX, for the package `booktabs`.
    Latex,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "terminal" => Ok(Self::Terminal),
            "csv" => Ok(Self::Csv),
            "markdown" => Ok(Self::Markdown),
            "latex" => Ok(Self::Latex),
            _ => Err(format!("format is {name}, expected terminal, csv, markdown or latex")),
        }
    }
}

/// Rows of figures under named columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it shows, and how it was made.
    pub caption: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows, each as long as the columns.
    pub rows: Vec<Vec<Cell>>,
}

/// One place in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Runs that count, of all.
    Runs(usize, usize),
    /// Mean ± standard deviation.
    Spread(Option<f64>, Option<f64>),
    /// A figure and its interval.
    Interval(Option<f64>, Option<Interval>),
    /// Median steps and their interval, which may be endless above; runs that got there, runs that count.
    Steps(Option<f64>, Option<Interval>, usize, usize),
    /// Steps, once.
    Count(Option<f64>),
}

impl Table {
    /// Writes it out, ending in a newline.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Terminal => format::terminal(self),
            Format::Csv => format::csv(self),
            Format::Markdown => format::markdown(self),
            Format::Latex => format::latex(self),
        }
    }
}

impl Cell {
    /// The number by which it sorts; `None` for words and where there is none.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Runs(counted, _) => Some(*counted as f64),
            Self::Spread(number, _)
            | Self::Interval(number, _)
            | Self::Steps(number, ..)
            | Self::Count(number) => *number,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format::text(self))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Format::Terminal))
    }
}

impl Report {
    /// A row for each experiment.
    pub fn table(&self) -> Table {
        let reach = self
            .experiments
            .first()
            .map(|experiment| experiment.summary.steps_to.as_slice())
            .unwrap_or_default();
        let mut columns: Vec<String> =
            ["task", "experiment", "runs", "final return", "interquartile mean"].map(str::to_owned).into();
        columns.extend(self.knows_optimum().then(|| OF_OPTIMAL.to_owned()));
        columns.extend(["evaluation", "average return"].map(str::to_owned));
        columns.extend(reach.iter().map(|reach| format!("steps to {}", reach.name)));
        columns.push("seconds".to_owned());
        let level = 100.0 * self.options.bootstrap.level;
        let of_optimal = if self.knows_optimum() {
            " % of optimal: where the final return lies on the way from the random policy's exact return (0) to the \
             best policy's (100);"
        } else {
            ""
        };
        let caption = format!(
            "Final return: average over the last 10 % of epochs, mean ± sample standard deviation (ddof 1) over runs; \
             interquartile mean of the same with its {level} % bootstrap interval;{of_optimal} deterministic \
             evaluation at the end; average return while learning (area under the curve over steps); median steps until the mean \
             return of 10 epochs reaches a level between the return at the start and the best final return of the \
             task, with its {level} % bootstrap interval and the number of runs that reach it; seconds of training."
        );
        Table {
            caption,
            columns,
            rows: self.experiments.iter().map(|experiment| self.row(experiment)).collect(),
        }
    }

    /// A row for each pair of experiments of one task; the one with the higher mean stands first.
    pub fn comparison_table(&self) -> Table {
        let name = |i: usize| Cell::Text(self.experiments[i].name.clone());
        let rows = self.comparisons.iter().map(|comparison| {
            let task = &self.tasks[self.experiments[comparison.x].task].title;
            let probability = Cell::Interval(Some(comparison.probability), comparison.interval);
            vec![Cell::Text(task.clone()), name(comparison.x), name(comparison.y), probability]
        });
        comparisons(rows.collect(), &self.options, ".")
    }

    fn row(&self, experiment: &crate::report::Experiment) -> Vec<Cell> {
        let summary = &experiment.summary;
        let spread = |estimate: &Estimate| Cell::Spread(estimate.mean, estimate.sd);
        let reach = |reach: &Reach| Cell::Steps(reach.median, reach.interval, reach.reached, reach.of);
        let mut row = vec![
            Cell::Text(self.tasks[experiment.task].title.clone()),
            Cell::Text(experiment.name.clone()),
            Cell::Runs(summary.n_runs, experiment.runs.len()),
            spread(&summary.final_return),
            Cell::Interval(summary.final_return.iqm, summary.final_return.interval),
        ];
        row.extend(self.knows_optimum().then(|| spread(&summary.of_optimal)));
        row.extend([spread(&summary.evaluation), spread(&summary.area)]);
        row.extend(summary.steps_to.iter().map(reach));
        row.push(spread(&summary.seconds));
        row
    }
}

/// Rows of a task, X, Y and the probability; `more` ends the caption.
fn comparisons(rows: Vec<Vec<Cell>>, options: &Options, more: &str) -> Table {
    let level = 100.0 * options.bootstrap.level;
    Table {
        caption: format!(
            "Probability that a run of X ends higher than a run of Y, ties counting half, with its {level} % \
             bootstrap interval{more}"
        ),
        columns: ["task", "X", "Y", "P(X > Y)"].map(str::to_owned).into(),
        rows,
    }
}
