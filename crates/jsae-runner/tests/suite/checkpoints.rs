//! Checkpoints that are damaged, of another kind, or of other networks are refused in one line.

use std::fs;

use jsae_runner::{Agent, Registry, RunFolder};

use crate::tiny::{attempt, bytes, checkpoint, epochs, finish, newest_epoch, trained};

/// A finished run, made to go on from whatever its checkpoints then are.
fn unfinished(out: &tempfile::TempDir) -> RunFolder {
    let run = trained(&["training.n_epochs=2", "training.checkpoint_freq=1"], out.path());
    fs::remove_file(run.file("evaluation.json")).expect("a finished run");
    run
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// What training says of checkpoints that are all refused, which must be what loading the agent says.
fn refusal(run: &RunFolder) -> String {
    let training = format!("{:#}", attempt(run).expect_err("checkpoints that are none"));
    let loading = Agent::load(run.path(), &Registry::default()).err().expect("the same checkpoints");
    assert_eq!(format!("{loading:#}"), training);
    assert_eq!(training.lines().count(), 1, "{training}");
    training
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let out = folder();
    let run = unfinished(&out);
    for bytes in [b"".as_slice(), b"not a checkpoint", b"{}", b"\x80\x04\x95\0\0\0\0"] {
        for epoch in epochs(&run) {
            fs::write(checkpoint(&run, epoch, "json"), bytes).expect("a writable folder");
        }
        let words = refusal(&run);
        for epoch in epochs(&run) {
            assert!(words.contains(&format!("epoch-{epoch}.json cannot be used: ")), "{words}");
            assert_eq!(fs::read(checkpoint(&run, epoch, "json")).expect("still there"), bytes);
        }
    }
}

#[test]
fn tensors_that_are_damaged_missing_or_swapped_are_refused() {
    let out = folder();
    let run = unfinished(&out);
    let path = |epoch| checkpoint(&run, epoch, "safetensors");
    let [first, second] = epochs(&run)[..] else { panic!("two generations") };
    fs::rename(path(first), out.path().join("kept")).expect("a writable folder");
    fs::rename(path(second), path(first)).expect("a writable folder");
    let words = refusal(&run);
    assert!(words.contains("the sha256 of its ") && words.contains("No such file"), "{words}");
}

#[test]
fn a_damaged_checkpoint_falls_back_and_ends_with_the_same_bytes() {
    let out = folder();
    let run = unfinished(&out);
    let undisturbed = bytes(&run);
    let newest = checkpoint(&run, newest_epoch(&run), "safetensors");
    let mut damaged = fs::read(&newest).expect("a checkpoint");
    let middle = damaged.len() / 2;
    damaged[middle] ^= 4;
    fs::write(&newest, damaged).expect("a writable folder");
    let mut events = Vec::new();
    let stop = std::sync::atomic::AtomicBool::new(false);
    jsae_runner::train(&run, &Registry::default(), &stop, &mut |event| events.push(format!("{event:?}")))
        .unwrap_or_else(|error| panic!("{error:#}"));
    assert!(events[0].contains("Warning") && events[0].contains("cannot be used: "), "{events:?}");
    assert!(events[1].starts_with("Resumed { epoch: "), "{events:?}");
    assert!(bytes(&run) == undisturbed);
}

#[test]
fn a_checkpoint_of_another_experiment_is_refused() {
    let (small, large) = (folder(), folder());
    let run = unfinished(&small);
    let other = trained(&["training.n_epochs=2", "algorithm.vpg.hidden_sizes=[17]"], large.path());
    fs::remove_dir_all(run.file("checkpoints")).expect("a writable folder");
    fs::rename(other.file("checkpoints"), run.file("checkpoints")).expect("one file system");
    let words = refusal(&run);
    assert!(words.contains("it was made by another experiment (config_sha256 "), "{words}");
}

#[test]
fn a_run_without_a_checkpoint_has_no_agent() {
    let out = folder();
    let run = unfinished(&out);
    fs::remove_dir_all(run.file("checkpoints")).expect("a writable folder");
    let error = Agent::load(run.path(), &Registry::default()).err().expect("nothing to load");
    assert!(format!("{error:#}").ends_with("has no checkpoint"), "{error:#}");
}

#[test]
fn what_others_keep_among_the_checkpoints_stays() {
    let out = folder();
    let run = unfinished(&out);
    fs::create_dir(run.file("checkpoints/.ipynb_checkpoints")).expect("a writable folder");
    for name in ["notes.txt", "epoch-3-best.safetensors", "epoch-.json", "replay-old.bin"] {
        fs::write(run.file("checkpoints").join(name), "mine").expect("a writable folder");
    }
    fs::write(run.file("checkpoints/epoch-1.json.part"), "cut").expect("a writable folder");
    fs::remove_file(checkpoint(&run, newest_epoch(&run), "json")).expect("a writable folder");
    finish(&run);
    for name in ["notes.txt", "epoch-3-best.safetensors", "epoch-.json", "replay-old.bin"] {
        assert_eq!(fs::read(run.file("checkpoints").join(name)).expect(name), b"mine");
    }
    assert!(!run.file("checkpoints/epoch-1.json.part").exists());
}

#[test]
fn a_pickle_is_refused_by_its_name() {
    let out = folder();
    let path = out.path().join("model.pt");
    fs::write(&path, b"PK\x03\x04").expect("a writable folder");
    let error = Agent::load(&path, &Registry::default()).err().expect("not read");
    assert!(error.to_string().contains("model.pt ends in .pt, as pickles do, which can run code"), "{error}");
}

#[test]
fn a_finished_run_goes_on_from_its_last_checkpoint_to_the_same_evaluation() {
    let out = folder();
    let run = trained(&["training.n_epochs=2"], out.path());
    let before = fs::read(run.file("evaluation.json")).expect("evaluation.json");
    fs::remove_file(run.file("evaluation.json")).expect("a finished run");
    finish(&run);
    assert_eq!(fs::read(run.file("evaluation.json")).expect("evaluation.json"), before);
}
