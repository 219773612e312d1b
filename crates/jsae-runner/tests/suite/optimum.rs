//! Exact returns: the command, the run's folder, messages and reports.

use std::fs;
use std::path::Path;

use jsae_runner::RunFolder;

use crate::program::{Ran, run};
use crate::tiny::{bytes, finish, prepared, trained, write};

const SNAPPED: &str = "env.gridworld.snap=true";
const SHORT: &str = "training.n_epochs=4";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn reference(run: &RunFolder) -> serde_json::Value {
    let text = fs::read_to_string(run.file("reference.json")).expect("reference.json");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn optimum_of_the_slot_machine_is_480_and_its_random_policy_13() {
    let out = folder();
    fs::write(out.path().join("slots.toml"), "[env.slot_machine]\n[algorithm.vpg]\n").expect("a file");
    let Ran { code, stdout, stderr } = run(out.path(), &["optimum", "slots.toml"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout, "best policy                  480.0000\nrandom policy                 13.3323\n");
    let ran = run(out.path(), &["optimum", "slots.toml", "--set", "env.slot_machine.time_limit=1", "--json"]);
    let returns: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(returns["optimal"], 24.0);
    assert_eq!(fs::read_dir(out.path()).expect("a folder").count(), 1, "a file's optimum is printed alone");
}

#[test]
fn run_keeps_what_its_returns_are_held_against() {
    let out = folder();
    write(out.path());
    let ran = run(out.path(), &["tiny.toml", "--set", SHORT, "--set", SNAPPED, "--out", "."]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains(" % of optimal)  "), "{}", ran.stderr);
    assert!(ran.stderr.contains(" % of optimal), evaluation "), "{}", ran.stderr);
    let run_folder = RunFolder::open(&out.path().join("tiny/seed-3")).expect("a run");
    let kept = reference(&run_folder);
    fs::remove_file(run_folder.file("reference.json")).expect("a file");
    let table = |wanted: bool| {
        let Ran { stdout, .. } = run(out.path(), &["report", "tiny"]);
        assert_eq!(stdout.contains("% of optimal"), wanted, "{stdout}");
    };
    table(false);
    let ran = run(out.path(), &["optimum", "tiny/seed-3", "--json"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&ran.stdout).ok(), Some(kept.clone()));
    assert_eq!(reference(&run_folder), kept);
    table(true);
}

#[test]
fn what_returns_are_held_against_changes_no_figure() {
    let out = folder();
    let held = trained(&[SHORT, SNAPPED], out.path());
    assert!(held.file("reference.json").is_file());
    let other = prepared(&write(out.path()), &[SHORT, SNAPPED], &out.path().join("other"));
    fs::write(other.file("reference.json"), "{\"random\": 5, \"optimal\": 7}").expect("a file");
    finish(&other);
    assert!(bytes(&held) == bytes(&other));
    assert_eq!(reference(&other)["optimal"], 7, "it is computed once");
}

#[test]
fn run_without_an_exact_solution_keeps_nothing() {
    let out = folder();
    let unsnapped = trained(&["training.n_epochs=1"], out.path());
    assert!(!unsnapped.file("reference.json").exists());
    let refused = |arguments: &[&str]| {
        let Ran { code, stdout, stderr } = run(out.path(), arguments);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
        stderr
    };
    let said = refused(&["optimum", "tiny.toml"]);
    assert!(said.starts_with("tiny.toml: env.gridworld.snap is false, expected true for an exact"), "{said}");
    let said = refused(&["optimum", "tiny.toml", "--set", "env.identity={}"]);
    assert!(said.starts_with("tiny.toml: [env.identity] has no exact solution; "), "{said}");
    let said = refused(&["optimum", "tiny/seed-3", "--set", SNAPPED]);
    assert_eq!(said, "tiny/seed-3: is a run, whose configuration stays as it is: no --set\n");
    let said = refused(&["optimum", "tiny"]);
    assert_eq!(said, "tiny: is not the folder of a run, expected one or a file\n");
    assert!(!Path::new("reference.json").exists());
}
