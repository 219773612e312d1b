//! What policies draw latent actions from.

pub mod categorical;
pub mod gaussian;
pub mod squashed;

use tch::Tensor;

/// A distribution over latent actions for each of n rows.
///
/// Log-probabilities are those of the raw sample e, never of the action embedding that a
/// mapping snaps it to: the latter is the gradient of something else.
#[derive(Debug)]
pub enum Distribution {
    /// Independent normal components.
    Gaussian {
        /// `[n, latent_dim]`
        mean: Tensor,
        /// `[latent_dim]`
        log_std: Tensor,
    },
    /// One of the actions.
    Categorical {
        /// Normalised log-probabilities, `[n, n_actions]`.
        log_probs: Tensor,
    },
}

impl Distribution {
    /// Log-probability of each latent action, `[n]`.
    pub fn log_prob(&self, latent_actions: &Tensor) -> Tensor {
        match self {
            Self::Gaussian { mean, log_std } => gaussian::log_prob(mean, log_std, latent_actions),
            Self::Categorical { log_probs } => categorical::log_prob(log_probs, latent_actions),
        }
    }

    /// Entropy averaged over the rows, a scalar tensor.
    pub fn entropy(&self) -> Tensor {
        match self {
            Self::Gaussian { log_std, .. } => gaussian::entropy(log_std),
            Self::Categorical { log_probs } => categorical::entropy(log_probs).mean(None),
        }
    }
}
