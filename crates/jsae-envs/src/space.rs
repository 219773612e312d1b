use std::fmt;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

/// A set of values: what an environment may return as an observation or accept as an action.
///
/// A value is written as one row of `f64` of length [`Space::len`]: an index takes one number
/// (a whole one), several indices one number each, a point of a box one number per dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Space {
    /// One index in `0..n`.
    Discrete(usize),
    /// Several indices; the i-th lies in `0..sizes[i]`.
    MultiDiscrete(Vec<usize>),
    /// A point with `low[i] <= x[i] <= high[i]`; bounds may be infinite.
    Box {
        /// Lower bounds, `[dim]`.
        low: Vec<f64>,
        /// Upper bounds, `[dim]`.
        high: Vec<f64>,
    },
}

impl Space {
    /// The box `[low, high]^dim`.
    pub fn uniform_box(dim: usize, low: f64, high: f64) -> Self {
        Self::Box { low: vec![low; dim], high: vec![high; dim] }
    }

    /// Numbers in one row.
    #[allow(clippy::len_without_is_empty, reason = "no space is empty")]
    pub fn len(&self) -> usize {
        match self {
            Self::Discrete(_) => 1,
            Self::MultiDiscrete(sizes) => sizes.len(),
            Self::Box { low, .. } => low.len(),
        }
    }

    /// Is this a set of indices?
    pub fn is_discrete(&self) -> bool {
        !matches!(self, Self::Box { .. })
    }

    /// Sizes of the indices of a row; `None` for a box.
    pub fn sizes(&self) -> Option<&[usize]> {
        match self {
            Self::Discrete(n) => Some(std::slice::from_ref(n)),
            Self::MultiDiscrete(sizes) => Some(sizes),
            Self::Box { .. } => None,
        }
    }

    /// Does `row` belong to this space?
    pub fn contains(&self, row: &[f64]) -> bool {
        row.len() == self.len()
            && match self {
                Self::Box { low, high } => {
                    row.iter().zip(low.iter().zip(high)).all(|(x, (low, high))| low <= x && x <= high)
                }
                Self::Discrete(n) => index(row[0], *n).is_some(),
                Self::MultiDiscrete(sizes) => row.iter().zip(sizes).all(|(&x, &n)| index(x, n).is_some()),
            }
    }

    /// The index that `row` holds; `None` outside this space and for spaces of another kind.
    pub fn index(&self, row: &[f64]) -> Option<usize> {
        match (self, row) {
            (&Self::Discrete(n), &[x]) => index(x, n),
            _ => None,
        }
    }

    /// Writes a uniform random value into `row`, `[len]`; an unbounded dimension is standard
    /// normal (kept within the bound that it has).
    pub fn sample(&self, rng: &mut ChaCha8Rng, row: &mut [f64]) {
        match self {
            Self::Box { low, high } => {
                for (x, (&low, &high)) in row.iter_mut().zip(low.iter().zip(high)) {
                    *x = if low.is_finite() && high.is_finite() {
                        low + (high - low) * rng.random::<f64>()
                    } else {
                        rng.sample::<f64, _>(StandardNormal).clamp(low, high)
                    };
                }
            }
            _ => {
                for (x, &n) in row.iter_mut().zip(self.sizes().unwrap_or_default()) {
                    *x = rng.random_range(0..n) as f64;
                }
            }
        }
    }
}

/// `x` as an index below `n`; no rounding.
#[inline]
fn index(x: f64, n: usize) -> Option<usize> {
    let index = x as usize;
    (index as f64 == x && index < n).then_some(index)
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Discrete(n) => write!(f, "one whole number from 0 to {}", n.saturating_sub(1)),
            Self::MultiDiscrete(sizes) => write!(f, "{} whole numbers below {sizes:?}", sizes.len()),
            Self::Box { low, .. } => write!(f, "{} numbers", low.len()),
        }
    }
}
