//! The problem of every example.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

use crate::mapping::Mapping;
use crate::policy::Gaussian;
use crate::process::{Policy, Process, distribution};

/// States.
pub(crate) const N_STATES: usize = 6;
/// Actions.
pub(crate) const N_ACTIONS: usize = 12;
/// The two states that share a point of X where φ is not injective.
pub(crate) const ALIASED: [usize; 2] = [1, 2];

/// A drawn decision process with embeddings on a line.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) process: Process,
    /// φ(s), `[N_STATES]`.
    pub(crate) state_embeddings: Vec<f64>,
    pub(crate) mapping: Mapping,
    pub(crate) gaussian: Gaussian,
    /// A stochastic policy that has nothing to do with the embeddings.
    pub(crate) policy: Policy,
}

impl Setting {
    /// The one of all examples, φ and g injective.
    pub(crate) fn new() -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let process = Process::random(N_STATES, N_ACTIONS, 0.9, &mut rng);
        let policy = (0..N_STATES).map(|_| distribution(N_ACTIONS, &mut rng)).collect();
        let mut points = |n: usize| (0..n).map(|_| rng.random_range(-1.0..1.0)).collect::<Vec<f64>>();
        Self {
            process,
            state_embeddings: points(N_STATES),
            mapping: Mapping::new(points(N_ACTIONS)),
            gaussian: Gaussian([0.1, 0.8, -0.3, 0.5_f64.ln()]),
            policy,
        }
    }

    /// The same with two states at one point of X: Assumption 3 does not hold.
    pub(crate) fn aliased() -> Self {
        let mut setting = Self::new();
        setting.state_embeddings[ALIASED[1]] = setting.state_embeddings[ALIASED[0]];
        setting
    }

    /// The points of X in use, and the states at each.
    pub(crate) fn points(&self) -> (Vec<f64>, Vec<Vec<usize>>) {
        let mut points: Vec<f64> = Vec::new();
        let mut states: Vec<Vec<usize>> = Vec::new();
        for (state, x) in self.state_embeddings.iter().enumerate() {
            match points.iter().position(|point| point == x) {
                Some(i) => states[i].push(state),
                None => {
                    points.push(*x);
                    states.push(vec![state]);
                }
            }
        }
        (points, states)
    }
}
