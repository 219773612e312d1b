use std::path::Path;

use anyhow::{Context as _, Result};
use jsae_report::html::{Page, html};
use jsae_report::picture::{
    CurveOptions, Drawing, Scatter, learning_curves, performance_profiles, scatter, sensitivity,
    series_curves, side_by_side, to_png,
};
use jsae_report::{Experiment, Figure, Options, Report, Run, Warning, XAxis, read};

use super::arguments::{Axis, FigureArguments, ReportArguments, TableArguments};
use super::output::answer;
use crate::exit::Exit;
use crate::experiment::{Place, Problems, Registry};
use crate::stderr::tell;
use crate::{disk, embeddings};

/// Rows of an experiment's series at most.
const SERIES_ROWS: usize = 250;

/// Panels of a picture in a row.
const PANELS: usize = 3;

/// Embeddings of a picture in a row: states and actions of an experiment.
const SCATTERS: usize = 2;

/// Characters that the title of a drawn embedding has room for.
const TITLE_LENGTH: usize = 32;

/// Experiments whose embeddings are drawn.
const MOST_EMBEDDINGS: usize = 12;

/// Pixels of a PNG file for each of the drawing's.
const PNG_SCALE: f32 = 2.0;

/// `jsae-run report RUNS...`
pub(super) fn report(arguments: &ReportArguments, registry: &Registry) -> Result<Exit> {
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
        tell!("warning: {warning}");
    }
    if report.experiments.is_empty() {
        return Err(Problems::one(Place::Path(arguments.runs[0].clone()), "holds no run").into());
    }
    let finals = arguments.finals.as_ref().map(|path| finals(&report, path)).transpose()?;
    let drawing = arguments.sensitivity.as_ref().map(|path| {
        let none = || Problems::one(Place::Path(path.clone()), "no key differs between experiments");
        sensitivities(&report).ok_or_else(none)
    });
    let sensitivity = drawing.transpose()?;
    let mut page = Page::default();
    if arguments.html.is_some() || arguments.embeddings.is_some() {
        page.scatters = embedded(&report, registry);
    }
    if let (Some(path), true) = (&arguments.embeddings, page.scatters.is_empty()) {
        return Err(Problems::one(Place::Path(path.clone()), "no run has an embedding").into());
    }
    answer(format_args!("{}", report.table().render(arguments.format)));
    if arguments.compare {
        answer(format_args!("\n{}", report.comparison_table().render(arguments.format)));
    }
    if let Some(path) = &arguments.curves {
        let axis = match arguments.x {
            Axis::Steps => XAxis::Steps,
            Axis::Time => XAxis::WallTime,
        };
        draw(path, &learning_curves(&report, &CurveOptions { axis, ..CurveOptions::default() }))?;
    }
    if let Some(path) = &arguments.profiles {
        let drawing = performance_profiles(&report, PANELS);
        draw(path, &drawing)?;
        page.drawings.push(drawing);
    }
    if let (Some(path), Some(drawing)) = (&arguments.sensitivity, sensitivity) {
        draw(path, &drawing)?;
        page.drawings.push(drawing);
    }
    if let Some(path) = &arguments.embeddings {
        let drawings: Vec<Drawing> = page.scatters.iter().map(|cloud| scatter(&narrow(cloud))).collect();
        draw(path, &side_by_side(&drawings, SCATTERS))?;
    }
    if let Some(folder) = &arguments.series {
        series(&report, folder)?;
    }
    if let (Some(path), Some(finals)) = (&arguments.finals, finals) {
        disk::write_out(path, finals.as_bytes())?;
    }
    if let Some(path) = &arguments.html {
        disk::write_out(path, html(&report, &page).as_bytes())?;
    }
    Ok(Exit::Done)
}

/// `jsae-run figure FILE PICTURE`
pub(super) fn figure(arguments: &FigureArguments) -> Result<Exit> {
    draw(&arguments.picture, &series_curves(&kept(&arguments.file)?))?;
    Ok(Exit::Done)
}

/// `jsae-run table FILE`
pub(super) fn table(arguments: &TableArguments) -> Result<Exit> {
    let (mut figure, options) = (kept(&arguments.file)?, Options::default());
    figure.read_ends().map_err(problem)?;
    answer(format_args!("{}", figure.table(&options).render(arguments.format)));
    if arguments.compare {
        answer(format_args!("\n{}", figure.comparison_table(&options).render(arguments.format)));
    }
    Ok(Exit::Done)
}

fn kept(file: &Path) -> Result<Figure, Problems> {
    Figure::read(file).map_err(problem)
}

fn problem(warning: Warning) -> Problems {
    Problems::one(Place::Path(warning.path), warning.message)
}

/// How the runs ended, among the rows of other experiments that the file has.
fn finals(report: &Report, path: &Path) -> Result<String> {
    let refuse = |message: String| Problems::one(Place::Path(path.to_owned()), message);
    let kept = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        kept => kept.with_context(|| format!("{} cannot be read", path.display()))?,
    };
    let kept = String::from_utf8(kept)
        .map_err(|error| refuse(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to())))?;
    Ok(report.finals_csv(&kept).map_err(refuse)?)
}

/// Every task's sensitivities, one below the other; none where no key differs.
fn sensitivities(report: &Report) -> Option<Drawing> {
    let drawings = (0..report.tasks.len()).map(|task| sensitivity(report, task, PANELS));
    let drawings: Vec<Drawing> = drawings.filter(|drawing| drawing.width > 0.0).collect();
    (!drawings.is_empty()).then(|| side_by_side(&drawings, 1))
}

/// What the first run of each experiment that has an embedding made of it; one that cannot be read is told.
fn embedded(report: &Report, registry: &Registry) -> Vec<Scatter> {
    let plain = |run: &Run| run.config.keys().any(|key| key.starts_with("embedding.identity"));
    let first = |experiment: &Experiment| {
        let mut runs = experiment.runs.iter().zip(&experiment.counted);
        runs.find(|(run, counted)| **counted && !plain(run)).map(|(run, _)| run.path.clone())
    };
    let runs = report.experiments.iter().filter_map(first).take(MOST_EMBEDDINGS);
    let scatters = runs.map(|run| {
        embeddings::scatters(&run, registry).unwrap_or_else(|error| {
            tell!("warning: {}: no picture of its embedding: {error:#}", run.display());
            Vec::new()
        })
    });
    scatters.flatten().collect()
}

/// With a title that a panel has room for: what it shows, then as much of the run's name as fits.
fn narrow(cloud: &Scatter) -> Scatter {
    let (run, what) = cloud.title.split_once(": ").unwrap_or(("", &cloud.title));
    let name: String = run.chars().take(TITLE_LENGTH.saturating_sub(what.chars().count())).collect();
    let cut = if name.len() < run.len() { "…" } else { "" };
    Scatter { title: format!("{what}: {name}{cut}"), ..cloud.clone() }
}

/// One file for each experiment of which a run counts.
fn series(report: &Report, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for experiment in report.experiments.iter().filter(|experiment| experiment.summary.n_runs > 0) {
        let rows = experiment.series_csv(SERIES_ROWS, &report.options);
        disk::write_out(&folder.join(format!("{}.csv", experiment.file_name())), rows.as_bytes())?;
    }
    Ok(())
}

/// As PNG where the name ends in `.png`, else as SVG.
fn draw(path: &Path, drawing: &Drawing) -> Result<()> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png")) {
        return disk::write_out(path, &to_png(drawing, PNG_SCALE)?);
    }
    disk::write_out(path, drawing.to_svg().as_bytes())
}
