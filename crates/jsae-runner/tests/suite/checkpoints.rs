//! Checkpoints that are damaged, of another kind, or of another experiment are refused in one line.

use std::fs;

use jsae_runner::{Agent, Registry, RunFolder};
use sha2::{Digest as _, Sha256};

use crate::tiny::{attempt, bytes, checkpoint, epochs, trained};

/// A run that has its figures and checkpoints, and lacks its final evaluation.
fn unfinished(out: &tempfile::TempDir, overrides: &[&str]) -> RunFolder {
    let run = trained(&[&["training.n_epochs=2"], overrides].concat(), out.path());
    fs::remove_file(run.file("evaluation.json")).expect("a finished run");
    run
}

/// Changes the files of every generation, and returns what training and loading then say.
fn refusal(run: &RunFolder, extension: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
    let paths = epochs(run).into_iter().map(|epoch| checkpoint(run, epoch, extension));
    let changed: Vec<_> = paths.map(|path| (change(fs::read(&path).expect("a checkpoint")), path)).collect();
    for (content, path) in &changed {
        fs::write(path, content).expect("a writable folder");
    }
    let training = format!("{:#}", attempt(run).expect_err("no checkpoint that can be used"));
    let loading = format!("{:#}", Agent::load(run.path(), &Registry::default()).err().expect("the same"));
    for words in [&training, &loading] {
        assert_eq!(words.lines().count(), 1, "{words}");
        assert!(words.contains(".json cannot be used: "), "{words}");
    }
    for (content, path) in &changed {
        assert!(fs::read(path).expect("it is still there") == *content, "{} was changed", path.display());
    }
    training
}

/// `manifest` with another format under a checksum that is right.
fn of_another_format(manifest: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(manifest).expect("a manifest is text");
    let changed = text.replacen("\"format\": ", "\"format\": 99", 1);
    let (end, digits) = ("\"\n}\n", 64);
    let head = &changed[..changed.len() - end.len() - digits];
    let sum: String = Sha256::digest(head).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{head}{sum}{end}").into_bytes()
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    for content in [b"".as_slice(), b"not a checkpoint", b"\x80\x04\x95pickle", b"{}", b"\xff\xfe"] {
        let out = tempfile::tempdir().expect("a temporary folder");
        refusal(&unfinished(&out, &[]), "json", |_| content.to_vec());
    }
    for content in [b"".as_slice(), b"not a checkpoint", b"PK\x03\x04archive/data.pkl"] {
        let out = tempfile::tempdir().expect("a temporary folder");
        refusal(&unfinished(&out, &[]), "safetensors", |_| content.to_vec());
    }
}

#[test]
fn another_format_is_refused_by_its_number() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let words = refusal(&unfinished(&out, &[]), "json", of_another_format);
    assert!(words.contains("its format is 99"), "{words}");
}

#[test]
fn a_checkpoint_of_another_experiment_is_refused() {
    let (small, large) = (tempfile::tempdir(), tempfile::tempdir());
    let (small, large) = (small.expect("a temporary folder"), large.expect("a temporary folder"));
    let run = unfinished(&small, &[]);
    let other = unfinished(&large, &["algorithm.vpg.hidden_sizes=[17]"]);
    for epoch in epochs(&run) {
        let taken = checkpoint(&other, epoch, "safetensors");
        fs::copy(taken, checkpoint(&run, epoch, "safetensors")).expect("a writable folder");
    }
    let manifest = fs::read(checkpoint(&other, 2, "json")).expect("a checkpoint");
    let words = refusal(&run, "json", |_| manifest.clone());
    assert!(words.contains("it was made by another experiment"), "{words}");
}

#[test]
fn a_damaged_checkpoint_costs_the_epochs_since_the_one_before_it() {
    let (whole, damaged) = (tempfile::tempdir(), tempfile::tempdir());
    let (whole, damaged) = (whole.expect("a temporary folder"), damaged.expect("a temporary folder"));
    let whole = trained(&["training.n_epochs=2"], whole.path());
    let run = unfinished(&damaged, &[]);
    fs::write(checkpoint(&run, 2, "safetensors"), b"damaged").expect("a writable folder");
    attempt(&run).expect("there is the checkpoint before it");
    assert_eq!(bytes(&run), bytes(&whole));
}

#[test]
fn figures_that_were_cut_are_made_again() {
    let (whole, cut) = (tempfile::tempdir(), tempfile::tempdir());
    let (whole, cut) = (whole.expect("a temporary folder"), cut.expect("a temporary folder"));
    let whole = trained(&["training.n_epochs=2"], whole.path());
    let run = unfinished(&cut, &[]);
    let figures = fs::read_to_string(run.file("progress.csv")).expect("progress.csv");
    let first: Vec<&str> = figures.lines().take(2).collect();
    fs::write(run.file("progress.csv"), first.join("\n") + "\n").expect("a writable folder");
    attempt(&run).expect("there is the checkpoint before the first epoch");
    assert_eq!(bytes(&run), bytes(&whole));
}

#[test]
fn a_run_without_a_checkpoint_has_no_agent() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let run = unfinished(&out, &[]);
    fs::remove_dir_all(run.file("checkpoints")).expect("checkpoints");
    let error = Agent::load(run.path(), &Registry::default()).err().expect("nothing to load");
    assert!(format!("{error:#}").ends_with("has no checkpoint"), "{error:#}");
}
