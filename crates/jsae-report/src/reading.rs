//! From folders on the disk to [`Run`]s.

mod discovery;
mod folder;
mod progress;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::report::differing_keys;
use crate::run::Run;
use crate::warning::Warning;

/// What was found in some folders.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Runs, by folder and seed.
    pub runs: Vec<Run>,
    /// What was wrong with them.
    pub warnings: Vec<Warning>,
}

/// Reads all runs in and under `paths`: folders of runs, of experiments (all seeds), or of experiments' folders.
///
/// What cannot be read is told in a warning; runs moved aside (`seed-N.old-K`) are passed over.
pub fn read<P: AsRef<Path>>(paths: &[P]) -> Reading {
    let mut warnings = Vec::new();
    let folders = discovery::run_folders(paths, &mut warnings);
    let read: Vec<_> = folders.par_iter().map(|folder| folder::read_run(folder)).collect();
    let mut runs = Vec::new();
    for (run, found) in read {
        runs.extend(run);
        warnings.extend(found);
    }
    runs.sort_by(|a, b| place(a).cmp(&place(b)));
    warnings.extend(mixed_versions(&runs));
    Reading { runs, warnings }
}

fn place(run: &Run) -> (Option<&Path>, Option<u64>, &Path) {
    (run.path.parent(), run.seed, &run.path)
}

/// Different code may give different results for the same configuration.
fn mixed_versions(runs: &[Run]) -> Option<Warning> {
    let mut versions: BTreeMap<&BTreeMap<String, String>, Vec<&Run>> = BTreeMap::new();
    for run in runs.iter().filter(|run| !run.versions.is_empty()) {
        versions.entry(&run.versions).or_default().push(run);
    }
    let differing = differing_keys(versions.keys().copied());
    if differing.is_empty() {
        return None;
    }
    let part = |(version, runs): (&&BTreeMap<String, String>, &Vec<&Run>)| {
        let entries = version.iter().filter(|(name, _)| differing.contains(*name));
        let entries: Vec<String> = entries.map(|(name, version)| format!("{name} {version}")).collect();
        format!("{} in {} (as {})", entries.join(", "), count(runs.len()), runs[0].path.display())
    };
    let parts: Vec<String> = versions.iter().map(part).collect();
    let message = format!("results of {} code versions are mixed: {}", versions.len(), parts.join("; "));
    Some(Warning { path: PathBuf::new(), message })
}

/// "1 run", "2 runs".
pub(crate) fn count(n: usize) -> String {
    format!("{n} run{}", if n == 1 { "" } else { "s" })
}
