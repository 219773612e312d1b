use crate::{Env, EnvError, Space, Start, Step, state};

/// Cuts the episodes of an environment after a number of steps.
///
/// The step that reaches the limit is `truncated`, unless the task ended with it. The count is
/// part of the saved state and starts anew with every reset.
///
/// ```
/// use jsae_envs::{Env, Start, TimeLimit, identity};
///
/// let mut env = TimeLimit::new(identity::Identity::new(&identity::Config::default())?, 2);
/// let mut observation = [0.0];
/// env.reset(Start::Fixed, &mut observation)?;
/// assert!(!env.step(&[0.0], &mut observation)?.truncated);
/// assert!(env.step(&[0.0], &mut observation)?.truncated);
/// # Ok::<(), jsae_envs::EnvError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TimeLimit<E> {
    env: E,
    limit: u32,
    steps: u32,
}

impl<E: Env> TimeLimit<E> {
    /// `env` with episodes of at most `limit` steps.
    pub fn new(env: E, limit: u32) -> Self {
        Self { env, limit, steps: 0 }
    }

    /// The environment inside.
    pub fn inner(&self) -> &E {
        &self.env
    }
}

impl<E: Env> Env for TimeLimit<E> {
    fn observation_space(&self) -> &Space {
        self.env.observation_space()
    }

    fn action_space(&self) -> &Space {
        self.env.action_space()
    }

    fn seed(&mut self, seed: u64) {
        self.env.seed(seed);
    }

    fn reset(&mut self, start: Start, observation: &mut [f64]) -> Result<(), EnvError> {
        self.env.reset(start, observation)?;
        self.steps = 0;
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let mut step = self.env.step(action, observation)?;
        self.steps = self.steps.saturating_add(1);
        step.truncated |= self.steps >= self.limit && !step.terminated;
        Ok(step)
    }

    fn save_state(&self) -> Vec<u8> {
        state::to_bytes(&(self.steps, self.env.save_state()))
    }

    fn load_state(&mut self, bytes: &[u8]) -> Result<(), EnvError> {
        let (steps, inner): (u32, Vec<u8>) = state::from_bytes("time limit", bytes)?;
        self.env.load_state(&inner)?;
        self.steps = steps;
        Ok(())
    }
}
