"""The gridworld with 512 actions as a gymnasium environment, for Stable-Baselines3.

The task is that of gridworld9_discrete_vpg_jsae: 512 actions reached through a 2-d latent action and its nearest
neighbour, an 8-d state embedding looked up for one of 1,600 states. The tables are random: their values do not change
the cost.
"""

import gymnasium
import numpy as np

WALLS = ((0.0, 0.375, 0.5, 0.4), (0.5, 0.375, 0.525, 0.75))
GOAL = (0.125, 0.625, 0.175, 0.675)


def motions(n):
    angles = 2 * np.pi * np.arange(n) / n
    vectors = np.round(np.stack([np.cos(angles), np.sin(angles)], 1), 3)
    bits = (np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1)) & 1
    sums = bits @ vectors
    return sums / np.linalg.norm(sums, axis=1).max()


def blocked(x, y, x2, y2):
    """Does the segment leave the square or touch a wall? (slab method)"""
    if not (0 <= x2 <= 1 and 0 <= y2 <= 1):
        return True
    for ax, ay, bx, by in WALLS:
        low, high = 0.0, 1.0
        for p, d, a, b in ((x, x2 - x, ax, bx), (y, y2 - y, ay, by)):
            if d == 0.0:
                if p < a or p > b:
                    break
                continue
            t1, t2 = (a - p) / d, (b - p) / d
            if t1 > t2:
                t1, t2 = t2, t1
            low, high = max(low, t1), min(high, t2)
            if low > high:
                break
        else:
            return True
    return False


class Gridworld(gymnasium.Env):
    def __init__(self):
        rng = np.random.default_rng(0)
        states = (3 * rng.standard_normal((1600, 8))).astype(np.float32)
        actions = np.tanh(motions(9) + 0.01 * rng.standard_normal((512, 2))).astype(np.float32)
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (states.shape[1],), np.float32)
        self.action_space = gymnasium.spaces.Box(-10, 10, (actions.shape[1],), np.float32)
        self.states, self.actions = states, actions
        self.steps = [(0.045 * mx, 0.045 * my) for mx, my in motions(9)]

    def observe(self):
        return self.states[40 * min(int(self.x * 40), 39) + min(int(self.y * 40), 39)]

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.x, self.y, self.t = 0.3, 0.1, 0
        return self.observe(), {}

    def step(self, latent):
        action = int(((self.actions - latent) ** 2).sum(1).argmin())
        dx, dy = self.steps[action]
        reward, terminated = -0.01, False
        for _ in range(4):
            x, y = self.x + dx, self.y + dy
            if blocked(self.x, self.y, x, y):
                reward -= 0.05
                break
            self.x, self.y = x, y
            if GOAL[0] <= x <= GOAL[2] and GOAL[1] <= y <= GOAL[3]:
                reward, terminated = reward + 1.0, True
                break
        self.t += 1
        return self.observe(), reward, terminated, self.t >= 150, {}
