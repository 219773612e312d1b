use tch::Tensor;

use crate::advantage;

/// What a vector step of `n_envs` environments brought; each slice has `n_envs` rows.
#[derive(Clone, Copy, Debug)]
pub struct VectorStep<'a> {
    /// What the environments returned before the step, `[n_envs, obs_len]`.
    pub observations: &'a [f64],
    /// What they executed, `[n_envs, action_len]`.
    pub actions: &'a [f64],
    /// What the policy sampled, `[n_envs, latent_len]`.
    pub latent_actions: &'a [f32],
    /// Rewards of the step.
    pub rewards: &'a [f64],
    /// Did the task end with the step?
    pub terminated: &'a [bool],
    /// Did a time limit cut the episode with the step?
    pub truncated: &'a [bool],
    /// What they returned after the step, `[n_envs, obs_len]`: of an ended episode its final
    /// observation, not the first of the next.
    pub next_observations: &'a [f64],
}

impl VectorStep<'_> {
    /// Panics unless every slice has `n_envs` rows.
    pub(crate) fn check_rows(&self, n_envs: usize, lengths: RowLengths) {
        let RowLengths { obs_len, action_len, latent_len } = lengths;
        let found = [self.observations.len(), self.next_observations.len(), self.actions.len()];
        assert_eq!(found, [n_envs * obs_len, n_envs * obs_len, n_envs * action_len]);
        assert_eq!([self.latent_actions.len(), self.rewards.len()], [n_envs * latent_len, n_envs]);
        assert_eq!([self.terminated.len(), self.truncated.len()], [n_envs; 2]);
    }
}

/// Lengths of the rows of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowLengths {
    /// Numbers per observation.
    pub obs_len: usize,
    /// Numbers per action.
    pub action_len: usize,
    /// Numbers per latent action.
    pub latent_len: usize,
}

impl RowLengths {
    /// Bytes of one transition, remembered or stored: both observations, action, latent action,
    /// reward and end, in single precision.
    pub fn transition_bytes(self) -> usize {
        size_of::<f32>() * (2 * self.obs_len + self.action_len + self.latent_len + 2)
    }
}

/// The samples of one epoch, in contiguous rows allocated once, time-major: row
/// `t * n_envs + i` is step t of environment i.
#[derive(Debug)]
pub struct RolloutBuffer {
    n_envs: usize,
    lengths: RowLengths,
    capacity: usize,
    observations: Vec<f32>,
    next_observations: Vec<f32>,
    actions: Vec<f32>,
    latent_actions: Vec<f32>,
    rewards: Vec<f32>,
    terminated: Vec<bool>,
    truncated: Vec<bool>,
}

impl RolloutBuffer {
    /// Room for `n_steps` vector steps of `n_envs` environments.
    pub fn new(n_steps: usize, n_envs: usize, lengths: RowLengths) -> Self {
        let capacity = n_steps * n_envs;
        Self {
            n_envs,
            lengths,
            capacity,
            observations: Vec::with_capacity(capacity * lengths.obs_len),
            next_observations: Vec::with_capacity(capacity * lengths.obs_len),
            actions: Vec::with_capacity(capacity * lengths.action_len),
            latent_actions: Vec::with_capacity(capacity * lengths.latent_len),
            rewards: Vec::with_capacity(capacity),
            terminated: Vec::with_capacity(capacity),
            truncated: Vec::with_capacity(capacity),
        }
    }

    /// Appends one vector step.
    ///
    /// # Panics
    /// When the buffer is full or a slice has not `n_envs` rows.
    pub fn push(&mut self, step: &VectorStep<'_>) {
        assert!(self.len() + self.n_envs <= self.capacity, "the rollout is full: clear it first");
        step.check_rows(self.n_envs, self.lengths);
        extend(&mut self.observations, step.observations);
        extend(&mut self.next_observations, step.next_observations);
        extend(&mut self.actions, step.actions);
        self.latent_actions.extend_from_slice(step.latent_actions);
        extend(&mut self.rewards, step.rewards);
        self.terminated.extend_from_slice(step.terminated);
        self.truncated.extend_from_slice(step.truncated);
    }

    /// Forgets the samples and keeps the memory.
    pub fn clear(&mut self) {
        for column in [
            &mut self.observations,
            &mut self.next_observations,
            &mut self.actions,
            &mut self.latent_actions,
            &mut self.rewards,
        ] {
            column.clear();
        }
        self.terminated.clear();
        self.truncated.clear();
    }

    /// Samples held: vector steps times environments.
    pub fn len(&self) -> usize {
        self.rewards.len()
    }

    /// Holds no sample?
    pub fn is_empty(&self) -> bool {
        self.rewards.is_empty()
    }

    /// Observations, `[len, obs_len]`.
    pub fn observations(&self) -> Tensor {
        rows(&self.observations, self.lengths.obs_len)
    }

    /// Observations that followed, `[len, obs_len]`; the final one where an episode ended.
    pub fn next_observations(&self) -> Tensor {
        rows(&self.next_observations, self.lengths.obs_len)
    }

    /// Executed actions, `[len, action_len]`.
    pub fn actions(&self) -> Tensor {
        rows(&self.actions, self.lengths.action_len)
    }

    /// Sampled latent actions, `[len, latent_len]`.
    pub fn latent_actions(&self) -> Tensor {
        rows(&self.latent_actions, self.lengths.latent_len)
    }

    /// Rewards as they came, `[len]`.
    pub fn rewards(&self) -> &[f32] {
        &self.rewards
    }

    /// Rows whose next state's value stands for a future that is not seen: truncated steps
    /// and, where nothing ended, each environment's last one.
    pub fn bootstrap_rows(&self) -> Vec<usize> {
        (0..self.len()).filter(|&row| !self.terminated[row] && !self.continues(row)).collect()
    }

    /// The observations after [`RolloutBuffer::bootstrap_rows`], `[n_bootstrap, obs_len]`, so
    /// that all their values come from one batch.
    pub fn bootstrap_observations(&self) -> Tensor {
        let obs_len = self.lengths.obs_len;
        let gathered: Vec<f32> = self
            .bootstrap_rows()
            .into_iter()
            .flat_map(|row| &self.next_observations[row * obs_len..(row + 1) * obs_len])
            .copied()
            .collect();
        rows(&gathered, obs_len)
    }

    /// Advantages and value targets of all rows, from the critic's values `[len]` of the
    /// observations and `[n_bootstrap]` of the bootstrap observations.
    pub fn advantages_and_returns(
        &self,
        values: &[f32],
        bootstrap_values: &[f32],
        gamma: f64,
        gae_lambda: f64,
    ) -> (Vec<f32>, Vec<f32>) {
        let next_values = self.next_values(values, bootstrap_values);
        let continues: Vec<bool> = (0..self.len()).map(|row| self.continues(row)).collect();
        let returns = advantage::returns(&self.rewards, &next_values, &continues, self.n_envs, gamma);
        let advantages = advantage::advantages(
            &self.rewards,
            values,
            &next_values,
            &continues,
            self.n_envs,
            gamma,
            gae_lambda,
        );
        (advantages, returns)
    }

    /// Does the next row of the same environment go on with the same episode?
    fn continues(&self, row: usize) -> bool {
        row + self.n_envs < self.len() && !self.terminated[row] && !self.truncated[row]
    }

    fn next_values(&self, values: &[f32], bootstrap_values: &[f32]) -> Vec<f32> {
        let bootstrap_rows = self.bootstrap_rows();
        assert_eq!(values.len(), self.len(), "one value per sample");
        assert_eq!(bootstrap_values.len(), bootstrap_rows.len(), "one value per bootstrap row");
        let mut next_values: Vec<f32> = (0..self.len())
            .map(|row| if self.continues(row) { values[row + self.n_envs] } else { 0.0 })
            .collect();
        for (row, &value) in bootstrap_rows.into_iter().zip(bootstrap_values) {
            next_values[row] = value;
        }
        next_values
    }
}

/// Appends numbers, rounded to single precision.
pub(crate) fn extend<T: Copy + Into<f64>>(column: &mut Vec<f32>, values: &[T]) {
    column.extend(values.iter().map(|&value| value.into() as f32));
}

/// `[n, row_len]`
pub(crate) fn rows(values: &[f32], row_len: usize) -> Tensor {
    Tensor::from_slice(values).view([(values.len() / row_len) as i64, row_len as i64])
}
