//! Policy gradient methods on feature tensors and latent actions.

mod adam;
pub mod advantage;
pub mod config;
mod critic;
pub mod distribution;
mod metrics;
mod minibatch;
pub mod network;
mod on_policy;
mod parameters;
mod policy;
pub mod ppo;
mod rollout;
mod space;
mod state;
mod trainable;
pub mod vpg;

pub use adam::Adam;
pub use config::{ConfigError, Key};
pub use critic::value_loss;
pub use metrics::{Metrics, NonFinite, explained_variance};
pub use on_policy::{Batch, OnPolicy};
pub use parameters::Parameters;
pub use rollout::{RolloutBuffer, RowLengths, VectorStep};
pub use space::{ActionSpace, FeatureSpace};
pub use state::StateError;
