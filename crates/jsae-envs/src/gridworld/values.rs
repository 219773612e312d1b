use std::collections::BTreeMap;

use rayon::prelude::*;

use super::config::{Action, Config};
use super::dynamics::{Dynamics, N_BINS, bin};
use super::motions::motions;
use crate::{ConfigError, EnvError, ReferenceReturns, config as checks};

const SOLVABLE: &str = "for an exact solution: only the snapped, noiseless problem with actuators has one";

impl Config {
    /// Returns of the random and the best policy from the fixed start, by backing values up over the 1,600 bins
    /// as often as an episode has steps; `None` where `proceed` said no.
    ///
    /// # Errors
    /// [`EnvError::Config`] with the first problem that [`Config::validate`] finds, or with the key by
    /// which the problem is none of 1,600 states: `snap`, `noise` or `action`.
    pub fn reference_returns(
        &self,
        proceed: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Option<ReferenceReturns>, EnvError> {
        checks::accept(self.validate())?;
        self.refuse_unsolvable()?;
        let dynamics = Dynamics::new(self);
        let moves = Moves::new(&dynamics, self.n_actuators);
        let [mut random, mut optimal] = [(); 2].map(|()| vec![0.0; N_BINS * N_BINS]);
        for step in 1..=self.time_limit {
            random = moves.back_up(&random, |options| options.map(|(value, share)| value * share).sum());
            optimal = moves.back_up(&optimal, |options| {
                options.map(|(value, _)| value).fold(f64::NEG_INFINITY, f64::max)
            });
            if !proceed(f64::from(step) / f64::from(self.time_limit)) {
                return Ok(None);
            }
        }
        let start = bin(dynamics.settle(self.layout.start));
        Ok(Some(ReferenceReturns { random: random[start], greedy: None, optimal: optimal[start] }))
    }

    fn refuse_unsolvable(&self) -> Result<(), ConfigError> {
        let refuse = |key: &str, found: String, expected: &str| {
            Err(ConfigError { key: key.to_owned(), found, expected: format!("{expected} {SOLVABLE}") })
        };
        if !self.snap {
            return refuse("snap", "false".to_owned(), "true");
        }
        if self.noise != 0.0 {
            return refuse("noise", self.noise.to_string(), "0");
        }
        match self.action {
            Action::Actuators => Ok(()),
            Action::Box2 => refuse("action", "\"box2\"".to_owned(), "\"actuators\""),
        }
    }
}

/// What can be done in each bin, actions of the same effect together.
struct Moves(Vec<Vec<Move>>);

struct Move {
    to: usize,
    reward: f64,
    in_goal: bool,
    /// Of all actions.
    share: f64,
}

impl Moves {
    fn new(dynamics: &Dynamics, n_actuators: usize) -> Self {
        let mut motions: Vec<[u64; 2]> =
            motions(n_actuators).iter().map(|motion| motion.map(f64::to_bits)).collect();
        let n_actions = motions.len() as f64;
        motions.sort_unstable();
        let motions: Vec<([f64; 2], f64)> = motions
            .chunk_by(|a, b| a == b)
            .map(|alike| (alike[0].map(f64::from_bits), alike.len() as f64))
            .collect();
        let of_bin = |from| {
            let mut effects: BTreeMap<(usize, u64, bool), f64> = BTreeMap::new();
            for &(motion, n_alike) in &motions {
                let (to, outcome) = dynamics.advance_bin(from, motion);
                *effects.entry((to, outcome.reward.to_bits(), outcome.in_goal)).or_default() += n_alike;
            }
            let one = |((to, reward, in_goal), n)| Move {
                to,
                reward: f64::from_bits(reward),
                in_goal,
                share: n / n_actions,
            };
            effects.into_iter().map(one).collect()
        };
        Self((0..N_BINS * N_BINS).into_par_iter().map(of_bin).collect())
    }

    /// The value of every bin with one step more, `combine` making it of what each move brings and its share.
    fn back_up(
        &self,
        values: &[f64],
        combine: impl Fn(&mut dyn Iterator<Item = (f64, f64)>) -> f64,
    ) -> Vec<f64> {
        let worth = |m: &Move| (m.reward + if m.in_goal { 0.0 } else { values[m.to] }, m.share);
        self.0.iter().map(|moves| combine(&mut moves.iter().map(worth))).collect()
    }
}
