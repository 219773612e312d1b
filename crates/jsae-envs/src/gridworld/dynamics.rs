use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::config::{Collision, Config};
use super::geometry::{Rect, in_unit_square};

/// Bins along each side of the square.
pub const N_BINS: usize = 40;

/// How the point moves: a pure function of position and motion.
#[derive(Clone, Debug, PartialEq)]
pub struct Dynamics {
    walls: Vec<Rect>,
    goal: Rect,
    endpoint: bool,
    snap: bool,
    substep: f64,
    n_substeps: usize,
    step_penalty: f64,
    collision_penalty: f64,
    goal_reward: f64,
}

/// What one step does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Where the point is afterwards, (x, y).
    pub position: [f64; 2],
    /// Reward of the step.
    pub reward: f64,
    /// A sub-step was blocked.
    pub blocked: bool,
    /// A sub-step ended in the goal.
    pub in_goal: bool,
}

impl Dynamics {
    /// The moves that `config` describes, noise left out.
    pub fn new(config: &Config) -> Self {
        Self {
            walls: config.layout.walls.clone(),
            goal: config.layout.goal,
            endpoint: config.collision == Collision::Endpoint,
            snap: config.snap,
            substep: config.substep,
            n_substeps: config.n_substeps,
            step_penalty: config.step_penalty,
            collision_penalty: config.collision_penalty,
            goal_reward: config.goal_reward,
        }
    }

    /// One step from `position` with `motion`, without noise.
    #[inline]
    pub fn advance(&self, position: [f64; 2], motion: [f64; 2]) -> Outcome {
        let displacement = self.displacement(motion);
        self.advance_by(position, || displacement)
    }

    /// One step from the middle of bin `bin`, as [`Dynamics::advance`]; with `snap` this is the
    /// whole transition function of the 1,600-state problem. Returns the bin reached, too.
    pub fn advance_bin(&self, from: usize, motion: [f64; 2]) -> (usize, Outcome) {
        let outcome = self.advance(bin_center(from), motion);
        (bin(outcome.position), outcome)
    }

    /// Is the point neither in a wall nor in the goal?
    pub fn is_free(&self, position: [f64; 2]) -> bool {
        !self.goal.contains(position) && !self.in_wall(position)
    }

    /// Displacement of one sub-step.
    #[inline]
    pub(super) fn displacement(&self, motion: [f64; 2]) -> [f64; 2] {
        motion.map(|component| self.substep * component)
    }

    /// One step whose sub-steps move by what `displacement` says in turn.
    #[inline]
    pub(super) fn advance_by(
        &self,
        mut position: [f64; 2],
        mut displacement: impl FnMut() -> [f64; 2],
    ) -> Outcome {
        let (mut blocked, mut in_goal) = (false, false);
        for _ in 0..self.n_substeps {
            let [dx, dy] = displacement();
            let next = [position[0] + dx, position[1] + dy];
            if self.blocks(position, next) {
                blocked = true;
                break;
            }
            position = next;
            if self.goal.contains(position) {
                in_goal = true;
                break;
            }
        }
        let penalty = self.step_penalty + if blocked { self.collision_penalty } else { 0.0 };
        let reward = if in_goal { self.goal_reward - penalty } else { -penalty };
        Outcome { position: self.settle(position), reward, blocked, in_goal }
    }

    /// Where a step leaves the point: the middle of the bin with `snap`, else where it is.
    #[inline]
    pub(super) fn settle(&self, position: [f64; 2]) -> [f64; 2] {
        if self.snap { bin_center(bin(position)) } else { position }
    }

    pub(super) fn uniform_free(&self, rng: &mut ChaCha8Rng) -> [f64; 2] {
        loop {
            let position = [rng.random(), rng.random()];
            if self.is_free(position) {
                return self.settle(position);
            }
        }
    }

    #[inline]
    fn blocks(&self, from: [f64; 2], to: [f64; 2]) -> bool {
        !in_unit_square(to)
            || if self.endpoint {
                self.in_wall(to)
            } else {
                self.walls.iter().any(|wall| wall.touches(from, to))
            }
    }

    fn in_wall(&self, position: [f64; 2]) -> bool {
        self.walls.iter().any(|wall| wall.contains(position))
    }
}

/// Index of the bin that holds `position`, `40 · x_bin + y_bin`.
#[inline]
pub fn bin(position: [f64; 2]) -> usize {
    let [x, y] = position.map(|component| ((component * N_BINS as f64) as usize).min(N_BINS - 1));
    N_BINS * x + y
}

/// Middle of the bin with index `bin`.
#[inline]
pub fn bin_center(bin: usize) -> [f64; 2] {
    [bin / N_BINS, bin % N_BINS].map(|i| (i as f64 + 0.5) / N_BINS as f64)
}
