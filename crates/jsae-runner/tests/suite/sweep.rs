//! A grid on the slot machine whose trials take a moment each, and what it comes to undisturbed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::program::{Ran, run};

/// Trials that end well: 64 where `JSAE_LONG_TESTS` is set. One more meets numbers without end and fails.
pub(crate) fn n_trials() -> usize {
    if is_long() { 64 } else { 6 }
}

/// Is there time for more of everything?
pub(crate) fn is_long() -> bool {
    std::env::var_os("JSAE_LONG_TESTS").is_some()
}

/// Writes the grid into `folder` as `grid.toml` with what it extends.
pub(crate) fn write(folder: &Path) {
    let slot_machine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/slot_machine_vpg_jsae.toml");
    let base = format!(
        "extends = {:?}\n[training]\nn_epochs = 2\nsteps_per_epoch = 20\nn_envs = 1\nn_eval_episodes = 1\n\
         checkpoint_freq = 1\n[pretrain]\nsamples = 100\npasses = 1\n[algorithm.vpg]\nhidden_sizes = [8]\n",
        slot_machine.display().to_string()
    );
    // Two standard deviations, and one rate more for the first discount: the trial that fails.
    let gammas: Vec<String> = (0..n_trials() / 2).map(|i| format!("0.{}", 900 + i)).collect();
    let grid = format!(
        "base = \"base.toml\"\nsearch_seeds = [0]\nfinal_seeds = 1\n[axes.algorithm.vpg]\n\
         gamma = [{}]\ncritic_learning_rate = [1e-3, 1e30]\ninitial_std = [0.3, 0.6]\n\
         [[exclude]]\nalgorithm.vpg.critic_learning_rate = 1e30\nalgorithm.vpg.initial_std = 0.6\n\
         [[exclude]]\nalgorithm.vpg.critic_learning_rate = 1e30\nalgorithm.vpg.gamma = [{}]\n",
        gammas.join(", "),
        gammas[1..].join(", "),
    );
    fs::write(folder.join("base.toml"), base).expect("a writable folder");
    fs::write(folder.join("grid.toml"), grid).expect("a writable folder");
}

/// What the grid comes to when nothing disturbs it, by file.
pub(crate) fn undisturbed() -> &'static BTreeMap<String, String> {
    static RESULTS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    RESULTS.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(folder.path());
        let Ran { code, stdout, stderr } =
            run(folder.path(), &["sweep", "grid.toml", "--jobs", "2", "--verbose"]);
        assert_eq!(code, Some(1), "one trial fails: {stderr}");
        assert!(stdout.contains(&format!("{} finished, 1 failed, 0 open", n_trials())), "{stdout}");
        let embeddings = fs::read_dir(folder.path().join("sweeps/grid/embeddings")).expect("a folder");
        assert_eq!(embeddings.count(), 1, "all runs have one embedding, with two seeds");
        println!("undisturbed sweep: {}", stderr.lines().last().unwrap_or_default());
        results(folder.path())
    })
}

/// The sweep's table and every run's records; asserts that no run was made twice.
pub(crate) fn results(folder: &Path) -> BTreeMap<String, String> {
    let sweep = folder.join("sweeps/grid");
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(&sweep).expect("a sweep").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() && !entry.ends_with("slurm") && !entry.ends_with("embeddings") {
            for run in fs::read_dir(&entry).expect("a trial").map(|run| run.expect("an entry").path()) {
                assert!(!run.to_string_lossy().contains(".old-"), "{}", run.display());
                let name = run.strip_prefix(&sweep).expect("below it").display().to_string();
                for file in ["progress.csv", "evaluation.json"] {
                    let text = fs::read_to_string(run.join(file)).unwrap_or_default();
                    found.insert(format!("{name}/{file}"), text);
                }
            }
        }
    }
    found.insert("trials.csv".to_owned(), fs::read_to_string(sweep.join("trials.csv")).expect("trials.csv"));
    found
}

/// Folder of the trial in a line of `trials.csv`, counted from 0.
pub(crate) fn trial(folder: &Path, number: usize) -> PathBuf {
    let sweep = folder.join("sweeps/grid");
    let table = fs::read_to_string(sweep.join("trials.csv")).expect("trials.csv");
    let row = table.lines().nth(number + 1).expect("a row");
    sweep.join(row.split(',').nth(1).expect("a name"))
}
