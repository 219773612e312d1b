use std::collections::BTreeSet;

use rayon::prelude::*;

use super::axis::{Axis, Kind, Panel};
use super::drawing::{Drawing, path, side_by_side, text_width};
use super::lines::{Line, lines, n_seeds, seeds_of_all, stroke};
use super::palette::color;
use crate::figure::{Figure, FigurePanel, KeptCurve};
use crate::report::{Report, SeriesRow};
use crate::run::{Curve, Metric, XAxis};
use crate::statistics::{Bootstrap, Interval, mean, standard_deviation};

/// Points of a drawn curve: enough for a panel's width, and few enough for a small file.
const POINTS: usize = 90;
/// Resamples for the interval of a drawn curve.
const REPS: usize = 1000;
const SIZE: [f64; 2] = [290.0, 190.0];
const LEGEND_LINE: f64 = 17.0;

/// What stands around a curve's mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Band {
    /// Mean ± standard deviation over seeds (ddof = 1), as in the paper.
    Deviation,
    /// Bootstrap interval of the mean.
    Interval,
    /// The interval within the deviation.
    #[default]
    Both,
}

/// How learning curves are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurveOptions {
    /// What they are drawn over; default environment steps.
    pub axis: XAxis,
    /// Which return; default the mean of the last 10 episodes.
    pub metric: Metric,
    /// What stands around the mean; default both.
    pub band: Band,
    /// Panels in a row; default 3.
    pub columns: usize,
}

impl Default for CurveOptions {
    fn default() -> Self {
        Self { axis: XAxis::default(), metric: Metric::default(), band: Band::default(), columns: 3 }
    }
}

/// Curves of all experiments, a panel for each task, side by side.
pub fn learning_curves(report: &Report, options: &CurveOptions) -> Drawing {
    let panels: Vec<Drawing> = (0..report.tasks.len()).map(|task| panel(report, task, options)).collect();
    side_by_side(&panels, options.columns)
}

/// Runs of an experiment at common points.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aggregate {
    pub(crate) x: Vec<f64>,
    pub(crate) mean: Vec<f64>,
    /// Empty below two runs.
    pub(crate) sd: Vec<f64>,
    /// Empty below two runs.
    pub(crate) interval: Vec<Interval>,
}

/// Averages runs at up to `n_points` common points, as far as the shortest run goes.
pub(crate) fn aggregate(
    curves: &[&Curve],
    axis: XAxis,
    metric: Metric,
    n_points: usize,
    bootstrap: &Bootstrap,
) -> Aggregate {
    let points: Vec<_> =
        curves.iter().map(|curve| curve.points(axis, metric)).filter(|p| !p.is_empty()).collect();
    let ends = points.iter().filter_map(|points| points.last()).map(|point| point.0);
    let starts = points.iter().map(|points| points[0].0);
    let (low, high) = (starts.fold(f64::NEG_INFINITY, f64::max), ends.fold(f64::INFINITY, f64::min));
    let n_points = points.iter().map(Vec::len).max().unwrap_or(0).min(n_points);
    if n_points == 0 || low > high {
        return Aggregate::default();
    }
    let width = (high - low) / n_points.saturating_sub(1).max(1) as f64;
    let x: Vec<f64> = (0..n_points).map(|i| low + width * i as f64).collect();
    let runs: Vec<Vec<f64>> = points.iter().map(|points| resampled(points, &x, width)).collect();
    let at = |i: usize| runs.iter().map(|run| run[i]).collect::<Vec<_>>();
    let interval = bootstrap.curves(&runs, |values| values.iter().sum::<f64>() / values.len() as f64);
    Aggregate {
        mean: (0..n_points).filter_map(|i| mean(&at(i))).collect(),
        sd: (0..n_points).filter_map(|i| standard_deviation(&at(i))).collect(),
        interval,
        x,
    }
}

/// Mean of the points within half a `width` of each x; between points where there is none, on the line.
fn resampled(points: &[(f64, f64)], x: &[f64], width: f64) -> Vec<f64> {
    let mut first = 0;
    x.iter()
        .map(|&x| {
            let (low, high) = (x - width * 0.5, x + width * 0.5);
            while first < points.len() && points[first].0 < low {
                first += 1;
            }
            let near: Vec<f64> = points[first..].iter().take_while(|p| p.0 < high).map(|p| p.1).collect();
            mean(&near).unwrap_or_else(|| on_the_line(points, first, x))
        })
        .collect()
}

fn on_the_line(points: &[(f64, f64)], after: usize, x: f64) -> f64 {
    let right = points[after.min(points.len() - 1)];
    let left = points[after.saturating_sub(1)];
    let share = if right.0 > left.0 { ((x - left.0) / (right.0 - left.0)).clamp(0.0, 1.0) } else { 1.0 };
    left.1 + share * (right.1 - left.1)
}

fn panel(report: &Report, task: usize, options: &CurveOptions) -> Drawing {
    let bootstrap = Bootstrap { reps: REPS.min(report.options.bootstrap.reps), ..report.options.bootstrap };
    let mut lines = lines(report, task);
    lines.retain(|line| line.experiment.summary.n_runs > 0);
    let curves: Vec<Aggregate> = lines
        .par_iter()
        .map(|line| aggregate(&line.experiment.curves(), options.axis, options.metric, POINTS, &bootstrap))
        .collect();
    let styles: Vec<usize> = lines.iter().map(|line| line.style).collect();
    let (panel, mut drawing) = drawn(&report.tasks[task].title, &curves, &styles, options);
    let level = 100.0 * bootstrap.level;
    let note = match (curves.iter().any(|curve| !curve.sd.is_empty()), options.band) {
        (false, _) => String::new(),
        (true, Band::Deviation) => "mean ± sd".to_owned(),
        (true, Band::Interval) => format!("mean, {level} % interval"),
        (true, Band::Both) => format!("mean, {level} % interval, ± sd"),
    };
    legend(&mut drawing, &panel, &entries(&lines), &joined(&seeds_of_all(&lines), &note));
    drawing
}

/// Axes, bands and lines; the legend is left to be written.
fn drawn(title: &str, curves: &[Aggregate], styles: &[usize], options: &CurveOptions) -> (Panel, Drawing) {
    let (x, y) = axes(curves, options);
    let (panel, mut drawing) = Panel::new(title, x, y, SIZE);
    for (&style, curve) in styles.iter().zip(curves) {
        draw_band(&mut drawing, &panel, curve, options.band, style);
    }
    for (&style, curve) in styles.iter().zip(curves) {
        let points: Vec<[f64; 2]> = curve.x.iter().zip(&curve.mean).map(|(&x, &y)| panel.at(x, y)).collect();
        drawing.element(&format!("<path d=\"{}\" {}/>", path(&points), stroke(style)));
    }
    (panel, drawing)
}

/// The curves of a figure that is made of kept series: mean ± standard deviation over seeds, a label's colour the
/// same in every panel.
pub fn series_curves(figure: &Figure) -> Drawing {
    let labels: BTreeSet<&str> =
        figure.panels.iter().flat_map(|panel| &panel.curves).map(|curve| curve.label.as_str()).collect();
    let options = CurveOptions {
        metric: Metric::EpochReturn,
        band: Band::Deviation,
        columns: figure.columns,
        ..CurveOptions::default()
    };
    let panel = |panel: &FigurePanel| {
        let styles: Vec<usize> = panel
            .curves
            .iter()
            .map(|curve| labels.iter().position(|label| *label == curve.label).unwrap_or_default())
            .collect();
        let curves: Vec<Aggregate> = panel.curves.iter().map(|curve| of_series(&curve.rows)).collect();
        let (place, mut drawing) = drawn(&panel.title, &curves, &styles, &options);
        let n_runs = panel.curves.iter().map(KeptCurve::n_runs).collect::<BTreeSet<_>>();
        let named: Vec<String> = panel
            .curves
            .iter()
            .map(|curve| match n_runs.len() {
                1 => curve.label.clone(),
                _ => format!("{} ({})", curve.label, n_seeds(curve.n_runs())),
            })
            .collect();
        let seeds = n_runs.first().filter(|_| n_runs.len() == 1).map_or(String::new(), |&n| n_seeds(n));
        let entries: Vec<(usize, &str)> = styles.into_iter().zip(named.iter().map(String::as_str)).collect();
        legend(&mut drawing, &place, &entries, &joined(&seeds, "mean ± sd"));
        drawing
    };
    side_by_side(&figure.panels.iter().map(panel).collect::<Vec<_>>(), options.columns)
}

/// The rows that have a mean, averaged to as many points as are drawn; their deviations where each has one.
fn of_series(rows: &[SeriesRow]) -> Aggregate {
    let rows: Vec<&SeriesRow> = rows.iter().filter(|row| row.mean.is_some()).collect();
    let points: Vec<&[&SeriesRow]> = rows.chunks(rows.len().div_ceil(POINTS).max(1)).collect();
    let over = |value: fn(&SeriesRow) -> Option<f64>| -> Vec<f64> {
        points
            .iter()
            .filter_map(|rows| mean(&rows.iter().filter_map(|row| value(row)).collect::<Vec<_>>()))
            .collect()
    };
    let sd = over(|row| row.sd);
    let sd = if sd.len() == points.len() { sd } else { Vec::new() };
    Aggregate { x: over(|row| Some(row.steps)), mean: over(|row| row.mean), sd, interval: Vec::new() }
}

fn joined(seeds: &str, note: &str) -> String {
    if seeds.is_empty() || note.is_empty() { format!("{seeds}{note}") } else { format!("{seeds}: {note}") }
}

fn axes(curves: &[Aggregate], options: &CurveOptions) -> (Axis, Axis) {
    let (title, kind) = match options.axis {
        XAxis::Steps => ("environment steps", Kind::Steps),
        XAxis::WallTime => ("seconds of training", Kind::Plain),
    };
    let x = Axis::over(curves.iter().flat_map(|curve| curve.x.iter().copied()).chain([0.0]), 5, kind, title);
    let around = |line: &Aggregate| -> Vec<f64> {
        line.mean.iter().enumerate().flat_map(|(i, _)| ends(line, options.band, i)).collect()
    };
    let title = match options.metric {
        Metric::RecentReturn => "return (last 10 episodes)",
        Metric::EpochReturn => "return (episodes of the epoch)",
        Metric::Evaluation => "return (deterministic evaluation)",
    };
    let y = Axis::over(curves.iter().flat_map(around), 5, Kind::Plain, title).padded(0.04);
    (x, y)
}

/// Lowest and highest value that is drawn at a point.
fn ends(line: &Aggregate, band: Band, i: usize) -> [f64; 2] {
    let mean = line.mean[i];
    match (band, line.sd.get(i), line.interval.get(i)) {
        (Band::Deviation | Band::Both, Some(sd), _) => [mean - sd, mean + sd],
        (Band::Interval, _, Some(interval)) => [interval.low, interval.high],
        _ => [mean, mean],
    }
}

fn draw_band(drawing: &mut Drawing, panel: &Panel, line: &Aggregate, band: Band, i: usize) {
    let mut fill = |ends: Vec<[f64; 2]>, opacity: &str| {
        let upper = line.x.iter().zip(&ends).map(|(&x, ends)| panel.at(x, ends[1]));
        let lower = line.x.iter().zip(&ends).map(|(&x, ends)| panel.at(x, ends[0]));
        let outline: Vec<[f64; 2]> = upper.chain(lower.rev()).collect();
        if ends.len() > 1 {
            drawing.element(&format!(
                "<path d=\"{}z\" fill=\"{}\" opacity=\"{opacity}\"/>",
                path(&outline),
                color(i)
            ));
        }
    };
    if band != Band::Interval {
        fill(line.sd.iter().zip(&line.mean).map(|(sd, mean)| [mean - sd, mean + sd]).collect(), ".13");
    }
    if band != Band::Deviation {
        fill(line.interval.iter().map(|interval| [interval.low, interval.high]).collect(), ".25");
    }
}

/// Styles and names of lines.
pub(super) fn entries<'a>(lines: &'a [Line<'_>]) -> Vec<(usize, &'a str)> {
    lines.iter().map(|line| (line.style, line.label.as_str())).collect()
}

/// Names below the panel, as many in a line as fit, then a note.
pub(super) fn legend(drawing: &mut Drawing, panel: &Panel, entries: &[(usize, &str)], note: &str) {
    let left = panel.inside[0];
    let mut at = [left, drawing.height + 10.0];
    let entries = entries.iter().map(|&(style, label)| (Some(style), label));
    for (style, label) in entries.chain([(None, note)]).filter(|(_, label)| !label.is_empty()) {
        let mark = if style.is_some() { 25.0 } else { 0.0 };
        let width = mark + text_width(label, 11.0) + 10.0;
        if at[0] > left && at[0] + width > drawing.width {
            at = [left, at[1] + LEGEND_LINE];
        }
        if let Some(style) = style {
            drawing.line([at[0], at[1] - 4.0], [at[0] + 20.0, at[1] - 4.0], &stroke(style));
        }
        let faint = if style.is_none() { "fill=\"#666\"" } else { "" };
        drawing.text([at[0] + mark, at[1]], "start", faint, label);
        drawing.width = drawing.width.max(at[0] + width);
        at[0] += width;
    }
    drawing.height = at[1] + 4.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(f64, f64)]) -> Curve {
        Curve {
            steps: points.iter().map(|point| point.0).collect(),
            returns: points.iter().map(|point| Some(point.1)).collect(),
            ..Curve::default()
        }
    }

    #[test]
    fn runs_meet_at_common_points() {
        let (a, b) =
            (curve(&[(0.0, 0.0), (10.0, 2.0), (20.0, 4.0)]), curve(&[(0.0, 2.0), (20.0, 6.0), (40.0, 9.0)]));
        let bootstrap = Bootstrap::default();
        let line = aggregate(&[&a, &b], XAxis::Steps, Metric::EpochReturn, 50, &bootstrap);
        assert_eq!(line.x, [0.0, 10.0, 20.0]);
        assert_eq!(line.mean, [1.0, 3.0, 5.0]);
        assert_eq!(line.sd, [2.0_f64.sqrt(); 3]);
        assert_eq!(line.interval[1], Interval { low: 2.0, high: 4.0 });
    }

    #[test]
    fn points_between_the_drawn_ones_are_averaged() {
        let points: Vec<(f64, f64)> =
            (0..=100).map(|i| (f64::from(i), if i % 2 == 0 { 1.0 } else { 3.0 })).collect();
        let line = aggregate(&[&curve(&points)], XAxis::Steps, Metric::EpochReturn, 6, &Bootstrap::default());
        assert_eq!(line.x, [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(line.mean[1..5], [2.0; 4]);
        assert!(line.sd.is_empty() && line.interval.is_empty());
    }

    #[test]
    fn nothing_makes_no_line() {
        let empty = Curve::default();
        let of = |curves: &[&Curve]| {
            aggregate(curves, XAxis::WallTime, Metric::Evaluation, 9, &Bootstrap::default())
        };
        assert!(of(&[]).x.is_empty());
        assert!(of(&[&empty]).x.is_empty());
    }
}
