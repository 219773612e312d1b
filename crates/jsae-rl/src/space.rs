/// What the networks read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeatureSpace {
    /// `[n, dim]` real numbers.
    Dense(usize),
    /// `[n, k]` indices as whole `f32` numbers, the i-th below the i-th size.
    ///
    /// The first layer is a row lookup summed over the k indices: what a linear layer on
    /// the concatenated one-hot vectors computes, without the product.
    OneHot(Vec<usize>),
}

impl FeatureSpace {
    /// Numbers per row of a feature tensor.
    pub fn row_len(&self) -> usize {
        match self {
            Self::Dense(dim) => *dim,
            Self::OneHot(sizes) => sizes.len(),
        }
    }

    /// Inputs of the first layer: the dimension, or the sum of the sizes.
    pub fn width(&self) -> usize {
        match self {
            Self::Dense(dim) => *dim,
            Self::OneHot(sizes) => sizes.iter().sum(),
        }
    }
}

/// What a policy samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionSpace {
    /// One of n actions, as its index: latent rows are `[1]`, a whole `f32` number.
    Discrete(usize),
    /// A point of a d-dimensional space: latent rows are `[d]`.
    Continuous(usize),
}

impl ActionSpace {
    /// Numbers per latent action.
    pub fn latent_len(self) -> usize {
        match self {
            Self::Discrete(_) => 1,
            Self::Continuous(dim) => dim,
        }
    }

    /// Outputs of a policy network: a logit per action, or the mean.
    pub fn outputs(self) -> usize {
        match self {
            Self::Discrete(n_actions) => n_actions,
            Self::Continuous(dim) => dim,
        }
    }
}
