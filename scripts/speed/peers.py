"""Stable-Baselines3's rate at the sizes of our experiments; one number per call.

usage: python peers.py CASE [SECONDS [ENVS]]
  gridworld, halfcheetah, recommender: environment steps per second of PPO's training, three passes over one batch
  sac: updates per second of SAC's train() at Ant's size, on a replay that is there already

Needs stable-baselines3 2.9.2, gymnasium 1.4.0, torch 2.11.0 and, for halfcheetah and sac, mujoco 3.17.0.
ENVS environments stand in one DummyVecEnv (1 is how Spinning Up and the paper collect).
"""

import sys
import time

import gymnasium
import numpy as np
import torch
from gridworld import Gridworld
from stable_baselines3 import PPO, SAC
from stable_baselines3.common.logger import configure
from stable_baselines3.common.vec_env import DummyVecEnv


class Recommender(gymnasium.Env):
    """835 items, a step a search in one row of cumulated probabilities: no dearer than the real one can be."""

    def __init__(self):
        self.observation_space = gymnasium.spaces.MultiDiscrete([835, 835])
        self.action_space = gymnasium.spaces.Discrete(835)
        rng = np.random.default_rng(0)
        self.cumulated = np.cumsum(rng.dirichlet(np.ones(835), 835), axis=1)
        self.prices = rng.lognormal(size=835)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t, self.state = 0, self.np_random.integers(835, size=2)
        return self.state, {}

    def step(self, action):
        item = min(int(np.searchsorted(self.cumulated[self.state[1]], self.np_random.random())), 834)
        self.state = np.array([self.state[1], item])
        self.t += 1
        return self.state, float(self.prices[item]), False, self.t >= 20, {}


CASES = {
    "gridworld": (Gridworld, 1500, 64),
    "halfcheetah": (lambda: gymnasium.make("HalfCheetah-v5", max_episode_steps=250), 1500, 128),
    "recommender": (Recommender, 1000, 64),
}


def on_policy(case, seconds, n_envs):
    make, steps_per_epoch, width = CASES[case]
    model = PPO(
        "MlpPolicy", DummyVecEnv([make] * n_envs), n_steps=steps_per_epoch // n_envs, batch_size=steps_per_epoch,
        n_epochs=3, gae_lambda=0.97, device="cpu", policy_kwargs={"net_arch": {"pi": [width] * 2, "vf": [width] * 2}},
    )  # fmt: skip
    model.learn(steps_per_epoch)
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        model.learn(steps_per_epoch, reset_num_timesteps=False)
        steps += steps_per_epoch
    return steps / (time.perf_counter() - start)


def sac(seconds):
    model = SAC(
        "MlpPolicy", gymnasium.make("Ant-v5", include_cfrc_ext_in_observation=True), learning_starts=10**6,
        batch_size=256, ent_coef=0.1, buffer_size=20_000, device="cpu", policy_kwargs={"net_arch": [128, 128]},
    )  # fmt: skip
    model.learn(5_000)
    model.set_logger(configure(None, []))
    model.train(20, 256)
    start, updates = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        model.train(50, 256)
        updates += 50
    return updates / (time.perf_counter() - start)


def main():
    case = sys.argv[1] if len(sys.argv) > 1 else ""
    if case not in [*CASES, "sac"]:
        sys.exit(__doc__)
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
    n_envs = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    torch.set_num_threads(1)
    print(f"{sac(seconds) if case == 'sac' else on_policy(case, seconds, n_envs):.1f}")


if __name__ == "__main__":
    main()
