//! Half-Cheetah-v2: a planar robot with two legs that is paid for running forward.
//!
//! MuJoCo 3.17.0; 0.05 s a step (5 engine steps of 0.01 s, Euler, implicit in joint damping).
//!
//! # Action, `[6]`
//! Torque of each motor as a share of its largest, in −1..1. Numbers outside are handed on: the
//! motor clamps, the control cost does not.
//!
//! | index | joint | torque at 1, N m |
//! |---|---|---|
//! | 0, 1, 2 | back thigh, shin, foot | 120, 90, 60 |
//! | 3, 4, 5 | front thigh, shin, foot | 120, 60, 30 |
//!
//! # Observation, `[17]`
//!
//! | index | what | unit |
//! |---|---|---|
//! | 0 | height of the torso above its rest position | m |
//! | 1 | pitch of the torso | rad |
//! | 2, 3, 4 | back thigh, shin, foot angle | rad |
//! | 5, 6, 7 | front thigh, shin, foot angle | rad |
//! | 8, 9 | velocity of the torso forward, upward | m/s |
//! | 10 | pitch velocity | rad/s |
//! | 11, 12, 13 | back thigh, shin, foot velocity | rad/s |
//! | 14, 15, 16 | front thigh, shin, foot velocity | rad/s |
//!
//! The position along the track is left out.
//!
//! # Reward
//! Distance made forward / 0.05 s − 0.1 · Σ aᵢ², with the action as given.
//!
//! # Start and end
//! Rest position plus U(−0.1, 0.1) on every position and 0.1 · N(0, 1) on every velocity. The task
//! never ends; [`Config::time_limit`] truncates the episode.
//!
//! # Versions
//! Gym's and Gymnasium's v2, v3, v4 and v5 are numerically this environment. Masses are
//! scaled to 14 kg in all; engines before 2.1.1 approximated the capsules' inertia, this one is exact.

use std::sync::{Arc, OnceLock};

use mujoco_rs::prelude::MjModel;
use serde::{Deserialize, Serialize};

use super::{
    RewardTerms, compile,
    simulation::{DT, Simulation},
};
use crate::config::{Problems, accept};
use crate::{ConfigError, Env, EnvError, Film, FilmError, Key, Space, Start, Step, TimeLimit};

/// The robot and its world, in MuJoCo's language.
pub const MJCF: &str = include_str!("half_cheetah.xml");

/// Name of the environment's table.
pub const NAME: &str = "half_cheetah";
const CONTROL_COST: f64 = 0.1;
/// The first position, along the track, is not observed.
const HIDDEN_POSITIONS: usize = 1;

/// Half-Cheetah's options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Steps of 0.05 s after which an episode is truncated; default 250, at least 1.
    pub time_limit: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { time_limit: 250 }
    }
}

impl Config {
    /// Every key of the table.
    pub const KEYS: &[Key] = &[Key {
        name: "time_limit",
        about: "steps of 0.05 s per episode",
        expected: "a whole number of at least 1",
    }];

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
        Ok(Box::new(TimeLimit::new(HalfCheetah::new(self)?, self.time_limit)))
    }

    /// The environment and what draws it.
    ///
    /// # Errors
    /// [`FilmError::Feature`] without the feature `renderer`, [`FilmError::Draw`] where nothing can be drawn
    /// without a screen.
    pub fn film(&self) -> Result<Box<dyn Film>, FilmError> {
        let env = TimeLimit::new(HalfCheetah::new(self)?, self.time_limit);
        #[cfg(feature = "renderer")]
        return crate::mujoco::renderer::film(env, renderer, HalfCheetah::qpos);
        #[cfg(not(feature = "renderer"))]
        {
            drop(env);
            Err(FilmError::Feature { env: NAME, feature: "renderer" })
        }
    }
}

/// The robot without its time limit.
pub struct HalfCheetah {
    simulation: Simulation,
    observation_space: Space,
    terms: RewardTerms,
}

impl HalfCheetah {
    /// The robot of `config`, its random stream seeded with 0.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn new(config: &Config) -> Result<Self, EnvError> {
        accept(config.validate())?;
        let simulation = Simulation::new(NAME, model());
        let obs_dim = simulation.data().qpos().len() - HIDDEN_POSITIONS + simulation.data().qvel().len();
        Ok(Self {
            simulation,
            observation_space: Space::uniform_box(obs_dim, f64::NEG_INFINITY, f64::INFINITY),
            terms: RewardTerms::default(),
        })
    }

    /// Begins an episode in the state of positions `qpos`, `[9]` (x, height, pitch, then the six
    /// joints in the order of the observation; m and rad), and velocities `qvel`, `[9]`.
    ///
    /// # Errors
    /// [`EnvError::State`] for another number of values, [`EnvError::Engine`] for a state that the
    /// engine refuses.
    pub fn set_state(&mut self, qpos: &[f64], qvel: &[f64], observation: &mut [f64]) -> Result<(), EnvError> {
        self.simulation.set_state(qpos, qvel)?;
        self.begin(observation);
        Ok(())
    }

    /// Positions, `[9]`, as [`HalfCheetah::set_state`] takes them.
    pub fn qpos(&self) -> &[f64] {
        self.simulation.data().qpos()
    }

    /// Velocities, `[9]`, as [`HalfCheetah::set_state`] takes them.
    pub fn qvel(&self) -> &[f64] {
        self.simulation.data().qvel()
    }

    /// What the reward of the last step was made of; all zero after a reset.
    pub fn reward_terms(&self) -> RewardTerms {
        self.terms
    }

    fn begin(&mut self, observation: &mut [f64]) {
        self.terms = RewardTerms::default();
        self.simulation.x = self.qpos()[0];
        self.observe(observation);
    }

    fn observe(&self, observation: &mut [f64]) {
        let positions = &self.qpos()[HIDDEN_POSITIONS..];
        let (head, tail) = observation.split_at_mut(positions.len());
        head.copy_from_slice(positions);
        tail.copy_from_slice(self.qvel());
    }
}

impl Env for HalfCheetah {
    fn observation_space(&self) -> &Space {
        &self.observation_space
    }

    fn action_space(&self) -> &Space {
        self.simulation.action_space()
    }

    fn seed(&mut self, seed: u64) {
        self.simulation.seed(seed);
    }

    fn reset(&mut self, start: Start, observation: &mut [f64]) -> Result<(), EnvError> {
        if start == Start::Uniform {
            return Err(EnvError::Start { env: NAME });
        }
        self.simulation.reset(|_| ());
        self.begin(observation);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let before = self.simulation.x;
        self.simulation.advance(action)?;
        let after = self.qpos()[0];
        self.simulation.x = after;
        self.terms = RewardTerms {
            forward: (after - before) / DT,
            control_cost: CONTROL_COST * action.iter().map(|a| a * a).sum::<f64>(),
            ..RewardTerms::default()
        };
        self.observe(observation);
        Ok(Step::running(self.terms.total()))
    }

    fn save_state(&self) -> Vec<u8> {
        self.simulation.save()
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), EnvError> {
        self.terms = RewardTerms::default();
        self.simulation.load(state)
    }
}

/// Draws pictures of `width` times `height` pixels from [`HalfCheetah::qpos`].
///
/// # Errors
/// [`RenderError`](super::renderer::RenderError) where nothing can be drawn without a screen.
#[cfg(feature = "renderer")]
pub fn renderer(width: u32, height: u32) -> Result<super::renderer::Renderer, super::renderer::RenderError> {
    super::renderer::Renderer::new(compile(MJCF).expect("the embedded model compiles"), width, height)
}

/// Compiled once in a process; every environment shares it.
fn model() -> Arc<MjModel> {
    static MODEL: OnceLock<Arc<MjModel>> = OnceLock::new();
    MODEL.get_or_init(|| Arc::new(compile(MJCF).expect("the embedded model compiles"))).clone()
}
