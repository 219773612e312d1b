//! The experiment files of the project.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jsae_runner::{Experiment, Registry};

use crate::tiny::{finish, prepared};

/// Folders of `configs/` whose files are no experiments of their own.
const PARTS: [&str; 2] = ["base", "grids"];

/// Sizes that make any experiment a matter of milliseconds.
const SMALL: &[&str] = &[
    "seeds=[1]",
    "training.n_epochs=2",
    "training.steps_per_epoch=40",
    "training.n_envs=2",
    "training.eval_freq=1",
    "training.n_eval_episodes=1",
    "pretrain.samples=500",
    "pretrain.passes=2",
];

#[test]
fn every_experiment_trains_two_tiny_epochs() {
    let out = tempfile::tempdir().expect("a temporary folder");
    for config in experiments() {
        let experiment = loaded(&config);
        let time_limit = format!("env.{}.time_limit=20", experiment.env.name());
        let run = prepared(&config, &[SMALL, &[&time_limit]].concat(), out.path());
        let summary = finish(&run);
        assert!(summary.mean_return.is_finite(), "{}", config.display());
        let progress = fs::read_to_string(run.file("progress.csv")).expect("progress.csv");
        assert_eq!(progress.lines().count(), 3, "{}:\n{progress}", config.display());
    }
}

#[test]
fn no_two_experiments_share_a_folder() {
    let mut names = BTreeSet::new();
    for config in experiments() {
        let name = loaded(&config).name;
        assert!(names.insert(name.clone()), "{}: another file is named {name} too", config.display());
    }
}

#[test]
fn experiments_are_named_after_their_files() {
    for config in experiments() {
        let stem = config.file_stem().expect("a name").to_string_lossy().into_owned();
        let name = loaded(&config).name;
        assert!(name.ends_with(&stem), "{} is named {name}", config.display());
    }
}

fn loaded(config: &Path) -> Experiment {
    Experiment::load(config, &[], &Registry::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn experiments() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder that can be read") {
            let path = entry.expect("an entry").path();
            let is_part = PARTS.iter().any(|part| path.ends_with(part));
            if path.is_dir() && !is_part {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 20, "{found:?}");
    found.sort();
    found
}
