//! Runs that share their pre-training end as if each had done its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use jsae_runner::{Event, Outcome, Registry, RunFolder, train_sharing};

use crate::program::run;
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
    let ended = train_sharing(&folder, embeddings, &Registry::default(), &AtomicBool::new(false), &mut hear);
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
fn a_damaged_embedding_is_told_and_learnt_anew_by_each() {
    let (own, out) = (folder(), folder());
    let root = out.path().join("embeddings");
    sharing(&[], out.path(), &root);
    let body = embeddings(&root)[0].join("seed-3/checkpoints/epoch-0.safetensors");
    let mut broken = fs::read(&body).expect("an embedding");
    let middle = broken.len() / 2;
    broken[middle] ^= 1;
    fs::write(&body, broken).expect("a writable folder");
    let again = ["name=\"again\""];
    let (second, warnings) = sharing(&again, out.path(), &root);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("cannot be used (the checkpoint "), "{warnings:?}");
    assert!(warnings[0].ends_with("): pre-trains its own"), "{warnings:?}");
    assert_same(&second, &trained(&again, own.path()));
}

#[test]
fn processes_side_by_side_learn_one_embedding_and_inspect_looks_at_it() {
    let out = folder();
    let config = write(out.path()).display().to_string();
    let other = out.path().join("other.toml");
    fs::write(
        &other,
        format!("extends = {config:?}\nname = \"other\"\n[algorithm.vpg]\ninitial_std = 0.3\n"),
    )
    .expect("a writable folder");
    let other = other.display().to_string();
    let ran = run(out.path(), &[&config, &other, "--jobs", "2", "--embeddings", "embeddings"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let learnt = embeddings(&out.path().join("embeddings"));
    assert_eq!(learnt.len(), 1);
    let pretrain = |run: &Path| fs::read(run.join("seed-3/pretrain.csv")).expect("pretrain.csv");
    for name in ["tiny", "other"] {
        assert!(pretrain(&out.path().join("runs").join(name)) == pretrain(&learnt[0]), "{name}");
    }
    let looked = run(out.path(), &["inspect", &learnt[0].join("seed-3").display().to_string()]);
    assert_eq!(looked.code, Some(0), "{}", looked.stderr);
    assert!(looked.stdout.contains("Action embeddings g: 32 rows"), "{}", looked.stdout);
}
