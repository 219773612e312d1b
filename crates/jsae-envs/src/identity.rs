//! Identity: do what the observation says. The smallest task with an observation that matters.
//!
//! | | `space = "discrete"` | `space = "box"` |
//! |---|---|---|
//! | observation | an index in `0..n`, uniform, drawn anew at every step | a point of `[-1, 1]`, likewise |
//! | action | an index in `0..n` | a point of `[-1, 1]` (bounded) |
//! | reward | 1 where the action equals the observation, else 0 | 1 − &#124;action − observation&#124; |
//!
//! An episode never terminates; it is truncated after `time_limit` steps. Best return: one per
//! step. A uniform random policy gets 1/n a step, or 1/3 in the box.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::config::{self, Problems};
use crate::{ConfigError, Env, EnvError, Key, Space, Start, Step, TimeLimit, state};

/// Name of the environment's table.
pub const NAME: &str = "identity";

/// Which identity task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Kind of observation and action: `discrete` (default) or `box`.
    pub space: Kind,
    /// Indices of the discrete task; default 5, at least 1.
    pub n: usize,
    /// Steps after which an episode is truncated; default 20, at least 1.
    pub time_limit: u32,
}

/// Kind of observation and action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An index.
    Discrete,
    /// A number in `[-1, 1]`.
    Box,
}

impl Default for Config {
    fn default() -> Self {
        Self { space: Kind::Discrete, n: 5, time_limit: 20 }
    }
}

impl Config {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[
        Key { name: "space", about: "kind of observation and action", expected: "\"discrete\" or \"box\"" },
        Key { name: "n", about: "indices of the discrete task", expected: "a whole number from 1 to 65536" },
        Key { name: "time_limit", about: "steps per episode", expected: "a whole number of at least 1" },
    ];

    /// All that is wrong; empty where nothing is.
    pub fn validate(&self) -> Vec<ConfigError> {
        let mut problems = Problems::new(Self::KEYS);
        problems.require((1..=65536).contains(&self.n), "n", self.n);
        problems.require(self.time_limit >= 1, "time_limit", self.time_limit);
        problems.into_list()
    }

    /// The environment within its time limit.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn build(&self) -> Result<Box<dyn Env>, EnvError> {
        Ok(Box::new(TimeLimit::new(Identity::new(self)?, self.time_limit)))
    }
}

/// The task without its time limit.
#[derive(Clone, Debug)]
pub struct Identity {
    space: Space,
    observation: f64,
    rng: ChaCha8Rng,
}

impl Identity {
    /// The task of `config`, its random stream seeded with 0.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn new(config: &Config) -> Result<Self, EnvError> {
        config::accept(config.validate())?;
        let space = match config.space {
            Kind::Discrete => Space::Discrete(config.n),
            Kind::Box => Space::uniform_box(1, -1.0, 1.0),
        };
        Ok(Self { space, observation: 0.0, rng: ChaCha8Rng::seed_from_u64(0) })
    }

    fn draw(&mut self, observation: &mut [f64]) {
        self.observation = match self.space {
            Space::Discrete(n) => self.rng.random_range(0..n) as f64,
            _ => self.rng.random_range(-1.0..=1.0),
        };
        observation.copy_from_slice(&[self.observation]);
    }

    fn reward(&self, action: &[f64]) -> Option<f64> {
        match (&self.space, action) {
            (Space::Discrete(_), _) => {
                let index = self.space.index(action)?;
                Some(f64::from(index as f64 == self.observation))
            }
            (_, &[x]) if !x.is_nan() => Some(1.0 - (x.clamp(-1.0, 1.0) - self.observation).abs()),
            _ => None,
        }
    }
}

impl Env for Identity {
    fn observation_space(&self) -> &Space {
        &self.space
    }

    fn action_space(&self) -> &Space {
        &self.space
    }

    fn seed(&mut self, seed: u64) {
        self.rng = ChaCha8Rng::seed_from_u64(seed);
    }

    fn reset(&mut self, _start: Start, observation: &mut [f64]) -> Result<(), EnvError> {
        self.draw(observation);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let reward = self.reward(action).ok_or_else(|| EnvError::action(action, &self.space))?;
        self.draw(observation);
        Ok(Step::running(reward))
    }

    fn save_state(&self) -> Vec<u8> {
        state::to_bytes(&(self.observation, &self.rng))
    }

    fn load_state(&mut self, bytes: &[u8]) -> Result<(), EnvError> {
        let (observation, rng) = state::from_bytes(NAME, bytes)?;
        if !self.space.contains(&[observation]) {
            return Err(EnvError::State { env: NAME, problem: format!("no observation {observation}") });
        }
        (self.observation, self.rng) = (observation, rng);
        Ok(())
    }
}
