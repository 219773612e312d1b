use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::warning::Warning;

/// Folders in folders are searched this deep: deeper than any tree of runs, and an end to circular links.
const DEPTH: usize = 8;

/// The folders of runs in and under `paths`, each once, in order.
pub(super) fn run_folders(paths: &[impl AsRef<Path>], warnings: &mut Vec<Warning>) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for path in paths.iter().map(AsRef::as_ref) {
        let before = folders.len();
        if !path.is_dir() {
            let what = if path.exists() { "is not a folder" } else { "does not exist" };
            warnings.push(Warning::new(path, format!("{what}; expected a folder of runs")));
            continue;
        }
        search(path, DEPTH, &mut folders, warnings);
        if folders.len() == before {
            warnings.push(Warning::new(path, "holds no runs"));
        }
    }
    let mut seen = BTreeSet::new();
    folders.retain(|folder| seen.insert(folder.canonicalize().unwrap_or_else(|_| folder.clone())));
    folders
}

fn search(folder: &Path, depth: usize, folders: &mut Vec<PathBuf>, warnings: &mut Vec<Warning>) {
    if is_run(folder) {
        folders.push(folder.to_owned());
        return;
    }
    if depth == 0 {
        return;
    }
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return warnings.push(Warning::new(folder, format!("cannot be read: {error}"))),
    };
    let mut children: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    children.sort();
    for child in children.iter().filter(|child| !is_aside(child)) {
        search(child, depth - 1, folders, warnings);
    }
}

/// A folder named for a seed counts even when its files are gone, so that it can be warned of.
fn is_run(folder: &Path) -> bool {
    let holds = |name: &str| folder.join(name).is_file();
    name(folder).starts_with("seed-")
        || ["config.toml", "progress.csv", "evaluation.json"].into_iter().any(holds)
}

/// Hidden, a run that another took the place of, or what runs share: an embedding without a policy.
fn is_aside(folder: &Path) -> bool {
    let name = name(folder);
    name.starts_with('.') || name.contains(".old-") || is_shared_embedding(&name)
}

/// `embedding-` and twelve hexadecimal digits.
fn is_shared_embedding(name: &str) -> bool {
    let hash = name.strip_prefix("embedding-").unwrap_or_default();
    hash.len() == 12 && hash.chars().all(|c| c.is_ascii_hexdigit())
}

fn name(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
