//! Bandit: choose one of several arms, once. The smallest task that terminates.
//!
//! | | |
//! |---|---|
//! | observation | the index 0, always |
//! | action | an arm, an index in `0..means.len()` |
//! | reward | `means[arm]` plus normal noise of standard deviation `noise` |
//!
//! Every step terminates the episode.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

use crate::config::{self, Problems};
use crate::{ConfigError, Env, EnvError, Key, Space, Start, Step, state};

/// Name of the environment's table.
pub const NAME: &str = "bandit";

/// The arms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Mean reward of each arm; default `[0.0, 0.25, 0.5, 1.0]`.
    pub means: Vec<f64>,
    /// Standard deviation of the reward; default 0.1, at least 0.
    pub noise: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { means: vec![0.0, 0.25, 0.5, 1.0], noise: 0.1 }
    }
}

impl Config {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[
        Key { name: "means", about: "mean reward of each arm", expected: "at least one finite number" },
        Key {
            name: "noise",
            about: "standard deviation of the reward",
            expected: "a finite number of at least 0",
        },
    ];

    /// All that is wrong; empty where nothing is.
    pub fn validate(&self) -> Vec<ConfigError> {
        let mut problems = Problems::new(Self::KEYS);
        let finite = !self.means.is_empty() && self.means.iter().all(|mean| mean.is_finite());
        problems.require(finite, "means", &self.means);
        problems.require(self.noise.is_finite() && self.noise >= 0.0, "noise", self.noise);
        problems.into_list()
    }

    /// The environment.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn build(&self) -> Result<Box<dyn Env>, EnvError> {
        Ok(Box::new(Bandit::new(self)?))
    }
}

/// The arms and their noise.
#[derive(Clone, Debug)]
pub struct Bandit {
    means: Vec<f64>,
    noise: f64,
    observation_space: Space,
    action_space: Space,
    rng: ChaCha8Rng,
}

impl Bandit {
    /// The task of `config`, its random stream seeded with 0.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn new(config: &Config) -> Result<Self, EnvError> {
        config::accept(config.validate())?;
        Ok(Self {
            action_space: Space::Discrete(config.means.len()),
            means: config.means.clone(),
            noise: config.noise,
            observation_space: Space::Discrete(1),
            rng: ChaCha8Rng::seed_from_u64(0),
        })
    }
}

impl Env for Bandit {
    fn observation_space(&self) -> &Space {
        &self.observation_space
    }

    fn action_space(&self) -> &Space {
        &self.action_space
    }

    fn seed(&mut self, seed: u64) {
        self.rng = ChaCha8Rng::seed_from_u64(seed);
    }

    fn reset(&mut self, _start: Start, observation: &mut [f64]) -> Result<(), EnvError> {
        observation.copy_from_slice(&[0.0]);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let arm =
            self.action_space.index(action).ok_or_else(|| EnvError::action(action, &self.action_space))?;
        observation.copy_from_slice(&[0.0]);
        let noise: f64 = self.rng.sample(StandardNormal);
        Ok(Step::terminated(self.means[arm] + self.noise * noise))
    }

    fn save_state(&self) -> Vec<u8> {
        state::to_bytes(&self.rng)
    }

    fn load_state(&mut self, bytes: &[u8]) -> Result<(), EnvError> {
        self.rng = state::from_bytes(NAME, bytes)?;
        Ok(())
    }
}
