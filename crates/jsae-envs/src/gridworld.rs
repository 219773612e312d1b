//! Gridworld: a point in the unit square, driven by every subset of `n_actuators` actuators
//! around walls to a goal (the paper, sections 5.1 and A.4.1).
//!
//! **Observation.** `observation = "discrete"`: the bin that the position lies in,
//! `40 · x_bin + y_bin` in `0..1600`. `observation = "continuous"`: the position itself.
//!
//! | index | continuous observation | low | high | unit |
//! |---|---|---|---|---|
//! | 0 | x | 0 | 1 | side of the square |
//! | 1 | y | 0 | 1 | side of the square |
//!
//! The position underneath is continuous either way, unless `snap` moves it to the middle of its
//! bin after every step, which makes the discrete problem Markov.
//!
//! **Action.** `action = "actuators"`: an index in `0..2^n`, read as n bits, the most significant
//! first. Actuator k points at the angle 2πk/n (both components rounded to three decimals); the
//! motion is the sum over the active actuators, divided by the largest norm of all 2^n sums.
//! `action = "box2"`: the motion itself, bounded to `[-1, 1]²` and then shortened to length 1.
//!
//! A step is up to `n_substeps` (4) sub-steps of `substep` (0.045) times the motion, so at most 0.18
//! long; each sub-step adds normal `noise` (0) to both coordinates. A sub-step whose segment
//! would leave the square or touch a wall is not made and ends the step
//! (`collision = "endpoint"`: only where it ends counts, so that thin walls can be jumped).
//!
//! | reward term | when | default |
//! |---|---|---|
//! | − `step_penalty` | every step | 0.01 |
//! | − `collision_penalty` | a sub-step was blocked | 0.05 |
//! | + `goal_reward` | a sub-step ended in the goal | 1 |
//!
//! **Start.** `layout.start`, (0.3, 0.1); [`Start::Uniform`]: a uniform position outside walls
//! and goal. **End.** Terminates in the goal; truncated after `time_limit` (150) steps.
//!
//! Rectangles are `[x, y, x2, y2]`, edges included. The best return is about 0.93 for 9
//! actuators ([`best_return`]); the uniform random policy gets −3.304, −3.079 and −2.972 for 5, 9
//! and 11. The problem with `snap` alone is solved exactly: [`Config::reference_returns`].

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::{Env, EnvError, Space, Start, Step, config as checks, state};

mod config;

mod geometry;

mod motions;

mod dynamics;

mod search;

mod effects;

mod values;

mod picture;

pub use config::{Action, Collision, Config, Layout, Observation};
pub use dynamics::{Dynamics, N_BINS, Outcome, bin, bin_center};
pub use geometry::Rect;
pub use motions::{motion_classes, motions, n_distinct_motions};
pub use picture::{picture, text};
pub use search::{Best, best_return};

/// Name of the environment's table.
pub const NAME: &str = "gridworld";

/// The world without its time limit.
#[derive(Clone, Debug)]
pub struct Gridworld {
    dynamics: Dynamics,
    observation: Observation,
    motions: Vec<[f64; 2]>,
    observation_space: Space,
    action_space: Space,
    start: [f64; 2],
    noise: f64,
    position: [f64; 2],
    rng: ChaCha8Rng,
}

impl Gridworld {
    /// The world of `config`, its random stream seeded with 0.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn new(config: &Config) -> Result<Self, EnvError> {
        checks::accept(config.validate())?;
        let dynamics = Dynamics::new(config);
        let motions = match config.action {
            Action::Actuators => motions(config.n_actuators),
            Action::Box2 => Vec::new(),
        };
        let start = dynamics.settle(config.layout.start);
        Ok(Self {
            observation: config.observation,
            observation_space: match config.observation {
                Observation::Discrete => Space::Discrete(N_BINS * N_BINS),
                Observation::Continuous => Space::uniform_box(2, 0.0, 1.0),
            },
            action_space: match config.action {
                Action::Actuators => Space::Discrete(motions.len()),
                Action::Box2 => Space::uniform_box(2, -1.0, 1.0),
            },
            motions,
            start,
            noise: config.noise,
            position: start,
            rng: ChaCha8Rng::seed_from_u64(0),
            dynamics,
        })
    }

    /// Where the point is, (x, y).
    pub fn position(&self) -> [f64; 2] {
        self.position
    }

    /// What moves are made of.
    pub fn dynamics(&self) -> &Dynamics {
        &self.dynamics
    }

    /// The motion of an action row, of norm at most 1; `None` outside the action space.
    #[inline]
    pub fn motion(&self, action: &[f64]) -> Option<[f64; 2]> {
        match (&self.action_space, action) {
            (Space::Discrete(_), _) => self.motions.get(self.action_space.index(action)?).copied(),
            (_, &[x, y]) if !x.is_nan() && !y.is_nan() => {
                let (x, y) = (x.clamp(-1.0, 1.0), y.clamp(-1.0, 1.0));
                let length = x.hypot(y).max(1.0);
                Some([x / length, y / length])
            }
            _ => None,
        }
    }

    fn advance(&mut self, motion: [f64; 2]) -> Outcome {
        if self.noise == 0.0 {
            return self.dynamics.advance(self.position, motion);
        }
        let [dx, dy] = self.dynamics.displacement(motion);
        let (noise, rng) = (self.noise, &mut self.rng);
        self.dynamics.advance_by(self.position, || {
            let [x, y]: [f64; 2] = [rng.sample(StandardNormal), rng.sample(StandardNormal)];
            [dx + noise * x, dy + noise * y]
        })
    }

    #[inline]
    fn observe(&self, observation: &mut [f64]) {
        match self.observation {
            Observation::Discrete => observation.copy_from_slice(&[bin(self.position) as f64]),
            Observation::Continuous => observation.copy_from_slice(&self.position),
        }
    }
}

impl Env for Gridworld {
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
        self.position = match start {
            Start::Fixed => self.start,
            Start::Uniform => self.dynamics.uniform_free(&mut self.rng),
        };
        self.observe(observation);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let motion = self.motion(action).ok_or_else(|| EnvError::action(action, &self.action_space))?;
        let outcome = self.advance(motion);
        self.position = outcome.position;
        self.observe(observation);
        Ok(Step { reward: outcome.reward, terminated: outcome.in_goal, truncated: false })
    }

    fn save_state(&self) -> Vec<u8> {
        state::to_bytes(&(self.position, &self.rng))
    }

    fn load_state(&mut self, bytes: &[u8]) -> Result<(), EnvError> {
        let (position, rng): ([f64; 2], ChaCha8Rng) = state::from_bytes(NAME, bytes)?;
        if !geometry::in_unit_square(position) {
            return Err(EnvError::State { env: NAME, problem: format!("no position {position:?}") });
        }
        (self.position, self.rng) = (position, rng);
        Ok(())
    }
}
