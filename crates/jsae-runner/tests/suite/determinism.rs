//! What a run writes is a function of configuration and seed alone.

use std::fs;
use std::path::Path;

use crate::program::run;
use crate::tiny::{bytes, prepared, trained, write};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn the_same_seed_writes_the_same_bytes() {
    let (a, b) = (folder(), folder());
    let (a, b) = (trained(&[], a.path()), trained(&[], b.path()));
    assert!(bytes(&a) == bytes(&b));
    for file in ["config.toml", "pretrain.csv", "evaluation.json"] {
        assert_eq!(fs::read(a.file(file)).expect(file), fs::read(b.file(file)).expect(file), "{file}");
    }
}

#[test]
fn another_seed_writes_other_bytes() {
    let (a, b) = (folder(), folder());
    let (a, b) = (trained(&[], a.path()), trained(&["seeds=[4]"], b.path()));
    assert_ne!(bytes(&a).figures, bytes(&b).figures);
}

#[test]
fn threads_change_no_byte() {
    let (a, b) = (folder(), folder());
    let (a, b) = (trained(&[], a.path()), trained(&["training.n_threads=2"], b.path()));
    assert!(bytes(&a) == bytes(&b));
}

#[test]
fn the_resolved_file_trains_to_the_same_bytes() {
    let (a, b) = (folder(), folder());
    let first = trained(&[], a.path());
    let again = prepared(&first.file("config.toml"), &[], b.path());
    crate::tiny::finish(&again);
    assert!(bytes(&first) == bytes(&again));
}

#[test]
fn every_algorithm_repeats_itself() {
    for overrides in [
        &["algorithm.ppo={ batch_size = 32 }", "embedding.ra={}"][..],
        &[
            "algorithm.sac={ learning_starts = 100, update_after = 100, batch_size = 16, hidden_sizes = [16] }",
        ],
        &[
            "algorithm.sac={ learning_starts = 100, update_after = 100, batch_size = 16, hidden_sizes = [16] }",
            "mapping.nearest={ k = 4 }",
        ],
        &["embedding.rounding={ base = 2 }", "embedding_update.passes=0"],
        &[
            "embedding.jsae.decoder=\"softmax\"",
            "embedding.jsae.target=\"latent\"",
            "embedding.jsae.reward_weight=0.5",
            "embedding.jsae.reconstruction_weight=0.1",
            "embedding.jsae.renewal_interval=2",
        ],
        &[
            "algorithm.discrete_sac={ learning_starts = 100, update_after = 100, batch_size = 16, hidden_sizes = [16] }",
            "embedding.identity={}",
            "embedding_update.passes=0",
        ],
    ] {
        let (a, b) = (folder(), folder());
        let overrides = [overrides, &["training.n_epochs=3"]].concat();
        let (a, b) = (trained(&overrides, a.path()), trained(&overrides, b.path()));
        assert!(bytes(&a) == bytes(&b), "{overrides:?}");
    }
}

/// Also the promise that a process of its own and a call of the library are the same run.
#[test]
fn runs_at_a_time_change_no_byte() {
    let out = folder();
    let config = write(out.path());
    let config = config.to_str().expect("a path in UTF-8");
    for jobs in ["1", "2"] {
        let arguments = [config, "--seed", "3", "--seed", "5", "--jobs", jobs, "--out", jobs, "--quiet"];
        let ran = run(out.path(), &arguments);
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
    }
    let of =
        |out: &Path, seed: &str| jsae_runner::RunFolder::open(&out.join("tiny").join(seed)).expect("a run");
    for seed in ["seed-3", "seed-5"] {
        let (alone, beside) = (of(&out.path().join("1"), seed), of(&out.path().join("2"), seed));
        assert!(bytes(&alone) == bytes(&beside), "{seed}");
    }
    let called = folder();
    assert!(bytes(&of(&out.path().join("1"), "seed-3")) == bytes(&trained(&[], called.path())));
}
