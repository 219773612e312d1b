//! Ant-v2: a robot with a round torso and four legs that is paid for walking along x.
//!
//! MuJoCo 3.17.0; 0.05 s a step (5 engine steps of 0.01 s, fourth-order Runge-Kutta).
//!
//! # Action, `[8]`
//! Torque of each motor as a share of its largest (150 N m), in −1..1. Numbers outside are handed
//! on: the motor clamps, the control cost does not. The order is not the joints':
//!
//! | index | joint |
//! |---|---|
//! | 0, 1 | hip and ankle 4 (right back) |
//! | 2, 3 | hip and ankle 1 (front left) |
//! | 4, 5 | hip and ankle 2 (front right) |
//! | 6, 7 | hip and ankle 3 (back) |
//!
//! # Observation, `[111]` (or `[27]`)
//!
//! | index | what | unit |
//! |---|---|---|
//! | 0 | height of the torso's center | m |
//! | 1..5 | orientation of the torso, a quaternion w x y z | 1 |
//! | 5..13 | hip and ankle angles of legs 1, 2, 3, 4 | rad |
//! | 13..16 | velocity of the torso, world axes | m/s |
//! | 16..19 | angular velocity of the torso, its own axes | rad/s |
//! | 19..27 | hip and ankle velocities of legs 1, 2, 3, 4 | rad/s |
//! | 27..111 | external torque x y z and force x y z on each of 14 bodies, clipped to −1..1 | N m, N |
//!
//! Bodies: the world (27..33, always zero), the torso, then welded leg, upper and lower
//! leg of legs 1 to 4. Forces are in world axes, about the robot's center of mass.
//! [`Config::observe_contact_forces`] `= false` leaves 27..111 out.
//!
//! # Reward
//! Distance made along x / 0.05 s − 0.5 · Σ aᵢ² − 0.0005 · Σ (clipped forces)² + 1, with the action
//! as given. The engine's body position is one integrator stage old when the distance is taken, as
//! it was in v2; over an episode this cancels.
//!
//! # Start and end
//! Rest position plus U(−0.1, 0.1) on every position and 0.1 · N(0, 1) on every velocity; the
//! quaternion is normalized afterwards, as the engines did that v2 ran on. The task ends when the
//! torso's height leaves 0.2..1 m; [`Config::time_limit`] truncates.
//! Standing still earns about 993 in 1000 steps.
//!
//! # Versions
//!
//! | | v2 (default) | v4 | v5 |
//! |---|---|---|---|
//! | observation | 111 | 27; 111 on request | 105: without 27..33 |
//! | contact cost | always | with 111 numbers only | always |
//! | last step of a fall | earns the 1 too | earns the 1 too | does not earn it |
//!
//! v2's contact forces were real on MuJoCo 1.5 and zero on 2.x, where the engine stopped computing
//! them unasked: [`Config::contact_forces`] chooses. v4's default is `observe_contact_forces =
//! false` with `contact_forces = "zero"`.
//! The robot weighs 0.911 kg; engines before 2.1.1 approximated its capsules and had 0.879 kg.

mod config;

use std::sync::{Arc, OnceLock};

use mujoco_rs::prelude::MjModel;

pub use config::{Config, ContactForces, TerminalReward};

use super::{
    RewardTerms, compile,
    simulation::{DT, Simulation},
};
use crate::config::accept;
use crate::{Env, EnvError, Space, Start, Step};

/// The robot and its world, in MuJoCo's language.
pub const MJCF: &str = include_str!("ant.xml");

/// Name of the environment's table.
pub const NAME: &str = "ant";
const CONTROL_COST: f64 = 0.5;
const CONTACT_COST: f64 = 0.5e-3;
const SURVIVE_REWARD: f64 = 1.0;
const HEALTHY_HEIGHTS: std::ops::RangeInclusive<f64> = 0.2..=1.0;
/// The engine's number for the torso, after the world.
const TORSO: usize = 1;
/// The first two positions, x and y, are not observed.
const HIDDEN_POSITIONS: usize = 2;
const HEIGHT: usize = 2;
const QUATERNION: std::ops::Range<usize> = 3..7;
const FORCES_PER_BODY: usize = 6;

/// The robot without its time limit.
pub struct Ant {
    simulation: Simulation,
    config: Config,
    observation_space: Space,
    terms: RewardTerms,
}

impl Ant {
    /// The robot of `config`, its random stream seeded with 0.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
    pub fn new(config: &Config) -> Result<Self, EnvError> {
        accept(config.validate())?;
        let simulation = Simulation::new(NAME, model());
        let data = simulation.data();
        let mut obs_dim = data.qpos().len() - HIDDEN_POSITIONS + data.qvel().len();
        if config.observe_contact_forces {
            obs_dim += data.cfrc_ext().len() * FORCES_PER_BODY;
        }
        Ok(Self {
            simulation,
            config: config.clone(),
            observation_space: Space::uniform_box(obs_dim, f64::NEG_INFINITY, f64::INFINITY),
            terms: RewardTerms::default(),
        })
    }

    /// Begins an episode in the state of positions `qpos`, `[15]` (x, y, height, quaternion, then
    /// the joints in the order of the observation; m and rad), and velocities `qvel`, `[14]`. The
    /// quaternion is taken as it is.
    ///
    /// # Errors
    /// [`EnvError::State`] for another number of values, [`EnvError::Engine`] for a state that the
    /// engine refuses.
    pub fn set_state(&mut self, qpos: &[f64], qvel: &[f64], observation: &mut [f64]) -> Result<(), EnvError> {
        self.simulation.set_state(qpos, qvel)?;
        self.begin(observation);
        Ok(())
    }

    /// Positions, `[15]`, as [`Ant::set_state`] takes them.
    pub fn qpos(&self) -> &[f64] {
        self.simulation.data().qpos()
    }

    /// Velocities, `[14]`, as [`Ant::set_state`] takes them.
    pub fn qvel(&self) -> &[f64] {
        self.simulation.data().qvel()
    }

    /// What the reward of the last step was made of; all zero after a reset.
    pub fn reward_terms(&self) -> RewardTerms {
        self.terms
    }

    fn begin(&mut self, observation: &mut [f64]) {
        self.terms = RewardTerms::default();
        self.simulation.x = self.torso_x();
        self.observe(observation);
    }

    fn torso_x(&self) -> f64 {
        self.simulation.data().xpos()[TORSO][0]
    }

    fn is_healthy(&self) -> bool {
        HEALTHY_HEIGHTS.contains(&self.qpos()[HEIGHT])
            && self.qpos().iter().chain(self.qvel()).all(|x| x.is_finite())
    }

    /// Torque and force on each body, clipped to −1..1, `[14 · 6]`.
    fn contact_forces(&self) -> impl Iterator<Item = f64> {
        self.simulation.data().cfrc_ext().iter().flatten().map(|force| force.clamp(-1.0, 1.0))
    }

    fn contact_cost(&self) -> f64 {
        match self.config.contact_forces {
            ContactForces::Real => {
                CONTACT_COST * self.contact_forces().map(|force| force * force).sum::<f64>()
            }
            ContactForces::Zero => 0.0,
        }
    }

    fn survive_reward(&self, healthy: bool) -> f64 {
        match self.config.terminal_reward {
            TerminalReward::V5 if !healthy => 0.0,
            _ => SURVIVE_REWARD,
        }
    }

    fn observe(&self, observation: &mut [f64]) {
        assert_eq!(observation.len(), self.observation_space.len(), "length of the observation's row");
        let positions = &self.qpos()[HIDDEN_POSITIONS..];
        let (head, tail) = observation.split_at_mut(positions.len());
        let (velocities, forces) = tail.split_at_mut(self.qvel().len());
        head.copy_from_slice(positions);
        velocities.copy_from_slice(self.qvel());
        for (to, force) in forces.iter_mut().zip(self.contact_forces()) {
            *to = force;
        }
    }
}

impl Env for Ant {
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
        self.simulation.reset(|qpos| normalize(&mut qpos[QUATERNION]));
        self.begin(observation);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let before = self.simulation.x;
        self.simulation.advance(action)?;
        if self.config.contact_forces == ContactForces::Real {
            self.simulation.compute_contact_forces();
        }
        let after = self.torso_x();
        let healthy = self.is_healthy();
        self.simulation.x = after;
        self.terms = RewardTerms {
            forward: (after - before) / DT,
            survive: self.survive_reward(healthy),
            control_cost: CONTROL_COST * action.iter().map(|a| a * a).sum::<f64>(),
            contact_cost: self.contact_cost(),
        };
        self.observe(observation);
        let reward = self.terms.total();
        Ok(if healthy { Step::running(reward) } else { Step::terminated(reward) })
    }

    fn save_state(&self) -> Vec<u8> {
        self.simulation.save()
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), EnvError> {
        self.terms = RewardTerms::default();
        self.simulation.load(state)
    }
}

/// Draws pictures of `width` times `height` pixels from [`Ant::qpos`].
///
/// # Errors
/// [`RenderError`](super::renderer::RenderError) where nothing can be drawn without a screen.
#[cfg(feature = "renderer")]
pub fn renderer(width: u32, height: u32) -> Result<super::renderer::Renderer, super::renderer::RenderError> {
    super::renderer::Renderer::new(compile(MJCF).expect("the embedded model compiles"), width, height)
}

fn normalize(quaternion: &mut [f64]) {
    let norm = quaternion.iter().map(|q| q * q).sum::<f64>().sqrt();
    for q in quaternion {
        *q /= norm;
    }
}

/// Compiled once in a process; every environment shares it.
fn model() -> Arc<MjModel> {
    static MODEL: OnceLock<Arc<MjModel>> = OnceLock::new();
    MODEL.get_or_init(|| Arc::new(compile(MJCF).expect("the embedded model compiles"))).clone()
}
