//! Gaussian squashed by tanh and scaled to ±limit (Haarnoja et al. 2018, appendix C).

use std::f64::consts::LN_2;

use tch::Tensor;

use super::gaussian;

/// e = limit · tanh(mean + std · noise), `[n, dim]`, and its log-probability, `[n]`.
///
/// With u the Gaussian sample: ln p(e) = ln N(u) − Σᵢ 2(ln 2 − uᵢ − softplus(−2uᵢ)) − dim · ln limit,
/// a form of ln(1 − tanh² u) that does not lose its digits for large u.
pub fn sample(mean: &Tensor, log_std: &Tensor, noise: &Tensor, limit: f64) -> (Tensor, Tensor) {
    let raw = mean + log_std.exp() * noise;
    let dim = mean.size()[1] as f64;
    let gaussian = gaussian::log_prob(mean, log_std, &raw);
    let slope = (-(&raw + (&raw * -2.0).softplus()) + LN_2) * 2.0;
    let log_prob = gaussian - slope.sum_dim_intlist(1, false, None) - dim * limit.ln();
    (raw.tanh() * limit, log_prob)
}
