//! A Markov decision process small enough to be solved exactly.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::linear::solve;

/// What acts in a [`Process`]: π(a given s), `[n_states][n_actions]`.
pub(crate) type Policy = Vec<Vec<f64>>;

/// States, actions, transition probabilities, mean rewards and the distribution of the first state.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    /// P(s′ given s, a): `[n_states][n_actions][n_states]`.
    pub(crate) transitions: Vec<Vec<Vec<f64>>>,
    /// R(s, a): `[n_states][n_actions]`.
    pub(crate) rewards: Vec<Vec<f64>>,
    /// d₀(s): `[n_states]`.
    pub(crate) first: Vec<f64>,
    /// γ, below 1.
    pub(crate) gamma: f64,
}

impl Process {
    /// Drawn probabilities, and rewards in [0, 1).
    pub(crate) fn random(n_states: usize, n_actions: usize, gamma: f64, rng: &mut ChaCha8Rng) -> Self {
        let transitions =
            (0..n_states).map(|_| (0..n_actions).map(|_| distribution(n_states, rng)).collect()).collect();
        let rewards = (0..n_states).map(|_| (0..n_actions).map(|_| rng.random()).collect()).collect();
        Self { transitions, rewards, first: distribution(n_states, rng), gamma }
    }

    pub(crate) fn n_states(&self) -> usize {
        self.first.len()
    }

    pub(crate) fn n_actions(&self) -> usize {
        self.rewards[0].len()
    }

    /// V, the solution of V = R_π + γ P_π V.
    pub(crate) fn values(&self, policy: &Policy) -> Vec<f64> {
        let rewards = (0..self.n_states()).map(|s| dot(&policy[s], &self.rewards[s])).collect();
        solve(self.system(&self.chain(policy)), rewards)
    }

    /// Q(s, a) = R(s, a) + γ Σ P(s′ given s, a) V(s′).
    pub(crate) fn action_value(&self, state: usize, action: usize, values: &[f64]) -> f64 {
        self.rewards[state][action] + self.gamma * dot(&self.transitions[state][action], values)
    }

    /// P_π(s′ given s): `[n_states][n_states]`.
    pub(crate) fn chain(&self, policy: &Policy) -> Vec<Vec<f64>> {
        let row = |s: usize| {
            let mut row = vec![0.0; self.n_states()];
            for (probability, transition) in policy[s].iter().zip(&self.transitions[s]) {
                row.iter_mut().zip(transition).for_each(|(sum, p)| *sum += probability * p);
            }
            row
        };
        (0..self.n_states()).map(row).collect()
    }

    /// I − γP.
    pub(crate) fn system(&self, chain: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let entry = |i: usize, j: usize| f64::from(u8::from(i == j)) - self.gamma * chain[i][j];
        (0..chain.len()).map(|i| (0..chain.len()).map(|j| entry(i, j)).collect()).collect()
    }

    /// Discounted occupancy Σ γᵗ P(s_t = s) of a chain: d = d₀ + γ Pᵀ d.
    pub(crate) fn occupancy(&self, chain: &[Vec<f64>]) -> Vec<f64> {
        let n = chain.len();
        let transposed: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| chain[j][i]).collect()).collect();
        solve(self.system(&transposed), self.first.clone())
    }

    /// The best action of each state, by policy iteration.
    pub(crate) fn best_actions(&self) -> Vec<usize> {
        let mut actions = vec![0; self.n_states()];
        loop {
            let values = self.values(&deterministic(&actions, self.n_actions()));
            let better: Vec<usize> = (0..self.n_states())
                .map(|s| {
                    let value = |a: usize| self.action_value(s, a, &values);
                    let best = (0..self.n_actions()).max_by(|&a, &b| value(a).total_cmp(&value(b)));
                    best.filter(|&a| value(a) > value(actions[s]) + 1e-12).unwrap_or(actions[s])
                })
                .collect();
            if better == actions {
                return actions;
            }
            actions = better;
        }
    }

    /// v*.
    pub(crate) fn best_values(&self) -> Vec<f64> {
        self.values(&deterministic(&self.best_actions(), self.n_actions()))
    }

    /// The process in which each group of states is one state: `groups` give its members and their weights.
    pub(crate) fn merged(&self, groups: &[Vec<(usize, f64)>]) -> Self {
        let actions = 0..self.n_actions();
        let mean = |group: &[(usize, f64)], value: &dyn Fn(usize) -> f64| -> f64 {
            group.iter().map(|&(s, weight)| weight * value(s)).sum()
        };
        let reaches = |s: usize, a: usize, group: &[(usize, f64)]| -> f64 {
            group.iter().map(|&(to, _)| self.transitions[s][a][to]).sum()
        };
        let row = |group: &Vec<(usize, f64)>, a: usize| -> Vec<f64> {
            groups.iter().map(|to| mean(group, &|s| reaches(s, a, to))).collect()
        };
        Self {
            transitions: groups.iter().map(|g| actions.clone().map(|a| row(g, a)).collect()).collect(),
            rewards: groups
                .iter()
                .map(|g| actions.clone().map(|a| mean(g, &|s| self.rewards[s][a])).collect())
                .collect(),
            first: groups.iter().map(|g| g.iter().map(|&(s, _)| self.first[s]).sum()).collect(),
            gamma: self.gamma,
        }
    }
}

/// All probability on one action in each state.
pub(crate) fn deterministic(actions: &[usize], n_actions: usize) -> Policy {
    let row = |&action: &usize| (0..n_actions).map(|a| f64::from(u8::from(a == action))).collect();
    actions.iter().map(row).collect()
}

/// Drawn probabilities: shares of exponential numbers, uniform over the simplex.
pub(crate) fn distribution(n: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let shares: Vec<f64> = (0..n).map(|_| -(1.0 - rng.random::<f64>()).ln()).collect();
    let sum: f64 = shares.iter().sum();
    shares.iter().map(|share| share / sum).collect()
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Largest absolute difference.
pub(crate) fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two states: "stay" pays 1 in the second alone, "go" changes state and pays nothing.
    fn two_states() -> Process {
        let (first, second) = (vec![1.0, 0.0], vec![0.0, 1.0]);
        Process {
            transitions: vec![vec![first.clone(), second.clone()], vec![second, first.clone()]],
            rewards: vec![vec![0.0, 0.0], vec![1.0, 0.0]],
            first,
            gamma: 0.5,
        }
    }

    #[test]
    fn values_occupancy_and_optimum_are_those_worked_out_by_hand() {
        let process = two_states();
        assert_eq!(process.best_actions(), [1, 0]);
        assert!(distance(&process.best_values(), &[1.0, 2.0]) < 1e-15);
        let half = vec![vec![0.5, 0.5]; 2];
        // V₀ = (V₀ + V₁)/4, V₁ = 1/2 + (V₀ + V₁)/4.
        assert!(distance(&process.values(&half), &[0.25, 0.75]) < 1e-15);
        assert!(distance(&process.occupancy(&process.chain(&half)), &[1.5, 0.5]) < 1e-15);
    }

    #[test]
    fn states_that_are_merged_share_rewards_and_ways() {
        let merged = two_states().merged(&[vec![(0, 0.25), (1, 0.75)]]);
        assert_eq!(merged.rewards, [[0.75, 0.0]]);
        assert_eq!(merged.transitions, [[[1.0], [1.0]]]);
    }
}
