//! The experiment files of the project.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jsae_runner::jsae_envs::recommender::{Filters, Item, Model};
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

/// The model of a small shop stands in for those that are made from purchase logs.
struct Shop(tempfile::TempDir);

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let items = (0..12).map(|i| Item { id: format!("item {i}"), price: f64::from(i) }).collect();
        let sequences: Vec<Vec<u32>> =
            (0..40).map(|user| (0..6).map(|k| (user * 7 + k * k) % 12).collect()).collect();
        let model = Model::from_sequences(items, &sequences, Filters::default()).expect("a model");
        model.write(&folder.path().join("shop.model")).expect("a writable folder");
        Self(folder)
    }

    /// What `config` needs to find its model.
    fn overrides(&self, config: &Path) -> Vec<String> {
        let name = config.file_name().expect("a name").to_string_lossy();
        let model = self.0.path().join("shop.model");
        let setting = format!("env.recommender.model={:?}", model.display().to_string());
        if name.starts_with("recommender") { vec![setting] } else { Vec::new() }
    }

    /// Two tiny epochs of `config` under `out`.
    fn train(&self, config: &Path, further: &[String], out: &Path) {
        let mut overrides = self.overrides(config);
        overrides.push(format!("env.{}.time_limit=20", self.load(config).env.name()));
        overrides.extend(SMALL.iter().map(|&setting| setting.to_owned()));
        overrides.extend_from_slice(further);
        let overrides: Vec<&str> = overrides.iter().map(String::as_str).collect();
        let run = prepared(config, &overrides, out);
        let summary = finish(&run);
        assert!(summary.mean_return.is_finite(), "{}", config.display());
        let progress = fs::read_to_string(run.file("progress.csv")).expect("progress.csv");
        assert_eq!(progress.lines().count(), 3, "{}:\n{progress}", config.display());
    }

    fn load(&self, config: &Path) -> Experiment {
        Experiment::load(config, &self.overrides(config), &Registry::default())
            .unwrap_or_else(|problems| panic!("{problems}"))
    }
}

#[test]
fn every_experiment_trains_two_tiny_epochs() {
    let (shop, out) = (Shop::new(), tempfile::tempdir().expect("a temporary folder"));
    for config in experiments() {
        if let Some(transfer) = shop.load(&config).transfer {
            shop.train(&source(&transfer.from), &[], out.path());
            let name =
                Path::new(&transfer.from).strip_prefix("runs").expect("a folder of the default output");
            let from = format!("transfer.from={:?}", out.path().join(name).display().to_string());
            shop.train(&config, &[from], out.path());
        } else {
            shop.train(&config, &[], out.path());
        }
    }
}

/// The file of the runs that a transfer moves from, found by their name.
fn source(from: &str) -> PathBuf {
    let shop = Shop::new();
    let is_source =
        |config: &PathBuf| Path::new(from).starts_with(Path::new("runs").join(shop.load(config).name));
    experiments().into_iter().find(is_source).unwrap_or_else(|| panic!("no file makes {from}"))
}

#[test]
fn no_two_experiments_share_a_folder() {
    let (shop, mut names) = (Shop::new(), BTreeSet::new());
    for config in experiments() {
        let name = shop.load(&config).name;
        assert!(names.insert(name.clone()), "{}: another file is named {name} too", config.display());
    }
}

#[test]
fn experiments_are_named_after_their_files() {
    let shop = Shop::new();
    for config in experiments() {
        let stem = config.file_stem().expect("a name").to_string_lossy().into_owned();
        let name = shop.load(&config).name;
        assert!(name.ends_with(&stem), "{} is named {name}", config.display());
    }
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
