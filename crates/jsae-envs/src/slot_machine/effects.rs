use std::f64::consts::TAU;

use super::{Config, N_ACTIONS, N_REELS, N_VALUES, Observation, SlotMachine};
use crate::{Effects, Env, EnvError, Start};

impl Config {
    /// How far each action turns each reel, stepped from pointers at 0: points on four circles.
    ///
    /// # Errors
    /// As [`SlotMachine::new`].
    pub fn action_effects(&self) -> Result<Effects, EnvError> {
        let mut machine = SlotMachine::new(&Self { observation: Observation::Factored, ..self.clone() })?;
        let mut pointers = [0.0; N_REELS];
        let mut vectors = Vec::with_capacity(N_ACTIONS);
        for action in 0..N_ACTIONS {
            machine.reset(Start::Fixed, &mut pointers)?;
            machine.step(&[action as f64], &mut pointers)?;
            let turn = |pointer: &f64| (TAU * pointer / N_VALUES as f64).sin_cos();
            vectors.push(pointers.iter().map(turn).flat_map(|(sin, cos)| [cos, sin]).collect());
        }
        Ok(Effects::of("turn of the reels", vectors))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_effects_are_625_and_those_of_the_definition() {
        let effects = Config::default().action_effects().expect("a machine");
        assert_eq!(effects.n_classes(), 625);
        let machine = SlotMachine::new(&Config::default()).expect("a machine");
        for (a, b) in [(0, 1), (0, 2), (8, 9), (511, 4095), (1234, 3210)] {
            let same = machine.effect(a).map(|turn| turn % N_VALUES)
                == machine.effect(b).map(|turn| turn % N_VALUES);
            assert_eq!(effects.distance(a, b) == 0.0, same, "{a} {b}");
        }
    }
}
