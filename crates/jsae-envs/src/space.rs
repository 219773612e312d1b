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
                _ => {
                    let sizes = self.sizes().unwrap_or_default();
                    row.iter().zip(sizes).all(|(&x, &n)| x >= 0.0 && x.fract() == 0.0 && x < n as f64)
                }
            }
    }
}
