use super::axis::{Axis, Kind, Panel};
use super::curves::{entries, legend};
use super::drawing::{Drawing, path, side_by_side};
use super::lines::{lines, seeds_of_all, stroke};
use super::palette::color;
use crate::report::Report;
use crate::statistics::{Bootstrap, performance_profile};

const SIZE: [f64; 2] = [290.0, 190.0];
const POINTS: usize = 150;
const REPS: usize = 1000;

/// For each experiment the share of runs whose final return is above each return, a panel for each task.
pub fn performance_profiles(report: &Report, columns: usize) -> Drawing {
    let panels: Vec<Drawing> = (0..report.tasks.len()).map(|task| panel(report, task)).collect();
    side_by_side(&panels, columns)
}

fn panel(report: &Report, task: usize) -> Drawing {
    let mut lines = lines(report, task);
    lines.retain(|line| line.experiment.summary.n_runs > 0);
    let finals = lines.iter().flat_map(|line| line.experiment.summary.final_returns.iter().copied());
    let x = Axis::over(finals, 5, Kind::Plain, "final return").padded(0.04);
    let y = Axis::over([0.0, 1.0].into_iter(), 4, Kind::Plain, "share of runs above it").padded(0.03);
    let bootstrap = Bootstrap { reps: REPS.min(report.options.bootstrap.reps), ..report.options.bootstrap };
    let last = (POINTS - 1) as f64;
    let thresholds: Vec<f64> = (0..POINTS).map(|i| x.low + (x.high - x.low) * i as f64 / last).collect();
    let (panel, mut drawing) = Panel::new(&report.tasks[task].title, x, y, SIZE);
    for line in &lines {
        let tasks = [line.experiment.summary.final_returns.clone()];
        let intervals = bootstrap.performance_profile(&tasks, &thresholds);
        let upper = thresholds.iter().zip(&intervals).map(|(&x, interval)| panel.at(x, interval.high));
        let lower = thresholds.iter().zip(&intervals).map(|(&x, interval)| panel.at(x, interval.low));
        let outline: Vec<[f64; 2]> = upper.chain(lower.rev()).collect();
        drawing.element(&format!(
            "<path d=\"{}z\" fill=\"{}\" opacity=\".15\"/>",
            path(&outline),
            color(line.style)
        ));
        let shares = performance_profile(&tasks, &thresholds);
        let points: Vec<[f64; 2]> =
            thresholds.iter().zip(shares).map(|(&x, share)| panel.at(x, share)).collect();
        drawing.element(&format!("<path d=\"{}\" {}/>", path(&points), stroke(line.style)));
    }
    legend(&mut drawing, &panel, &entries(&lines), &seeds_of_all(&lines));
    drawing
}
