use super::config::{Action, Config, Layout, Observation};
use super::dynamics::{Dynamics, N_BINS, bin_center};
use super::geometry::Rect;
use super::motions::motions;
use crate::Effects;

/// Positions along each side of a bin that the oracle tries.
const TRIED: usize = 24;

impl Config {
    /// Displacement of each action, stepped in the middle of a square without walls; none for `box2`.
    ///
    /// Where steps are so long that they would leave the square, they are measured shortened alike.
    pub fn action_effects(&self) -> Option<Effects> {
        let motions = match self.action {
            Action::Actuators => motions(self.n_actuators),
            Action::Box2 => return None,
        };
        let nowhere = Rect([2.0, 2.0, 3.0, 3.0]);
        let layout = Layout { walls: Vec::new(), goal: nowhere, ..self.layout.clone() };
        let substep = self.substep.min(0.4 / self.n_substeps as f64);
        let open = Dynamics::new(&Self { layout, substep, ..self.clone() });
        let middle = open.settle([0.5, 0.5]);
        let displacement = |&motion: &[f64; 2]| {
            let [x, y] = open.advance(middle, motion).position;
            vec![x - middle[0], y - middle[1]]
        };
        Some(Effects::of("displacement", motions.iter().map(displacement).collect()))
    }

    /// Where in the unit square an observation lies; for a bin, its middle.
    pub fn place(&self, observation: &[f64]) -> Option<[f64; 2]> {
        match (self.observation, observation) {
            (Observation::Discrete, &[bin]) => Some(bin_center(bin as usize)),
            (Observation::Continuous, &[x, y]) => Some([x, y]),
            _ => None,
        }
    }

    /// Loss (in nats, or a mean square) of one who knows the world but sees what the agent sees.
    ///
    /// `observations` and `next_observations` are `[n, obs_len]`, `actions` `[n, action_len]`. Of a bin
    /// it takes every free position as equally likely, on a grid of 24 × 24; of a position it knows all,
    /// and so it does with `snap`. `None` with noise.
    pub fn oracle_loss(
        &self,
        observations: &[f64],
        actions: &[f64],
        next_observations: &[f64],
    ) -> Option<f64> {
        if self.noise > 0.0 {
            return None;
        }
        if self.snap || self.observation == Observation::Continuous {
            return Some(0.0);
        }
        let Action::Actuators = self.action else { return None };
        let (dynamics, motions) = (Dynamics::new(self), motions(self.n_actuators));
        let samples = observations.iter().zip(actions).zip(next_observations);
        let losses: Vec<f64> = samples
            .filter_map(|((&bin, &action), &next)| {
                let motion = *motions.get(action as usize)?;
                surprise(&dynamics, bin as usize, motion, next as usize)
            })
            .collect();
        (!losses.is_empty()).then(|| losses.iter().sum::<f64>() / losses.len() as f64)
    }
}

/// −ln of the share of a bin's free positions from which `motion` leads into the bin `next`.
///
/// None that does counts as half a position.
fn surprise(dynamics: &Dynamics, from: usize, motion: [f64; 2], next: usize) -> Option<f64> {
    let [x, y] = bin_center(from);
    let offset = |i: usize| ((i as f64 + 0.5) / TRIED as f64 - 0.5) / N_BINS as f64;
    let positions = (0..TRIED * TRIED).map(|i| [x + offset(i / TRIED), y + offset(i % TRIED)]);
    let (mut free, mut there) = (0.0, 0.0);
    for position in positions.filter(|&position| dynamics.is_free(position)) {
        free += 1.0;
        if super::bin(dynamics.advance(position, motion).position) == next {
            there += 1.0;
        }
    }
    (free > 0.0).then(|| -(f64::max(there, 0.5) / free).ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gridworld::{motion_classes, n_distinct_motions};

    #[test]
    fn measured_effects_are_the_classes_of_motions() {
        for n_actuators in [1, 5, 9, 11] {
            let effects = Config { n_actuators, ..Config::default() }.action_effects().expect("a finite set");
            assert_eq!(effects.n_classes(), n_distinct_motions(n_actuators));
            assert_eq!(effects.classes(), motion_classes(n_actuators));
        }
        let effects = Config::default().action_effects().expect("a finite set");
        let longest = (0..512).map(|action| effects.distance(0, action)).fold(0.0, f64::max);
        assert!((longest - 0.18).abs() < 1e-12, "{longest}");
    }

    #[test]
    fn oracle_is_unsure_of_the_position_in_a_bin_alone() {
        let config = Config { n_actuators: 4, ..Config::default() };
        let motions = motions(4);
        // 0.18 to the right is 7.2 bins: 8 bins on from the last fifth of a bin, 7 from the rest.
        let right =
            motions.iter().position(|motion| motion[0] > 0.5 && motion[1] == 0.0).expect("it is there");
        let loss = |next: f64| config.oracle_loss(&[400.0], &[right as f64], &[next]).expect("no noise");
        let reach = (motions[right][0] * 0.18 * 40.0).floor();
        let (near, far) = (loss(400.0 + 40.0 * reach), loss(400.0 + 40.0 * (reach + 1.0)));
        assert!(((-near).exp() + (-far).exp() - 1.0).abs() < 1e-12, "{near} {far}");
        assert!(loss(400.0) > (24.0 * 24.0_f64).ln(), "a bin that cannot be reached");
        let sure = Config { observation: Observation::Continuous, ..config.clone() };
        assert_eq!(sure.oracle_loss(&[0.5, 0.5], &[0.0], &[0.5, 0.5]), Some(0.0));
        assert_eq!(Config { noise: 0.1, ..config }.oracle_loss(&[0.0], &[0.0], &[0.0]), None);
    }
}
