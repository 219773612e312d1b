use std::collections::BTreeMap;

use super::{Config, N_ACTIONS, N_REELS, N_STATES, N_VALUES, SlotMachine, advance, joint};
use crate::{EnvError, ReferenceReturns};

impl Config {
    /// Returns of the random and the best policy, by [`SlotMachine::random_value`] and
    /// [`SlotMachine::optimum`]; `None` where `proceed` said no.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn reference_returns(
        &self,
        proceed: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Option<ReferenceReturns>, EnvError> {
        let machine = SlotMachine::new(self)?;
        let n_steps = self.time_limit;
        let mut done = 0.0;
        let mut step = || {
            done += 1.0;
            proceed(done / (2.0 * f64::from(n_steps)))
        };
        let random = machine.evaluate(n_steps, mean, &mut step);
        Ok(random.and_then(|random| {
            let optimal = machine.evaluate(n_steps, best, &mut step)?;
            Some(ReferenceReturns { random, greedy: None, optimal })
        }))
    }
}

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
        self.evaluate(n_steps, best, &mut || true).expect("nobody said no")
    }

    /// Expected return over `n_steps` steps of the uniform random policy from the fixed start,
    /// exactly.
    pub fn random_value(&self, n_steps: u32) -> f64 {
        self.evaluate(n_steps, mean, &mut || true).expect("nobody said no")
    }

    /// Backs values up `n_steps` times, asking `proceed` after each; `combine` makes a state's value of the
    /// options that it has.
    fn evaluate(&self, n_steps: u32, combine: Combine, proceed: &mut dyn FnMut() -> bool) -> Option<f64> {
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
            if !proceed() {
                return None;
            }
        }
        Some(values[joint([0; N_REELS])])
    }
}

/// A state's value from the value of each effect and the number of actions that have it.
type Combine = fn(&mut dyn Iterator<Item = (f64, usize)>) -> f64;

fn best(options: &mut dyn Iterator<Item = (f64, usize)>) -> f64 {
    options.map(|(value, _)| value).fold(f64::NEG_INFINITY, f64::max)
}

fn mean(options: &mut dyn Iterator<Item = (f64, usize)>) -> f64 {
    options.map(|(value, n_actions)| value * n_actions as f64 / N_ACTIONS as f64).sum()
}

/// The pointers whose joint index is `index`.
fn pointers(index: usize) -> [usize; N_REELS] {
    std::array::from_fn(|reel| index / N_VALUES.pow((N_REELS - 1 - reel) as u32) % N_VALUES)
}
