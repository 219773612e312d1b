use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jsae_report::html::{Page, html};
use jsae_report::picture::{CurveOptions, learning_curves};
use jsae_report::{Options, Report, XAxis, read};

use super::arguments::{Axis, ReportArguments};
use crate::exit::Exit;
use crate::experiment::{Place, Problems};

/// Rows of an experiment's series at most.
const SERIES_ROWS: usize = 250;

/// `jsae-run report RUNS...`
pub(super) fn report(arguments: &ReportArguments) -> Result<Exit> {
    let missing = arguments.runs.iter().find(|path| !path.exists());
    if let Some(path) = missing {
        return Err(Problems::one(Place::Path(path.clone()), "no such file or folder, expected runs").into());
    }
    let options = Options {
        unfinished: arguments.unfinished,
        thresholds: arguments.threshold.clone(),
        ..Options::default()
    };
    let report = Report::new(read(&arguments.runs), &options);
    for warning in &report.warnings {
        eprintln!("warning: {warning}");
    }
    if report.experiments.is_empty() {
        return Err(Problems::one(Place::Path(arguments.runs[0].clone()), "holds no run").into());
    }
    print!("{}", report.table().render(arguments.format));
    if arguments.compare {
        print!("\n{}", report.comparison_table().render(arguments.format));
    }
    if let Some(path) = &arguments.curves {
        let axis = match arguments.x {
            Axis::Steps => XAxis::Steps,
            Axis::Time => XAxis::WallTime,
        };
        let drawing = learning_curves(&report, &CurveOptions { axis, ..CurveOptions::default() });
        write(path, &drawing.to_svg())?;
    }
    if let Some(folder) = &arguments.series {
        series(&report, folder)?;
    }
    if let Some(path) = &arguments.html {
        write(path, &html(&report, &Page::default()))?;
    }
    Ok(Exit::Done)
}

/// One file for each experiment of which a run counts.
fn series(report: &Report, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for experiment in report.experiments.iter().filter(|experiment| experiment.summary.n_runs > 0) {
        let name = experiment.name.replace(['/', '\\'], "_");
        write(&folder.join(format!("{name}.csv")), &experiment.series_csv(SERIES_ROWS, &report.options))?;
    }
    Ok(())
}

fn write(path: &PathBuf, text: &str) -> Result<()> {
    let part = Path::new(path).with_added_extension("part");
    std::fs::write(&part, text)
        .and_then(|()| std::fs::rename(&part, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}
