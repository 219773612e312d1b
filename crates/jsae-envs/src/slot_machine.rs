//! Slot machine: four reels of six values; three or four equal values pay.
//!
//! **Observation.** `observation = "factored"`: the four reels' pointers, each in `0..6`.
//! `observation = "joint"`: the one index `216 p0 + 36 p1 + 6 p2 + p3` in `0..1296`.
//!
//! **Action.** An index in `0..4096`: four digits in base 8, the first reel's most significant.
//! Digit k spins its reel by k tenths of a turn (`first_fraction = 1`: k + 1 tenths), that is
//! by ⌊6k / 10⌋ places. Several digits do the same, so the 4,096 actions have 625 effects.
//!
//! **Reward.** The sum of those values shown that are shown at least three times.
//!
//! | index | reel | values (default) |
//! |---|---|---|
//! | 0 | first | 2 3 6 7 0 4 |
//! | 1 | second | 3 4 6 2 1 7 |
//! | 2 | third | 1 6 5 3 4 7 |
//! | 3 | fourth | 5 1 4 2 6 0 |
//!
//! **Start.** All pointers 0; `Start::Uniform`: uniform pointers. **End.** Never terminates;
//! truncated after `time_limit` (20) steps.
//!
//! Best return of the default reels 480, uniform random policy 13.33: [`SlotMachine::optimum`],
//! [`SlotMachine::random_value`].

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Env, EnvError, Space, Start, Step, config as checks, state};

mod config;
mod effects;
mod values;

pub use config::{Config, Observation, Reels};

/// Name of the environment's table.
pub const NAME: &str = "slot_machine";
/// Reels.
pub const N_REELS: usize = 4;
/// Values on a reel.
pub const N_VALUES: usize = 6;
/// Actions.
pub const N_ACTIONS: usize = 4096;
/// Joint pointer positions.
pub const N_STATES: usize = 1296;

/// The machine without its time limit.
#[derive(Clone, Debug)]
pub struct SlotMachine {
    reels: Reels,
    first_fraction: usize,
    observation: Observation,
    observation_space: Space,
    action_space: Space,
    pointers: [usize; N_REELS],
    rng: ChaCha8Rng,
}

impl SlotMachine {
    /// The machine of `config`, its random stream seeded with 0.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn new(config: &Config) -> Result<Self, EnvError> {
        checks::accept(config.validate())?;
        let observation_space = match config.observation {
            Observation::Factored => Space::MultiDiscrete(vec![N_VALUES; N_REELS]),
            Observation::Joint => Space::Discrete(N_STATES),
        };
        Ok(Self {
            reels: config.seed.map_or(config.reels, config::draw_reels),
            first_fraction: config.first_fraction as usize,
            observation: config.observation,
            observation_space,
            action_space: Space::Discrete(N_ACTIONS),
            pointers: [0; N_REELS],
            rng: ChaCha8Rng::seed_from_u64(0),
        })
    }

    /// The values on each reel.
    pub fn reels(&self) -> &Reels {
        &self.reels
    }

    /// Places by which `action` advances each reel.
    pub fn effect(&self, action: usize) -> [usize; N_REELS] {
        std::array::from_fn(|reel| {
            let digit = action >> (3 * (N_REELS - 1 - reel)) & 7;
            (digit + self.first_fraction) * N_VALUES / 10
        })
    }

    /// Sum of the values shown at least three times.
    pub fn reward(&self, pointers: [usize; N_REELS]) -> u32 {
        let shown: [u32; N_REELS] = std::array::from_fn(|reel| self.reels[reel][pointers[reel]]);
        let count = |value| shown.iter().filter(|&&other| other == value).count();
        shown.iter().filter(|&&value| count(value) >= 3).sum()
    }

    fn observe(&self, observation: &mut [f64]) {
        match self.observation {
            Observation::Factored => {
                observation.copy_from_slice(&self.pointers.map(|pointer| pointer as f64));
            }
            Observation::Joint => observation.copy_from_slice(&[joint(self.pointers) as f64]),
        }
    }
}

impl Env for SlotMachine {
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
        self.pointers = match start {
            Start::Fixed => [0; N_REELS],
            Start::Uniform => std::array::from_fn(|_| self.rng.random_range(0..N_VALUES)),
        };
        self.observe(observation);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let action =
            self.action_space.index(action).ok_or_else(|| EnvError::action(action, &self.action_space))?;
        self.pointers = advance(self.pointers, self.effect(action));
        self.observe(observation);
        Ok(Step::running(f64::from(self.reward(self.pointers))))
    }

    fn save_state(&self) -> Vec<u8> {
        state::to_bytes(&(self.pointers, &self.rng))
    }

    fn load_state(&mut self, bytes: &[u8]) -> Result<(), EnvError> {
        let (pointers, rng): ([usize; N_REELS], ChaCha8Rng) = state::from_bytes(NAME, bytes)?;
        if pointers.iter().any(|&pointer| pointer >= N_VALUES) {
            return Err(EnvError::State { env: NAME, problem: format!("no pointers {pointers:?}") });
        }
        (self.pointers, self.rng) = (pointers, rng);
        Ok(())
    }
}

fn advance(pointers: [usize; N_REELS], effect: [usize; N_REELS]) -> [usize; N_REELS] {
    std::array::from_fn(|reel| (pointers[reel] + effect[reel]) % N_VALUES)
}

/// The pointers as one index, the first reel most significant.
fn joint(pointers: [usize; N_REELS]) -> usize {
    pointers.iter().fold(0, |index, pointer| index * N_VALUES + pointer)
}
