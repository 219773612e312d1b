use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::{ThreadPool, ThreadPoolBuilder};

use self::rows::Rows;
use crate::{Env, EnvError, Space, Start, state};

mod rows;

/// Several environments stepped together, each begun anew as soon as its episode ends.
///
/// Results are the same whatever the number of threads: an environment draws from its own
/// stream only. Stepping on one thread allocates nothing.
///
/// ```
/// use jsae_envs::{Start, VecEnv, VecStep, slot_machine};
///
/// let config = slot_machine::Config::default();
/// let mut envs = VecEnv::new((0..3).map(|_| config.build()).collect::<Result<_, _>>()?, 1)?;
/// let mut out = VecStep::new(&envs);
/// envs.seed(7);
/// envs.reset(Start::Fixed, &mut out.observations)?;
/// envs.step(&[0.0, 1.0, 2.0], &mut out)?;
/// assert_eq!(out.rewards.len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct VecEnv {
    envs: Vec<Box<dyn Env>>,
    observation_space: Space,
    action_space: Space,
    start: Start,
    /// The threads beside the calling one.
    pool: Option<ThreadPool>,
}

/// What a step of [`VecEnv`] writes; owned by the caller and used again for every step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VecStep {
    /// What the next actions answer, `[n_envs, obs_len]`: where an episode ended, the first
    /// observation of the next one.
    pub observations: Vec<f64>,
    /// Where an episode ended, the observation it ended with, `[n_envs, obs_len]`; elsewhere
    /// what an earlier step left.
    pub final_observations: Vec<f64>,
    /// Rewards, `[n_envs]`.
    pub rewards: Vec<f64>,
    /// The task ended, `[n_envs]`.
    pub terminated: Vec<bool>,
    /// A time limit cut the episode, `[n_envs]`.
    pub truncated: Vec<bool>,
}

impl VecStep {
    /// Buffers of the sizes that `envs` writes, all zero.
    pub fn new(envs: &VecEnv) -> Self {
        let n = envs.n_envs();
        let observations = vec![0.0; n * envs.observation_space.len()];
        Self {
            final_observations: observations.clone(),
            observations,
            rewards: vec![0.0; n],
            terminated: vec![false; n],
            truncated: vec![false; n],
        }
    }
}

/// Why several environments could not do what they were asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum VecEnvError {
    /// One of the environments failed.
    #[error("environment {index}: {source}")]
    Env {
        /// Which one; the lowest where several failed.
        index: usize,
        /// What it said.
        source: EnvError,
    },
    /// There is nothing to step.
    #[error("no environments")]
    Empty,
    /// An environment unlike the first.
    #[error("environment {index} has other spaces than environment 0")]
    Spaces {
        /// Which one.
        index: usize,
    },
    /// A buffer of the wrong length.
    #[error("{what} has length {found}, expected {expected}")]
    Length {
        /// Which buffer.
        what: &'static str,
        /// Its length.
        found: usize,
        /// What fits.
        expected: usize,
    },
    /// Saved states of another set of environments.
    #[error(transparent)]
    State(EnvError),
    /// The threads could not be started.
    #[error("cannot start {threads} threads: {problem}")]
    Threads {
        /// How many, beside the calling one.
        threads: usize,
        /// What the system said.
        problem: String,
    },
}

impl VecEnv {
    /// `envs`, stepped by `threads` threads, the calling one among them (at least one, at most one per
    /// environment).
    ///
    /// Handing work to threads costs some ten microseconds a step: they pay for the robots, and
    /// for tasks as light as the gridworld one thread is far quicker.
    ///
    /// # Errors
    /// [`VecEnvError::Empty`], [`VecEnvError::Spaces`], [`VecEnvError::Threads`].
    pub fn new(envs: Vec<Box<dyn Env>>, threads: usize) -> Result<Self, VecEnvError> {
        let first = envs.first().ok_or(VecEnvError::Empty)?;
        let observation_space = first.observation_space().clone();
        let action_space = first.action_space().clone();
        let alike = |env: &dyn Env| {
            *env.observation_space() == observation_space && *env.action_space() == action_space
        };
        if let Some(index) = envs.iter().position(|env| !alike(env.as_ref())) {
            return Err(VecEnvError::Spaces { index });
        }
        let threads = threads.clamp(1, envs.len());
        let pool = (threads > 1).then(|| start_pool(threads - 1)).transpose()?;
        Ok(Self { envs, observation_space, action_space, start: Start::Fixed, pool })
    }

    /// Environments.
    pub fn n_envs(&self) -> usize {
        self.envs.len()
    }

    /// What each environment returns.
    pub fn observation_space(&self) -> &Space {
        &self.observation_space
    }

    /// What each environment accepts.
    pub fn action_space(&self) -> &Space {
        &self.action_space
    }

    /// Restarts every random stream, each with a seed of its own drawn from `seed`.
    pub fn seed(&mut self, seed: u64) {
        for (env, seed) in self.envs.iter_mut().zip(Self::seeds(seed)) {
            env.seed(seed);
        }
    }

    /// The seeds that [`VecEnv::seed`] gives to the environments, in their order; endless.
    pub fn seeds(seed: u64) -> impl Iterator<Item = u64> {
        let mut seeds = ChaCha8Rng::seed_from_u64(seed);
        std::iter::repeat_with(move || seeds.next_u64())
    }

    /// Begins an episode in every environment and writes `observations`, `[n_envs, obs_len]`.
    /// Episodes that follow by themselves begin at the same kind of `start`.
    ///
    /// # Errors
    /// [`VecEnvError::Env`], [`VecEnvError::Length`].
    pub fn reset(&mut self, start: Start, observations: &mut [f64]) -> Result<(), VecEnvError> {
        let row = self.observation_space.len();
        expect_length("observations", observations.len(), self.n_envs() * row)?;
        for (index, (env, row)) in self.envs.iter_mut().zip(observations.chunks_exact_mut(row)).enumerate() {
            env.reset(start, row).map_err(|source| VecEnvError::Env { index, source })?;
        }
        self.start = start;
        Ok(())
    }

    /// Executes `actions`, `[n_envs, action_len]`, and writes all of `out`.
    ///
    /// Every environment is stepped, also where another one fails.
    ///
    /// # Errors
    /// [`VecEnvError::Env`] with the lowest index that failed, [`VecEnvError::Length`].
    pub fn step(&mut self, actions: &[f64], out: &mut VecStep) -> Result<(), VecEnvError> {
        self.expect_lengths(actions, out)?;
        let rows = Rows {
            first: 0,
            start: self.start,
            action_len: self.action_space.len(),
            obs_len: self.observation_space.len(),
            envs: &mut self.envs,
            actions,
            observations: &mut out.observations,
            final_observations: &mut out.final_observations,
            rewards: &mut out.rewards,
            terminated: &mut out.terminated,
            truncated: &mut out.truncated,
        };
        match &self.pool {
            None => rows.step(),
            Some(pool) => rows.step_on(pool),
        }
    }

    /// Everything that decides the future of all environments, as bytes.
    pub fn save_state(&self) -> Vec<u8> {
        let states: Vec<_> = self.envs.iter().map(|env| env.save_state()).collect();
        state::to_bytes(&(self.start, states))
    }

    /// Continues exactly where [`VecEnv::save_state`] was called.
    ///
    /// # Errors
    /// [`VecEnvError::State`] for bytes that as many environments did not write,
    /// [`VecEnvError::Env`] where one refuses its part.
    pub fn load_state(&mut self, bytes: &[u8]) -> Result<(), VecEnvError> {
        const NAME: &str = "several environments";
        let (start, states): (Start, Vec<Vec<u8>>) =
            state::from_bytes(NAME, bytes).map_err(VecEnvError::State)?;
        if states.len() != self.n_envs() {
            let problem = format!("it holds {} environments, expected {}", states.len(), self.n_envs());
            return Err(VecEnvError::State(EnvError::State { env: NAME, problem }));
        }
        for (index, (env, state)) in self.envs.iter_mut().zip(&states).enumerate() {
            env.load_state(state).map_err(|source| VecEnvError::Env { index, source })?;
        }
        self.start = start;
        Ok(())
    }

    fn expect_lengths(&self, actions: &[f64], out: &VecStep) -> Result<(), VecEnvError> {
        let (n, obs_len) = (self.n_envs(), self.observation_space.len());
        expect_length("actions", actions.len(), n * self.action_space.len())?;
        expect_length("observations", out.observations.len(), n * obs_len)?;
        expect_length("final_observations", out.final_observations.len(), n * obs_len)?;
        expect_length("rewards", out.rewards.len(), n)?;
        expect_length("terminated", out.terminated.len(), n)?;
        expect_length("truncated", out.truncated.len(), n)
    }
}

fn expect_length(what: &'static str, found: usize, expected: usize) -> Result<(), VecEnvError> {
    if found == expected { Ok(()) } else { Err(VecEnvError::Length { what, found, expected }) }
}

fn start_pool(threads: usize) -> Result<ThreadPool, VecEnvError> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| VecEnvError::Threads { threads, problem: error.to_string() })
}
