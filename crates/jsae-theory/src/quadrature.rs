//! Integrals over pieces of a line.

use std::f64::consts::PI;

/// Nodes of the rule on one piece: exact for polynomials up to the 39th degree.
const N_NODES: usize = 20;

/// Gauss–Legendre quadrature: nodes and weights on [−1, 1].
#[derive(Clone, Debug)]
pub(crate) struct Quadrature(Vec<(f64, f64)>);

impl Quadrature {
    pub(crate) fn new() -> Self {
        Self((0..N_NODES).map(node).collect())
    }

    /// Nodes and weights for the integral from `low` to `high`, cut at `cuts` and into pieces of at most `longest`.
    pub(crate) fn nodes(&self, low: f64, high: f64, cuts: &[f64], longest: f64) -> Vec<(f64, f64)> {
        let mut ends = vec![low];
        let mut inner: Vec<f64> = cuts.iter().copied().filter(|&cut| cut > low && cut < high).collect();
        inner.sort_by(f64::total_cmp);
        for end in inner.into_iter().chain([high]) {
            let start = ends[ends.len() - 1];
            let n = ((end - start) / longest).ceil().max(1.0);
            ends.extend((1..n as usize).map(|i| start + (end - start) * i as f64 / n));
            ends.push(end);
        }
        ends.windows(2).flat_map(|piece| self.on_piece(piece[0], piece[1])).collect()
    }

    fn on_piece(&self, low: f64, high: f64) -> impl Iterator<Item = (f64, f64)> {
        let (middle, half) = (f64::midpoint(low, high), 0.5 * (high - low));
        self.0.iter().map(move |&(node, weight)| (middle + half * node, half * weight))
    }
}

/// The i-th root of the Legendre polynomial, by Newton's method, and its weight.
fn node(i: usize) -> (f64, f64) {
    let mut x = (PI * (i as f64 + 0.75) / (N_NODES as f64 + 0.5)).cos();
    for _ in 0..10 {
        let (value, slope) = legendre(x);
        x -= value / slope;
    }
    let (_, slope) = legendre(x);
    (x, 2.0 / ((1.0 - x * x) * slope * slope))
}

/// Value and slope of the Legendre polynomial of degree [`N_NODES`].
fn legendre(x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for degree in 2..=N_NODES {
        let degree = degree as f64;
        (before, value) = (value, ((2.0 * degree - 1.0) * x * value - (degree - 1.0) * before) / degree);
    }
    (value, N_NODES as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_and_steps_are_integrated_exactly() {
        let quadrature = Quadrature::new();
        let nodes = quadrature.nodes(-1.0, 2.0, &[0.5, 7.0], 0.4);
        let integral = |f: &dyn Fn(f64) -> f64| -> f64 { nodes.iter().map(|&(x, w)| w * f(x)).sum() };
        assert!((integral(&|x| x.powi(9)) - 102.3).abs() < 1e-12);
        assert!((integral(&|x| f64::from(x > 0.5)) - 1.5).abs() < 1e-14);
        assert!((integral(&f64::exp) - (2_f64.exp() - (-1_f64).exp())).abs() < 1e-13);
    }
}
