//! What off-policy learning remembers.

mod stored;

pub use stored::ReplayError;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::rollout::{RowLengths, VectorStep, extend, rows};

/// A batch of transitions as the networks read them.
#[derive(Debug)]
pub struct Transitions {
    /// `[n, row_len]` of the feature space.
    pub features: Tensor,
    /// `[n, latent_len]`
    pub latent_actions: Tensor,
    /// `[n]`
    pub rewards: Tensor,
    /// Features of the state that followed, `[n, row_len]`.
    pub next_features: Tensor,
    /// 1 where the task ended, 0 elsewhere (a time limit included), `[n]`.
    pub terminated: Tensor,
}

/// Rows drawn from a [`ReplayBuffer`], as they were pushed.
#[derive(Debug)]
pub struct ReplaySample {
    /// `[n, obs_len]`
    pub observations: Tensor,
    /// `[n, action_len]`
    pub actions: Tensor,
    /// `[n, latent_len]`
    pub latent_actions: Tensor,
    /// `[n]`
    pub rewards: Tensor,
    /// `[n, obs_len]`
    pub next_observations: Tensor,
    /// 1 where the task ended, 0 elsewhere, `[n]`.
    pub terminated: Tensor,
}

/// The last `capacity` transitions in contiguous rows. Address space is reserved in advance,
/// memory is touched only as rows come in.
#[derive(Debug)]
pub struct ReplayBuffer {
    capacity: usize,
    lengths: RowLengths,
    /// Transitions pushed; the next one goes to row `pushed % capacity`.
    pushed: u64,
    observations: Vec<f32>,
    next_observations: Vec<f32>,
    actions: Vec<f32>,
    latent_actions: Vec<f32>,
    rewards: Vec<f32>,
    terminated: Vec<f32>,
}

impl ReplayBuffer {
    /// An empty buffer of `capacity` transitions, with room for the first `expected` of them made in advance.
    pub fn new(capacity: usize, expected: usize, lengths: RowLengths) -> Self {
        let expected = expected.min(capacity);
        Self {
            capacity,
            lengths,
            pushed: 0,
            observations: Vec::with_capacity(expected * lengths.obs_len),
            next_observations: Vec::with_capacity(expected * lengths.obs_len),
            actions: Vec::with_capacity(expected * lengths.action_len),
            latent_actions: Vec::with_capacity(expected * lengths.latent_len),
            rewards: Vec::with_capacity(expected),
            terminated: Vec::with_capacity(expected),
        }
    }

    /// Transitions held.
    pub fn len(&self) -> usize {
        self.rewards.len()
    }

    /// Transitions pushed since the beginning, forgotten ones included: they are numbered from 0.
    pub fn pushed(&self) -> u64 {
        self.pushed
    }

    /// The number of the oldest transition held.
    pub fn oldest(&self) -> u64 {
        self.pushed - self.len() as u64
    }

    /// Most transitions held.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Lengths of its rows.
    pub fn lengths(&self) -> RowLengths {
        self.lengths
    }

    /// Holds no transition?
    pub fn is_empty(&self) -> bool {
        self.rewards.is_empty()
    }

    /// Remembers one transition per environment, in place of the oldest once full.
    ///
    /// # Panics
    /// When a slice has not as many rows as there are rewards.
    pub fn push(&mut self, step: &VectorStep<'_>) {
        step.check_rows(step.rewards.len(), self.lengths);
        for env in 0..step.rewards.len() {
            self.push_row(step, env);
        }
    }

    /// Draws `n` rows uniformly, with replacement.
    ///
    /// # Panics
    /// When the buffer is empty.
    pub fn sample(&self, n: usize, rng: &mut ChaCha8Rng) -> ReplaySample {
        let chosen: Vec<usize> = (0..n).map(|_| rng.random_range(0..self.len())).collect();
        let RowLengths { obs_len, action_len, latent_len } = self.lengths;
        ReplaySample {
            observations: gather(&self.observations, obs_len, &chosen),
            actions: gather(&self.actions, action_len, &chosen),
            latent_actions: gather(&self.latent_actions, latent_len, &chosen),
            rewards: gather(&self.rewards, 1, &chosen).squeeze_dim(1),
            next_observations: gather(&self.next_observations, obs_len, &chosen),
            terminated: gather(&self.terminated, 1, &chosen).squeeze_dim(1),
        }
    }

    fn push_row(&mut self, step: &VectorStep<'_>, env: usize) {
        let RowLengths { obs_len, action_len, latent_len } = self.lengths;
        let row = self.row(self.pushed);
        put(&mut self.observations, row, part(step.observations, env, obs_len));
        put(&mut self.next_observations, row, part(step.next_observations, env, obs_len));
        put(&mut self.actions, row, part(step.actions, env, action_len));
        put(&mut self.latent_actions, row, part(step.latent_actions, env, latent_len));
        put(&mut self.rewards, row, &[step.rewards[env]]);
        put(&mut self.terminated, row, &[f32::from(step.terminated[env])]);
        self.pushed += 1;
    }

    /// Where the transition of this number stands.
    fn row(&self, number: u64) -> usize {
        (number % self.capacity as u64) as usize
    }
}

fn part<T>(values: &[T], row: usize, row_len: usize) -> &[T] {
    &values[row * row_len..(row + 1) * row_len]
}

/// Overwrites a row, or appends it where the column ends before.
fn put<T: Copy + Into<f64>>(column: &mut Vec<f32>, row: usize, values: &[T]) {
    let start = row * values.len();
    if start == column.len() {
        extend(column, values);
        return;
    }
    for (slot, &value) in column[start..].iter_mut().zip(values) {
        *slot = value.into() as f32;
    }
}

fn gather(column: &[f32], row_len: usize, chosen: &[usize]) -> Tensor {
    let mut gathered = Vec::with_capacity(chosen.len() * row_len);
    for &row in chosen {
        gathered.extend_from_slice(part(column, row, row_len));
    }
    rows(&gathered, row_len)
}
