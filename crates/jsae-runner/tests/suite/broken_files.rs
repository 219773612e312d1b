//! Broken experiment files beside what the program says about them.
//!
//! `JSAE_BLESS=1` writes the program's words into the `.stderr` files: read them before they are committed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{Ran, run};

/// What needs more than the file's name; a name ends in `.stderr` beside the files.
const COMMANDS: &[(&str, &[&str])] = &[
    ("48_one_name_twice", &["good.toml", "base/good.toml"]),
    ("49_set_without_a_value", &["check", "good.toml", "--set", "training.n_epochs"]),
    (
        "51_several_settings",
        &[
            "good.toml",
            "--set=trainig.n_epochs=3",
            "--set=training.n_envs=many",
            "--set=env.gridworld.n_actuators=0",
        ],
    ),
    ("81_set_cannot_extend", &["check", "good.toml", "--set", "extends=base/good.toml"]),
    ("82_a_seed_option_twice", &["good.toml", "--seed", "3", "--seed", "3"]),
    ("83_a_seed_option_in_words", &["good.toml", "--seed", "three"]),
    ("84_an_unknown_device_option", &["good.toml", "--device", "gpu"]),
    ("87_eval_of_no_run", &["eval", "base"]),
    (
        "96_set_within_another_variant",
        &[
            "check",
            "good.toml",
            "--set=algorithm.ppo.clip_range=0.1",
            "--set=env.slot_machine.seed=3",
            "--set=embedding.jsae.state_dim=4",
        ],
    ),
    ("88_list_of_no_table", &["list", "algorithm.dreamer"]),
];

/// Files of whose single check the text is compared too; all files are compared in one command.
const CHECKED_ALONE: &[&str] = &["16_types_ranges_and_unknown_keys_at_once", "24_error_in_the_extended_file"];

#[test]
fn every_broken_file_is_refused_in_the_words_beside_it() {
    let folder = Fixtures::new();
    let names = folder.plain();
    assert!(names.len() >= 30, "{} broken files", names.len());
    if blessing() {
        for name in &names {
            folder.bless(name, &folder.refused(&["check", &format!("{name}.toml")]));
        }
    }
    let mut arguments: Vec<String> = names.iter().map(|name| format!("{name}.toml")).collect();
    arguments.extend(["--out".to_owned(), "out".to_owned()]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let expected: String = names.iter().map(|name| folder.expected(name)).collect();
    assert_same(&folder.refused(&arguments), &expected);
}

#[test]
fn check_says_the_same_as_training() {
    let folder = Fixtures::new();
    for name in CHECKED_ALONE {
        assert_same(&folder.refused(&["check", &format!("{name}.toml")]), &folder.expected(name));
    }
}

#[test]
fn every_broken_command_is_refused_in_the_words_beside_it() {
    let folder = Fixtures::new();
    for (name, arguments) in COMMANDS {
        let said = folder.refused(arguments);
        if blessing() {
            folder.bless(name, &said);
        }
        assert_same(&said, &folder.expected(name));
    }
}

#[test]
fn every_broken_file_has_its_expected_text() {
    let folder = Fixtures::new();
    let named = folder.plain();
    for name in folder.names("toml").into_iter().filter(|name| name != "good") {
        assert!(named.contains(&name), "{name}.toml has no expected text");
    }
}

/// A copy of the broken files, with those that no repository should hold.
struct Fixtures {
    folder: tempfile::TempDir,
}

impl Fixtures {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(&source(), folder.path());
        fs::write(folder.path().join("27_a_very_large_file.toml"), " ".repeat((4 << 20) + 1))
            .expect("a file");
        fs::write(folder.path().join("28_not_utf8.toml"), b"name = \"gr\xf6sse\"\n").expect("a file");
        fs::create_dir(folder.path().join("29_a_folder.toml")).expect("a folder");
        Self { folder }
    }

    /// Standard error of a command that must refuse its input and leave nothing behind.
    fn refused(&self, arguments: &[&str]) -> String {
        let before = entries(self.folder.path());
        let Ran { code, stdout, stderr } = run(self.folder.path(), arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert_eq!(stdout, "", "{arguments:?}");
        assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
        assert_eq!(entries(self.folder.path()), before, "{arguments:?} left something behind");
        stderr
    }

    /// The cases that need no command of their own.
    fn plain(&self) -> Vec<String> {
        let has_command = |name: &String| COMMANDS.iter().any(|(command, _)| command == name);
        let texts = self.names(if blessing() { "toml" } else { "stderr" });
        texts.into_iter().filter(|name| name != "good" && !has_command(name)).collect()
    }

    fn names(&self, extension: &str) -> Vec<String> {
        let files = entries(self.folder.path()).into_iter();
        let files = files.filter(|path| path.extension().is_some_and(|found| found == extension));
        files.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
    }

    fn expected(&self, name: &str) -> String {
        let path = source().join(format!("{name}.stderr"));
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn bless(&self, name: &str, said: &str) {
        fs::write(source().join(format!("{name}.stderr")), said).expect("a writable folder");
    }
}

fn blessing() -> bool {
    std::env::var_os("JSAE_BLESS").is_some()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs/broken")
}

fn copy(from: &Path, to: &Path) {
    for path in entries(from) {
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            fs::create_dir(&target).expect("a new folder");
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a readable file");
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = read.map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    entries
}

/// Compares line by line, so that a failure shows the lines that differ alone.
fn assert_same(said: &str, expected: &str) {
    let differing = said.lines().zip(expected.lines()).find(|(said, expected)| said != expected);
    if let Some((said, expected)) = differing {
        panic!("said:     {said}\nexpected: {expected}");
    }
    assert_eq!(said, expected, "one is longer");
}
