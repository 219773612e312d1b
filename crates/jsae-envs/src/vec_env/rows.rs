use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::VecEnvError;
use crate::{Env, EnvError, Start};

/// How long a thread that has nothing left to do stays awake for the others.
const PATIENCE: Duration = Duration::from_millis(1);
const UNPOISONED: &str = "nothing panics while it holds the lock";

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

    /// Steps all environments on the threads of `pool` and this one; each takes the next when it is done.
    pub(super) fn step_on(self, pool: &ThreadPool) -> Result<(), VecEnvError> {
        let unfinished = AtomicUsize::new(self.envs.len());
        let queue = Mutex::new(self.singly());
        let failures = Mutex::new(Vec::new());
        let next = || queue.lock().expect(UNPOISONED).next();
        let work = || {
            while let Some(mut row) = next() {
                if let Err(source) = row.step_one(0) {
                    failures.lock().expect(UNPOISONED).push((row.first, source));
                }
                unfinished.fetch_sub(1, Ordering::Release);
            }
        };
        pool.in_place_scope(|scope| {
            for _ in 0..pool.current_num_threads() {
                scope.spawn(|_| work());
            }
            work();
            // To be put to sleep and woken takes longer than most steps that are still under way.
            let waiting = Instant::now();
            while unfinished.load(Ordering::Acquire) > 0 && waiting.elapsed() < PATIENCE {
                std::hint::spin_loop();
            }
        });
        let failures = failures.into_inner().expect(UNPOISONED);
        let first = failures.into_iter().min_by_key(|&(index, _)| index);
        first.map_or(Ok(()), |(index, source)| Err(VecEnvError::Env { index, source }))
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
    fn singly(self) -> impl Iterator<Item = Self> {
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let rows = rest.take().filter(|rows| !rows.envs.is_empty())?;
            let (first, others) = rows.split_at(1);
            rest = Some(others);
            Some(first)
        })
    }

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
