//! The edges between the crates and the shape of the files, read from the manifests and the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// What one crate may depend on.
struct Rule {
    name: &'static str,
    siblings: &'static [&'static str],
    tensors: bool,
    experiment_files: bool,
}

const RULES: [Rule; 8] = [
    Rule {
        name: "jsae-embed",
        siblings: &["jsae-envs", "jsae-optim"],
        tensors: true,
        experiment_files: false,
    },
    Rule { name: "jsae-envs", siblings: &[], tensors: false, experiment_files: false },
    Rule { name: "jsae-knn", siblings: &[], tensors: false, experiment_files: false },
    Rule { name: "jsae-optim", siblings: &[], tensors: true, experiment_files: false },
    Rule { name: "jsae-report", siblings: &[], tensors: false, experiment_files: true },
    Rule { name: "jsae-rl", siblings: &["jsae-optim"], tensors: true, experiment_files: false },
    Rule {
        name: "jsae-runner",
        siblings: &["jsae-embed", "jsae-envs", "jsae-knn", "jsae-report", "jsae-rl", "jsae-theory"],
        tensors: true,
        experiment_files: true,
    },
    Rule { name: "jsae-theory", siblings: &[], tensors: false, experiment_files: false },
];

#[test]
fn every_crate_has_its_rule() {
    let ruled: BTreeSet<_> = RULES.iter().map(|rule| rule.name.to_owned()).collect();
    assert_eq!(crate_names(), ruled);
}

#[test]
fn no_crate_depends_on_what_it_refuses() {
    for rule in &RULES {
        for (dependency, _) in dependencies(&manifest(rule.name)) {
            let allowed = match dependency.as_str() {
                "tch" | "torch-sys" => rule.tensors,
                "toml" => rule.experiment_files,
                "mujoco-rs" => rule.name == "jsae-envs",
                sibling if crate_names().contains(sibling) => rule.siblings.contains(&sibling),
                _ => true,
            };
            assert!(allowed, "{} must not depend on {dependency}", rule.name);
        }
    }
}

#[test]
fn the_engine_is_there_only_when_asked_for() {
    let manifest = manifest("jsae-envs");
    for (_, value) in dependencies(&manifest).iter().filter(|(name, _)| name == "mujoco-rs") {
        assert_eq!(value.get("optional"), Some(&Value::Boolean(true)), "mujoco-rs is not optional");
    }
    let enabled = enabled_by(&manifest, "default");
    assert!(enabled.iter().all(|feature| !feature.contains("mujoco")), "on by default: {enabled:?}");
    assert!(enabled_by(&manifest, "mujoco").contains("dep:mujoco-rs"));
}

#[test]
fn embeddings_use_environments_without_the_engine() {
    for (_, value) in dependencies(&manifest("jsae-embed")).iter().filter(|(name, _)| name == "jsae-envs") {
        assert_eq!(value.get("features"), None);
    }
}

#[test]
fn every_crate_inherits_lints_and_package_keys() {
    for name in crate_names() {
        let manifest = manifest(&name);
        let inherits =
            |table: Option<&Value>| table.and_then(|t| t.get("workspace")) == Some(&Value::Boolean(true));
        assert!(inherits(manifest.get("lints")), "{name} does not inherit the workspace's lints");
        for key in ["edition", "license", "rust-version", "version"] {
            assert!(inherits(manifest["package"].get(key)), "{name} does not inherit package.{key}");
        }
    }
}

#[test]
fn versions_stand_in_the_workspace_only() {
    for name in crate_names() {
        for (dependency, value) in dependencies(&manifest(&name)) {
            assert_eq!(value.get("workspace"), Some(&Value::Boolean(true)), "{name}: {dependency}");
        }
    }
}

#[test]
fn files_are_named_for_what_they_hold() {
    for file in sources() {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a file name in UTF-8");
        let nameless =
            ["mod.rs", "base.rs", "utils.rs", "util.rs", "common.rs", "helpers.rs"].contains(&name);
        assert!(!nameless, "{}", file.display());
    }
}

#[test]
fn files_stay_under_500_lines() {
    for file in sources() {
        let lines = read(&file).lines().count();
        assert!(lines < 500, "{} has {lines} lines: split it", file.display());
    }
}

#[test]
fn no_test_is_switched_off() {
    let attribute = ["#[", "ignore"].concat();
    for file in sources() {
        assert!(!read(&file).contains(&attribute), "{}", file.display());
    }
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crates' folder").to_owned()
}

fn crate_names() -> BTreeSet<String> {
    let entries = fs::read_dir(crates()).expect("the crates' folder can be read");
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("Cargo.toml").is_file())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect()
}

fn manifest(name: &str) -> Table {
    read(&crates().join(name).join("Cargo.toml")).parse().expect("a valid manifest")
}

/// Every dependency of a manifest: for the library, for tests, for the build, and those of one platform only.
fn dependencies(manifest: &Table) -> Vec<(String, Value)> {
    let platforms = manifest.get("target").and_then(Value::as_table);
    let platforms = platforms.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    std::iter::once(manifest)
        .chain(platforms)
        .flat_map(|table| {
            ["dependencies", "dev-dependencies", "build-dependencies"].map(|kind| table.get(kind))
        })
        .flatten()
        .filter_map(Value::as_table)
        .flat_map(|dependencies| dependencies.iter().map(|(name, value)| (name.clone(), value.clone())))
        .collect()
}

/// The features and dependencies that `feature` switches on, itself included.
fn enabled_by(manifest: &Table, feature: &str) -> BTreeSet<String> {
    let mut enabled = BTreeSet::new();
    let mut open = vec![feature.to_owned()];
    while let Some(feature) = open.pop() {
        let next =
            manifest.get("features").and_then(|features| features.get(&feature)).and_then(Value::as_array);
        open.extend(next.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        enabled.insert(feature);
    }
    enabled
}

/// The Rust files of every crate, build scripts, tests, examples and benches included.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![crates()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder that can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > RULES.len());
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
