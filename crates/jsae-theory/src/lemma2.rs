//! Lemma 2: ∂J_i/∂θ against ∂J_o/∂θ, by two routes that share no formula.

use crate::example::Figure;
use crate::internal::Internal;
use crate::overall;
use crate::policy::{Gaussian, Gradient, central_differences, relative_difference};
use crate::process::{Process, distance, dot};
use crate::quadrature::Quadrature;
use crate::settings::Setting;

/// Rounding and quadrature together stay far below.
const TOLERANCE: f64 = 1e-8;
/// Error of central differences with their step.
const DIFFERENCES: f64 = 1e-7;
/// Least gap that the counter-examples show.
const GAP: f64 = 1e-3;
const AGREEMENT: &str = "|∂J_i − ∂J_o| / |∂J_o|, largest component";

/// J_o and J_i of a setting; points of X that several states share weigh these alike.
struct Both {
    setting: Setting,
    points: Vec<f64>,
    groups: Vec<Vec<usize>>,
    /// The process between the points of X.
    merged: Process,
    quadrature: Quadrature,
}

impl Both {
    fn new(setting: Setting) -> Self {
        let (points, groups) = setting.points();
        let weighted: Vec<Vec<(usize, f64)>> = groups
            .iter()
            .map(|group| group.iter().map(|&state| (state, 1.0 / group.len() as f64)).collect())
            .collect();
        let merged = setting.process.merged(&weighted);
        Self { setting, points, groups, merged, quadrature: Quadrature::new() }
    }

    fn internal(&self, theta: Gradient) -> Internal<'_> {
        Internal {
            process: &self.merged,
            points: &self.points,
            mapping: &self.setting.mapping,
            gaussian: Gaussian(theta),
            quadrature: &self.quadrature,
        }
    }

    fn theta(&self) -> Gradient {
        self.setting.gaussian.0
    }

    fn overall_gradient(&self) -> Gradient {
        let Setting { process, gaussian, mapping, state_embeddings, .. } = &self.setting;
        overall::gradient(process, gaussian, mapping, state_embeddings)
    }

    fn overall_performance(&self, theta: Gradient) -> f64 {
        let Setting { process, mapping, state_embeddings, .. } = &self.setting;
        let policy = overall::policy(&Gaussian(theta), mapping, state_embeddings, process.n_actions());
        overall::performance(process, &policy)
    }

    /// Each gradient against its own J, whatever the two have in common.
    fn differences(&self) -> [Figure; 2] {
        let internal = central_differences(self.theta(), |theta| self.internal(theta).performance());
        let overall = central_differences(self.theta(), |theta| self.overall_performance(theta));
        let internal = relative_difference(&self.internal(self.theta()).gradient(), &internal);
        let overall = relative_difference(&self.overall_gradient(), &overall);
        [
            Figure::holds("∂J_i against central differences of J_i, relative", internal, DIFFERENCES),
            Figure::holds("∂J_o against central differences of J_o, relative", overall, DIFFERENCES),
        ]
    }

    fn agreement(&self) -> f64 {
        relative_difference(&self.internal(self.theta()).gradient(), &self.overall_gradient())
    }
}

pub(crate) fn holds() -> Vec<Figure> {
    let both = Both::new(Setting::new());
    let gap = (both.internal(both.theta()).performance() - both.overall_performance(both.theta())).abs();
    let mut figures = vec![
        Figure::holds(AGREEMENT, both.agreement(), TOLERANCE),
        Figure::holds("|J_i − J_o|, eqs. 7 and 8", gap, TOLERANCE),
    ];
    figures.extend(both.differences());
    figures
}

pub(crate) fn aliased() -> Vec<Figure> {
    let both = Both::new(Setting::aliased());
    let (internal, overall) = (both.internal(both.theta()).gradient(), both.overall_gradient());
    let apart = distance(&internal, &overall);
    let mut figures = vec![
        Figure::fails(AGREEMENT, both.agreement(), TOLERANCE, GAP),
        Figure::fails("|∂J_i − ∂J_o|, largest component", apart, TOLERANCE, GAP),
    ];
    figures.extend(both.differences());
    figures
}

/// Q(x, e) = Σ Q(s, f(e)) over the states at x, in the shares of their discounted occupancy.
///
/// A critic that is fitted to visited states weighs them so: what it gives up is Q, not the gradient.
pub(crate) fn aliased_occupancy() -> Vec<Figure> {
    let both = Both::new(Setting::aliased());
    let Setting { process, gaussian, mapping, state_embeddings, .. } = &both.setting;
    let policy = overall::policy(gaussian, mapping, state_embeddings, process.n_actions());
    let values = process.values(&policy);
    let visits = process.occupancy(&process.chain(&policy));
    let of_group: Vec<f64> = both.groups.iter().map(|group| group.iter().map(|&s| visits[s]).sum()).collect();
    let q = |i: usize, e: f64| {
        let group = &both.groups[i];
        let shares: Vec<f64> = group.iter().map(|&s| visits[s] / of_group[i]).collect();
        let action = mapping.nearest(e);
        let of_states: Vec<f64> = group.iter().map(|&s| process.action_value(s, action, &values)).collect();
        dot(&shares, &of_states)
    };
    let gradient = both.internal(both.theta()).weighted_gradient(&of_group, q);
    vec![Figure::holds(AGREEMENT, relative_difference(&gradient, &both.overall_gradient()), TOLERANCE)]
}

pub(crate) fn frozen() -> Vec<Figure> {
    let both = Both::new(Setting::new());
    let Setting { process, gaussian, mapping, state_embeddings, .. } = &both.setting;
    let frozen = overall::frozen_gradient(process, gaussian, mapping, state_embeddings);
    let difference = relative_difference(&frozen, &both.overall_gradient());
    vec![Figure::fails("|Σ d₀ ∂π_o Q − ∂J_o| / |∂J_o|, largest component", difference, TOLERANCE, GAP)]
}
