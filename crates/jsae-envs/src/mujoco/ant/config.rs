use serde::{Deserialize, Serialize};

use super::Ant;
use crate::config::Problems;
use crate::{ConfigError, Env, EnvError, Film, FilmError, Key, TimeLimit};

/// Ant's options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Steps of 0.05 s after which an episode is truncated; default 1000, at least 1.
    pub time_limit: u32,
    /// Forces on the bodies, in observation and reward; default real.
    pub contact_forces: ContactForces,
    /// Does the observation hold the 84 contact forces (111 numbers, else 27)? Default true.
    pub observe_contact_forces: bool,
    /// What the step of a fall earns; default as in v2.
    pub terminal_reward: TerminalReward,
}

/// The forces from outside on the bodies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactForces {
    /// What the engine computes.
    #[default]
    Real,
    /// None: 84 zeros and no cost, as v2 had them with mujoco-py on MuJoCo 2.x.
    Zero,
}

/// Whether the last step of an episode that ends in a fall earns the reward for surviving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerminalReward {
    /// It does.
    #[default]
    V2,
    /// It does not.
    V5,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            time_limit: 1000,
            contact_forces: ContactForces::default(),
            observe_contact_forces: true,
            terminal_reward: TerminalReward::default(),
        }
    }
}

impl Config {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[
        Key {
            name: "time_limit",
            about: "steps of 0.05 s per episode",
            expected: "a whole number of at least 1",
        },
        Key {
            name: "contact_forces",
            about: "forces on the bodies, in observation and reward: the engine's, or none",
            expected: "\"real\" or \"zero\"",
        },
        Key {
            name: "observe_contact_forces",
            about: "observe the 84 contact forces (111 numbers) or not (27)",
            expected: "true or false",
        },
        Key {
            name: "terminal_reward",
            about: "pay for surviving on the step of a fall (v2) or not (v5)",
            expected: "\"v2\" or \"v5\"",
        },
    ];

    /// All that is wrong; empty where nothing is.
    pub fn validate(&self) -> Vec<ConfigError> {
        let mut problems = Problems::new(Self::KEYS);
        problems.require(self.time_limit >= 1, "time_limit", self.time_limit);
        problems.into_list()
    }

    /// The environment within its time limit.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn build(&self) -> Result<Box<dyn Env>, EnvError> {
        Ok(Box::new(TimeLimit::new(Ant::new(self)?, self.time_limit)))
    }

    /// The environment and what draws it.
    ///
    /// # Errors
    /// [`FilmError::Feature`] without the feature `renderer`, [`FilmError::Draw`] where nothing can be drawn
    /// without a screen.
    pub fn film(&self) -> Result<Box<dyn Film>, FilmError> {
        let env = TimeLimit::new(Ant::new(self)?, self.time_limit);
        #[cfg(feature = "renderer")]
        return crate::mujoco::renderer::film(env, super::renderer, Ant::qpos);
        #[cfg(not(feature = "renderer"))]
        {
            drop(env);
            Err(FilmError::Feature { env: super::NAME, feature: "renderer" })
        }
    }
}
