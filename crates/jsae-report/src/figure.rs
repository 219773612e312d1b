//! Figures and tables made of kept series, without the runs behind them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::report::{KeptEnd, SeriesRow};
use crate::run::Reference;
use crate::warning::Warning;

/// Panels in a row, unless a file says otherwise.
const COLUMNS: usize = 3;

/// Panels side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// In this order.
    pub panels: Vec<FigurePanel>,
    /// Panels in a row.
    pub columns: usize,
}

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub struct FigurePanel {
    /// Written above it.
    pub title: String,
    /// By label.
    pub curves: Vec<KeptCurve>,
    /// What the returns can be held against, where that is told.
    pub reference: Option<Reference>,
}

/// What is kept of an experiment's runs.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptCurve {
    /// What learns, as in `VPG-JSAE`.
    pub label: String,
    /// Its return, row by row.
    pub rows: Vec<SeriesRow>,
    /// How its runs ended, where that was kept.
    pub ends: Vec<KeptEnd>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    columns: Option<std::num::NonZeroUsize>,
    panels: Vec<PanelTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PanelTable {
    title: String,
    curves: BTreeMap<String, PathBuf>,
    random: Option<f64>,
    optimal: Option<f64>,
}

impl Figure {
    /// Reads a figure's file: `columns`, and a `[[panels]]` for each, with a `title`, `curves`, a table from labels
    /// to [series](crate::Experiment::series_csv), whose paths begin at the file's folder, and where they are known
    /// the returns `random` and `optimal`. How the runs behind `FOLDER/series/NAME.csv` ended stands in
    /// [`FOLDER/finals.csv`](crate::Report::finals_csv), if there is one.
    ///
    /// # Errors
    /// What is wrong first, with its file and line.
    pub fn read(path: &Path) -> Result<Self, Warning> {
        let text = read(path)?;
        let file: File = toml::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text[..start].matches('\n').count() + 1;
            Warning::new(path, format!("line {line}: {}", error.message().replace('\n', ", ")))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut finals = Finals::default();
        let mut curve = |(label, series): (String, PathBuf)| {
            let path = folder.join(series);
            let rows = SeriesRow::parse(&read(&path)?).map_err(|error| Warning::new(&path, error))?;
            Ok(KeptCurve { label, rows, ends: finals.behind(&path)? })
        };
        let panel = |panel: PanelTable| {
            if panel.curves.is_empty() {
                let message = format!("panels.curves of {:?} is empty, expected at least one", panel.title);
                return Err(Warning::new(path, message));
            }
            let reference = match (panel.random, panel.optimal) {
                (Some(random), Some(optimal)) if random < optimal => Some(Reference { random, optimal }),
                (None, None) => None,
                (random, optimal) => {
                    let told = |key: &str, value: Option<f64>| {
                        value.map_or(format!("no {key}"), |value| format!("{key} {value}"))
                    };
                    let (random, optimal) = (told("random", random), told("optimal", optimal));
                    let message = format!(
                        "panels of {:?} has {random} and {optimal}, expected both, random below optimal",
                        panel.title
                    );
                    return Err(Warning::new(path, message));
                }
            };
            let curves = panel.curves.into_iter().map(&mut curve).collect::<Result<_, Warning>>()?;
            Ok(FigurePanel { title: panel.title, curves, reference })
        };
        if file.panels.is_empty() {
            return Err(Warning::new(path, "panels is empty, expected at least one"));
        }
        let panels = file.panels.into_iter().map(panel).collect::<Result<_, Warning>>()?;
        Ok(Self { panels, columns: file.columns.map_or(COLUMNS, std::num::NonZero::get) })
    }
}

impl KeptCurve {
    /// Runs behind it.
    pub fn n_runs(&self) -> usize {
        self.rows.iter().map(|row| row.n_runs).max().unwrap_or(0)
    }
}

/// How runs ended, by file and experiment; each file is read once.
#[derive(Default)]
struct Finals(BTreeMap<PathBuf, BTreeMap<String, Vec<KeptEnd>>>);

impl Finals {
    /// The ends of the runs behind a series; none where they were not kept.
    fn behind(&mut self, series: &Path) -> Result<Vec<KeptEnd>, Warning> {
        let (Some(folder), Some(name)) = (series.parent().and_then(Path::parent), series.file_stem()) else {
            return Ok(Vec::new());
        };
        let path = folder.join("finals.csv");
        if !self.0.contains_key(&path) {
            let experiments = match path.exists() {
                true => KeptEnd::parse(&read(&path)?).map_err(|error| Warning::new(&path, error))?,
                false => BTreeMap::new(),
            };
            self.0.insert(path.clone(), experiments);
        }
        Ok(self.0[&path].get(&*name.to_string_lossy()).cloned().unwrap_or_default())
    }
}

fn read(path: &Path) -> Result<String, Warning> {
    std::fs::read_to_string(path).map_err(|error| Warning::new(path, format!("cannot be read ({error})")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::series_curves;

    const SERIES: &str = "epoch,steps,seconds,runs,mean,sd,iqm,low,high\n\
        1,100,0.1,3,-1,0.5,-1,-1.5,-0.5\n2,200,0.2,3,1,0.25,1,0.5,1.5\n";

    fn figure(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("a.csv"), SERIES).expect("a writable folder");
        std::fs::write(folder.path().join("b.csv"), SERIES.replace(",3,", ",5,")).expect("a writable folder");
        let path = folder.path().join("figure.toml");
        std::fs::write(&path, text).expect("a writable folder");
        (folder, path)
    }

    #[test]
    fn series_become_panels_whose_labels_keep_their_colour() {
        let (_folder, path) = figure(
            "columns = 1\n[[panels]]\ntitle = \"one\"\ncurves = { VPG = \"a.csv\", VPG-RA = \"b.csv\" }\n\
             [[panels]]\ntitle = \"two\"\ncurves = { VPG-RA = \"a.csv\" }\n",
        );
        let figure = Figure::read(&path).expect("a figure");
        let svg = series_curves(&figure).to_svg();
        for words in
            [">one<", ">two<", ">VPG (3 seeds)<", ">VPG-RA (5 seeds)<", ">VPG-RA<", ">3 seeds: mean ± sd<"]
        {
            assert!(svg.contains(words), "{words}: {svg}");
        }
        // A line and its entry in the legend, in one panel and in both.
        let lines = |color: &str| svg.matches(&format!("stroke=\"{color}\"")).count();
        assert_eq!((lines(crate::picture::PALETTE[0]), lines(crate::picture::PALETTE[1])), (2, 4));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, words) in [
            ("[[panels]]\ntitle = \"one\"\ncurve = {}\n", "figure.toml: line 3: unknown field `curve`"),
            ("columns = 0\npanels = []\n", "figure.toml: line 1: "),
            (
                "[[panels]]\ntitle = \"one\"\ncurves = { VPG = \"a.csv\" }\nrandom = 2.0\n",
                "figure.toml: panels of \"one\" has random 2 and no optimal, expected both, random below optimal",
            ),
            ("panels = []\n", "figure.toml: panels is empty, expected at least one"),
            ("[[panels]]\ntitle = \"one\"\ncurves = {}\n", "figure.toml: panels.curves of \"one\" is empty"),
            ("[[panels]]\ntitle = \"one\"\ncurves = { VPG = \"c.csv\" }\n", "c.csv: cannot be read ("),
            (
                "[[panels]]\ntitle = \"one\"\ncurves = { VPG = \"figure.toml\" }\n",
                "figure.toml: line 1 is \"[[panels]]\", expected \"epoch,steps,",
            ),
        ] {
            let (_folder, path) = figure(text);
            let error = Figure::read(&path).expect_err(text).to_string();
            assert!(error.contains(words), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
