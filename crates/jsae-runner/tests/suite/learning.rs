//! Whole runs that learn, within seconds.

use crate::tiny::{finish, prepared};

/// Steps of an episode of the identity tasks: the best return.
const BEST: f64 = 20.0;

/// Mean return of the deterministic policy that `config` with `overrides` ends with.
fn learnt(config: &str, overrides: &[&str]) -> f64 {
    let out = tempfile::tempdir().expect("a temporary folder");
    let path = out.path().join("task.toml");
    std::fs::write(&path, config).expect("a writable folder");
    finish(&prepared(&path, overrides, out.path())).mean_return
}

const IDENTITY: &str = r#"
[env.identity]

[training]
n_epochs = 60
steps_per_epoch = 400
eval_freq = 0

[algorithm.vpg]
actor_learning_rate = 1e-2
actor_updates = 1
critic_learning_rate = 1e-2
hidden_sizes = [32]
initial_std = 0.5
gamma = 0.0
"#;

const PPO: &str = "algorithm.ppo={ actor_learning_rate = 3e-3, actor_updates = 8, hidden_sizes = [32], \
                   initial_std = 0.5, gamma = 0.0 }";

#[test]
fn the_discrete_identity_is_solved() {
    for (algorithm, overrides) in [("vpg", &[][..]), ("ppo", &[PPO])] {
        let reached = learnt(IDENTITY, overrides);
        assert!(reached >= 0.9 * BEST, "{algorithm}: {reached}");
    }
}

#[test]
fn the_box_identity_is_solved() {
    for (algorithm, overrides) in [("vpg", &["training.n_epochs=120"][..]), ("ppo", &[PPO])] {
        let reached = learnt(IDENTITY, &[overrides, &["env.identity.space=box"]].concat());
        assert!(reached >= 0.9 * BEST, "{algorithm}: {reached}");
    }
}

/// An embedded policy in the open: no walls, and a goal that random actions reach now and then.
const GRIDWORLD: &str = r#"
[env.gridworld]
n_actuators = 5
time_limit = 40
layout = { start = [0.2, 0.5], walls = [], goal = [0.5, 0.3, 0.9, 0.7] }

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

[algorithm.ppo]
actor_learning_rate = 1e-3
actor_updates = 8
initial_std = 0.6
"#;

#[test]
fn an_embedded_policy_finds_the_goal() {
    let before = learnt(GRIDWORLD, &["training.n_epochs=0"]);
    let after = learnt(GRIDWORLD, &[]);
    assert!(before < 0.0 && after > 0.8, "from {before} to {after}");
}
