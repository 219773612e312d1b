//! J_o and its gradient, through the finite policy π_o.

use crate::linear::solve;
use crate::mapping::Mapping;
use crate::policy::{Gaussian, Gradient, N_PARAMETERS};
use crate::process::{Policy, Process, dot};

/// π_o(a given s), eq. 1; an action without a cell is never taken.
pub(crate) fn policy(gaussian: &Gaussian, mapping: &Mapping, points: &[f64], n_actions: usize) -> Policy {
    let probability = |x: f64, a: usize| mapping.cell(a).map_or(0.0, |cell| gaussian.probability(cell, x));
    points.iter().map(|&x| (0..n_actions).map(|a| probability(x, a)).collect()).collect()
}

/// J_o, eq. 7: d₀ · V, since Σ_a π_o Q = V.
pub(crate) fn performance(process: &Process, policy: &Policy) -> f64 {
    dot(&process.first, &process.values(policy))
}

/// ∂J_o / ∂θ with everything that depends on θ, Q included: V′ = (I − γP_π)⁻¹ (Σ_a π_o′ Q).
pub(crate) fn gradient(
    process: &Process,
    gaussian: &Gaussian,
    mapping: &Mapping,
    points: &[f64],
) -> Gradient {
    let policy = policy(gaussian, mapping, points, process.n_actions());
    let slopes = slopes(process, gaussian, mapping, points, &process.values(&policy));
    let system = process.system(&process.chain(&policy));
    std::array::from_fn(|i| {
        let right = slopes.iter().map(|slope| slope[i]).collect();
        dot(&process.first, &solve(system.clone(), right))
    })
}

/// The same with Q held as it is: Σ_s d₀(s) Σ_a π_o′(a given s) Q(s, a).
pub(crate) fn frozen_gradient(
    process: &Process,
    gaussian: &Gaussian,
    mapping: &Mapping,
    points: &[f64],
) -> Gradient {
    let policy = policy(gaussian, mapping, points, process.n_actions());
    let slopes = slopes(process, gaussian, mapping, points, &process.values(&policy));
    std::array::from_fn(|i| process.first.iter().zip(&slopes).map(|(first, slope)| first * slope[i]).sum())
}

/// Σ_a ∂π_o(a given s)/∂θ Q(s, a) of each state.
fn slopes(
    process: &Process,
    gaussian: &Gaussian,
    mapping: &Mapping,
    points: &[f64],
    values: &[f64],
) -> Vec<Gradient> {
    let of_state = |(s, &x): (usize, &f64)| {
        let mut sum = [0.0; N_PARAMETERS];
        for a in 0..process.n_actions() {
            let Some(cell) = mapping.cell(a) else { continue };
            let value = process.action_value(s, a, values);
            let slope = gaussian.probability_gradient(cell, x);
            sum.iter_mut().zip(slope).for_each(|(sum, slope)| *sum += slope * value);
        }
        sum
    };
    points.iter().enumerate().map(of_state).collect()
}
