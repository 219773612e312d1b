//! Sweep files: what is wrong with one is told before anything runs, and where.

use std::fs;

use crate::program::{Ran, run};
use crate::tiny;

/// The errors about a sweep file over the tiny experiment.
fn errors(text: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    tiny::write(folder.path());
    fs::write(folder.path().join("grid.toml"), text).expect("a writable folder");
    let Ran { code, stdout, stderr } = run(folder.path(), &["sweep", "grid.toml"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    assert!(!folder.path().join("sweeps").exists(), "something was written");
    stderr
}

#[test]
fn all_that_is_wrong_with_the_file_is_told_at_its_place() {
    let found = errors(
        "base = \"tiny.toml\"\nseed = 3\ncriterion = \"best\"\nsearch_seeds = [0, 1]\nfinal_seeds = [1, 2]\n\
         [axes]\nalgorithm.vpg.gamma = []\nseeds = [1, 2]\ntraining.n_envs = { log = [4, 1], n = 3 }\n\
         algorithm.vpg.initial_std = [0.3, 0.3]\n\
         [[linked]]\nalgorithm.vpg.actor_learning_rate = [1e-3, 1e-4]\nalgorithm.vpg.critic_learning_rate = [1e-3]\n\
         [[exclude]]\nalgorithm.vpg.gae_lambda = 0.5\n[random]\nseed = 1\n",
    );
    let expected = "\
grid.toml:2:1: seed is unknown, did you mean set?
grid.toml:3:13: criterion is \"best\", expected \"final_return\" or \"evaluation\"
grid.toml:5:15: final_seeds holds 1, by which the best trial is chosen; expected fresh seeds
grid.toml:7:23: axes.algorithm.vpg.gamma is [], expected at least one value
grid.toml:8:1: seeds is no axis, use search_seeds and final_seeds
grid.toml:9:19: axes.training.n_envs is { log = [4, 1], n = 3 }, expected 0 < LOW < HIGH
grid.toml:10:35: axes.algorithm.vpg.initial_std holds 0.3 twice, expected different values
grid.toml:11:1: linked axes move together: algorithm.vpg.actor_learning_rate has 2 values and algorithm.vpg.critic_learning_rate has 1, expected equally long lists
grid.toml:15:15: exclude.algorithm.vpg.gae_lambda: algorithm.vpg.gae_lambda is no axis of this sweep
grid.toml:16:1: random.budget is missing, expected the number of trials to draw
";
    assert_eq!(found, expected);
}

#[test]
fn an_axis_over_an_unknown_key_is_told_at_the_key() {
    let found = errors(
        "base = \"tiny.toml\"\n[axes]\nalgorithm.vpg.gama = [0.5, 0.9]\nalgorithm.vpg.initial_std = [0.3, -1.0]\n",
    );
    let expected = "\
grid.toml:3:15: algorithm.vpg.gama is unknown, did you mean gamma?
grid.toml:4:35: algorithm.vpg.initial_std is -1.0, expected a number in [0.01, 7.4]
";
    assert_eq!(found, expected);
}

#[test]
fn an_axis_does_not_choose_another_algorithm_silently() {
    let found = errors("base = \"tiny.toml\"\n[axes]\nalgorithm.ppo.clip_range = [0.1, 0.2]\n");
    let expected = "grid.toml:3:15: algorithm.ppo.clip_range is of [algorithm.ppo], and the base chooses [algorithm.vpg]\n";
    assert_eq!(found, expected);
}

#[test]
fn ten_million_trials_are_refused_with_their_number() {
    let found = errors(
        "base = \"tiny.toml\"\n[axes.algorithm.vpg]\ngamma = { log = [0.1, 1.0], n = 10000 }\n\
         gae_lambda = { log = [0.1, 1.0], n = 1000 }\n",
    );
    let expected = "grid.toml: 10000000 trials with 3 seeds each, more than 100000 trials: \
                    [random] budget draws a sample, --force runs all of them\n";
    assert_eq!(found, expected);
}

#[test]
fn numbers_that_no_resolved_file_can_hold_are_refused() {
    let found = errors(
        "base = \"tiny.toml\"\nfinal_seeds = [9223372036854775808]\n[axes.algorithm.vpg]\ngamma = [0.5, 0.9]\n\
         [random]\nbudget = 2\nseed = 9223372036854775808\n[set]\ntraining.n_eval_episodes = 9223372036854775808\n",
    );
    let expected = "\
grid.toml:2:15: final_seeds is [9223372036854775808], expected a list of different whole numbers of at least 0 and below 2^63, or how many (at most 1000)
grid.toml:7:8: random.seed is 9223372036854775808, expected a whole number of at least 0 and below 2^63
grid.toml:9:28: set.training.n_eval_episodes is 9223372036854775808, expected a whole number from -2^63 to 2^63 - 1
";
    assert_eq!(found, expected);
    let found = errors(
        "base = \"tiny.toml\"\nsearch_seeds = [9223372036854775807]\n[axes.algorithm.vpg]\ngamma = [0.5, 0.9]\n",
    );
    let expected = "\
grid.toml:2:16: search_seeds leaves no fresh seeds below 2^63 behind it, expected smaller seeds or final_seeds
";
    assert_eq!(found, expected);
}

#[test]
fn an_empty_table_that_is_set_chooses_a_method() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    tiny::write(folder.path());
    let text = "base = \"tiny.toml\"\nsearch_seeds = [0]\n[set]\nembedding.ra = {}\n[axes.algorithm.vpg]\ngamma = [0.5, 0.9]\n";
    fs::write(folder.path().join("grid.toml"), text).expect("a writable folder");
    let ran = run(folder.path(), &["sweep", "grid.toml", "--emit-tasks"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let base = fs::read_to_string(folder.path().join("sweeps/grid/base.toml")).expect("the base");
    assert!(base.contains("[embedding.ra]"), "{base}");
}

#[test]
fn a_file_without_base_or_axes_says_so() {
    let found = errors("name = \"../x\"\n");
    assert!(found.contains("base is missing"), "{found}");
    assert!(found.contains("no axis, expected [axes]"), "{found}");
    assert!(found.contains("grid.toml:1:8: name is \"../x\", expected a plain folder name"), "{found}");
}

#[test]
fn a_sample_is_as_large_as_asked_and_the_same_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    tiny::write(folder.path());
    let text = "base = \"tiny.toml\"\n[random]\nbudget = 5\nseed = 7\n[axes.algorithm.vpg]\n\
                gamma = { log = [0.1, 1.0], n = 100 }\ngae_lambda = [0.5, 0.9]\n\
                [[exclude]]\nalgorithm.vpg.gae_lambda = 0.9\n";
    fs::write(folder.path().join("grid.toml"), text).expect("a writable folder");
    let tasks = || run(folder.path(), &["sweep", "grid.toml", "--emit-tasks"]).stdout;
    assert_eq!(tasks().lines().count(), 5);
    let written_out = || {
        let Ran { stderr, .. } = run(folder.path(), &["sweep", "status", "grid.toml"]);
        assert_eq!(stderr, "");
        fs::read_to_string(folder.path().join("sweeps/grid/trials.csv")).expect("trials.csv")
    };
    let first = written_out();
    assert_eq!(first.lines().count(), 6);
    assert!(first.lines().skip(1).all(|row| row.split(',').nth(2) == Some("0.5")), "{first}");
    assert_eq!(written_out(), first);
}
