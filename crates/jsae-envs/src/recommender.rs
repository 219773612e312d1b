//! Recommender: a shop that recommends one item before every purchase (Shani et al. 2005).
//!
//! What customers buy follows from a purchase log, whose counts a [`Model`] file holds. Without
//! a recommendation the next item follows the mixture of [`Dynamics`].
//!
//! **Observation.** The last two items bought, each in `0..n_items`.
//!
//! | index | item |
//! |---|---|
//! | 0 | the one before the last |
//! | 1 | the last |
//!
//! The next observation's index 0 is this one's index 1, so only [`PREDICTED_VARIABLES`] hold
//! anything to predict.
//!
//! **Action.** The item to recommend, in `0..n_items`. Its probability p becomes α p + c, and
//! all are divided by their sum 1 + (α − 1) p + c, with α the `recommend_factor` (3) and c the
//! `recommend_floor` (0).
//!
//! **Reward.** The mean price of the item bought, in the log's currency.
//!
//! **Start.** `start = "uniform"`: two uniform items; `start = "empirical"`: two that were
//! bought one after the other, as often as in the log. `Start::Uniform`: always the first.
//! **End.** Never terminates; truncated after `time_limit` (20) steps.
//!
//! A step takes the same time for any number of items. [`Recommender::reference_returns`] has the
//! exact returns of the best, the greedy and the random [`Policy`].
//!
//! ```
//! use jsae_envs::{Env, Start, recommender};
//! use recommender::{Filters, Item, Model, Policy, Recommender};
//!
//! let item = |id: &str, price| Item { id: id.into(), price };
//! let items = vec![item("tea", 4.0), item("pot", 30.0), item("cup", 6.0)];
//! let sequences = [vec![0, 1, 2, 2, 0], vec![1, 0, 0, 2]];
//! let model = Model::from_sequences(items, &sequences, Filters::default())?;
//!
//! let mut env = Recommender::with_model(&recommender::Config::default(), &model)?;
//! assert!(env.expected_return(Policy::Optimal, 20) > env.expected_return(Policy::Random, 20));
//! let mut observation = [0.0; 2];
//! env.reset(Start::Fixed, &mut observation)?;
//! env.step(&[1.0], &mut observation)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{ConfigError, Env, EnvError, Space, Start, Step, config as checks, state};

mod alias;
mod config;
mod dynamics;
mod file;
#[cfg(feature = "recommender-log")]
pub mod log;
mod model;
mod returns;
mod rows;
pub mod synthetic;

pub use config::{Config, FirstItems};
pub use dynamics::Dynamics;
pub use model::{Filters, Item, MAX_SKIP, Model, ModelError};
pub use returns::Policy;

use alias::Tables;

/// Name of the environment's table.
pub const NAME: &str = "recommender";
/// Variables of the next observation that its predecessor and the action do not give.
pub const PREDICTED_VARIABLES: [usize; 1] = [1];

/// The shop without its time limit.
#[derive(Clone, Debug)]
pub struct Recommender {
    shop: Arc<Shop>,
    observation_space: Space,
    action_space: Space,
    last_two: [usize; 2],
    rng: ChaCha8Rng,
}

/// What does not change while an episode runs; copies of an environment share it.
#[derive(Debug)]
struct Shop {
    dynamics: Dynamics,
    prices: Vec<f64>,
    recommend_factor: f64,
    recommend_floor: f64,
    starts: Option<Starts>,
}

/// Pairs bought one after the other, as often as in the log.
#[derive(Debug)]
struct Starts {
    pairs: Vec<[u32; 2]>,
    table: Tables,
}

impl Recommender {
    /// The shop of `config`, its random stream seeded with 0.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds, or with the
    /// key `model` where that file cannot be used.
    pub fn new(config: &Config) -> Result<Self, EnvError> {
        checks::accept(config.validate())?;
        let model = Model::read(&config.model).map_err(|error| ConfigError {
            key: "model".to_owned(),
            found: format!("{error}"),
            expected: "a model file made from a purchase log".to_owned(),
        })?;
        Self::with_model(config, &model)
    }

    /// The shop of `config` with a `model` at hand, its random stream seeded with 0; the
    /// configuration's file is not read.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds, or with the
    /// key `start` where an empirical start finds no two purchases in a row.
    pub fn with_model(config: &Config, model: &Model) -> Result<Self, EnvError> {
        checks::accept(config.validate())?;
        let starts = match config.start {
            FirstItems::Uniform => None,
            FirstItems::Empirical => Some(Starts::new(model).ok_or_else(|| ConfigError {
                key: "start".to_owned(),
                found: "\"empirical\" with a log in which nobody bought twice".to_owned(),
                expected: "\"uniform\"".to_owned(),
            })?),
        };
        let shop = Shop {
            dynamics: Dynamics::new(model, config.smoothing, config.similarity),
            prices: model.items().iter().map(|item| item.price).collect(),
            recommend_factor: config.recommend_factor,
            recommend_floor: config.recommend_floor,
            starts,
        };
        Ok(Self {
            shop: Arc::new(shop),
            observation_space: Space::MultiDiscrete(vec![model.n_items(); 2]),
            action_space: Space::Discrete(model.n_items()),
            last_two: [0; 2],
            rng: ChaCha8Rng::seed_from_u64(0),
        })
    }

    /// What is bought when nothing is recommended.
    pub fn dynamics(&self) -> &Dynamics {
        &self.shop.dynamics
    }

    /// Price of each item, `[n_items]`.
    pub fn prices(&self) -> &[f64] {
        &self.shop.prices
    }

    /// Probability that `item` is bought next in `state`, its last two items, after recommending `action`.
    pub fn probability(&self, state: [usize; 2], action: usize, item: usize) -> f64 {
        let mixture = self.shop.dynamics.mixture(state);
        let boost = self.shop.boost(self.shop.dynamics.mixed_probability(&mixture, action));
        let own = if item == action { boost } else { 0.0 };
        (self.shop.dynamics.mixed_probability(&mixture, item) + own) / (1.0 + boost)
    }

    fn draw_start(&mut self, start: Start) -> [usize; 2] {
        match (&self.shop.starts, start) {
            (Some(starts), Start::Fixed) => starts.sample(&mut self.rng),
            _ => [(); 2].map(|()| self.rng.random_range(0..self.shop.prices.len())),
        }
    }

    fn observe(&self, observation: &mut [f64]) {
        observation.copy_from_slice(&self.last_two.map(|item| item as f64));
    }
}

impl Shop {
    /// What recommending adds to an item's probability `p` before the division.
    fn boost(&self, p: f64) -> f64 {
        (self.recommend_factor - 1.0) * p + self.recommend_floor
    }

    /// Draws the item bought in `state` after recommending `action`.
    ///
    /// With e for the [`Shop::boost`] of the recommended item, (p + e 1{recommended}) / (1 + e)
    /// is the mixture of that item, weight e / (1 + e), with the undisturbed distribution.
    fn buy(&self, state: [usize; 2], action: usize, rng: &mut ChaCha8Rng) -> usize {
        let mixture = self.dynamics.mixture(state);
        let boost = self.boost(self.dynamics.mixed_probability(&mixture, action));
        if rng.random::<f64>() * (1.0 + boost) < boost { action } else { self.dynamics.sample(&mixture, rng) }
    }
}

impl Starts {
    fn new(model: &Model) -> Option<Self> {
        let (mut pairs, mut weights) = (Vec::new(), Vec::new());
        for item in 0..model.n_items() {
            for (next, count) in model.followers(item) {
                pairs.push([item as u32, next as u32]);
                weights.push(f64::from(count));
            }
        }
        let all: Vec<u32> = (0..pairs.len() as u32).collect();
        let table = Tables::new(vec![0, pairs.len() as u32], &all, &weights);
        (!pairs.is_empty()).then_some(Self { pairs, table })
    }

    fn sample(&self, rng: &mut ChaCha8Rng) -> [usize; 2] {
        let row = self.table.row(0).expect("there is a pair");
        self.pairs[row.sample(rng)].map(|item| item as usize)
    }

    /// The pairs with their probabilities.
    fn iter(&self) -> impl Iterator<Item = ([usize; 2], f64)> + '_ {
        let row = self.table.row(0).expect("there is a pair");
        let pairs = self.pairs.iter().map(|pair| pair.map(|item| item as usize));
        pairs.zip(row.0.iter().map(|entry| entry.probability))
    }
}

impl Env for Recommender {
    fn observation_space(&self) -> &Space {
        &self.observation_space
    }

    fn action_space(&self) -> &Space {
        &self.action_space
    }

    fn seed(&mut self, seed: u64) {
        self.rng = ChaCha8Rng::seed_from_u64(seed);
    }

    fn reset(&mut self, start: Start, observation: &mut [f64]) -> Result<(), EnvError> {
        self.last_two = self.draw_start(start);
        self.observe(observation);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let action =
            self.action_space.index(action).ok_or_else(|| EnvError::action(action, &self.action_space))?;
        let bought = self.shop.buy(self.last_two, action, &mut self.rng);
        self.last_two = [self.last_two[1], bought];
        self.observe(observation);
        Ok(Step::running(self.shop.prices[bought]))
    }

    fn save_state(&self) -> Vec<u8> {
        state::to_bytes(&(self.last_two, &self.rng))
    }

    fn load_state(&mut self, bytes: &[u8]) -> Result<(), EnvError> {
        let (last_two, rng): ([usize; 2], ChaCha8Rng) = state::from_bytes(NAME, bytes)?;
        if last_two.iter().any(|&item| item >= self.shop.prices.len()) {
            return Err(EnvError::State { env: NAME, problem: format!("no items {last_two:?}") });
        }
        (self.last_two, self.rng) = (last_two, rng);
        Ok(())
    }
}
