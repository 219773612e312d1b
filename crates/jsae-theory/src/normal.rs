//! The normal distribution, to the last digits in both tails.

use std::f64::consts::{SQRT_2, TAU};

/// Density of the standard normal distribution.
pub(crate) fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / TAU.sqrt()
}

/// Probability that a standard normal number lies in `[low, high]`; ends may be infinite.
pub(crate) fn between(low: f64, high: f64) -> f64 {
    // Of two numbers near 1 the difference would lose what the tail holds.
    if low > 0.0 { below(-low) - below(-high) } else { below(high) - below(low) }
}

fn below(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_the_known_ones() {
        let close = |a: f64, b: f64, share: f64| assert!((a / b - 1.0).abs() < share, "{a:e} {b:e}");
        close(between(-1.0, 1.0), 0.682_689_492_137_085_9, 1e-15);
        close(between(f64::NEG_INFINITY, f64::INFINITY), 1.0, 1e-15);
        // So far out, the last digit of z alone is worth 64 last digits.
        close(between(8.0, f64::INFINITY), 6.220_960_574_271_784e-16, 1e-13);
        close(between(f64::NEG_INFINITY, -8.0), 6.220_960_574_271_784e-16, 1e-13);
    }
}
