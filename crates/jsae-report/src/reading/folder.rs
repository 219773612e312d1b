use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::{Table, Value};

use super::progress;
use crate::run::{Run, RunState};
use crate::warning::Warning;

const REFERENCE: &str = "reference.json";

#[derive(Deserialize)]
struct Summary {
    seed: Option<u64>,
    mean_return: Option<f64>,
}

/// Reads one run; `None` where nothing of it can be used.
pub(super) fn read_run(path: &Path) -> (Option<Run>, Vec<Warning>) {
    let mut warnings = Vec::new();
    let config_text = text(path, "config.toml", &mut warnings);
    let progress = text(path, "progress.csv", &mut warnings);
    let (Some(config_text), Some(progress)) = (config_text, progress) else {
        return (None, half_deleted(path, &warnings));
    };
    let table: Table = match config_text.parse() {
        Ok(table) => table,
        Err(_) => {
            warnings.push(Warning::new(&path.join("config.toml"), "is not valid TOML; the run is left out"));
            return (None, warnings);
        }
    };
    let mut curve = progress::curve(&path.join("progress.csv"), &progress, &mut warnings);
    curve.seconds = progress::seconds(&path.join("timing.csv"), curve.len());
    let ended = path.join("evaluation.json").is_file();
    let summary: Option<Summary> = json(path, "evaluation.json", ended, &mut warnings);
    let n_epochs =
        table.get("training").and_then(|training| training.get("n_epochs")).and_then(Value::as_integer);
    let n_epochs = n_epochs.and_then(|n| usize::try_from(n).ok());
    let state = state(path, ended, summary.is_some(), curve.len(), n_epochs, &mut warnings);
    let run = Run {
        path: path.to_owned(),
        experiment: experiment(&table, path),
        seed: seed(&table, path, summary.as_ref()),
        state,
        n_epochs,
        config: flat(&table),
        config_text,
        versions: json(path, "versions.json", true, &mut warnings).unwrap_or_default(),
        curve,
        evaluation: summary.and_then(|summary| summary.mean_return),
        reference: json(path, REFERENCE, path.join(REFERENCE).is_file(), &mut warnings),
    };
    (Some(run), warnings)
}

fn half_deleted(path: &Path, missing: &[Warning]) -> Vec<Warning> {
    let message = match missing {
        [one] if one.path.ends_with("progress.csv") && !path.join("evaluation.json").exists() => {
            "unfinished: no epoch yet; the run is left out".to_owned()
        }
        several => {
            let parts: Vec<String> = several
                .iter()
                .map(|w| {
                    format!("{} {}", w.path.file_name().unwrap_or_default().to_string_lossy(), w.message)
                })
                .collect();
            format!("half-deleted: {}; the run is left out", parts.join(", "))
        }
    };
    vec![Warning::new(path, message)]
}

fn state(
    path: &Path,
    ended: bool,
    summary: bool,
    epochs: usize,
    n_epochs: Option<usize>,
    warnings: &mut Vec<Warning>,
) -> RunState {
    let wanted = n_epochs.unwrap_or(epochs);
    if !ended {
        warnings.push(Warning::new(path, format!("unfinished: {epochs} of {wanted} epochs")));
        RunState::Unfinished
    } else if epochs < wanted {
        warnings.push(Warning::new(
            path,
            format!("damaged: finished, but progress.csv has {epochs} of {wanted} epochs"),
        ));
        RunState::Damaged
    } else if !summary {
        RunState::Damaged
    } else {
        RunState::Finished
    }
}

fn text(path: &Path, name: &str, warnings: &mut Vec<Warning>) -> Option<String> {
    let path = path.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            let missing = error.kind() == std::io::ErrorKind::NotFound;
            let message = if missing { "is missing".to_owned() } else { format!("cannot be read ({error})") };
            warnings.push(Warning::new(&path, message));
            None
        }
    }
}

fn json<T: serde::de::DeserializeOwned>(
    path: &Path,
    name: &str,
    expected: bool,
    warnings: &mut Vec<Warning>,
) -> Option<T> {
    if !expected {
        return None;
    }
    let text = text(path, name, warnings)?;
    let value = serde_json::from_str(&text);
    if let Err(error) = &value {
        warnings.push(Warning::new(&path.join(name), format!("damaged: {error}")));
    }
    value.ok()
}

fn experiment(table: &Table, path: &Path) -> String {
    let folder = || path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    table.get("name").and_then(Value::as_str).map(str::to_owned).or_else(folder).unwrap_or_default()
}

fn seed(table: &Table, path: &Path, summary: Option<&Summary>) -> Option<u64> {
    let seeds = table.get("seeds").and_then(Value::as_array);
    let configured = seeds.and_then(|seeds| seeds.first()).and_then(Value::as_integer);
    let name = path.file_name()?.to_str()?;
    let named = name.strip_prefix("seed-").and_then(|seed| seed.parse().ok());
    configured
        .and_then(|seed| u64::try_from(seed).ok())
        .or(named)
        .or(summary.and_then(|summary| summary.seed))
}

/// Dotted keys and their values as they stand in TOML; empty tables count as a key (`embedding.identity`).
/// What each seed has of its own is no setting: the seed, and the content of the run that it began with.
fn flat(table: &Table) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    for (name, value) in table.iter().filter(|(name, _)| !["name", "seeds"].contains(&name.as_str())) {
        add(name.clone(), value, &mut keys);
    }
    keys.remove("transfer.sha256");
    keys
}

fn add(key: String, value: &Value, keys: &mut BTreeMap<String, String>) {
    match value {
        Value::Table(table) if !table.is_empty() => {
            for (name, value) in table {
                add(format!("{key}.{name}"), value, keys);
            }
        }
        Value::Table(_) => {
            keys.insert(key, "{}".to_owned());
        }
        value => {
            keys.insert(key, value.to_string());
        }
    }
}
