//! Advantages and value targets of a rollout, as functions on slices.
//!
//! Rows are time-major: row `t * n_envs + i` is step t of environment i. What happens at the
//! end of an episode is in two columns: `next_values`, the value of the state that the step
//! led to (0 where the task ended), and `continues`, whether the next row of the same
//! environment belongs to the same stretch. Rewards stay as they are.

use tch::Tensor;

/// Generalised advantage estimation (Schulman et al. 2016): A_t = δ_t + γ λ A_{t+1}, where
/// δ_t = r_t + γ V(s_{t+1}) − V(s_t), cut where a stretch ends.
pub fn advantages(
    rewards: &[f32],
    values: &[f32],
    next_values: &[f32],
    continues: &[bool],
    n_envs: usize,
    gamma: f64,
    gae_lambda: f64,
) -> Vec<f32> {
    backwards(rewards.len(), n_envs, |row, next| {
        let error = f64::from(rewards[row]) + gamma * f64::from(next_values[row]) - f64::from(values[row]);
        if continues[row] { error + gamma * gae_lambda * next } else { error }
    })
}

/// Discounted returns to go, R_t = r_t + γ R_{t+1}; where a stretch ends, γ V(s_{t+1})
/// stands for the rest.
pub fn returns(
    rewards: &[f32],
    next_values: &[f32],
    continues: &[bool],
    n_envs: usize,
    gamma: f64,
) -> Vec<f32> {
    backwards(rewards.len(), n_envs, |row, next| {
        let rest = if continues[row] { next } else { f64::from(next_values[row]) };
        f64::from(rewards[row]) + gamma * rest
    })
}

/// Mean 0 and population standard deviation 1, both up to 1e-8.
pub fn normalized(advantages: &Tensor) -> Tensor {
    (advantages - advantages.mean(None)) / (advantages.std(false) + 1e-8)
}

/// Fills rows from the last to the first; `value` gets a row and what the same environment's
/// next row got.
fn backwards(n_rows: usize, n_envs: usize, value: impl Fn(usize, f64) -> f64) -> Vec<f32> {
    let mut next = vec![0.0; n_envs];
    let mut filled = vec![0.0; n_rows];
    for row in (0..n_rows).rev() {
        let env = row % n_envs;
        next[env] = value(row, next[env]);
        filled[row] = next[env] as f32;
    }
    filled
}
