//! Normal distribution with independent components.

use std::f64::consts::PI;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tch::Tensor;

/// Σᵢ ln N(eᵢ; meanᵢ, stdᵢ) of each row, `[n]`, for means and latent actions `[n, dim]` and
/// a log-std that is `[dim]` or `[n, dim]`.
pub fn log_prob(mean: &Tensor, log_std: &Tensor, latent_actions: &Tensor) -> Tensor {
    let dim = mean.size()[1] as f64;
    let standardized = (latent_actions - mean) / log_std.exp();
    let squares = standardized.square().sum_dim_intlist(1, false, None);
    squares * -0.5 - log_std.sum_dim_intlist(-1, false, None) - 0.5 * dim * (2.0 * PI).ln()
}

/// Entropy for a log-std `[dim]`: Σᵢ (½ + ½ ln 2π + ln stdᵢ), a scalar tensor.
pub fn entropy(log_std: &Tensor) -> Tensor {
    (log_std + 0.5 * (1.0 + (2.0 * PI).ln())).sum(None)
}

/// Adds std times fresh noise to means laid out `[n, dim]`, for a std `[dim]`.
pub fn add_noise(std: &[f32], rng: &mut ChaCha8Rng, means: &mut [f32]) {
    for row in means.chunks_exact_mut(std.len()) {
        for (value, std) in row.iter_mut().zip(std) {
            *value += std * rng.sample::<f32, _>(StandardNormal);
        }
    }
}

/// Standard normal numbers, `[n, dim]`, drawn here so that one serialisable stream decides.
pub fn noise(n: usize, dim: usize, rng: &mut ChaCha8Rng) -> Tensor {
    let values: Vec<f32> = (0..n * dim).map(|_| rng.sample(StandardNormal)).collect();
    Tensor::from_slice(&values).view([n as i64, dim as i64])
}
