//! Advantages and returns: numbers derived by hand, and properties.

use jsae_rl::advantage::{advantages, normalized, returns};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

#[test]
fn three_steps_agree_with_numbers_derived_by_hand() {
    // γ = 0.5, λ = 0.5; V = 1, 2, 3; the state after the last step is worth 4.
    let (rewards, values, next) = ([1.0, 0.0, -1.0], [1.0, 2.0, 3.0], [2.0, 3.0, 4.0]);
    let continues = [true, true, false];
    // δ = 1 + 1 − 1, 0 + 1.5 − 2, −1 + 2 − 3; A₂ = −2, A₁ = −.5 + .25 · −2, A₀ = 1 + .25 · −1.
    assert_eq!(advantages(&rewards, &values, &next, &continues, 1, 0.5, 0.5), [0.75, -1.0, -2.0]);
    // R₂ = −1 + .5 · 4, R₁ = .5 R₂, R₀ = 1 + .5 R₁.
    assert_eq!(returns(&rewards, &next, &continues, 1, 0.5), [1.25, 0.5, 1.0]);
}

#[test]
fn environments_side_by_side_do_not_mix() {
    let (rewards, values, next) = ([1.0, 10.0, 2.0, 20.0], [0.0; 4], [0.0; 4]);
    let continues = [true, true, false, false];
    assert_eq!(returns(&rewards, &next, &continues, 2, 0.5), [2.0, 20.0, 2.0, 20.0]);
    assert_eq!(advantages(&rewards, &values, &next, &continues, 2, 0.5, 1.0), [2.0, 20.0, 2.0, 20.0]);
}

/// Rewards, values, next values and continuations of two environments over 50 steps.
fn random_stretch() -> [Vec<f32>; 3] {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut column = || (0..100).map(|_| rng.random_range(-1.0..1.0)).collect::<Vec<f32>>();
    let (rewards, values, last) = (column(), column(), column());
    let next = values[2..].iter().copied().chain(last[..2].iter().copied()).collect();
    [rewards, values, next]
}

fn continuations() -> Vec<bool> {
    (0..100).map(|row| row < 98).collect()
}

#[test]
fn lambda_zero_is_the_td_error() {
    let [rewards, values, next] = random_stretch();
    let found = advantages(&rewards, &values, &next, &continuations(), 2, 0.9, 0.0);
    for row in 0..100 {
        let error = rewards[row] + 0.9 * next[row] - values[row];
        assert!((found[row] - error).abs() < 1e-6);
    }
}

#[test]
fn lambda_one_is_returns_minus_values() {
    let [rewards, values, next] = random_stretch();
    let found = advantages(&rewards, &values, &next, &continuations(), 2, 0.9, 1.0);
    let returns = returns(&rewards, &next, &continuations(), 2, 0.9);
    for row in 0..100 {
        assert!((found[row] - (returns[row] - values[row])).abs() < 1e-5);
    }
}

#[test]
fn normalized_advantages_have_mean_zero_and_population_std_one() {
    let found = normalized(&Tensor::from_slice(&[1.0_f64, 2.0, 3.0, 6.0]));
    assert!(found.mean(None).double_value(&[]).abs() < 1e-12);
    assert!((found.std(false).double_value(&[]) - 1.0).abs() < 1e-7);
}
