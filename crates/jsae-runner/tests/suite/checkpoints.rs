//! Checkpoints that are damaged, of another kind, or of other networks are refused in one line.

use std::collections::HashMap;
use std::fs;

use jsae_runner::{Agent, Registry, RunFolder};
use safetensors::SafeTensors;
use serde_json::Value;

use crate::tiny::{attempt, trained};

/// A finished run, made to go on from whatever its checkpoint then is.
fn unfinished(out: &tempfile::TempDir) -> RunFolder {
    let run = trained(&["training.n_epochs=2"], out.path());
    fs::remove_file(run.file("evaluation.json")).expect("a finished run");
    run
}

/// What training says about `checkpoint`, which must be what loading the agent says.
fn refusal(run: &RunFolder, checkpoint: &[u8]) -> String {
    let path = run.file("checkpoint.safetensors");
    fs::write(&path, checkpoint).expect("a writable folder");
    let training = format!("{:#}", attempt(run).expect_err("a checkpoint that is none"));
    let loading = Agent::load(run.path(), &Registry::default()).err().expect("the same checkpoint");
    assert_eq!(format!("{loading:#}"), training);
    assert_eq!(training.lines().count(), 1, "{training}");
    assert_eq!(fs::read(&path).expect("it is still there"), checkpoint, "it was overwritten");
    training
}

/// `checkpoint` with another header.
fn with_header(checkpoint: &[u8], change: impl Fn(&mut Value)) -> Vec<u8> {
    let (_, metadata) = SafeTensors::read_metadata(checkpoint).expect("a checkpoint");
    let header = metadata.metadata().as_ref().expect("a header")["jsae"].clone();
    let mut header: Value = serde_json::from_str(&header).expect("JSON");
    change(&mut header);
    let tensors = SafeTensors::deserialize(checkpoint).expect("a checkpoint");
    let metadata = HashMap::from([("jsae".to_owned(), header.to_string())]);
    safetensors::serialize(tensors.iter(), Some(metadata)).expect("the same tensors")
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let run = unfinished(&out);
    let good = fs::read(run.file("checkpoint.safetensors")).expect("a checkpoint");
    let no_header: HashMap<String, String> = HashMap::new();
    let tensors = SafeTensors::deserialize(&good).expect("a checkpoint");
    let headless = safetensors::serialize(tensors.iter(), Some(no_header)).expect("the same tensors");
    for damaged in [b"".as_slice(), b"not a checkpoint", &good[..good.len() / 2], &headless] {
        let words = refusal(&run, damaged);
        assert!(words.contains("checkpoint.safetensors is not a checkpoint: "), "{words}");
    }
}

#[test]
fn another_format_is_refused_by_its_number() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let run = unfinished(&out);
    let good = fs::read(run.file("checkpoint.safetensors")).expect("a checkpoint");
    let words = refusal(&run, &with_header(&good, |header| header["format"] = 99.into()));
    assert!(words.contains("its format is 99, expected "), "{words}");
    let words = refusal(&run, &with_header(&good, |header| header["progress"] = Value::Null));
    assert!(words.contains("its header is damaged"), "{words}");
}

#[test]
fn a_checkpoint_of_other_networks_is_refused() {
    let (small, large) = (tempfile::tempdir(), tempfile::tempdir());
    let (small, large) = (small.expect("a temporary folder"), large.expect("a temporary folder"));
    let run = unfinished(&small);
    let other = trained(&["training.n_epochs=2", "algorithm.vpg.hidden_sizes=[17]"], large.path());
    let words = refusal(&run, &fs::read(other.file("checkpoint.safetensors")).expect("a checkpoint"));
    assert!(words.contains("algorithm") || words.contains("actor") || words.contains("shape"), "{words}");
}

#[test]
fn a_run_without_a_checkpoint_has_no_agent() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let run = unfinished(&out);
    fs::remove_file(run.file("checkpoint.safetensors")).expect("a checkpoint");
    let error = Agent::load(run.path(), &Registry::default()).err().expect("nothing to load");
    assert!(format!("{error:#}").ends_with("has no checkpoint"), "{error:#}");
}
