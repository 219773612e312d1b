use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Model, Recommender};
use crate::config::Problems;
use crate::{ConfigError, Effects, Env, EnvError, Key, TimeLimit};

/// Which recommender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Model file made from a purchase log; default `data/recommender.model`.
    pub model: PathBuf,
    /// Factor α on the recommended item's probability; default 3, from 1 to 1000.
    pub recommend_factor: f64,
    /// Added to the recommended item's probability after the factor; default 0, from 0 to 1000.
    pub recommend_floor: f64,
    /// Weight of popularity in every distribution; default 0.1, above 0 up to 1.
    pub smoothing: f64,
    /// Mixes the followers of similar pairs into the order-2 distribution (Shani et al. 2005);
    /// default false.
    pub similarity: bool,
    /// First two items: `uniform` (default) or `empirical`.
    pub start: FirstItems,
    /// Steps after which an episode is truncated; default 20, at least 1.
    pub time_limit: u32,
}

/// How the first two items are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstItems {
    /// Each uniform over all items.
    Uniform,
    /// A pair that was bought in a row, as often as in the log.
    Empirical,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: PathBuf::from("data/recommender.model"),
            recommend_factor: 3.0,
            recommend_floor: 0.0,
            smoothing: 0.1,
            similarity: false,
            start: FirstItems::Uniform,
            time_limit: 20,
        }
    }
}

impl Config {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[
        Key { name: "model", about: "model file made from a purchase log", expected: "the path of a file" },
        Key {
            name: "recommend_factor",
            about: "factor on the recommended item's probability (the paper's alpha)",
            expected: "a number from 1 to 1000",
        },
        Key {
            name: "recommend_floor",
            about: "added to the recommended item's probability after the factor",
            expected: "a number from 0 to 1000",
        },
        Key {
            name: "smoothing",
            about: "weight of popularity in every distribution",
            expected: "a number above 0 and up to 1",
        },
        Key {
            name: "similarity",
            about: "mixes the followers of similar pairs in (Shani et al. 2005)",
            expected: "true or false",
        },
        Key {
            name: "start",
            about: "how the first two items are drawn",
            expected: "\"uniform\" or \"empirical\"",
        },
        Key { name: "time_limit", about: "steps per episode", expected: "a whole number of at least 1" },
    ];

    /// All that is wrong; empty where nothing is. The model file is not read.
    pub fn validate(&self) -> Vec<ConfigError> {
        let mut problems = Problems::new(Self::KEYS);
        problems.require(!self.model.as_os_str().is_empty(), "model", &self.model);
        let (factor, floor) = (self.recommend_factor, self.recommend_floor);
        problems.require((1.0..=1000.0).contains(&factor), "recommend_factor", factor);
        problems.require((0.0..=1000.0).contains(&floor), "recommend_floor", floor);
        problems.require(self.smoothing > 0.0 && self.smoothing <= 1.0, "smoothing", self.smoothing);
        problems.require(self.time_limit >= 1, "time_limit", self.time_limit);
        problems.into_list()
    }

    /// The environment within its time limit.
    ///
    /// # Errors
    /// As [`Recommender::new`].
    pub fn build(&self) -> Result<Box<dyn Env>, EnvError> {
        Ok(Box::new(TimeLimit::new(Recommender::new(self)?, self.time_limit)))
    }

    /// Every action raises another item's probability.
    ///
    /// # Errors
    /// As [`Recommender::new`].
    pub fn action_effects(&self) -> Result<Effects, EnvError> {
        Ok(Effects::distinct("item whose probability is raised", Recommender::new(self)?.prices().len()))
    }

    /// Mean of −ln of the true probability of the item bought, in nats.
    ///
    /// `observations` and `next_observations` are `[n, 2]`, `actions` `[n, 1]`.
    ///
    /// # Errors
    /// As [`Recommender::new`].
    pub fn oracle_loss(
        &self,
        observations: &[f64],
        actions: &[f64],
        next_observations: &[f64],
    ) -> Result<f64, EnvError> {
        let shop = Recommender::new(self)?;
        let pairs = observations.chunks_exact(2).zip(actions).zip(next_observations.chunks_exact(2));
        let loss = |((state, &action), next): ((&[f64], &f64), &[f64])| {
            let state = [state[0] as usize, state[1] as usize];
            -shop.probability(state, action as usize, next[1] as usize).ln()
        };
        Ok(pairs.map(loss).sum::<f64>() / actions.len().max(1) as f64)
    }

    /// `n` environments within their time limits, which share one reading of the model.
    ///
    /// # Errors
    /// As [`Recommender::new`].
    pub fn build_many(&self, n: usize) -> Result<Vec<Box<dyn Env>>, EnvError> {
        let shop = Recommender::new(self)?;
        let one = || -> Box<dyn Env> { Box::new(TimeLimit::new(shop.clone(), self.time_limit)) };
        Ok((0..n).map(|_| one()).collect())
    }

    /// The environment within its time limit, with a `model` at hand.
    ///
    /// # Errors
    /// As [`Recommender::with_model`].
    pub fn build_with(&self, model: &Model) -> Result<Box<dyn Env>, EnvError> {
        Ok(Box::new(TimeLimit::new(Recommender::with_model(self, model)?, self.time_limit)))
    }
}
