//! Sweeps as real processes: interrupted ones end as if they had not been.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::program::{Ran, command, ran, run};
use crate::sweep::{is_long, n_trials, results, trial, undisturbed, write};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path());
    folder
}

fn sweep(folder: &Path, arguments: &[&str]) -> Ran {
    run(folder, &[&["sweep", "grid.toml"], arguments].concat())
}

#[test]
fn a_sweep_killed_again_and_again_makes_every_run_once() {
    let folder = folder();
    let kills = if is_long() { 10 } else { 3 };
    for k in 0..kills {
        let mut child = command(folder.path())
            .args(["sweep", "grid.toml", "--jobs", "2"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program can be started");
        // Anywhere from its start to the middle of its trials.
        let moment = 700 + k * 2_777 % 1_900 + if is_long() { 1_000 } else { 0 };
        std::thread::sleep(Duration::from_millis(moment));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }
    let Ran { code, stderr, .. } = sweep(folder.path(), &["--jobs", "2"]);
    assert_eq!(code, Some(1), "one trial fails: {stderr}");
    assert_eq!(&results(folder.path()), undisturbed());
}

#[test]
fn shards_and_tasks_add_up_to_the_sweep() {
    let folder = folder();
    let shard = sweep(folder.path(), &["--shard", "1/2"]);
    assert!(shard.stdout.contains(" open"), "{}", shard.stdout);
    let tasks = sweep(folder.path(), &["--emit-tasks"]);
    assert_eq!(tasks.stdout.lines().count(), n_trials() / 2, "{}", tasks.stdout);
    for task in tasks.stdout.lines() {
        let status = std::process::Command::new("sh").args(["-c", task]).status().expect("a shell");
        assert_eq!(status.code(), Some(0), "{task}");
    }
    let last = sweep(folder.path(), &[]);
    assert_eq!(last.code, Some(1), "{}", last.stderr);
    assert_eq!(last.stderr.lines().count(), 1, "the fresh seed alone was left: {}", last.stderr);
    assert_eq!(&results(folder.path()), undisturbed());
}

#[test]
fn a_half_deleted_run_begins_anew_and_mixed_versions_are_told() {
    let folder = folder();
    undisturbed();
    let first = ["--task", "0", "--chunk", "1"];
    assert_eq!(sweep(folder.path(), &first).code, Some(0));
    let status = run(folder.path(), &["sweep", "status", "grid.toml"]);
    assert_eq!(status.code, Some(3), "{}", status.stdout);
    let place = trial(folder.path(), 0).join("seed-0");
    let before = std::fs::read(place.join("evaluation.json")).expect("a finished run");
    std::fs::remove_file(place.join("config.toml")).expect("a resolved file");
    let again = sweep(folder.path(), &first);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(
        again.stderr.contains("begins anew (config.toml is missing beside evaluation.json)"),
        "{}",
        again.stderr
    );
    assert!(place.with_file_name("seed-0.old-1").is_dir());
    assert!(std::fs::read(place.join("evaluation.json")).expect("a finished run") == before);
    let text = std::fs::read_to_string(place.join("status.json")).expect("status.json");
    let older = text.replace("\"versions\": [", "\"versions\": [\n    \"0.0.1 abc (libtorch 1.0, x)\",");
    std::fs::write(place.join("status.json"), older).expect("a writable folder");
    let status = run(folder.path(), &["sweep", "status", "sweeps/grid"]);
    let warning =
        "warning: results of 2 versions of the program are mixed: 0.0.1 abc (libtorch 1.0, x) in 1 run, ";
    assert!(status.stdout.starts_with(warning), "{}", status.stdout);
}

#[test]
fn a_trial_that_waits_for_an_embedding_says_so() {
    let folder = folder();
    assert_eq!(sweep(folder.path(), &["--task", "0"]).code, Some(0));
    let mut learnt = std::fs::read_dir(folder.path().join("sweeps/grid/embeddings")).expect("a folder");
    let learnt = learnt.next().expect("an embedding").expect("an entry").path();
    std::fs::remove_dir_all(learnt.join("seed-0")).expect("a writable folder");
    let lock = std::fs::File::create(learnt.join("seed-0.lock")).expect("a writable folder");
    lock.lock().expect("nobody else holds it");
    let mut waiting = command(folder.path())
        .args(["sweep", "grid.toml", "--task", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut said = BufReader::new(waiting.stderr.take().expect("a pipe")).lines();
    let first = said.next().expect("a line").expect("text");
    assert!(first.contains(": waiting for the embedding "), "{first}");
    drop(lock);
    let rest: Vec<String> = said.map(|line| line.expect("text")).collect();
    assert!(waiting.wait().expect("a process").success(), "{rest:?}");
    assert!(rest.len() == 1 && rest[0].contains(": finished, "), "{rest:?}");
}

#[test]
fn an_incomplete_search_is_said_by_the_exit_code() {
    let folder = folder();
    assert_eq!(sweep(folder.path(), &["--task", "0"]).code, Some(0));
    let finals = sweep(folder.path(), &["--finals"]);
    assert_eq!((finals.code, finals.stdout.as_str()), (Some(3), ""), "{}", finals.stderr);
    assert!(finals.stderr.starts_with("the search has gaps: "), "{}", finals.stderr);
    let dry = sweep(folder.path(), &["--dry-run"]);
    let left = n_trials() + 1;
    assert!(dry.stderr.contains(&format!("{left} runs to be made\n")), "{}", dry.stderr);
}

#[test]
fn a_task_that_is_none_is_bad_input() {
    let folder = folder();
    let refused = |ran: Ran, words: &str| {
        assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1), "{}", ran.stderr);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    };
    refused(sweep(folder.path(), &["--task", "999"]), "task 999: there is none, the sweep has ");
    let mut numbered = command(folder.path());
    numbered.args(["sweep", "grid.toml"]).env("SLURM_ARRAY_TASK_ID", "abc");
    refused(ran(&mut numbered), "SLURM_ARRAY_TASK_ID: is abc, expected a whole number");
    let set = run(folder.path(), &["sweep", "sweeps/grid", "--set", "training.n_epochs=3"]);
    refused(set, "is the folder of a sweep, and --set changes sweep files");
}

#[test]
fn a_base_that_has_changed_since_is_refused() {
    let folder = folder();
    assert_eq!(sweep(folder.path(), &["--task", "0"]).code, Some(0));
    let changed = sweep(folder.path(), &["--set", "training.n_epochs=3"]);
    assert_eq!(changed.code, Some(2), "{}", changed.stderr);
    assert!(
        changed.stderr.contains("holds another experiment (there n_epochs = 2, here n_epochs = 3)"),
        "{}",
        changed.stderr
    );
}

#[test]
fn a_dry_run_counts_lists_and_estimates_and_writes_nothing() {
    let folder = folder();
    let dry = sweep(folder.path(), &["--dry-run", "--jobs", "2"]);
    assert_eq!(dry.code, Some(0), "{}", dry.stderr);
    assert_eq!(dry.stdout.lines().count(), n_trials() + 1, "{}", dry.stdout);
    let runs = n_trials() + 2;
    assert!(
        dry.stderr.contains(&format!("fresh seeds of the best: {runs} runs to be made\n")),
        "{}",
        dry.stderr
    );
    assert!(
        dry.stderr
            .contains(&format!("{runs} of them share their embeddings, of which 2 are to be pre-trained\n")),
        "{}",
        dry.stderr
    );
    assert!(dry.stderr.contains(" with 2 at a time: a run takes about "), "{}", dry.stderr);
    assert!(!folder.path().join("sweeps").exists());
}
