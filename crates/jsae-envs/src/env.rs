use crate::{ConfigError, Space};

/// Where an episode begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// Where the environment's definition says.
    #[default]
    Fixed,
    /// Uniform over the free states; for environments that know how to draw one.
    Uniform,
}

/// What one step brought, beside the observation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Reward of this step.
    pub reward: f64,
    /// The task ended: nothing comes after this state.
    pub terminated: bool,
    /// A time limit cut the episode: the state has a future that is not seen.
    pub truncated: bool,
}

impl Step {
    /// The episode goes on.
    pub fn running(reward: f64) -> Self {
        Self { reward, terminated: false, truncated: false }
    }

    /// The task ended with this step.
    pub fn terminated(reward: f64) -> Self {
        Self { reward, terminated: true, truncated: false }
    }

    /// Did the episode end, for either reason?
    pub fn ended(&self) -> bool {
        self.terminated || self.truncated
    }
}

/// An environment: the task as the agent meets it.
///
/// Observations and actions are rows of `f64` whose meaning the two [`Space`]s give. An
/// environment draws from its own random stream alone, so that its episodes depend on its
/// seed and the actions and on nothing else. An observation buffer of another length than the
/// space's is the caller's mistake and panics. [`check_env`](crate::check_env) tests the whole
/// contract.
pub trait Env: Send {
    /// What [`Env::reset`] and [`Env::step`] write.
    fn observation_space(&self) -> &Space;

    /// What [`Env::step`] accepts.
    fn action_space(&self) -> &Space;

    /// Restarts the random stream.
    fn seed(&mut self, seed: u64);

    /// Begins an episode and writes its first observation, `[observation_space().len()]`.
    ///
    /// # Errors
    /// [`EnvError::Start`] where the environment cannot draw the asked start.
    fn reset(&mut self, start: Start, observation: &mut [f64]) -> Result<(), EnvError>;

    /// Executes `action`, `[action_space().len()]`, and writes the observation that follows.
    ///
    /// # Errors
    /// [`EnvError::Action`] for an action outside the space, the state then being what it was
    /// (a box bounds; it refuses only a row of another length and what is not a number),
    /// [`EnvError::Engine`] where a simulator gave up.
    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError>;

    /// Everything that decides the future, the random stream included, as bytes.
    fn save_state(&self) -> Vec<u8>;

    /// Continues exactly where [`Env::save_state`] was called.
    ///
    /// # Errors
    /// [`EnvError::State`] for bytes that this environment did not write.
    fn load_state(&mut self, state: &[u8]) -> Result<(), EnvError>;
}

/// Why an environment could not do what it was asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EnvError {
    /// The action does not belong to the action space.
    #[error("action {found:?} is outside the action space, expected {expected}")]
    Action {
        /// The row that was given.
        found: Vec<f64>,
        /// What the space holds.
        expected: String,
    },
    /// The environment has no such start.
    #[error("{env} has no uniform start: it begins where its definition says")]
    Start {
        /// Name of the environment.
        env: &'static str,
    },
    /// A simulator reported a state that it could not go on from.
    #[error("{env}: the engine reported {problem} at step {step} of the episode")]
    Engine {
        /// Name of the environment.
        env: &'static str,
        /// The engine's word for it.
        problem: String,
        /// Steps made in this episode, this one included.
        step: u64,
    },
    /// A saved state that does not fit.
    #[error("saved state does not fit {env}: {problem}")]
    State {
        /// Name of the environment.
        env: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody knows the best return.
    #[error("{env} has no exact solution")]
    Unsolved {
        /// Name of the environment.
        env: &'static str,
    },
    /// A configuration that makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl EnvError {
    /// `action` does not belong to `space`.
    pub fn action(action: &[f64], space: &Space) -> Self {
        Self::Action { found: action.to_vec(), expected: space.to_string() }
    }
}
