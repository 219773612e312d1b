//! Policy gradient methods on feature tensors and latent actions.

mod adam;
pub mod advantage;
pub mod config;
mod critic;
pub mod discrete_sac;
pub mod distribution;
mod metrics;
mod minibatch;
pub mod network;
mod on_policy;
mod parameters;
mod policy;
pub mod ppo;
mod replay;
mod rollout;
pub mod sac;
mod space;
mod state;
mod temperature;
mod trainable;
mod twin;
pub mod vpg;

pub use adam::Adam;
pub use config::{ConfigError, Key};
pub use critic::{value_loss, value_loss_gradient};
pub use discrete_sac::DiscreteSac;
pub use metrics::{Metrics, NonFinite, explained_variance};
pub use on_policy::{Batch, OnPolicy};
pub use parameters::Parameters;
pub use replay::{ReplayBuffer, ReplayError, ReplaySample, Transitions};
pub use rollout::{RolloutBuffer, RowLengths, VectorStep};
pub use sac::Sac;
pub use space::{ActionSpace, FeatureSpace};
pub use state::StateError;
