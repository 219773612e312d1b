use std::collections::BTreeMap;

use super::{N_ACTIONS, N_REELS, N_STATES, N_VALUES, SlotMachine, advance, joint};

impl SlotMachine {
    /// The distinct effects of the actions, each with the number of actions that have it.
    pub fn effects(&self) -> Vec<([usize; N_REELS], usize)> {
        let mut counts = BTreeMap::new();
        for action in 0..N_ACTIONS {
            *counts.entry(self.effect(action)).or_insert(0) += 1;
        }
        counts.into_iter().collect()
    }

    /// Best return over `n_steps` steps from the fixed start, by exact dynamic programming over
    /// all pointer positions.
    pub fn optimum(&self, n_steps: u32) -> f64 {
        self.evaluate(n_steps, |options| options.map(|(value, _)| value).fold(f64::NEG_INFINITY, f64::max))
    }

    /// Expected return over `n_steps` steps of the uniform random policy from the fixed start,
    /// exactly.
    pub fn random_value(&self, n_steps: u32) -> f64 {
        self.evaluate(n_steps, |options| {
            options.map(|(value, n_actions)| value * n_actions as f64 / N_ACTIONS as f64).sum()
        })
    }

    /// Backs values up `n_steps` times; `combine` makes a state's value of each effect's value
    /// and number of actions.
    fn evaluate(&self, n_steps: u32, combine: impl Fn(&mut dyn Iterator<Item = (f64, usize)>) -> f64) -> f64 {
        let effects = self.effects();
        let states: Vec<_> = (0..N_STATES).map(pointers).collect();
        let rewards: Vec<_> = states.iter().map(|&state| f64::from(self.reward(state))).collect();
        let mut values = vec![0.0; N_STATES];
        for _ in 0..n_steps {
            let gains: Vec<f64> = rewards.iter().zip(&values).map(|(reward, value)| reward + value).collect();
            values = states
                .iter()
                .map(|&state| {
                    let mut options =
                        effects.iter().map(|&(effect, n)| (gains[joint(advance(state, effect))], n));
                    combine(&mut options)
                })
                .collect();
        }
        values[joint([0; N_REELS])]
    }
}

/// The pointers whose joint index is `index`.
fn pointers(index: usize) -> [usize; N_REELS] {
    std::array::from_fn(|reel| index / N_VALUES.pow((N_REELS - 1 - reel) as u32) % N_VALUES)
}
