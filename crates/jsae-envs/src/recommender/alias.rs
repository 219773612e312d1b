use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Probabilities of the items of a row, with the alias table that draws one in constant time.
///
/// Walker's method: the row's entries are columns of equal width; entry i keeps the share
/// `thresholds[i]` of its column and leaves the rest to entry `aliases[i]`.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    starts: Vec<u32>,
    items: Vec<u32>,
    probabilities: Vec<f64>,
    thresholds: Vec<f64>,
    aliases: Vec<u32>,
}

/// One row of [`Tables`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) items: &'a [u32],
    pub(super) probabilities: &'a [f64],
    thresholds: &'a [f64],
    aliases: &'a [u32],
}

impl Tables {
    /// Rows of `items`, ascending within each, with `weights` of at least 0 that need not sum to 1.
    pub(super) fn new(starts: Vec<u32>, items: Vec<u32>, weights: Vec<f64>) -> Self {
        let n = items.len();
        let mut tables =
            Self { starts, items, probabilities: weights, thresholds: vec![1.0; n], aliases: vec![0; n] };
        for row in 0..tables.starts.len() - 1 {
            let range = tables.range(row);
            let probabilities = &mut tables.probabilities[range.clone()];
            let sum: f64 = probabilities.iter().sum();
            probabilities.iter_mut().for_each(|p| *p /= sum);
            fill(probabilities, &mut tables.thresholds[range.clone()], &mut tables.aliases[range]);
        }
        tables
    }

    /// Row `row`; `None` where it is empty.
    pub(super) fn row(&self, row: usize) -> Option<Row<'_>> {
        let range = self.range(row);
        (!range.is_empty()).then(|| Row {
            items: &self.items[range.clone()],
            probabilities: &self.probabilities[range.clone()],
            thresholds: &self.thresholds[range.clone()],
            aliases: &self.aliases[range],
        })
    }

    /// The entry of `item` in `row`.
    pub(super) fn find(&self, row: usize, item: usize) -> Option<usize> {
        let range = self.range(row);
        let position = self.items[range.clone()].binary_search(&(item as u32)).ok()?;
        Some(range.start + position)
    }

    fn range(&self, row: usize) -> std::ops::Range<usize> {
        self.starts[row] as usize..self.starts[row + 1] as usize
    }
}

impl Row<'_> {
    /// Probability of `item`.
    pub(super) fn probability(&self, item: usize) -> f64 {
        self.items.binary_search(&(item as u32)).map_or(0.0, |position| self.probabilities[position])
    }

    /// Draws an item.
    pub(super) fn sample(&self, rng: &mut ChaCha8Rng) -> usize {
        let column = rng.random_range(0..self.items.len());
        let keeps = rng.random::<f64>() < self.thresholds[column];
        let position = if keeps { column } else { self.aliases[column] as usize };
        self.items[position] as usize
    }
}

/// Fills the alias table of one row (Vose's order of pairing).
fn fill(probabilities: &[f64], thresholds: &mut [f64], aliases: &mut [u32]) {
    let n = probabilities.len();
    let mut shares: Vec<f64> = probabilities.iter().map(|p| p * n as f64).collect();
    let (mut below, mut above): (Vec<usize>, Vec<usize>) = (0..n).partition(|&i| shares[i] < 1.0);
    while let (Some(low), Some(&high)) = (below.pop(), above.last()) {
        thresholds[low] = shares[low];
        aliases[low] = high as u32;
        shares[high] -= 1.0 - shares[low];
        if shares[high] < 1.0 {
            above.pop();
            below.push(high);
        }
    }
}
