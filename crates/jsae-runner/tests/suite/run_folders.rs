//! Nothing is overwritten silently.

use std::fs;
use std::path::{Path, PathBuf};

use jsae_envs::recommender::{Filters, Item, Model};
use jsae_runner::{Experiment, Registry, RunFolder, RunState};

use crate::program::run;
use crate::tiny::{TINY, bytes, prepared, trained, write};

const SHORT: &str = "training.n_epochs=2";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn a_finished_run_is_reported_and_kept() {
    let out = folder();
    let finished = trained(&[SHORT], out.path());
    let before = contents(finished.path());
    let ran = run(out.path(), &["tiny.toml", "--set", SHORT, "--out", "."]);
    let expected = "tiny seed 3: already finished, kept as it is in ./tiny/seed-3 (--force starts over)\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), expected));
    assert!(contents(finished.path()) == before);
}

#[test]
fn series_of_an_experiment_has_a_row_for_each_epoch() {
    let out = folder();
    trained(&[SHORT], out.path());
    let ran = run(out.path(), &["report", ".", "--series", "series"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let series = std::fs::read_to_string(out.path().join("series/tiny.csv")).expect("a file");
    let rows: Vec<&str> = series.lines().collect();
    assert_eq!(rows[0], "epoch,steps,seconds,runs,mean,sd,iqm,low,high");
    assert!(rows[1].starts_with("1,") && rows.len() > 2, "{series}");
}

#[test]
fn force_keeps_the_old_run_aside() {
    let out = folder();
    let finished = trained(&[SHORT], out.path());
    let before = contents(finished.path());
    let ran = run(out.path(), &["tiny.toml", "--set", SHORT, "--out", ".", "--force"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("tiny seed 3: the run that was there is kept as ./tiny/seed-3.old-1\n"));
    assert!(contents(&out.path().join("tiny/seed-3.old-1")) == before);
    let old = RunFolder::open(&out.path().join("tiny/seed-3.old-1")).expect("a run");
    assert!(bytes(&finished) == bytes(&old));
}

#[test]
fn a_folder_of_another_experiment_is_refused() {
    let out = folder();
    let finished = trained(&[SHORT], out.path());
    let before = contents(finished.path());
    let ran = run(out.path(), &["tiny.toml", "--set", "training.n_epochs=3", "--out", "."]);
    let expected = "./tiny/seed-3: holds another experiment (there n_epochs = 2, here n_epochs = 3): \
                    choose another name, --out, or --force\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), expected));
    assert!(contents(finished.path()) == before);
}

#[test]
fn a_folder_in_use_is_refused() {
    let out = folder();
    let busy = prepared(&write(out.path()), &[SHORT], out.path());
    let _lock = busy.lock().expect("nobody else uses it");
    let ran = run(out.path(), &["tiny.toml", "--set", SHORT, "--out", "."]);
    let expected = "tiny seed 3: failed: error: ./tiny/seed-3 is in use by another process \
                    (log: ./tiny/seed-3/log.txt)\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), expected));
    assert_eq!(busy.state(), RunState::Unfinished);
}

#[test]
fn a_run_that_fails_leaves_the_others_alone() {
    let out = folder();
    let busy = prepared(&write(out.path()), &[SHORT], out.path());
    let _lock = busy.lock().expect("nobody else uses it");
    let arguments = ["tiny.toml", "--set", SHORT, "--out", ".", "--seed", "3", "--seed", "4", "--jobs", "1"];
    let ran = run(out.path(), &arguments);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let other = RunFolder::open(&out.path().join("tiny/seed-4")).expect("a run");
    assert_eq!(other.state(), RunState::Finished);
}

#[test]
fn a_run_says_what_it_was_made_with() {
    let out = folder();
    let run = prepared(&write(out.path()), &[SHORT], out.path());
    let text = fs::read_to_string(run.file("versions.json")).expect("versions.json");
    let versions: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    for name in ["jsae", "tch", "libtorch", "rustc", "target"] {
        assert!(versions[name].as_str().is_some_and(|version| !version.is_empty()), "{name}: {versions:?}");
    }
}

#[test]
fn a_folder_that_holds_no_run_is_none() {
    let out = folder();
    write(out.path());
    assert!(RunFolder::open(out.path()).is_err());
    let experiment = Experiment::load(&out.path().join("tiny.toml"), &[], &Registry::default());
    let experiment = experiment.expect("the tiny experiment is valid");
    let of = RunFolder::of(out.path(), &experiment, 3);
    assert_eq!(of.state(), RunState::New);
    assert!(!of.path().exists(), "asking made it");
}

/// Paths and contents of the files in a folder, but for the lock.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("lock") {
                let name = path.strip_prefix(folder).expect("it is in there").to_owned();
                files.push((name, fs::read(&path).expect("a readable file")));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn results_without_a_readable_experiment_are_given_to_no_other() {
    for (damage, words) in [
        (None, "./tiny/seed-3/config.toml: is missing beside evaluation.json: "),
        (Some(&b"\xff"[..]), "./tiny/seed-3/config.toml: cannot be read ("),
    ] {
        let out = folder();
        let finished = trained(&[SHORT], out.path());
        let config = finished.file("config.toml");
        match damage {
            None => fs::remove_file(&config).expect("a writable folder"),
            Some(bytes) => fs::write(&config, bytes).expect("a writable folder"),
        }
        let before = contents(finished.path());
        let ran = run(out.path(), &["tiny.toml", "--set", SHORT, "--out", "."]);
        assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1), "{}", ran.stderr);
        assert!(ran.stderr.starts_with(words) && ran.stderr.ends_with("--force\n"), "{}", ran.stderr);
        assert!(contents(finished.path()) == before);
        let forced = run(out.path(), &["tiny.toml", "--set", SHORT, "--out", ".", "--force"]);
        assert_eq!(forced.code, Some(0), "{}", forced.stderr);
        assert!(contents(&out.path().join("tiny/seed-3.old-1")) == before);
    }
}

#[test]
fn a_final_evaluation_that_is_cut_is_made_again() {
    let out = folder();
    let finished = trained(&[SHORT], out.path());
    let evaluation = fs::read(finished.file("evaluation.json")).expect("a final evaluation");
    fs::write(finished.file("evaluation.json"), &evaluation[..20]).expect("a writable folder");
    let ran = run(out.path(), &["tiny.toml", "--set", SHORT, "--out", "."]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(fs::read(finished.file("evaluation.json")).expect("a final evaluation") == evaluation);
}

#[test]
fn no_run_of_a_command_is_touched_where_another_is_refused() {
    let out = folder();
    let finished = trained(&[SHORT], out.path());
    fs::write(out.path().join("first.toml"), "extends = \"tiny.toml\"\nname = \"first\"\n")
        .expect("a writable folder");
    let changed =
        ["first.toml", "tiny.toml", "--out", ".", "--set", SHORT, "--set", "algorithm.vpg.gamma=0.5"];
    let ran = run(out.path(), &changed);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1), "{}", ran.stderr);
    assert!(!out.path().join("first").exists());
    let _lock = finished.lock().expect("nobody else uses it");
    trained(&[SHORT, "name=\"first\""], out.path());
    let forced = run(out.path(), &["first.toml", "tiny.toml", "--out", ".", "--set", SHORT, "--force"]);
    assert_eq!((forced.code, forced.stderr.lines().count()), (Some(1), 1), "{}", forced.stderr);
    assert!(!out.path().join("first/seed-3.old-1").exists());
}

#[test]
fn forcing_a_link_writes_nothing_behind_it() {
    let out = folder();
    write(out.path());
    fs::create_dir_all(out.path().join("elsewhere/checkpoints")).expect("a writable folder");
    fs::create_dir(out.path().join("tiny")).expect("a writable folder");
    std::os::unix::fs::symlink("../elsewhere", out.path().join("tiny/seed-3")).expect("a link");
    let ran = run(out.path(), &["tiny.toml", "--out", ".", "--force"]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1), "{}", ran.stderr);
    assert!(!out.path().join("elsewhere/lock").exists());
}

/// A recommender of `n` items.
fn shop(folder: &Path, n: u32) {
    let items = (0..n).map(|i| Item { id: format!("item {i}"), price: f64::from(i) }).collect();
    let sequences: Vec<Vec<u32>> = (0..n).map(|user| (0..4).map(|k| (user + k) % n).collect()).collect();
    let model = Model::from_sequences(items, &sequences, Filters::default()).expect("a model");
    model.write(&folder.join("shop.model")).expect("a writable folder");
}

#[test]
fn a_run_does_not_go_on_with_another_model() {
    let out = folder();
    shop(out.path(), 12);
    let model = out.path().join("shop.model");
    let env = format!("env={{ recommender = {{ model = {:?} }} }}", model.to_str().expect("UTF-8"));
    fs::write(
        out.path().join("tiny.toml"),
        TINY.replace("[env.gridworld]\nn_actuators = 5\ntime_limit = 20\n", ""),
    )
    .expect("a writable folder");
    let arguments = ["tiny.toml", "--out", ".", "--set", env.as_str(), "--set", SHORT];
    let ran = run(out.path(), &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    shop(out.path(), 13);
    let before = contents(&out.path().join("tiny/seed-3"));
    for arguments in [&arguments[..], &["eval", "tiny/seed-3"]] {
        let ran = run(out.path(), arguments);
        assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1), "{}", ran.stderr);
        assert!(ran.stderr.starts_with(&format!("{}: its sha256 is ", model.display())), "{}", ran.stderr);
    }
    assert!(contents(&out.path().join("tiny/seed-3")) == before);
}
