use std::hint::black_box;
use std::time::Instant;

use super::*;
use crate::guard;

/// The paper's gridworld with nine actuators.
const PAPER: &str = r#"
name = "paper"
seeds = [3]
[env.gridworld]
n_actuators = 9
[embedding.jsae]
state_dim = 6
action_dim = 2
[pretrain]
samples = 2000
passes = 2
[algorithm.vpg]
hidden_sizes = [64, 64]
"#;

/// The best of five, in seconds.
fn seconds(mut work: impl FnMut()) -> f64 {
    let time = |_| {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64()
    };
    (0..5).map(time).fold(f64::INFINITY, f64::min)
}

#[test]
fn guards_take_at_most_2_percent_of_an_epoch() {
    let prepared = Prepared::new(PAPER, &[], &Registry::default());
    let mut run = prepared.start();
    let epoch = seconds(|| drop(run.next_epoch().expect("an epoch")));
    let (latent, rows) = (vec![0.5_f32; 20], vec![0.5; 10]);
    let guards = seconds(|| {
        for _ in 0..150 {
            guard::rows("latent action", black_box(&latent), 2).expect("numbers");
            // Action, reward, both observations.
            for _ in 0..4 {
                guard::rows("reward", black_box(&rows), 1).expect("numbers");
            }
        }
        guard::parameters(black_box(&run.state.agent.tensors())).expect("numbers");
    });
    let share = guards / epoch;
    println!("guards: {:.3} % of an epoch of {:.1} ms", 100.0 * share, 1e3 * epoch);
    assert!(share <= 0.02, "{share}");
}
