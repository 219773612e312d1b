use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::f64::consts::TAU;

use super::config::{Action, Config};
use super::dynamics::{Dynamics, N_BINS, bin};
use super::motions::motions;
use crate::{EnvError, config as checks};

/// The best way that a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// Its undiscounted return.
    pub value: f64,
    /// Motions from the start into the goal, `[n_steps, 2]`; empty where standing still until
    /// the time limit is better than all ways found.
    pub motions: Vec<[f64; 2]>,
}

/// Best return from the fixed start, noise left out.
///
/// Searches cheapest first over `resolution`² cells of the square, keeping for each cell the first
/// position that reached it; every move is exact, so the way found is a real one and its return
/// a lower bound on the best (200 is fine enough for the paper's layout). With `snap` the cells
/// are the 1,600 bins whatever `resolution` says, and the result is exact where the cheapest way fits into
/// the time limit ([`Config::reference_returns`] is exact where it does not, too). For
/// `action = "box2"` 256 directions at full and at half length are tried.
///
/// # Errors
/// [`EnvError::Config`] with the first problem that [`Config::validate`] finds.
pub fn best_return(config: &Config, resolution: usize) -> Result<Best, EnvError> {
    checks::accept(config.validate())?;
    let standing_still =
        Best { value: -config.step_penalty * f64::from(config.time_limit), motions: Vec::new() };
    let way = Search::new(config, resolution.max(1)).cheapest_way();
    Ok(match way {
        Some((cost, motions))
            if motions.len() <= config.time_limit as usize
                && config.goal_reward - cost > standing_still.value =>
        {
            Best { value: config.goal_reward - cost, motions }
        }
        _ => standing_still,
    })
}

struct Search {
    dynamics: Dynamics,
    motions: Vec<[f64; 2]>,
    resolution: usize,
    start: [f64; 2],
    goal_reward: f64,
    step_penalty: f64,
}

/// How a cell was reached.
#[derive(Clone, Copy)]
struct Visit {
    position: [f64; 2],
    cost: f64,
    from: usize,
    motion: usize,
}

impl Search {
    fn new(config: &Config, resolution: usize) -> Self {
        let dynamics = Dynamics::new(config);
        Self {
            start: dynamics.settle(config.layout.start),
            motions: motions_to_try(config),
            resolution: if config.snap { N_BINS } else { resolution },
            goal_reward: config.goal_reward,
            step_penalty: config.step_penalty,
            dynamics,
        }
    }

    /// Dijkstra's algorithm; costs are not negative, so that their bits order them.
    fn cheapest_way(&self) -> Option<(f64, Vec<[f64; 2]>)> {
        let mut visits: Vec<Option<Visit>> = vec![None; self.resolution * self.resolution];
        let start = self.cell(self.start);
        visits[start] = Some(Visit { position: self.start, cost: 0.0, from: start, motion: 0 });
        let mut open = BinaryHeap::from([Reverse((0, start))]);
        let mut best: Option<Visit> = None;
        while let Some(Reverse((cost_bits, cell))) = open.pop() {
            let Some(here) = visits[cell].filter(|visit| visit.cost.to_bits() == cost_bits) else { continue };
            if best.is_some_and(|best| here.cost + self.step_penalty >= best.cost) {
                break;
            }
            for (motion, &direction) in self.motions.iter().enumerate() {
                let outcome = self.dynamics.advance(here.position, direction);
                let gained = if outcome.in_goal { self.goal_reward } else { 0.0 };
                let cost = here.cost + (gained - outcome.reward).max(0.0);
                let visit = Visit { position: outcome.position, cost, from: cell, motion };
                let next = self.cell(outcome.position);
                if outcome.in_goal {
                    best = best.filter(|best| best.cost <= cost).or(Some(visit));
                } else if visits[next].is_none_or(|known| cost < known.cost) {
                    visits[next] = Some(visit);
                    open.push(Reverse((cost.to_bits(), next)));
                }
            }
        }
        best.map(|last| (last.cost, self.way_back(&visits, last, start)))
    }

    fn way_back(&self, visits: &[Option<Visit>], last: Visit, start: usize) -> Vec<[f64; 2]> {
        let mut way = vec![self.motions[last.motion]];
        let mut cell = last.from;
        while cell != start
            && let Some(visit) = visits[cell]
        {
            way.push(self.motions[visit.motion]);
            cell = visit.from;
        }
        way.reverse();
        way
    }

    fn cell(&self, position: [f64; 2]) -> usize {
        if self.resolution == N_BINS {
            return bin(position);
        }
        let [x, y] = position.map(|c| ((c * self.resolution as f64) as usize).min(self.resolution - 1));
        self.resolution * x + y
    }
}

/// Each distinct motion of the actuators once, or directions for `box2`.
fn motions_to_try(config: &Config) -> Vec<[f64; 2]> {
    match config.action {
        Action::Actuators => {
            let mut seen = BTreeSet::new();
            let mut all = motions(config.n_actuators);
            all.retain(|motion| seen.insert(motion.map(f64::to_bits)));
            all
        }
        Action::Box2 => {
            let unit = |i: u32| {
                let (sin, cos) = (TAU * f64::from(i) / 256.0).sin_cos();
                [cos, sin]
            };
            (0..256).flat_map(|i| [unit(i), unit(i).map(|component| component / 2.0)]).collect()
        }
    }
}
