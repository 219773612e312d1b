//! Policy gradient and actor-critic methods on feature tensors and latent actions.
//!
//! VPG and PPO ([`OnPolicy`]), SAC ([`Sac`]) and discrete SAC ([`DiscreteSac`]) with what they
//! learn from ([`RolloutBuffer`], [`ReplayBuffer`]). A learner reads features x and samples
//! latent actions e; the same learner is a plain baseline where features are observations and
//! latent actions are executed as they are. Every random number comes from a `ChaCha8Rng` that
//! the caller passes in, and everything that learning goes on from can be saved as tensors.
//!
//! It knows no environment, no embedding and no mapping from e to actions, reads no files and
//! never edits a reward.
//!
//! | symbol | name | shape |
//! |---|---|---|
//! | s | `observations` | `[n, obs_len]` |
//! | a | `actions` | `[n, action_len]` |
//! | x = φ(s) | `features` | `[n, dim]`, or `[n, k]` indices |
//! | e | `latent_actions` | `[n, latent_len]`: a point, or one index |
//! | ln π(e given x) | `log_prob` | `[n]` |
//! | V(x) | `values` | `[n]` |
//! | A | `advantages` | `[n]` |
//! | R | `returns`, the value targets | `[n]` |
//! | γ, λ | `gamma`, `gae_lambda` | |
//! | α, 1 − polyak | `ent_coef`, `tau` | |
//!
//! One update on samples of a task that pays for latent actions near 0.5:
//!
//! ```
//! use jsae_rl::{ActionSpace, Batch, FeatureSpace, OnPolicy, vpg};
//! use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
//! use tch::{Device, Kind, Tensor};
//!
//! let mut rng = ChaCha8Rng::seed_from_u64(0);
//! let features = Tensor::ones([100, 3], (Kind::Float, Device::Cpu));
//! let (space, actions) = (FeatureSpace::Dense(3), ActionSpace::Continuous(1));
//! let mut learner = OnPolicy::vpg(&vpg::Config::default(), &space, actions, Device::Cpu, &mut rng);
//! let mut latent_actions = [0.0; 100];
//! learner.sample(&features, &mut rng, &mut latent_actions);
//! let latent_actions = Tensor::from_slice(&latent_actions).view([100, 1]);
//! let returns = -(&latent_actions - 0.5).square().view(-1);
//! let advantages = &returns - learner.values(&features);
//! let metrics = learner.update(&Batch { features, latent_actions, advantages, returns }, &mut rng)?;
//! assert_eq!(metrics[0].0, "train/policy_gradient_loss");
//! # Ok::<(), jsae_rl::NonFinite>(())
//! ```

mod space;

mod replay;
mod rollout;

pub mod advantage;
pub mod distribution;

pub mod network;
mod trainable;

mod critic;
mod minibatch;
mod policy;
mod temperature;
mod twin;

pub mod discrete_sac;
mod on_policy;
pub mod ppo;
pub mod sac;
pub mod vpg;

pub mod config;
mod metrics;
mod state;

pub use config::{ConfigError, Key};
pub use critic::{value_loss, value_loss_gradient};
pub use discrete_sac::DiscreteSac;
pub use jsae_optim::Parameters;
pub use metrics::{Metrics, NonFinite, explained_variance};
pub use on_policy::{Batch, OnPolicy};
pub use replay::{ReplayBuffer, ReplayError, ReplaySample, Transitions};
pub use rollout::{RolloutBuffer, RowLengths, VectorStep};
pub use sac::Sac;
pub use space::{ActionSpace, FeatureSpace};
pub use state::StateError;
