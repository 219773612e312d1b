use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::input::Input;
use crate::parameters::{fan_in_uniform, normal};

/// φ or g: a linear layer without bias and tanh, optionally `ReLU` layers (with bias) before it.
#[derive(Debug)]
pub(crate) struct Encoder {
    input: Input,
    leaves: Range<usize>,
}

impl Encoder {
    /// Begins at this leaf of the parameters, with as many as [`Encoder::initial`] gives.
    pub(crate) fn new(input: Input, first_leaf: usize, hidden: &[usize]) -> Self {
        Self { input, leaves: first_leaf..first_leaf + 1 + 2 * hidden.len() }
    }

    /// First values: a table of small normal rows for indices, a linear layer's usual ones for numbers.
    pub(crate) fn initial(
        input: &Input,
        hidden: &[usize],
        dim: usize,
        table_std: f64,
        rng: &mut ChaCha8Rng,
    ) -> Vec<Tensor> {
        let widths: Vec<usize> = hidden.iter().copied().chain([dim]).collect();
        let first = match input {
            Input::Indices { .. } => normal([input.width(), widths[0]], table_std, rng),
            Input::Numbers { dim } => fan_in_uniform(&[*dim, widths[0]], *dim, rng),
        };
        let mut tensors = vec![first];
        for pair in widths.windows(2) {
            tensors.push(fan_in_uniform(&[pair[0]], pair[0], rng));
            tensors.push(fan_in_uniform(&[pair[0], pair[1]], pair[0], rng));
        }
        tensors
    }

    pub(crate) fn leaves(&self) -> Range<usize> {
        self.leaves.clone()
    }

    /// `[n, len]` to what [`Encoder::embed`] takes.
    pub(crate) fn rows(&self, rows: &Tensor) -> Tensor {
        self.input.rows(rows)
    }

    /// `[n, dim]`, each number in (−1, 1).
    pub(crate) fn embed(&self, leaves: &[Tensor], rows: &Tensor) -> Tensor {
        let leaves = &leaves[self.leaves.clone()];
        let first = self.input.product(rows, &leaves[0]);
        let last =
            leaves[1..].chunks_exact(2).fold(first, |h, layer| (h + &layer[0]).relu().matmul(&layer[1]));
        last.tanh()
    }
}
