//! Gaussian squashed by tanh and scaled to ±limit (Haarnoja et al. 2018, appendix C).

use std::f64::consts::{LN_2, PI};

use tch::Tensor;

/// Latent actions as functions of mean and log-std, for fixed noise.
#[derive(Debug)]
pub struct Sample {
    /// e = limit · tanh(u) with u = mean + std · noise, `[n, dim]`.
    pub latent_actions: Tensor,
    /// ln p(e), `[n]`.
    pub log_prob: Tensor,
    /// tanh(u), `[n, dim]`.
    tanh: Tensor,
    /// std · noise, `[n, dim]`.
    spread: Tensor,
    limit: f64,
}

/// Draws for means `[n, dim]`, a log-std that is `[dim]` or `[n, dim]`, and noise `[n, dim]`.
///
/// ln p(e) = Σᵢ (ln N(uᵢ) − 2(ln 2 − uᵢ − softplus(−2uᵢ)) − ln limit), a form of ln(1 − tanh² u) that does not
/// lose its digits for large u; ln N(u) is −noise²/2 − ln std − ½ ln 2π.
pub fn sample(mean: &Tensor, log_std: &Tensor, noise: &Tensor, limit: f64) -> Sample {
    let spread = log_std.exp() * noise;
    let raw = mean + &spread;
    let terms = (&raw + (&raw * -2.0).softplus()) * 2.0 - noise.square() * 0.5 - log_std;
    let constant = mean.size()[1] as f64 * (0.5 * (2.0 * PI).ln() + 2.0 * LN_2 + limit.ln());
    let tanh = raw.tanh();
    Sample {
        latent_actions: &tanh * limit,
        log_prob: terms.sum_dim_intlist(1, false, None) - constant,
        tanh,
        spread,
        limit,
    }
}

impl Sample {
    /// Gradients of Σ slope · e + weight · Σ ln p(e) with respect to mean and log-std, `[n, dim]` each, for slopes
    /// `[n, dim]`: de/du is limit (1 − tanh² u), d ln p/du is 2 tanh u, and d ln p/d ln std has −1 beside what
    /// goes through u.
    pub fn gradients(&self, slopes: &Tensor, weight: f64) -> (Tensor, Tensor) {
        let by_raw = Tensor::tanh_backward(slopes, &self.tanh) * self.limit + &self.tanh * (2.0 * weight);
        let by_log_std = &by_raw * &self.spread - weight;
        (by_raw, by_log_std)
    }
}
