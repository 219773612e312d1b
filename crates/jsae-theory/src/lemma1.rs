//! Lemma 1, by building the internal policy whose existence it states.

use crate::example::Figure;
use crate::mapping::Mapping;
use crate::process::{Policy, distance};
use crate::quadrature::Quadrature;
use crate::settings::{N_ACTIONS, N_STATES, Setting};

/// How far the cells at the two ends of E are taken.
const REACH: f64 = 0.5;
const TOLERANCE: f64 = 1e-12;

/// A density over E for each state: π(a given s) spread evenly over the cell of a.
///
/// With φ injective it is a function of x = φ(s).
pub(crate) struct Spread<'a> {
    policy: &'a Policy,
    mapping: &'a Mapping,
    nodes: Vec<(f64, f64)>,
}

impl<'a> Spread<'a> {
    pub(crate) fn new(policy: &'a Policy, mapping: &'a Mapping) -> Self {
        let (low, high) = mapping.range(REACH);
        let nodes = Quadrature::new().nodes(low, high, &mapping.borders(), 0.1);
        Self { policy, mapping, nodes }
    }

    /// π_i(e given φ(s)).
    fn density(&self, state: usize, e: f64) -> f64 {
        let in_cell = |&(a, _): &(usize, f64)| {
            self.mapping.bounded_cell(a, REACH).is_some_and(|(low, high)| low < e && e < high)
        };
        let cell = self.policy[state].iter().copied().enumerate().find(in_cell);
        cell.map_or(0.0, |(a, probability)| {
            let (low, high) = self.mapping.bounded_cell(a, REACH).unwrap_or_default();
            probability / (high - low)
        })
    }

    /// Σ_a ∫ over f⁻¹(a) of π_i(e given φ(s)) value(a) de: one integral over E with f asked at each node.
    pub(crate) fn mean(&self, state: usize, value: impl Fn(usize) -> f64) -> f64 {
        self.nodes
            .iter()
            .map(|&(e, weight)| weight * self.density(state, e) * value(self.mapping.nearest(e)))
            .sum()
    }

    /// π_o, eq. 1.
    pub(crate) fn overall(&self) -> Policy {
        let probability = |s: usize, a: usize| self.mean(s, |mapped| f64::from(u8::from(mapped == a)));
        (0..N_STATES).map(|s| (0..N_ACTIONS).map(|a| probability(s, a)).collect()).collect()
    }
}

pub(crate) fn holds() -> Vec<Figure> {
    let Setting { process, mapping, policy, .. } = Setting::new();
    let values = process.values(&policy);
    let spread = Spread::new(&policy, &mapping);
    let right: Vec<f64> =
        (0..N_STATES).map(|s| spread.mean(s, |a| process.action_value(s, a, &values))).collect();
    let overall = spread.overall();
    let policies = policy.iter().zip(&overall).map(|(a, b)| distance(a, b)).fold(0.0, f64::max);
    vec![
        Figure::holds(
            "v_π(s) − Σ_a ∫ π_i(e|φ(s)) Q_π(s, a) de, largest",
            distance(&values, &right),
            TOLERANCE,
        ),
        Figure::holds("π_o(a|s) − π(a|s), eq. 1, largest", policies, TOLERANCE),
        Figure::holds("V of π_o − V of π, largest", distance(&process.values(&overall), &values), TOLERANCE),
    ]
}
