//! The tables that files may hold, as the listing knows them.

use std::path::Path;

use jsae_runner::experiment::{Section, sections};
use jsae_runner::{Experiment, Registry};
use toml::{Table, Value};

/// A file to which any table can be added by an override.
fn base(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("base.toml");
    std::fs::write(&path, "[env.gridworld]\n\n[algorithm.vpg]\n").expect("a writable folder");
    path
}

/// Dotted names of all values in `table`.
fn leaves(table: &Table) -> Vec<String> {
    let mut names = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(inner) => names.extend(leaves(inner).iter().map(|leaf| format!("{name}.{leaf}"))),
            _ => names.push(name.clone()),
        }
    }
    names
}

fn tables() -> Vec<Section> {
    sections(&Registry::default()).into_iter().filter(|section| !section.name.is_empty()).collect()
}

#[test]
fn every_default_has_its_key() {
    for section in tables() {
        for name in leaves(&section.defaults) {
            assert!(section.keys.iter().any(|key| key.name == name), "{}.{name} is not listed", section.name);
        }
    }
}

#[test]
fn every_key_is_one_that_files_may_hold() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let base = base(folder.path());
    for section in tables() {
        for key in &section.keys {
            let setting = format!("{}.{}=1979-05-27", section.name, key.name);
            let problems = Experiment::load(&base, &[setting], &Registry::default())
                .expect_err("no key of any table is a date")
                .to_string();
            let expected = format!("{}.{} is 1979-05-27, expected {}", section.name, key.name, key.expected);
            assert!(problems.lines().any(|line| line.ends_with(&expected)), "{problems}\nnot {expected}");
        }
    }
}

#[test]
fn every_key_is_described_in_one_line() {
    for section in sections(&Registry::default()) {
        assert!(!section.about.is_empty() && !section.about.contains('\n'), "{}", section.name);
        for key in section.keys {
            for text in [key.about, key.expected] {
                assert!(!text.is_empty() && !text.contains('\n'), "{}.{}", section.name, key.name);
            }
        }
    }
}

#[test]
fn the_resolved_file_resolves_to_itself() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for section in tables().iter().filter(|section| section.name.contains('.')) {
        let setting = format!("{}={{}}", section.name);
        let Ok(experiment) = Experiment::load(&base(folder.path()), &[setting], &Registry::default()) else {
            continue; // does not go with the base's other tables
        };
        let resolved = folder.path().join("resolved.toml");
        std::fs::write(&resolved, experiment.to_toml()).expect("a writable folder");
        let again = Experiment::load(&resolved, &[], &Registry::default())
            .unwrap_or_else(|problems| panic!("{}: {problems}", section.name));
        assert_eq!(again.to_toml(), experiment.to_toml(), "{}", section.name);
    }
}
