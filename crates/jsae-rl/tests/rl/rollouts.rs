//! The rollout buffer: what ends where, and what is worth what afterwards.

use jsae_rl::{RolloutBuffer, RowLengths, VectorStep};

const LENGTHS: RowLengths = RowLengths { obs_len: 1, action_len: 1, latent_len: 2 };

/// Two environments, three steps; observation 10 t + i before step t of environment i.
/// Environment 0 is truncated at step 1 and environment 1 terminates at step 0.
fn rollout() -> RolloutBuffer {
    let mut buffer = RolloutBuffer::new(3, 2, LENGTHS);
    fill(&mut buffer);
    buffer
}

fn fill(buffer: &mut RolloutBuffer) {
    let ends = [([false, true], [false, false]), ([false, false], [true, false]), ([false; 2], [false; 2])];
    for (t, (terminated, truncated)) in ends.into_iter().enumerate() {
        let t = t as f64;
        let next_observations = if t == 1.0 { [77.0, 21.0] } else { [10.0 * t + 10.0, 10.0 * t + 11.0] };
        buffer.push(&VectorStep {
            observations: &[10.0 * t, 10.0 * t + 1.0],
            actions: &[0.0, 1.0],
            latent_actions: &[0.5, 0.25, t as f32, 1.0],
            rewards: &[1.0, 2.0],
            terminated: &terminated,
            truncated: &truncated,
            next_observations: &next_observations,
        });
    }
}

fn numbers(tensor: &tch::Tensor) -> Vec<f32> {
    Vec::try_from(tensor.view(-1)).expect("single precision")
}

#[test]
fn rows_come_back_time_major() {
    let buffer = rollout();
    assert_eq!(buffer.observations().size(), [6, 1]);
    assert_eq!(numbers(&buffer.observations()), [0.0, 1.0, 10.0, 11.0, 20.0, 21.0]);
    assert_eq!(buffer.latent_actions().size(), [6, 2]);
    assert_eq!(numbers(&buffer.latent_actions())[2..4], [0.0, 1.0]);
    assert_eq!(numbers(&buffer.actions()), [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    assert_eq!(buffer.rewards(), [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
}

#[test]
fn next_observation_of_an_ended_episode_is_its_final_one() {
    assert_eq!(numbers(&rollout().next_observations())[2], 77.0);
}

#[test]
fn truncated_and_last_steps_are_bootstrapped_and_terminated_ones_are_not() {
    let buffer = rollout();
    assert_eq!(buffer.bootstrap_rows(), [2, 4, 5]);
    assert_eq!(numbers(&buffer.bootstrap_observations()), [77.0, 30.0, 31.0]);
}

#[test]
fn truncated_step_bootstraps_and_terminated_does_not() {
    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let (advantages, returns) = rollout().advantages_and_returns(&values, &[100.0, 10.0, 20.0], 0.5, 1.0);
    // Environment 0: truncated at step 1 (V = 100), cut at step 2 (V = 10).
    assert_eq!([returns[0], returns[2], returns[4]], [1.0 + 0.5 * 51.0, 51.0, 6.0]);
    // Environment 1: terminated at step 0, cut at step 2 (V = 20).
    assert_eq!([returns[1], returns[3], returns[5]], [2.0, 2.0 + 0.5 * 12.0, 12.0]);
    for row in 0..6 {
        assert_eq!(advantages[row], returns[row] - values[row]);
    }
}

#[test]
fn cleared_buffer_takes_a_rollout_again() {
    let mut buffer = rollout();
    buffer.clear();
    assert!(buffer.is_empty() && buffer.bootstrap_rows().is_empty());
    fill(&mut buffer);
    assert_eq!(numbers(&buffer.observations()), numbers(&rollout().observations()));
}

#[test]
#[should_panic(expected = "full")]
fn full_buffer_refuses_a_step() {
    fill(&mut rollout());
}
