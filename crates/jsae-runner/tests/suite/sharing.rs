//! Runs that share their pre-training end as if each had done its own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::AtomicBool;

use jsae_runner::jsae_envs::recommender::{Filters, Item, Model};
use jsae_runner::{Event, Outcome, Registry, RunFolder, train_sharing};

use crate::program::{command, run};
use crate::tiny::{bytes, prepared, trained, write};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Trains [`crate::tiny::TINY`] with `overrides` to its end, its embedding shared in `embeddings`; warnings.
fn sharing(overrides: &[&str], out: &Path, embeddings: &Path) -> (RunFolder, Vec<String>) {
    let folder = prepared(&write(out), overrides, out);
    tch::set_num_threads(1);
    let mut warnings = Vec::new();
    let mut hear = |event| {
        if let Event::Warning { text } = event {
            warnings.push(text);
        }
    };
    let ended =
        train_sharing(&folder, Some(embeddings), &Registry::default(), &AtomicBool::new(false), &mut hear);
    assert!(matches!(ended, Ok(Outcome::Finished(_))), "{ended:?}");
    (folder, warnings)
}

fn embeddings(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(root).expect("embeddings").map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found
}

fn assert_same(shared: &RunFolder, own: &RunFolder) {
    assert!(bytes(shared) == bytes(own));
    for file in ["config.toml", "pretrain.csv", "evaluation.json"] {
        assert!(fs::read(shared.file(file)).expect(file) == fs::read(own.file(file)).expect(file), "{file}");
    }
}

#[test]
fn a_shared_embedding_leaves_every_byte_as_it_is() {
    let (own, out) = (folder(), folder());
    let root = out.path().join("embeddings");
    let changes = ["name=\"other\"", "algorithm.vpg.initial_std=0.3", "training.n_epochs=4"];
    let (first, _) = sharing(&[], out.path(), &root);
    let learnt = embeddings(&root);
    let time =
        |path: &Path| path.join("seed-3/pretrain.csv").metadata().and_then(|m| m.modified()).expect("a time");
    let before = time(&learnt[0]);
    let (second, _) = sharing(&changes, out.path(), &root);
    assert_eq!(embeddings(&root), learnt, "both runs have one embedding");
    assert_eq!(time(&learnt[0]), before, "it was learnt once");
    assert_same(&first, &trained(&[], own.path()));
    assert_same(&second, &trained(&changes, own.path()));
}

#[test]
fn whatever_the_embedding_depends_on_makes_it_another() {
    let out = folder();
    let root = out.path().join("embeddings");
    let short = "training.n_epochs=1";
    for (n, change) in [
        "seeds=[3]",
        "embedding.jsae.action_dim=3",
        "pretrain.passes=3",
        "env.gridworld.substep=0.05",
        "training.n_envs=2",
        "embedding={ ra = {} }",
    ]
    .into_iter()
    .enumerate()
    {
        sharing(&[change, short, &format!("name=\"run-{n}\"")], out.path(), &root);
        assert_eq!(embeddings(&root).len(), n + 1, "{change}");
    }
    // Another seed of the first.
    sharing(&["seeds=[4]", short, "name=\"seed\""], out.path(), &root);
    assert_eq!(embeddings(&root).len(), 6);
    // Nothing is pre-trained, nothing is shared.
    for (n, change) in ["embedding={ identity = {} }", "pretrain.samples=0"].into_iter().enumerate() {
        let name = format!("name=\"none-{n}\"");
        sharing(&[change, "embedding_update.passes=0", short, &name], out.path(), &root);
        assert_eq!(embeddings(&root).len(), 6, "{change}");
    }
}

#[test]
fn another_purchase_log_makes_it_another() {
    let out = folder();
    let (root, model) = (out.path().join("embeddings"), out.path().join("shop.model"));
    for n in 1..=2_u32 {
        let items = (0..12).map(|i| Item { id: format!("item {i}"), price: f64::from(i * n) }).collect();
        let sequences: Vec<Vec<u32>> =
            (0..12).map(|user| (0..4).map(|k| (user + k * n) % 12).collect()).collect();
        let shop = Model::from_sequences(items, &sequences, Filters::default()).expect("a model");
        shop.write(&model).expect("a writable folder");
        let env = format!("env={{ recommender = {{ model = {:?} }} }}", model.display().to_string());
        sharing(&[&env, "training.n_epochs=1", &format!("name=\"run-{n}\"")], out.path(), &root);
        assert_eq!(embeddings(&root).len(), n as usize);
    }
}

#[test]
fn another_algorithm_with_the_same_embedding_takes_it() {
    let (own, out) = (folder(), folder());
    let root = out.path().join("embeddings");
    let sac =
        "algorithm.sac={ learning_starts = 100, update_after = 100, batch_size = 16, hidden_sizes = [16] }";
    for (embeddings_so_far, changes) in [
        (1, &["name=\"vpg\""][..]),
        (1, &["name=\"ppo\"", "algorithm.ppo={ batch_size = 32 }", "training.count_pretrain_steps=false"]),
        (1, &["name=\"sac\"", sac, "mapping.nearest={ k = 4 }"]),
        (1, &["name=\"more\"", "embedding_update.passes=2"]),
        (2, &["name=\"ra\"", "embedding={ ra = {} }", "embedding_update.passes=0"]),
        (2, &["name=\"ra-2\"", "embedding={ ra = {} }", "embedding_update.passes=0", "training.n_epochs=2"]),
    ] {
        let (shared, _) = sharing(changes, out.path(), &root);
        assert_eq!(embeddings(&root).len(), embeddings_so_far, "{changes:?}");
        assert_same(&shared, &trained(changes, own.path()));
    }
}

#[test]
fn a_damaged_embedding_is_set_aside_and_learnt_anew_once() {
    let (own, out) = (folder(), folder());
    let root = out.path().join("embeddings");
    sharing(&[], out.path(), &root);
    let place = embeddings(&root)[0].join("seed-3");
    let body = place.join("checkpoints/epoch-0.safetensors");
    let whole = fs::read(&body).expect("an embedding");
    let mut broken = whole.clone();
    broken[whole.len() / 2] ^= 1;
    fs::write(&body, broken).expect("a writable folder");
    let again = ["name=\"again\""];
    let (second, warnings) = sharing(&again, out.path(), &root);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let kept = format!("): kept as {}.old-1, learnt anew", place.display());
    assert!(warnings[0].contains(" cannot be used (the checkpoint "), "{warnings:?}");
    assert!(warnings[0].ends_with(&kept), "{warnings:?}");
    assert_same(&second, &trained(&again, own.path()));
    assert!(fs::read(&body).expect("an embedding") == whole);
    // One without its checkpoint.
    fs::remove_dir_all(place.join("checkpoints")).expect("a writable folder");
    let (_, warnings) = sharing(&["name=\"third\""], out.path(), &root);
    assert!(warnings.len() == 1 && warnings[0].contains("(it has no checkpoint)"), "{warnings:?}");
    let (_, warnings) = sharing(&["name=\"fourth\""], out.path(), &root);
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn who_waits_for_an_embedding_begins_once_it_is_free_or_stops_when_asked() {
    let out = folder();
    let config = write(out.path()).display().to_string();
    let taken = |root: &str| {
        let learnt = embeddings(&out.path().join(root)).remove(0);
        fs::remove_dir_all(learnt.join("seed-3")).expect("a writable folder");
        let lock = fs::File::create(learnt.join("seed-3.lock")).expect("a writable folder");
        lock.lock().expect("nobody else holds it");
        (learnt, lock)
    };

    let root = out.path().join("own");
    sharing(&["name=\"first\"", "training.n_epochs=1"], out.path(), &root);
    let (_, _lock) = taken("own");
    let stopped = prepared(Path::new(&config), &["name=\"stopped\""], out.path());
    let asked = AtomicBool::new(true);
    let ended = train_sharing(&stopped, Some(&root), &Registry::default(), &asked, &mut |_| ());
    assert!(matches!(ended, Ok(Outcome::Stopped { epoch: 0 })), "{ended:?}");
    assert!(!stopped.file("pretrain.csv").exists());

    // Another program's embedding is another one.
    let ran = run(out.path(), &[&config, "--embeddings", "shared", "--set", "name=\"one\""]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let (learnt, lock) = taken("shared");
    let mut waiting = command(out.path())
        .args([&config, "--embeddings", "shared", "--set", "name=\"two\""])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut said = BufReader::new(waiting.stderr.take().expect("a pipe")).lines();
    let first = said.next().expect("a line").expect("text");
    assert!(first.starts_with("two seed 3: waiting for the embedding "), "{first}");
    assert!(!learnt.join("seed-3").exists() && !out.path().join("runs/two/seed-3/pretrain.csv").exists());
    drop(lock);
    let rest: Vec<String> = said.map(|line| line.expect("text")).collect();
    assert!(waiting.wait().expect("a process").success());
    assert!(!rest.iter().any(|line| line.contains("waiting")), "said once: {rest:?}");
    assert!(learnt.join("seed-3").is_dir() && out.path().join("runs/two/seed-3/evaluation.json").is_file());
}

#[test]
fn one_too_large_for_memory_is_refused_before_it_waits() {
    let out = folder();
    let root = out.path().join("embeddings");
    sharing(&["training.n_epochs=1"], out.path(), &root);
    let learnt = embeddings(&root).remove(0);
    fs::remove_dir_all(learnt.join("seed-3")).expect("a writable folder");
    let lock = fs::File::create(learnt.join("seed-3.lock")).expect("a writable folder");
    lock.lock().expect("nobody else holds it");
    let sac = "algorithm.sac={ buffer_size = 100000000000, hidden_sizes = [16] }";
    let long = ["name=\"large\"", sac, "training.n_epochs=100000000", "training.steps_per_epoch=1000"];
    let large = prepared(&write(out.path()), &long, out.path());
    // Would wait for ever, were it not refused or asked to stop.
    let ended =
        train_sharing(&large, Some(&root), &Registry::default(), &AtomicBool::new(true), &mut |event| {
            panic!("{event:?}")
        });
    let error = format!("{:#}", ended.expect_err("it cannot fit"));
    assert!(error.contains("needs about ") && error.contains(" GiB of memory (replay "), "{error}");
}

#[test]
fn processes_side_by_side_learn_one_embedding_which_is_inspected_but_not_reported() {
    let out = folder();
    let config = write(out.path()).display().to_string();
    let other = out.path().join("other.toml");
    fs::write(
        &other,
        format!("extends = {config:?}\nname = \"other\"\n[algorithm.vpg]\ninitial_std = 0.3\n"),
    )
    .expect("a writable folder");
    let other = other.display().to_string();
    let ran =
        run(out.path(), &[&config, &other, "--jobs", "2", "--embeddings", "runs/embeddings", "--verbose"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let learnt = embeddings(&out.path().join("runs/embeddings"));
    assert_eq!(learnt.len(), 1);
    assert_eq!(ran.stderr.matches("pre-training pass 1 of").count(), 1, "{}", ran.stderr);
    let looked = run(out.path(), &["inspect", &learnt[0].join("seed-3").display().to_string()]);
    assert_eq!(looked.code, Some(0), "{}", looked.stderr);
    assert!(looked.stdout.contains("Action embeddings g: 32 rows"), "{}", looked.stdout);
    let report = run(out.path(), &["report", "runs"]);
    assert_eq!((report.code, report.stderr.as_str()), (Some(0), ""));
    assert!(report.stdout.contains("tiny") && !report.stdout.contains("embedding-"), "{}", report.stdout);
}
