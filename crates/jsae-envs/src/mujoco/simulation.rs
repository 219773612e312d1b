use std::sync::Arc;

use mujoco_rs::prelude::{MjData, MjModel, MjtState};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::{EnvError, Space, state};

/// Engine steps in one step of the environment.
const FRAME_SKIP: usize = 5;
/// Seconds in one step of the environment: 5 engine steps of 0.01 s.
pub(super) const DT: f64 = 0.05;
/// Half the width of the noise on each position at a reset.
const POSITION_NOISE: f64 = 0.1;
/// Standard deviation of the noise on each velocity at a reset.
const VELOCITY_NOISE: f64 = 0.1;
/// Everything that decides the engine's future, the solver's warm start included.
const STATE: u32 = MjtState::mjSTATE_INTEGRATION as u32;
/// The engine's warnings, in the order of its counters.
const WARNINGS: [&str; 7] = [
    "a nearly singular inertia matrix",
    "more contacts than its buffer holds",
    "more constraints than its buffer holds",
    "a bad position (NaN, infinite or huge)",
    "a bad velocity (NaN, infinite or huge)",
    "a bad acceleration (NaN, infinite or huge)",
    "a bad control (NaN, infinite or huge)",
];

/// One robot in one world: what the two environments have in common.
pub(super) struct Simulation {
    env: &'static str,
    action_space: Space,
    data: MjData<Arc<MjModel>>,
    rng: ChaCha8Rng,
    steps: u64,
    /// Position that the forward reward of the next step is measured from, m.
    pub(super) x: f64,
}

impl Simulation {
    pub(super) fn new(env: &'static str, model: Arc<MjModel>) -> Self {
        let data = MjData::new(model);
        Self {
            env,
            action_space: Space::uniform_box(data.ctrl().len(), -1.0, 1.0),
            data,
            rng: ChaCha8Rng::seed_from_u64(0),
            steps: 0,
            x: 0.0,
        }
    }

    pub(super) fn seed(&mut self, seed: u64) {
        self.rng = ChaCha8Rng::seed_from_u64(seed);
    }

    pub(super) fn action_space(&self) -> &Space {
        &self.action_space
    }

    pub(super) fn data(&self) -> &MjData<Arc<MjModel>> {
        &self.data
    }

    /// Begins an episode at the model's rest position with noise: all positions are drawn first,
    /// then all velocities. `adjust` sees the noisy positions before the engine does.
    pub(super) fn reset(&mut self, adjust: impl FnOnce(&mut [f64])) {
        self.steps = 0;
        self.data.reset();
        for position in self.data.qpos_mut() {
            *position += self.rng.random_range(-POSITION_NOISE..POSITION_NOISE);
        }
        for velocity in self.data.qvel_mut() {
            let noise: f64 = StandardNormal.sample(&mut self.rng);
            *velocity += VELOCITY_NOISE * noise;
        }
        adjust(self.data.qpos_mut());
        self.data.forward();
    }

    /// Begins an episode in the given state.
    pub(super) fn set_state(&mut self, qpos: &[f64], qvel: &[f64]) -> Result<(), EnvError> {
        let (nq, nv) = (self.data.qpos().len(), self.data.qvel().len());
        if (qpos.len(), qvel.len()) != (nq, nv) {
            let problem = format!("{} positions and {} velocities for {nq} and {nv}", qpos.len(), qvel.len());
            return Err(EnvError::State { env: self.env, problem });
        }
        self.steps = 0;
        self.data.reset();
        self.data.qpos_mut().copy_from_slice(qpos);
        self.data.qvel_mut().copy_from_slice(qvel);
        self.data.forward();
        self.check()
    }

    /// Hands `action` to the engine as it is and advances the world by [`DT`].
    pub(super) fn advance(&mut self, action: &[f64]) -> Result<(), EnvError> {
        if action.len() != self.action_space.len() || !action.iter().all(|a| a.is_finite()) {
            return Err(EnvError::action(action, &self.action_space));
        }
        self.data.ctrl_mut().copy_from_slice(action);
        self.steps += 1;
        for _ in 0..FRAME_SKIP {
            self.data.step();
        }
        self.check()
    }

    /// Has the engine compute the contact forces on the bodies after the last step.
    pub(super) fn compute_contact_forces(&mut self) {
        self.data.rne_post_constraint();
    }

    pub(super) fn save(&self) -> Vec<u8> {
        state::to_bytes(&(&*self.data.state(STATE), &self.rng, self.steps, self.x))
    }

    pub(super) fn load(&mut self, bytes: &[u8]) -> Result<(), EnvError> {
        let refuse = |problem| EnvError::State { env: self.env, problem };
        let (engine, rng, steps, x): (Vec<f64>, _, _, _) = state::from_bytes(self.env, bytes)?;
        let expected = self.data.model().state_size(STATE);
        if engine.len() != expected {
            return Err(refuse(format!("{} engine values, expected {expected}", engine.len())));
        }
        self.data.reset();
        self.data.set_state(&engine, STATE).map_err(|error| refuse(error.to_string()))?;
        (self.rng, self.steps, self.x) = (rng, steps, x);
        Ok(())
    }

    /// The engine answers a state that it cannot go on from by a silent restart at the rest
    /// position; only its counters tell.
    fn check(&self) -> Result<(), EnvError> {
        match self.data.warning().iter().position(|warning| warning.number > 0) {
            None => Ok(()),
            Some(kind) => {
                let problem = WARNINGS[kind].to_owned();
                Err(EnvError::Engine { env: self.env, problem, step: self.steps })
            }
        }
    }
}
