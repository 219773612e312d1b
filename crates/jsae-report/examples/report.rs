//! Prints the table of some runs and draws them: `report RUNS… CURVES.svg PAGE.html`.

use std::path::PathBuf;

use jsae_report::html::{Page, html};
use jsae_report::picture::{CurveOptions, learning_curves};
use jsae_report::{Options, Report, read};

fn main() -> std::io::Result<()> {
    let ends = |path: &PathBuf, end| path.extension().is_some_and(|extension| extension == end);
    let (files, runs): (Vec<PathBuf>, Vec<PathBuf>) = std::env::args_os()
        .skip(1)
        .map(PathBuf::from)
        .partition(|path| ends(path, "svg") || ends(path, "html"));
    let report = Report::new(read(&runs), &Options::default());
    for warning in &report.warnings {
        eprintln!("warning: {warning}");
    }
    print!("{}\n{}", report.table(), report.comparison_table());
    for file in files {
        let text = match ends(&file, "svg") {
            true => learning_curves(&report, &CurveOptions::default()).to_svg(),
            false => html(&report, &Page::default()),
        };
        std::fs::write(file, text)?;
    }
    Ok(())
}
