//! Figures and tables made of kept series, without the runs behind them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

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
    /// Its file.
    pub series: PathBuf,
    /// Its return, row by row.
    pub rows: Vec<SeriesRow>,
    /// How its runs ended, where that was kept and [read](Figure::read_ends).
    pub ends: Vec<KeptEnd>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    columns: Option<std::num::NonZeroUsize>,
    panels: Vec<Spanned<PanelTable>>,
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
    /// the returns `random` and `optimal`.
    ///
    /// # Errors
    /// What is wrong first, with its file and line.
    pub fn read(path: &Path) -> Result<Self, Warning> {
        let text = read(path)?;
        let line = |start: usize| text[..start.min(text.len())].matches('\n').count() + 1;
        let file: File = toml::from_str(&text).map_err(|error| {
            let line = line(error.span().map_or(0, |span| span.start));
            Warning::new(path, format!("line {line}: {}", error.message().replace('\n', ", ")))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let curve = |(label, series): (String, PathBuf)| {
            let series = folder.join(series);
            let rows = SeriesRow::parse(&read(&series)?).map_err(|error| Warning::new(&series, error))?;
            Ok(KeptCurve { label, series, rows, ends: Vec::new() })
        };
        let panel = |panel: Spanned<PanelTable>| {
            let line = line(panel.span().start);
            let PanelTable { title, curves, random, optimal } = panel.into_inner();
            let wrong = |message: String| Warning::new(path, format!("line {line}: {message}"));
            if curves.is_empty() {
                return Err(wrong(format!("panels.curves of {title:?} is empty, expected at least one")));
            }
            let reference = reference(random, optimal).map_err(|found| {
                wrong(format!("panels.random and panels.optimal of {title:?} are {found}"))
            })?;
            let curves = curves.into_iter().map(curve).collect::<Result<_, Warning>>()?;
            Ok(FigurePanel { title, curves, reference })
        };
        if file.panels.is_empty() {
            return Err(Warning::new(path, "panels is empty, expected at least one"));
        }
        let panels = file.panels.into_iter().map(panel).collect::<Result<_, Warning>>()?;
        Ok(Self { panels, columns: file.columns.map_or(COLUMNS, std::num::NonZero::get) })
    }

    /// Reads how the runs behind each `FOLDER/series/NAME.csv` ended, from
    /// [`FOLDER/finals.csv`](crate::Report::finals_csv), where there is one.
    ///
    /// # Errors
    /// A file that cannot be read or is another table, with its line.
    pub fn read_ends(&mut self) -> Result<(), Warning> {
        let mut known: BTreeMap<PathBuf, BTreeMap<String, Vec<KeptEnd>>> = BTreeMap::new();
        for curve in self.panels.iter_mut().flat_map(|panel| &mut panel.curves) {
            let Some((path, name)) = finals_of(&curve.series) else { continue };
            if !known.contains_key(&path) {
                let ends = KeptEnd::parse(&read(&path)?).map_err(|error| Warning::new(&path, error))?;
                known.insert(path.clone(), ends);
            }
            curve.ends = known[&path].get(&name).cloned().unwrap_or_default();
        }
        Ok(())
    }
}

/// Both or neither, or in words what they are and should be.
fn reference(random: Option<f64>, optimal: Option<f64>) -> Result<Option<Reference>, String> {
    match (random, optimal) {
        (None, None) => Ok(None),
        (Some(random), Some(optimal)) if random < optimal && random.is_finite() && optimal.is_finite() => {
            Ok(Some(Reference { random, optimal }))
        }
        _ => {
            let [random, optimal] =
                [random, optimal].map(|value| value.map_or("none".to_owned(), |value| value.to_string()));
            Err(format!(
                "{random} and {optimal}, expected two finite numbers, the first the lower, or neither"
            ))
        }
    }
}

/// The file that tells how the runs behind a series ended, and the series' name in it.
fn finals_of(series: &Path) -> Option<(PathBuf, String)> {
    let folder = series.parent().filter(|folder| folder.ends_with("series"))?;
    let path = folder.with_file_name("finals.csv");
    path.is_file().then_some((path, series.file_stem()?.to_string_lossy().into_owned()))
}

impl KeptCurve {
    /// Runs behind it.
    pub fn n_runs(&self) -> usize {
        self.rows.iter().map(|row| row.n_runs).max().unwrap_or(0)
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
                "figure.toml: line 1: panels.random and panels.optimal of \"one\" are 2 and none, expected two finite",
            ),
            (
                "[[panels]]\ntitle = \"one\"\ncurves = { VPG = \"a.csv\" }\nrandom = -inf\noptimal = 1.0\n",
                "figure.toml: line 1: panels.random and panels.optimal of \"one\" are -inf and 1, expected two finite",
            ),
            ("panels = []\n", "figure.toml: panels is empty, expected at least one"),
            (
                "[[panels]]\ntitle = \"one\"\ncurves = {}\n",
                "figure.toml: line 1: panels.curves of \"one\" is empty",
            ),
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

    #[test]
    fn ends_come_from_beside_the_folder_of_series() {
        let (folder, path) =
            figure("[[panels]]\ntitle = \"one\"\ncurves = { A = \"series/a_b.csv\", B = \"a.csv\" }\n");
        let series = folder.path().join("series");
        std::fs::create_dir(&series).expect("a writable folder");
        std::fs::write(series.join("a_b.csv"), SERIES).expect("a writable folder");
        let read = || {
            let mut figure = Figure::read(&path).expect("a figure");
            figure.read_ends().map(|()| figure)
        };
        let ends = |figure: &Figure| {
            figure.panels[0].curves.iter().map(|curve| curve.ends.len()).collect::<Vec<_>>()
        };
        assert_eq!(ends(&read().expect("no file is no error")), [0, 0]);
        let finals = "experiment,seed,epochs,steps,final_return,evaluation,average_return,seconds\na/b,0,2,200,1,1,1,1\n";
        std::fs::write(folder.path().join("finals.csv"), finals).expect("a writable folder");
        assert_eq!(ends(&read().expect("finals")), [1, 0]);
        std::fs::write(folder.path().join("finals.csv"), "other\n").expect("a writable folder");
        let error = read().expect_err("another table").to_string();
        assert!(error.contains("finals.csv: line 1 is \"other\", expected"), "{error}");
    }
}
