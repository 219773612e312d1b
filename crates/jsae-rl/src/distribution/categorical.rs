//! Distribution over the indices of finitely many actions.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

/// Normalised log-probabilities, `[n, n_actions]`, of logits of that shape.
pub fn log_probs(logits: &Tensor) -> Tensor {
    logits.log_softmax(1, None)
}

/// Probabilities of normalised log-probabilities, of the same shape; none is so small that it is no normal number,
/// with which processors are many times slower.
pub fn probabilities(log_probs: &Tensor) -> Tensor {
    log_probs.clamp_min(-87.0).exp()
}

/// Log-probability of each action, `[n]`, for indices `[n, 1]` as whole numbers.
pub fn log_prob(log_probs: &Tensor, actions: &Tensor) -> Tensor {
    log_probs.gather(1, &actions.to_kind(Kind::Int64), false).squeeze_dim(1)
}

/// Entropy of each row, `[n]`.
pub fn entropy(log_probs: &Tensor) -> Tensor {
    -(probabilities(log_probs) * log_probs).sum_dim_intlist(1, false, None)
}

/// Draws one index for each row of `probabilities`, `[n, n_actions]`, by inverting its
/// cumulative distribution.
pub fn sample(probabilities: &[f32], n_actions: usize, rng: &mut ChaCha8Rng, actions: &mut [f32]) {
    for (row, action) in probabilities.chunks_exact(n_actions).zip(actions) {
        *action = invert(row, rng.random()) as f32;
    }
}

/// First index at which the cumulated probabilities exceed `u` in `[0, 1)`.
fn invert(probabilities: &[f32], u: f32) -> usize {
    let mut cumulated = 0.0;
    for (index, probability) in probabilities.iter().enumerate() {
        cumulated += probability;
        if u < cumulated {
            return index;
        }
    }
    // Rounding left the sum just below u: the last action that can occur.
    probabilities.iter().rposition(|&probability| probability > 0.0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn index_is_where_the_cumulated_probability_passes_u() {
        let probabilities = [0.25, 0.0, 0.5, 0.25, 0.0];
        let found = [0.0, 0.24, 0.25, 0.74, 0.75, 0.99].map(|u| invert(&probabilities, u));
        assert_eq!(found, [0, 0, 2, 2, 3, 3]);
    }

    #[test]
    fn rounding_never_yields_an_impossible_action() {
        assert_eq!(invert(&[0.5, 0.499, 0.0], 0.9999), 1);
    }

    #[test]
    fn frequencies_follow_the_probabilities() {
        let probabilities = [0.1, 0.2, 0.7].repeat(50_000);
        let mut actions = vec![0.0; 50_000];
        sample(&probabilities, 3, &mut ChaCha8Rng::seed_from_u64(1), &mut actions);
        for (index, expected) in [0.1, 0.2, 0.7].into_iter().enumerate() {
            let share = actions.iter().filter(|&&action| action == index as f32).count() as f64 / 5e4;
            assert!((share - expected).abs() < 4.0 * (expected * (1.0 - expected) / 5e4).sqrt());
        }
    }
}
