//! J_i and its gradient, by integrals over E.

use crate::linear::solve;
use crate::mapping::Mapping;
use crate::policy::{Gaussian, Gradient, N_PARAMETERS};
use crate::process::{Process, dot};
use crate::quadrature::Quadrature;

/// Standard deviations beyond which a normal density is below every rounding error.
const REACH: f64 = 12.0;

/// The internal policy at work: states are points of X, actions points of E.
pub(crate) struct Internal<'a> {
    /// What happens at each point of X.
    pub(crate) process: &'a Process,
    /// The points, `[n_points]`.
    pub(crate) points: &'a [f64],
    pub(crate) mapping: &'a Mapping,
    pub(crate) gaussian: Gaussian,
    pub(crate) quadrature: &'a Quadrature,
}

impl Internal<'_> {
    /// J_i, eq. 8: d₀ · V with V(x) = ∫ π_i(e given x) Q(x, e) de.
    pub(crate) fn performance(&self) -> f64 {
        dot(&self.process.first, &self.values())
    }

    /// V over the points, from rewards and transitions averaged over E.
    pub(crate) fn values(&self) -> Vec<f64> {
        let rewards = (0..self.points.len())
            .map(|i| self.mean(i, |e| self.process.rewards[i][self.mapping.nearest(e)]))
            .collect();
        solve(self.process.system(&self.chain()), rewards)
    }

    /// P(x′ given x): `[n_points][n_points]`.
    pub(crate) fn chain(&self) -> Vec<Vec<f64>> {
        let entry =
            |i: usize, to: usize| self.mean(i, |e| self.process.transitions[i][self.mapping.nearest(e)][to]);
        let n = self.points.len();
        (0..n).map(|i| (0..n).map(|to| entry(i, to)).collect()).collect()
    }

    /// ∂J_i / ∂θ, Q included: the sum over the discounted occupancy of ∫ ∂π_i(e given x)/∂θ Q(x, e) de.
    pub(crate) fn gradient(&self) -> Gradient {
        let values = self.values();
        let q = |i: usize, e: f64| self.process.action_value(i, self.mapping.nearest(e), &values);
        self.weighted_gradient(&self.process.occupancy(&self.chain()), q)
    }

    /// Σ_x `weights`(x) ∫ ∂π_i(e given x)/∂θ `q`(x, e) de.
    pub(crate) fn weighted_gradient(&self, weights: &[f64], q: impl Fn(usize, f64) -> f64) -> Gradient {
        let mut sum = [0.0; N_PARAMETERS];
        for (i, &x) in self.points.iter().enumerate() {
            for (e, weight) in self.nodes(x) {
                let share = weights[i] * weight * self.gaussian.density(e, x) * q(i, e);
                let score = self.gaussian.score(e, x);
                sum.iter_mut().zip(score).for_each(|(sum, score)| *sum += share * score);
            }
        }
        sum
    }

    /// ∫ π_i(e given x) `value`(e) de at the i-th point.
    fn mean(&self, i: usize, value: impl Fn(f64) -> f64) -> f64 {
        let x = self.points[i];
        self.nodes(x).iter().map(|&(e, weight)| weight * self.gaussian.density(e, x) * value(e)).sum()
    }

    fn nodes(&self, x: f64) -> Vec<(f64, f64)> {
        let (mean, std) = (self.gaussian.mean(x), self.gaussian.std());
        self.quadrature.nodes(mean - REACH * std, mean + REACH * std, &self.mapping.borders(), std)
    }
}
