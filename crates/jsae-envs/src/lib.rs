//! Environments: tasks that an agent meets through rows of numbers.
//!
//! It holds the [`Env`] trait, the paper's environments, [`TimeLimit`], [`VecEnv`] (many stepped
//! together, on one thread or several) and [`check_env`], one contract for all of them, your own
//! included. It does no learning, knows no tensors and reads no files but the recommender's: rows
//! of `f64` come in and go out, and every environment draws from its own seeded stream.
//!
//! | symbol | name | shape |
//! |---|---|---|
//! | s | `observation` | `[obs_len]`, `observation_space().len()` |
//! | A | `action` | `[action_len]`, `action_space().len()` |
//! | R | `reward` | a number |
//! | | `terminated` | the task ended: nothing comes after |
//! | | `truncated` | a time limit cut the episode: the state has a future |
//!
//! ```
//! use jsae_envs::{Start, gridworld};
//!
//! let mut env = gridworld::Config::default().build()?;
//! let mut observation = vec![0.0; env.observation_space().len()];
//! env.reset(Start::Fixed, &mut observation)?;
//! while !env.step(&[176.0], &mut observation)?.ended() {}
//! # Ok::<(), jsae_envs::EnvError>(())
//! ```
//!
//! | module | task |
//! |---|---|
//! | [`gridworld`] | a point among walls, driven by subsets of actuators |
//! | [`slot_machine`] | four reels, 4,096 ways to spin them |
//! | [`recommender`] | a shop that recommends one item before every purchase, from a purchase log |
//! | `mujoco` (feature `mujoco`) | the robots Half-Cheetah and Ant; pictures of them with feature `renderer` |
//! | [`identity`], [`bandit`] | the smallest tasks, for tests of learning |
//!
//! Each has a `Config` (its `KEYS`, `validate` and `build`). Three can be solved exactly, the gridworld with
//! `snap` alone: [`ReferenceReturns`] has the returns of the best and of the random policy. The gridworld and
//! the robots can be drawn: [`Film`]. A new environment implements [`Env`]
//! and is wrapped in [`TimeLimit`]:
//!
//! ```
//! use jsae_envs::{Env, EnvError, Space, Start, Step, TimeLimit, check_env};
//!
//! /// Count down from 3; the action says by how much.
//! struct Countdown {
//!     left: u8,
//!     observations: Space,
//!     actions: Space,
//! }
//!
//! impl Env for Countdown {
//!     fn observation_space(&self) -> &Space {
//!         &self.observations
//!     }
//!     fn action_space(&self) -> &Space {
//!         &self.actions
//!     }
//!     fn seed(&mut self, _seed: u64) {}
//!     fn reset(&mut self, start: Start, observation: &mut [f64]) -> Result<(), EnvError> {
//!         if start == Start::Uniform {
//!             return Err(EnvError::Start { env: "countdown" });
//!         }
//!         self.left = 3;
//!         observation[0] = 3.0;
//!         Ok(())
//!     }
//!     fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
//!         let by = self.actions.index(action).ok_or_else(|| EnvError::action(action, &self.actions))?;
//!         self.left = self.left.saturating_sub(by as u8);
//!         observation[0] = f64::from(self.left);
//!         Ok(if self.left == 0 { Step::terminated(1.0) } else { Step::running(0.0) })
//!     }
//!     fn save_state(&self) -> Vec<u8> {
//!         vec![self.left]
//!     }
//!     fn load_state(&mut self, state: &[u8]) -> Result<(), EnvError> {
//!         let &[left @ 0..=3] = state else {
//!             return Err(EnvError::State { env: "countdown", problem: "expected one byte up to 3".into() });
//!         };
//!         self.left = left;
//!         Ok(())
//!     }
//! }
//!
//! let task = Countdown { left: 3, observations: Space::Discrete(4), actions: Space::Discrete(2) };
//! check_env(&mut TimeLimit::new(task, 10))?;
//! # Ok::<(), jsae_envs::Violation>(())
//! ```

mod space;

mod env;

mod effects;

mod config;

mod state;

pub mod gridworld;

pub mod slot_machine;

pub mod recommender;

#[cfg(feature = "mujoco")]
pub mod mujoco;

pub mod identity;

pub mod bandit;

mod time_limit;

mod reference_returns;

mod film;

mod plane;

mod vec_env;

mod check;

pub use check::{Violation, check_env};
pub use config::{ConfigError, Key};
pub use effects::Effects;
pub use env::{Env, EnvError, Start, Step};
pub use film::{Film, FilmError, Frame};
pub use plane::Plane;
pub use reference_returns::ReferenceReturns;
pub use space::Space;
pub use time_limit::TimeLimit;
pub use vec_env::{VecEnv, VecEnvError, VecStep};
