//! Theorem 1, and what becomes of it without its assumptions.

use crate::example::Figure;
use crate::lemma1::Spread;
use crate::mapping::Mapping;
use crate::process::{Process, deterministic, distance};
use crate::settings::{ALIASED, N_ACTIONS, N_STATES, Setting};

const TOLERANCE: f64 = 1e-12;
/// Least loss that the counter-examples show.
const GAP: f64 = 1e-3;
const LOSS: &str = "v* − v of the best internal policy, largest over states";

pub(crate) fn holds() -> Vec<Figure> {
    let Setting { process, mapping, .. } = Setting::new();
    let best = process.best_values();
    let optimal = deterministic(&process.best_actions(), N_ACTIONS);
    let spread = Spread::new(&optimal, &mapping);
    let right: Vec<f64> =
        (0..N_STATES).map(|s| spread.mean(s, |a| process.action_value(s, a, &best))).collect();
    vec![
        Figure::holds(
            "v*(s) − Σ_a ∫ π_i(e|φ(s)) Q*(s, a) de, eq. 2, largest",
            distance(&best, &right),
            TOLERANCE,
        ),
        Figure::holds(
            "V of π_o − v*, largest",
            distance(&process.values(&spread.overall()), &best),
            TOLERANCE,
        ),
    ]
}

/// One distribution of actions has to serve both states: what eq. 2 misses at least in one of them.
pub(crate) fn aliased() -> Vec<Figure> {
    let Setting { process, .. } = Setting::aliased();
    let best = process.best_values();
    let advantage = |s: usize, a: usize| process.action_value(s, a, &best) - best[s];
    let pairs: Vec<[f64; 2]> = (0..N_ACTIONS).map(|a| ALIASED.map(|s| advantage(s, a))).collect();
    let what = "v* − Σ_a ∫ π_i Q* of the best internal policy, larger of the two states";
    vec![Figure::fails(what, least_shortfall(&pairs), TOLERANCE, GAP)]
}

/// min over distributions p of the larger of −Σ p·first and −Σ p·second.
///
/// By duality it is max over λ in [0, 1] of min over a of −(λ first + (1 − λ) second), a concave function of λ.
fn least_shortfall(pairs: &[[f64; 2]]) -> f64 {
    let at = |share: f64| {
        let loss = |[first, second]: &[f64; 2]| -(share * first + (1.0 - share) * second);
        pairs.iter().map(loss).fold(f64::INFINITY, f64::min)
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..200 {
        let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if at(a) < at(b) { low = a } else { high = b }
    }
    at(f64::midpoint(low, high))
}

/// Every latent action is a mixture of its nearest action and of all: the best that such actions can do.
pub(crate) fn random_mapping() -> Vec<Figure> {
    let Setting { process, .. } = Setting::new();
    let mixed = |rows: &[Vec<f64>]| -> Vec<Vec<f64>> {
        let mean = |i: usize| rows.iter().map(|row| row[i]).sum::<f64>() / rows.len() as f64;
        let means: Vec<f64> = (0..rows[0].len()).map(mean).collect();
        rows.iter()
            .map(|row| row.iter().zip(&means).map(|(own, mean)| 0.9 * own + 0.1 * mean).collect())
            .collect()
    };
    let mix_rewards = |rewards: &Vec<f64>| -> Vec<f64> {
        let rows: Vec<Vec<f64>> = rewards.iter().map(|&reward| vec![reward]).collect();
        mixed(&rows).concat()
    };
    let mapped = Process {
        transitions: process.transitions.iter().map(|rows| mixed(rows)).collect(),
        rewards: process.rewards.iter().map(mix_rewards).collect(),
        ..process.clone()
    };
    vec![Figure::fails(LOSS, distance(&process.best_values(), &mapped.best_values()), TOLERANCE, GAP)]
}

/// φ mistakes a state for any other once in ten times: eq. 2 on average over the states.
///
/// The mean loss is a sum over the points of X, so that the best policy chooses for each point on its own.
pub(crate) fn random_state_embedding() -> Vec<Figure> {
    let Setting { process, .. } = Setting::new();
    let best = process.best_values();
    let seen = |s: usize, x: usize| 0.1 / N_STATES as f64 + if s == x { 0.9 } else { 0.0 };
    let loss = |x: usize, a: usize| -> f64 {
        (0..N_STATES).map(|s| seen(s, x) * (best[s] - process.action_value(s, a, &best))).sum()
    };
    let least = |x: usize| (0..N_ACTIONS).map(|a| loss(x, a)).fold(f64::INFINITY, f64::min);
    let mean = (0..N_STATES).map(least).sum::<f64>() / N_STATES as f64;
    let what = "v* − Σ_a ∫ π_i Q* of the best internal policy, mean over states";
    vec![Figure::fails(what, mean, TOLERANCE, GAP)]
}

/// An action that the optimal policy takes lies where a lower one lies: no e leads to it.
pub(crate) fn shadowed() -> Vec<Figure> {
    let Setting { process, .. } = Setting::new();
    let shadowed = process.best_actions().into_iter().max().unwrap_or_default();
    let place = |action: usize| if action == shadowed { 0 } else { action };
    let mapping = Mapping::new((0..N_ACTIONS).map(|a| place(a) as f64 / N_ACTIONS as f64).collect());
    let reachable: Vec<usize> = (0..N_ACTIONS).filter(|&a| mapping.cell(a).is_some()).collect();
    let rest = Process {
        transitions: process
            .transitions
            .iter()
            .map(|rows| reachable.iter().map(|&a| rows[a].clone()).collect())
            .collect(),
        rewards: process.rewards.iter().map(|row| reachable.iter().map(|&a| row[a]).collect()).collect(),
        ..process.clone()
    };
    vec![Figure::fails(LOSS, distance(&process.best_values(), &rest.best_values()), TOLERANCE, GAP)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_shortfall_is_that_of_the_best_mixture() {
        // Half of each action loses 1 in both states; no distribution loses less in the worse one.
        assert!((least_shortfall(&[[0.0, -2.0], [-2.0, 0.0]]) - 1.0).abs() < 1e-12);
        // A third action that loses 0.4 in both is better.
        assert!((least_shortfall(&[[0.0, -2.0], [-2.0, 0.0], [-0.4, -0.4]]) - 0.4).abs() < 1e-12);
        // One action is best in both.
        assert!(least_shortfall(&[[0.0, 0.0], [-2.0, 0.0]]).abs() < 1e-12);
    }
}
