//! Whole runs that learn, within seconds.

use std::path::Path;

use jsae_runner::Summary;

use crate::tiny::{finish, prepared};

/// Steps of an episode of the identity tasks: the best return.
const BEST: f64 = 20.0;

fn solved(config: &str, overrides: &[&str]) -> Summary {
    let out = tempfile::tempdir().expect("a temporary folder");
    let path = out.path().join("task.toml");
    std::fs::write(&path, config).expect("a writable folder");
    summary(&path, overrides, out.path())
}

fn summary(config: &Path, overrides: &[&str], out: &Path) -> Summary {
    finish(&prepared(config, overrides, out))
}

const IDENTITY: &str = r#"
[env.identity]

[training]
n_epochs = 60
steps_per_epoch = 400
eval_freq = 0

[algorithm.vpg]
actor_learning_rate = 1e-2
critic_learning_rate = 1e-2
hidden_sizes = [32]
initial_std = 0.5
gamma = 0.0
"#;

#[test]
fn the_discrete_identity_is_solved() {
    for algorithm in [
        "algorithm.vpg.actor_updates=4",
        "algorithm.ppo={ actor_learning_rate = 1e-2, actor_updates = 8, gamma = 0.0, hidden_sizes = [32] }",
    ] {
        let summary = solved(IDENTITY, &[algorithm]);
        assert!(summary.mean_return >= 0.9 * BEST, "{algorithm}: {}", summary.mean_return);
    }
}

#[test]
fn the_box_identity_is_solved() {
    for algorithm in [
        "algorithm.vpg.actor_updates=4",
        "algorithm.ppo={ actor_learning_rate = 1e-2, actor_updates = 8, gamma = 0.0, initial_std = 0.5, hidden_sizes = [32] }",
    ] {
        let summary = solved(IDENTITY, &["env.identity.space=box", algorithm]);
        assert!(summary.mean_return >= 0.9 * BEST, "{algorithm}: {}", summary.mean_return);
    }
}

/// An embedded policy on the way to the goal, in the open: no walls, a goal within reach.
const GRIDWORLD: &str = r#"
[env.gridworld]
n_actuators = 5
time_limit = 30
layout = { start = [0.2, 0.5], walls = [], goal = [0.6, 0.4, 0.9, 0.6] }

[training]
n_epochs = 25
steps_per_epoch = 300
eval_freq = 0

[embedding.jsae]
state_dim = 8
action_dim = 2
state_embedding_scale = 3.0

[pretrain]
samples = 4000
passes = 15
start = "uniform"

[algorithm.vpg]
actor_learning_rate = 3e-3
initial_std = 0.6
"#;

#[test]
fn an_embedded_policy_improves_on_the_gridworld() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let path = out.path().join("open.toml");
    std::fs::write(&path, GRIDWORLD).expect("a writable folder");
    let run = prepared(&path, &[], out.path());
    let summary = finish(&run);
    let mut progress = csv::Reader::from_path(run.file("progress.csv")).expect("progress.csv");
    let column = progress.headers().expect("a header").iter().position(|name| name == "rollout/ep_rew_mean");
    let column = column.expect("the column of returns");
    let first = progress.records().next().expect("an epoch").expect("a row");
    let first: f64 = first[column].parse().expect("an episode ended in the first epoch");
    let last = summary.final_return.expect("episodes ended in the last epochs");
    assert!(last > first + 0.2 && last > 0.8, "from {first} to {last}");
}
