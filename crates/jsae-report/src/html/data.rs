use serde_json::{Value, json};

use crate::picture::{Aggregate, Scatter, aggregate, lines};
use crate::report::{Experiment, Report, differing_keys};
use crate::run::{Curve, Metric, XAxis};
use crate::statistics::Bootstrap;
use crate::table::{Cell, OF_OPTIMAL, Table};

/// Points of all runs together, shared out among them between the two limits of a curve.
const POINTS: usize = 20_000;
const FEWEST: usize = 40;
const MOST: usize = 200;
/// Resamples for the interval of a curve.
const REPS: usize = 500;
/// Keys of the configuration that get a column in the table of trials.
const MOST_KEYS: usize = 12;

const AXES: [(&str, XAxis); 2] = [("steps", XAxis::Steps), ("seconds", XAxis::WallTime)];
const METRICS: [(&str, Metric); 3] =
    [("recent", Metric::RecentReturn), ("epoch", Metric::EpochReturn), ("evaluation", Metric::Evaluation)];

/// Everything that the page's script needs, safe inside a `script` element.
pub(super) fn json(report: &Report, scatters: &[Scatter]) -> String {
    let n_runs: usize = report.experiments.iter().map(|experiment| experiment.runs.len()).sum();
    let n_points = (POINTS / n_runs.max(1)).clamp(FEWEST, MOST);
    let bootstrap = Bootstrap { reps: REPS.min(report.options.bootstrap.reps), ..report.options.bootstrap };
    let tasks: Vec<Value> =
        (0..report.tasks.len()).map(|index| task(report, index, n_points, &bootstrap)).collect();
    let tables = [
        ("Experiments", report.table()),
        ("Trials", trials(report)),
        ("Comparisons", report.comparison_table()),
    ];
    let data = json!({
        "level": report.options.bootstrap.level,
        "tasks": tasks,
        "tables": tables.map(|(title, shown)| table(title, &shown)),
        "differences": table("Differences", &differences(report)),
        "scatters": scatters.iter().map(scatter).collect::<Vec<_>>(),
    });
    data.to_string().replace('<', "\\u003c")
}

fn task(report: &Report, index: usize, n_points: usize, bootstrap: &Bootstrap) -> Value {
    let experiments = lines(report, index).into_iter().map(|line| {
        let curves = AXES.map(|(name, axis)| {
            let metrics = METRICS.map(|(metric_name, metric)| {
                (metric_name.to_owned(), curves(line.experiment, axis, metric, n_points, bootstrap))
            });
            (name.to_owned(), Value::Object(metrics.into_iter().collect()))
        });
        json!({
            "label": line.label,
            "style": line.style,
            "curves": Value::Object(curves.into_iter().collect()),
        })
    });
    json!({ "title": report.tasks[index].title, "experiments": experiments.collect::<Vec<_>>() })
}

fn curves(
    experiment: &Experiment,
    axis: XAxis,
    metric: Metric,
    n_points: usize,
    bootstrap: &Bootstrap,
) -> Value {
    let counted = experiment.curves();
    let whole = aggregate(&counted, axis, metric, n_points, bootstrap);
    let alone = |curve: &Curve| aggregate(&[curve], axis, metric, n_points, bootstrap);
    let runs = experiment.runs.iter().zip(&experiment.counted).map(|(run, &counted)| {
        let line = alone(&run.curve);
        let seed = run.seed.map_or("?".to_owned(), |seed| seed.to_string());
        json!({ "seed": seed, "counted": counted, "x": x(&line), "y": short(&line.mean) })
    });
    json!({
        "x": x(&whole),
        "mean": short(&whole.mean),
        "sd": short(&whole.sd),
        "low": short(&whole.interval.iter().map(|interval| interval.low).collect::<Vec<_>>()),
        "high": short(&whole.interval.iter().map(|interval| interval.high).collect::<Vec<_>>()),
        "runs": runs.collect::<Vec<_>>(),
    })
}

/// The first x and the distance between two: points are evenly spaced.
fn x(line: &Aggregate) -> Value {
    let first = line.x.first().copied().unwrap_or_default();
    json!([first, line.x.get(1).map_or(0.0, |second| second - first)])
}

/// Five digits, which is more than a screen shows.
fn short(values: &[f64]) -> Vec<f64> {
    let five = |value: &f64| format!("{value:.4e}").parse().unwrap_or(*value);
    values.iter().map(five).collect()
}

/// A row for each run, with the keys by which the experiments differ.
fn trials(report: &Report) -> Table {
    let configs =
        || report.experiments.iter().filter_map(|experiment| experiment.runs.first()).map(|run| &run.config);
    let keys: Vec<String> = differing_keys(configs()).into_iter().take(MOST_KEYS).collect();
    let fixed = ["experiment", "seed", "state", "epochs", "final return", "evaluation", "average return"];
    let mut columns: Vec<String> = fixed.map(str::to_owned).into();
    let knows_optimum = report.knows_optimum();
    columns.extend(knows_optimum.then(|| OF_OPTIMAL.to_owned()));
    let reach = report.experiments.first().map(|e| e.summary.steps_to.as_slice()).unwrap_or_default();
    columns.extend(reach.iter().map(|reach| format!("steps to {}", reach.name)));
    columns.push("seconds".to_owned());
    columns.extend(keys.iter().cloned());
    let rows = report.experiments.iter().flat_map(|experiment| {
        let keys = &keys;
        experiment.runs.iter().map(move |run| trial(experiment, run, keys, knows_optimum))
    });
    Table { caption: String::new(), columns, rows: rows.collect() }
}

fn trial(experiment: &Experiment, run: &crate::Run, keys: &[String], knows_optimum: bool) -> Vec<Cell> {
    let mut row = vec![
        Cell::Text(experiment.name.clone()),
        Cell::Text(run.seed.map(|seed| seed.to_string()).unwrap_or_default()),
        Cell::Text(run.state.word().to_owned()),
        Cell::Runs(run.curve.len(), run.n_epochs.unwrap_or(run.curve.len())),
        Cell::Spread(run.curve.final_return(), None),
        Cell::Spread(run.evaluation, None),
        Cell::Spread(run.curve.area(), None),
    ];
    let of_optimal = || Cell::Spread(run.share_of_optimal().map(|share| 100.0 * share), None);
    row.extend(knows_optimum.then(of_optimal));
    let steps = |reach: &crate::Reach| {
        Cell::Count(reach.threshold.and_then(|threshold| run.curve.steps_to(threshold)))
    };
    row.extend(experiment.summary.steps_to.iter().map(steps));
    row.push(Cell::Spread(run.curve.seconds.last().copied(), None));
    row.extend(keys.iter().map(|key| Cell::Text(run.config.get(key).cloned().unwrap_or_default())));
    row
}

/// A row for each key that is not the same everywhere, a column for each experiment.
fn differences(report: &Report) -> Table {
    let shown: Vec<&Experiment> =
        report.experiments.iter().filter(|experiment| !experiment.runs.is_empty()).collect();
    let value =
        |experiment: &Experiment, key: &str| experiment.runs[0].config.get(key).cloned().unwrap_or_default();
    let keys = differing_keys(shown.iter().map(|experiment| &experiment.runs[0].config));
    let rows = keys.into_iter().map(|key| {
        let values: Vec<Cell> = shown.iter().map(|experiment| Cell::Text(value(experiment, &key))).collect();
        std::iter::once(Cell::Text(key)).chain(values).collect()
    });
    let names = shown.iter().map(|experiment| experiment.name.clone());
    Table {
        caption: String::new(),
        columns: std::iter::once("key".to_owned()).chain(names).collect(),
        rows: rows.collect(),
    }
}

/// Cells as text, and where it differs as the number by which they sort.
fn table(title: &str, table: &Table) -> Value {
    let cell = |cell: &Cell| match cell.number() {
        Some(number) => json!([cell.to_string(), number]),
        None => json!(cell.to_string()),
    };
    let rows = table.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>());
    let words = (0..table.columns.len())
        .map(|i| table.rows.first().is_none_or(|row| matches!(row[i], Cell::Text(_))));
    json!({
        "title": title,
        "caption": table.caption,
        "columns": table.columns,
        "words": words.collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn scatter(scatter: &Scatter) -> Value {
    let points = scatter.points.iter().filter(|point| point.at.iter().all(|c| c.is_finite())).map(|point| {
        let [red, green, blue] = point.color;
        json!([short(&point.at), format!("#{red:02x}{green:02x}{blue:02x}"), point.label])
    });
    json!({ "title": scatter.title, "axes": scatter.axes, "points": points.collect::<Vec<_>>() })
}
