//! Embeddings: what a policy sees of a state, and how what it emits becomes an action.
//!
//! Four methods stand behind one trait, [`Embedding`]: [`jsae::Jsae`], the paper's joint
//! embedding of states and actions; [`ra::Ra`], the action embedding of Chandak et al. 2019;
//! [`rounding::Rounding`], actions laid out on a grid without learning (Van Hasselt and Wiering
//! 2009); [`identity::Identity`], the plain baseline. Each learns from [`Transitions`] by supervised
//! learning alone: first from a random policy's ([`Embedding::pretrain`]), then, if wanted, from
//! each epoch's ([`Embedding::update`]). [`save`] and [`load`] keep what was learnt as safetensors;
//! [`audit`] says what it looks like.
//!
//! It knows no policies and no environments: it is given rows of the environment's spaces. It
//! knows no rewards either, but as one more number to predict where a reward head is asked for. Nor does it search for neighbours: for finite action sets it gives the table to search.
//!
//! | symbol | name | shape |
//! |---|---|---|
//! | s | `observations` | `[n, obs_len]` |
//! | a | `actions` | `[n, action_len]` |
//! | x = φ(s) | [`Embedding::encode`] | `[n, state_dim]` |
//! | g(a) | [`Embedding::embed_actions`] | `[n, latent_dim]` |
//! | e | `latent_actions` | `[n, latent_dim]` |
//! | f(e) = a | [`Embedding::decode`], or the nearest row of [`Embedding::action_table`] | `[n, action_len]` |
//! | T(x, g(a)) = s′ | the transition model of [`jsae::Jsae`] | one softmax head per variable of s′, or one number per dimension |
//! | r | `rewards` | `[n]` |
//!
//! ```
//! use jsae_embed::{Embedding, PretrainConfig, Spaces, Transitions, jsae};
//! use jsae_envs::Space;
//! use rand::SeedableRng;
//! use tch::{Device, Kind, Tensor};
//!
//! # fn main() -> Result<(), jsae_embed::Error> {
//! // Six states on a ring, three actions: stay, one step, two steps.
//! let n = Tensor::arange(180, (Kind::Int64, Device::Cpu));
//! let (state, action) = (n.remainder(6), n.divide_scalar_mode(6, "floor").remainder(3));
//! let row = |indices: &Tensor| indices.view([-1, 1]).to_kind(Kind::Float);
//! let next_observations = row(&(&state + &action).remainder(6));
//! let (observations, actions) = (row(&state), row(&action));
//! let samples = Transitions { observations, actions, next_observations, rewards: None };
//!
//! let spaces = Spaces::new(Space::Discrete(6), Space::Discrete(3));
//! let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
//! let mut embedding = jsae::Jsae::new(&jsae::Config::default(), &spaces, Device::Cpu, &mut rng)?;
//! let config = PretrainConfig { held_out: 0.0, ..PretrainConfig::default() };
//! let report = embedding.pretrain(&samples, &config, &mut rng, &mut |_| ())?;
//!
//! assert!(report.train_loss < Some(0.1));
//! assert_eq!(embedding.encode(&samples.observations).size(), [180, 8]);
//! assert_eq!(embedding.action_table().unwrap().size(), [3, 2]);
//! # Ok(())
//! # }
//! ```

pub mod audit;
mod config;
mod embedding;
mod error;
mod file;
/// The plain baseline.
pub mod identity;
mod input;
/// The paper's joint state–action embedding.
pub mod jsae;
mod parameters;
#[cfg(test)]
mod parity;
mod pretrain;
/// Reinforcement learning with action representations (Chandak et al. 2019).
pub mod ra;
/// A finite action set on a fixed grid, and rounding.
pub mod rounding;
mod spaces;
mod standardization;
mod tensors;
mod training;
mod transitions;

pub use config::{ConfigError, Key};
pub use embedding::{Embedding, Features, Judgement, Latent, Pass, Phase, Predicted, Report};
pub use error::Error;
pub use file::{load, pickle_extension, pickle_magic, save};
pub use pretrain::{PretrainConfig, UpdateConfig};
pub use spaces::Spaces;
pub use transitions::Transitions;
