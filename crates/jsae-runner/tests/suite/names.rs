//! Nothing is written outside the output folder, whatever a run is called.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jsae_runner::{Experiment, Registry, RunFolder};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::program::run;
use crate::tiny::{prepared, write};

/// What takes a name out of a folder, or a terminal or a shell out of its ways.
const PIECES: [&str; 22] = [
    "..",
    "/",
    "\\",
    "\0",
    "~",
    "\n",
    "\r",
    ".",
    " ",
    "$HOME",
    "`id`",
    "%2e%2e",
    "\u{202e}",
    "\u{2215}",
    "\x1b[2J",
    "*",
    "con",
    ":",
    "|",
    "a",
    "é",
    "\u{ff0e}\u{ff0e}\u{2f}",
];

/// Everything in and under a folder.
fn tree(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.is_symlink() {
                open.push(path.clone());
            }
            found.insert(path);
        }
    }
    found
}

#[test]
fn five_hundred_hostile_names_write_nothing() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let out = place.path().join("a/b/out");
    std::fs::create_dir_all(&out).expect("a writable folder");
    let config = write(place.path());
    let before = tree(place.path());
    let mut rng = ChaCha8Rng::seed_from_u64(17);
    let mut names: BTreeSet<String> =
        ["../../../../x", "/etc/x", "a/../../x", "..", ".", "", "x\0y", "./x", "x/", "//"]
            .map(str::to_owned)
            .into();
    names.insert("n".repeat(300));
    while names.len() < 500 {
        let pieces = (0..rng.random_range(1..6)).map(|_| PIECES[rng.random_range(0..PIECES.len())]);
        let name: String = pieces.collect();
        let plain =
            name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) && !name.starts_with('.');
        if !plain {
            names.insert(name);
        }
    }
    for name in &names {
        let overrides = [format!("name={}", toml::Value::String(name.clone()))];
        if let Ok(experiment) = Experiment::load(&config, &overrides, &Registry::default()) {
            let folder = RunFolder::of(&out, &experiment, 3);
            panic!("{name:?} would be {}", folder.path().display());
        }
    }
    assert_eq!(tree(place.path()), before);
}

#[test]
fn links_out_of_the_output_folder_are_refused() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let (out, elsewhere) = (place.path().join("out"), place.path().join("elsewhere"));
    std::fs::create_dir_all(&elsewhere).expect("a writable folder");
    write(place.path());
    for link in ["tiny", "tiny/seed-3"] {
        std::fs::create_dir_all(out.join(link).parent().expect("a folder")).expect("a writable folder");
        std::os::unix::fs::symlink(&elsewhere, out.join(link)).expect("a writable folder");
        for force in [&[][..], &["--force"]] {
            let ran = run(place.path(), &[&["tiny.toml", "--out", "out"][..], force].concat());
            assert_eq!(ran.code, Some(2), "{}", ran.stderr);
            assert!(ran.stderr.contains(&format!("out/{link}: is a link: ")), "{}", ran.stderr);
        }
        assert!(tree(&elsewhere).is_empty(), "{:?}", tree(&elsewhere));
        std::fs::remove_file(out.join(link)).expect("a writable folder");
    }
}

#[test]
fn a_linked_output_folder_is_the_users_own_choice() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let real = place.path().join("real");
    std::fs::create_dir(&real).expect("a writable folder");
    std::os::unix::fs::symlink(&real, place.path().join("out")).expect("a writable folder");
    let run = prepared(&write(place.path()), &["training.n_epochs=1"], &place.path().join("out"));
    assert!(run.path().is_dir() && real.join("tiny/seed-3/config.toml").is_file());
}
