use super::VecEnvError;
use crate::{Env, EnvError, Start};

/// A run of environments with their rows of every buffer; splits for threads.
pub(super) struct Rows<'a> {
    pub(super) first: usize,
    pub(super) start: Start,
    pub(super) action_len: usize,
    pub(super) obs_len: usize,
    pub(super) envs: &'a mut [Box<dyn Env>],
    pub(super) actions: &'a [f64],
    pub(super) observations: &'a mut [f64],
    pub(super) final_observations: &'a mut [f64],
    pub(super) rewards: &'a mut [f64],
    pub(super) terminated: &'a mut [bool],
    pub(super) truncated: &'a mut [bool],
}

impl Rows<'_> {
    /// Steps each environment in turn.
    pub(super) fn step(mut self) -> Result<(), VecEnvError> {
        let mut failure = Ok(());
        for i in 0..self.envs.len() {
            if let Err(source) = self.step_one(i)
                && failure.is_ok()
            {
                failure = Err(VecEnvError::Env { index: self.first + i, source });
            }
        }
        failure
    }

    /// Steps all environments on `threads` threads of the current pool.
    pub(super) fn step_on(self, threads: usize) -> Result<(), VecEnvError> {
        if threads <= 1 {
            return self.step();
        }
        let half = threads / 2;
        let mid = self.envs.len() * half / threads;
        let (left, right) = self.split_at(mid);
        let (left, right) = rayon::join(|| left.step_on(half), || right.step_on(threads - half));
        left.and(right)
    }

    fn step_one(&mut self, i: usize) -> Result<(), EnvError> {
        let row = i * self.obs_len..(i + 1) * self.obs_len;
        let observation = &mut self.observations[row.clone()];
        let action = &self.actions[i * self.action_len..(i + 1) * self.action_len];
        let step = self.envs[i].step(action, observation)?;
        self.rewards[i] = step.reward;
        self.terminated[i] = step.terminated;
        self.truncated[i] = step.truncated;
        if step.ended() {
            self.final_observations[row].copy_from_slice(observation);
            self.envs[i].reset(self.start, observation)?;
        }
        Ok(())
    }
}

impl<'a> Rows<'a> {
    fn split_at(self, mid: usize) -> (Rows<'a>, Rows<'a>) {
        let (envs, right_envs) = self.envs.split_at_mut(mid);
        let (actions, right_actions) = self.actions.split_at(mid * self.action_len);
        let (observations, right_observations) = self.observations.split_at_mut(mid * self.obs_len);
        let (finals, right_finals) = self.final_observations.split_at_mut(mid * self.obs_len);
        let (rewards, right_rewards) = self.rewards.split_at_mut(mid);
        let (terminated, right_terminated) = self.terminated.split_at_mut(mid);
        let (truncated, right_truncated) = self.truncated.split_at_mut(mid);
        let left = Rows {
            envs,
            actions,
            observations,
            final_observations: finals,
            rewards,
            terminated,
            truncated,
            ..self
        };
        let right = Rows {
            first: left.first + mid,
            envs: right_envs,
            actions: right_actions,
            observations: right_observations,
            final_observations: right_finals,
            rewards: right_rewards,
            terminated: right_terminated,
            truncated: right_truncated,
            ..left
        };
        (left, right)
    }
}
