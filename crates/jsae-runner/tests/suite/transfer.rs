//! Runs that begin with what another one has learnt.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use jsae_runner::{Agent, Experiment, Outcome, Registry, RunFolder, train};

use crate::program::run;
use crate::tiny::{attempt, bytes, checkpoint, finish, newest_epoch, prepared, trained, write};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A run of 64 actions that moves from the one of 32 actions under `out`; `rest` follows in its `[transfer]`.
fn moving(out: &Path, rest: &str) -> [String; 3] {
    let from = out.join("tiny/seed-{seed}");
    let transfer = format!("transfer={{ from = {:?}{rest} }}", from.to_str().expect("UTF-8"));
    [transfer, "env.gridworld.n_actuators=6".to_owned(), "name=\"moved\"".to_owned()]
}

fn prepared_moving(out: &Path, rest: &str, overrides: &[&str]) -> RunFolder {
    let moving = moving(out, rest);
    let overrides: Vec<&str> = moving.iter().map(String::as_str).chain(overrides.iter().copied()).collect();
    prepared(&write(out), &overrides, out)
}

/// The first words of the refusal of a moved run, which must be a single line, and its exit code.
fn refused(out: &Path, rest: &str, overrides: &[&str]) -> String {
    let moving = moving(out, rest);
    write(out);
    let mut arguments = vec!["tiny.toml", "--out", "."];
    for setting in moving.iter().map(String::as_str).chain(overrides.iter().copied()) {
        arguments.extend(["--set", setting]);
    }
    let ran = run(out, &arguments);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1), "{}", ran.stderr);
    assert!(!out.join("moved").exists(), "nothing is written for a run that cannot begin");
    ran.stderr
}

#[test]
fn a_moved_run_begins_with_policy_values_and_states_of_its_source() {
    let out = folder();
    let source = trained(&[], out.path());
    let moved = prepared_moving(out.path(), "", &["training.n_epochs=0"]);
    finish(&moved);
    let agent = |run: &RunFolder| Agent::load(run.path(), &Registry::default()).expect("an agent");
    let (source, moved) = (agent(&source), agent(&moved));
    let tensor = |agent: &Agent, name: &str| {
        agent.tensors().into_iter().find(|(found, _)| found == name).expect("a tensor of this name").1
    };
    for name in ["algorithm.actor.parameters", "algorithm.critic.parameters"] {
        assert!(tensor(&moved, name).equal(&tensor(&source, name)), "{name}");
    }
    let states = tch::Tensor::arange(1_600, (tch::Kind::Float, tch::Device::Cpu)).view([-1, 1]);
    assert!(moved.encode(&states).equal(&source.encode(&states)));
    assert_eq!(moved.embedding().action_table().expect("a finite action set").size(), [64, 2]);
}

#[test]
fn parts_that_stay_begin_as_they_would_without_a_source() {
    let out = folder();
    trained(&[], out.path());
    let actor_alone = ", critic = false, state_embedding = false, transition = false";
    let sizes = ["training.n_epochs=0", "pretrain.samples=0"];
    let moved = prepared_moving(out.path(), actor_alone, &sizes);
    finish(&moved);
    let scratch = ["name=\"scratch\"", "env.gridworld.n_actuators=6", sizes[0], sizes[1]];
    let scratch = prepared(&write(out.path()), &scratch, out.path());
    finish(&scratch);
    let tensors =
        |run: &RunFolder| Agent::load(run.path(), &Registry::default()).expect("an agent").tensors();
    for ((name, ours), (_, theirs)) in tensors(&moved).into_iter().zip(tensors(&scratch)) {
        assert_eq!(ours.equal(&theirs), name != "algorithm.actor.parameters", "{name}");
    }
}

#[test]
fn a_moved_run_goes_on_to_the_same_bytes_when_its_source_is_gone() {
    let (undisturbed, stopped) = (folder(), folder());
    trained(&[], undisturbed.path());
    let whole = prepared_moving(undisturbed.path(), "", &[]);
    finish(&whole);
    let source = trained(&[], stopped.path());
    let run = prepared_moving(stopped.path(), "", &[]);
    let begun =
        train(&run, &Registry::default(), &AtomicBool::new(true), &mut |_| ()).expect("a first checkpoint");
    assert_eq!(begun, Outcome::Stopped { epoch: 0 });
    std::fs::remove_dir_all(source.path()).expect("a writable folder");
    let run = prepared_moving(stopped.path(), "", &[]);
    finish(&run);
    assert!(bytes(&run) == bytes(&whole));
}

#[test]
fn steps_count_the_own_pre_training_alone() {
    let out = folder();
    trained(&[], out.path());
    let summary = finish(&prepared_moving(out.path(), "", &["training.n_epochs=2"]));
    assert_eq!(summary.steps, 300 + 2 * 80);
}

#[test]
fn a_damaged_source_is_refused_before_anything_is_written() {
    for extension in ["json", "safetensors"] {
        let out = folder();
        let source = trained(&[], out.path());
        let newest = checkpoint(&source, newest_epoch(&source), extension);
        let bytes = std::fs::read(&newest).expect("a checkpoint");
        std::fs::write(&newest, &bytes[..100]).expect("a writable folder");
        let words = refused(out.path(), "", &[]);
        let name = newest.file_stem().expect("a name").to_str().expect("UTF-8");
        assert!(words.contains(name), "{words}");
    }
    let out = folder();
    trained(&[], out.path());
    let large = format!(", sha256 = {:?}", "A".repeat(64));
    assert!(refused(out.path(), &large, &[]).contains("expected 64 hexadecimal digits, letters small"));
}

#[test]
fn a_source_that_has_changed_is_refused() {
    let out = folder();
    trained(&[], out.path());
    let run = prepared_moving(out.path(), "", &[]);
    let config = std::fs::read_to_string(run.file("config.toml")).expect("config.toml");
    assert!(config.contains("sha256 = \""), "{config}");
    std::fs::remove_dir_all(out.path().join("tiny")).expect("a writable folder");
    trained(&["algorithm.vpg.gamma=0.9"], out.path());
    let experiment =
        Experiment::load(&run.file("config.toml"), &[], &Registry::default()).expect("a resolved file");
    let error = run.prepare(&experiment).expect_err("another source").to_string();
    assert!(error.contains("holds another content (sha256 ") && !error.contains('\n'), "{error}");
    let error = format!("{:#}", attempt(&run).expect_err("another source"));
    assert!(error.contains(", and transfer.sha256 is "), "{error}");
}

#[test]
fn a_source_that_is_missing_or_does_not_fit_is_refused_in_one_line() {
    let out = folder();
    let error = refused(out.path(), "", &[]);
    assert!(
        error.ends_with("is not the folder of a run, and transfer.from names it: train that run first\n"),
        "{error}"
    );
    let half = prepared(&write(out.path()), &[], out.path());
    let stopped = train(&half, &Registry::default(), &AtomicBool::new(true), &mut |_| ());
    assert_eq!(stopped.expect("a first checkpoint"), Outcome::Stopped { epoch: 0 });
    let error = refused(out.path(), "", &[]);
    assert!(error.contains("is not finished, and transfer.from names it"), "{error}");
    finish(&half);
    for (rest, setting, expected) in [
        ("", "algorithm.vpg.hidden_sizes=[8]", "hidden_sizes is [8], expected [16]"),
        (
            "",
            "algorithm.ppo={ hidden_sizes = [16] }",
            "the algorithm is [algorithm.ppo], expected [algorithm.vpg]",
        ),
        ("", "embedding.jsae.state_dim=4", "state_dim is 4, expected 3"),
        (
            "",
            "embedding.jsae.state_embedding_scale=3.0",
            "state_embedding_scale is 3, expected absent: that of the embedding it is moved from",
        ),
        (
            "",
            "embedding.jsae.transition_hidden=[7]",
            "transition_hidden is [7], expected [128]: that of the embedding it is moved from",
        ),
        (
            "",
            "env.gridworld.observation=\"continuous\"",
            "the observation space is Box of 2 dimensions, expected Discrete(1600): that of the embedding it is moved from",
        ),
        (
            ", action_embedding = true, transition = false",
            "seeds=[3]",
            "the action space is Discrete(64), expected Discrete(32): that of the embedding it is moved from",
        ),
    ] {
        let error = refused(out.path(), rest, &[setting]);
        let words = format!("does not fit moved, which moves from it: {expected}\n");
        assert!(error.ends_with(&words), "{error}, expected {words}");
    }
}

#[test]
fn a_run_is_not_begun_anew_where_its_source_is_gone() {
    let out = folder();
    trained(&[], out.path());
    let moved = prepared_moving(out.path(), "", &["training.n_epochs=1"]);
    finish(&moved);
    std::fs::remove_dir_all(out.path().join("tiny")).expect("a writable folder");
    let settings = moving(out.path(), "");
    let mut arguments = vec!["tiny.toml", "--out", ".", "--force", "--set", "training.n_epochs=1"];
    settings.iter().for_each(|setting| arguments.extend(["--set", setting]));
    let ran = run(out.path(), &arguments);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("is not the folder of a run, and transfer.from names it"), "{}", ran.stderr);
    assert!(moved.file("evaluation.json").is_file(), "what was there stays where it was");
}

#[test]
fn a_run_and_its_source_are_not_begun_anew_at_once() {
    let out = folder();
    let source = trained(&[], out.path());
    let config = std::fs::read_to_string(write(out.path())).expect("a file");
    let from = out.path().join("tiny/seed-{seed}");
    let moved = format!("{config}\n[transfer]\nfrom = {:?}\n", from.to_str().expect("UTF-8"));
    std::fs::write(out.path().join("moved.toml"), moved.replacen("name = \"tiny\"", "name = \"moved\"", 1))
        .expect("a writable folder");
    let ran = run(out.path(), &["tiny.toml", "moved.toml", "--out", ".", "--force"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("and moved moves from it: force one after the other"), "{}", ran.stderr);
    assert!(source.file("evaluation.json").is_file(), "what was there stays where it was");
}

#[test]
fn a_source_without_an_embedding_is_refused() {
    let out = folder();
    trained(&["embedding.identity={}", "embedding_update.passes=0"], out.path());
    let error = refused(out.path(), ", actor = false, critic = false", &[]);
    assert!(error.ends_with("it has no [embedding.jsae]\n"), "{error}");
}
