//! An experiment of some tenths of a second, and runs of it inside the test's own process.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use jsae_runner::{Experiment, Outcome, Registry, RunFolder, Summary, train};

/// VPG-JSAE on a gridworld of 32 actions: everything that draws numbers takes part.
pub(crate) const TINY: &str = r#"
name = "tiny"
seeds = [3]

[env.gridworld]
n_actuators = 5
time_limit = 20

[training]
n_epochs = 8
steps_per_epoch = 80
n_envs = 4
eval_freq = 3
n_eval_episodes = 2
checkpoint_freq = 2

[embedding.jsae]
state_dim = 3
action_dim = 2

[pretrain]
samples = 300
passes = 2

[embedding_update]
passes = 1

[algorithm.vpg]
hidden_sizes = [16]
"#;

/// Writes [`TINY`] into `folder` as `tiny.toml`.
pub(crate) fn write(folder: &Path) -> PathBuf {
    let path = folder.join("tiny.toml");
    std::fs::write(&path, TINY).expect("a writable folder");
    path
}

/// The experiment at `config` with `overrides`, its first seed prepared under `out`.
pub(crate) fn prepared(config: &Path, overrides: &[&str], out: &Path) -> RunFolder {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    let experiment = Experiment::load(config, &overrides, &Registry::default())
        .unwrap_or_else(|problems| panic!("{problems}"));
    let seed = experiment.seeds[0];
    let folder = RunFolder::of(out, &experiment, seed);
    folder.prepare(&experiment.with_seed(seed)).expect("a writable folder");
    folder
}

/// Trains the run in `folder` to its end.
pub(crate) fn finish(folder: &RunFolder) -> Summary {
    match attempt(folder) {
        Ok(Outcome::Finished(summary)) => summary,
        other => panic!("{}: {other:?}", folder.path().display()),
    }
}

/// Trains the run in `folder` as far as it goes.
pub(crate) fn attempt(folder: &RunFolder) -> anyhow::Result<Outcome> {
    tch::set_num_threads(1);
    train(folder, &Registry::default(), &AtomicBool::new(false), &mut |_| ())
}

/// [`TINY`] with `overrides`, trained to its end under `out`.
pub(crate) fn trained(overrides: &[&str], out: &Path) -> RunFolder {
    let folder = prepared(&write(out), overrides, out);
    finish(&folder);
    folder
}

/// What a run must repeat, whenever it was stopped and started again.
#[derive(Debug, PartialEq)]
pub(crate) struct Bytes {
    /// Its figures, `progress.csv`.
    pub(crate) figures: String,
    /// Everything it has learnt.
    pub(crate) tensors: Vec<u8>,
    /// Every random stream, environment and episode under way.
    pub(crate) progress: serde_json::Value,
    /// What it remembers, oldest first.
    pub(crate) replay: Vec<u8>,
}

/// [`Bytes`] of the newest checkpoint in `folder`.
pub(crate) fn bytes(folder: &RunFolder) -> Bytes {
    let figures = std::fs::read_to_string(folder.file("progress.csv")).expect("progress.csv");
    let epoch = newest_epoch(folder);
    let tensors = std::fs::read(checkpoint(folder, epoch, "safetensors")).expect("a checkpoint's tensors");
    let manifest = std::fs::read(checkpoint(folder, epoch, "json")).expect("a checkpoint's manifest");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("a manifest is JSON");
    let mut replay = Vec::new();
    for segment in manifest["replay"].as_array().expect("a list of files") {
        let name = format!("checkpoints/replay-{}-{}.bin", segment["first"], segment["end"]);
        replay.extend(std::fs::read(folder.file(&name)).expect("a part of the replay"));
    }
    forget(folder, &manifest["replay"], &mut replay);
    Bytes { figures, tensors, progress: manifest["progress"].clone(), replay }
}

/// Removes the oldest stored transitions that no longer fit into the replay.
fn forget(folder: &RunFolder, segments: &serde_json::Value, replay: &mut Vec<u8>) {
    let Some(segment) = segments.get(0) else { return };
    let number = |value: &serde_json::Value| value.as_u64().expect("a whole number");
    let row = number(&segment["sum"]["bytes"]) / (number(&segment["end"]) - number(&segment["first"]));
    let config = std::fs::read_to_string(folder.file("config.toml")).expect("config.toml");
    let config: toml::Table = config.parse().expect("TOML");
    let algorithm = config["algorithm"].as_table().and_then(|table| table.values().next());
    let capacity = algorithm.and_then(|table| table["buffer_size"].as_integer()).expect("a size");
    let kept = replay.len().min((row * capacity as u64) as usize);
    replay.drain(..replay.len() - kept);
}

/// Finished epochs of the newest checkpoint.
pub(crate) fn newest_epoch(folder: &RunFolder) -> usize {
    epochs(folder).pop().unwrap_or_else(|| panic!("{} has no checkpoint", folder.path().display()))
}

/// Finished epochs of all checkpoints, in order.
pub(crate) fn epochs(folder: &RunFolder) -> Vec<usize> {
    let Ok(entries) = std::fs::read_dir(folder.file("checkpoints")) else { return Vec::new() };
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let epoch = |name: String| name.strip_prefix("epoch-")?.strip_suffix(".json")?.parse().ok();
    let mut epochs: Vec<usize> = names.filter_map(epoch).collect();
    epochs.sort_unstable();
    epochs
}

/// A file of the checkpoint of `epoch`.
pub(crate) fn checkpoint(folder: &RunFolder, epoch: usize, extension: &str) -> PathBuf {
    folder.file(&format!("checkpoints/epoch-{epoch}.{extension}"))
}
