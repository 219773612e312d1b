use jsae_envs::Space;
use tch::{Device, Kind, Tensor};

/// How rows of a space enter a linear layer.
#[derive(Debug)]
pub(crate) enum Input {
    /// Rows of indices: a product with concatenated one-hot vectors is a sum of looked-up rows.
    Indices {
        /// `[variables]`
        sizes: Vec<usize>,
        /// First table row of each variable, `[variables]`.
        offsets: Tensor,
    },
    /// Rows of real numbers.
    Numbers {
        /// Length of a row.
        dim: usize,
    },
}

impl Input {
    pub(crate) fn new(space: &Space, device: Device) -> Self {
        let Some(sizes) = space.sizes() else { return Self::Numbers { dim: space.len() } };
        let offsets: Vec<i64> =
            sizes.iter().scan(0, |end, &n| Some(std::mem::replace(end, *end + n as i64))).collect();
        Self::Indices { sizes: sizes.to_vec(), offsets: Tensor::from_slice(&offsets).to_device(device) }
    }

    /// Rows of the layer's weight.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::Indices { sizes, .. } => sizes.iter().sum(),
            Self::Numbers { dim } => *dim,
        }
    }

    /// `[n, len]` `f32` to what [`Input::product`] takes: table rows, or the numbers themselves.
    pub(crate) fn rows(&self, rows: &Tensor) -> Tensor {
        match self {
            Self::Indices { sizes, .. } if sizes.len() == 1 => rows.to_kind(Kind::Int64),
            Self::Indices { offsets, .. } => rows.to_kind(Kind::Int64) + offsets,
            Self::Numbers { .. } => rows.shallow_clone(),
        }
    }

    /// The linear layer: `[n, len]` times `weight`, `[width, k]`, gives `[n, k]`.
    pub(crate) fn product(&self, rows: &Tensor, weight: &Tensor) -> Tensor {
        match self {
            Self::Indices { sizes, .. } if sizes.len() == 1 => look_up(weight, &rows.view([-1])),
            Self::Indices { .. } => look_up(weight, rows).sum_dim_intlist([1].as_slice(), false, Kind::Float),
            Self::Numbers { .. } => rows.matmul(weight),
        }
    }
}

/// As `index_select`, but its gradient adds whole rows at once.
fn look_up(table: &Tensor, rows: &Tensor) -> Tensor {
    Tensor::embedding(table, rows, -1, false, false)
}
