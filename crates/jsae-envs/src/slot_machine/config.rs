use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{N_REELS, N_VALUES, SlotMachine};
use crate::config::Problems;
use crate::{ConfigError, Env, EnvError, Key, TimeLimit};

/// The values on each reel, `[4, 6]`.
pub type Reels = [[u32; N_VALUES]; N_REELS];

const REELS: Reels = [[2, 3, 6, 7, 0, 4], [3, 4, 6, 2, 1, 7], [1, 6, 5, 3, 4, 7], [5, 1, 4, 2, 6, 0]];

/// Which slot machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Values on the four reels; default as in the module's table, each from 0 to 8.
    pub reels: Reels,
    /// Draws other reels, values uniform from 0 to 7; default absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Tenths of a turn that digit 0 stands for; default 0, 0 or 1.
    pub first_fraction: u32,
    /// What is seen: `factored` (default) or `joint`.
    pub observation: Observation,
    /// Steps after which an episode is truncated; default 20, at least 1.
    pub time_limit: u32,
}

/// What is seen of the pointers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observation {
    /// Four indices.
    Factored,
    /// One index.
    Joint,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            reels: REELS,
            seed: None,
            first_fraction: 0,
            observation: Observation::Factored,
            time_limit: 20,
        }
    }
}

impl Config {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[
        Key { name: "reels", about: "values on the four reels", expected: "4 x 6 whole numbers from 0 to 8" },
        Key {
            name: "seed",
            about: "draws other reels, values uniform from 0 to 7",
            expected: "a whole number of at least 0, and then no reels of your own",
        },
        Key {
            name: "first_fraction",
            about: "tenths of a turn that digit 0 stands for (1 gives the paper's maximum of 0.8)",
            expected: "0 or 1",
        },
        Key { name: "observation", about: "what is seen", expected: "\"factored\" or \"joint\"" },
        Key { name: "time_limit", about: "steps per episode", expected: "a whole number of at least 1" },
    ];

    /// All that is wrong; empty where nothing is.
    pub fn validate(&self) -> Vec<ConfigError> {
        let mut problems = Problems::new(Self::KEYS);
        problems.require(self.reels.as_flattened().iter().all(|&value| value <= 8), "reels", self.reels);
        if let Some(seed) = self.seed {
            problems.require(self.reels == REELS, "seed", seed);
        }
        problems.require(self.first_fraction <= 1, "first_fraction", self.first_fraction);
        problems.require(self.time_limit >= 1, "time_limit", self.time_limit);
        problems.into_list()
    }

    /// The environment within its time limit.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn build(&self) -> Result<Box<dyn Env>, EnvError> {
        Ok(Box::new(TimeLimit::new(SlotMachine::new(self)?, self.time_limit)))
    }
}

pub(super) fn draw_reels(seed: u64) -> Reels {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    std::array::from_fn(|_| std::array::from_fn(|_| rng.random_range(0..8)))
}
