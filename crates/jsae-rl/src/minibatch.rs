use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

/// Some rows of a batch, or all.
pub(crate) enum Minibatch {
    /// All rows, in their order.
    Whole,
    /// The rows with these indices, `[batch_size]`.
    Rows(Tensor),
}

impl Minibatch {
    /// These rows of a tensor of the whole batch, `[n, ...]`.
    pub(crate) fn of(&self, whole: &Tensor) -> Tensor {
        match self {
            Self::Whole => whole.shallow_clone(),
            Self::Rows(rows) => whole.index_select(0, &rows.to_device(whole.device())),
        }
    }
}

/// One pass over `n` rows: shuffled parts of `batch_size` (the last may be smaller), or the
/// whole at once where it is absent or not below `n`.
pub(crate) fn minibatches(n: i64, batch_size: Option<usize>, rng: &mut ChaCha8Rng) -> Vec<Minibatch> {
    let Some(batch_size) = batch_size.filter(|&size| (size as i64) < n) else {
        return vec![Minibatch::Whole];
    };
    let mut rows: Vec<i64> = (0..n).collect();
    rows.shuffle(rng);
    rows.chunks(batch_size).map(|rows| Minibatch::Rows(Tensor::from_slice(rows))).collect()
}
