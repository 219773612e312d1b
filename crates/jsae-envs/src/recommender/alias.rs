use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Rows of items with their probabilities and the alias tables that draw one in constant time.
///
/// Walker's method: the entries of a row are columns of equal width; one keeps the share
/// `threshold` of its column and leaves the rest to the entry `alias`. All that belongs to an
/// entry stands together: a step reads few places of memory, however large the model is.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

/// One item of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) item: u32,
    /// Position in the row.
    alias: u32,
    threshold: f64,
    pub(super) probability: f64,
}

/// One row of [`Tables`], by item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a>(pub(super) &'a [Entry]);

impl Tables {
    /// Rows of `items`, ascending within each, with `weights` of at least 0 that need not sum to 1.
    pub(super) fn new(starts: Vec<u32>, items: &[u32], weights: &[f64]) -> Self {
        let entry =
            |(&item, &weight): (&u32, &f64)| Entry { item, alias: 0, threshold: 1.0, probability: weight };
        let mut tables = Self { starts, entries: items.iter().zip(weights).map(entry).collect() };
        for row in 0..tables.starts.len() - 1 {
            let range = tables.range(row);
            let entries = &mut tables.entries[range];
            let sum: f64 = entries.iter().map(|entry| entry.probability).sum();
            entries.iter_mut().for_each(|entry| entry.probability /= sum);
            fill(entries);
        }
        tables
    }

    /// Row `row`; `None` where it is empty.
    pub(super) fn row(&self, row: usize) -> Option<Row<'_>> {
        let range = self.range(row);
        (!range.is_empty()).then(|| Row(&self.entries[range]))
    }

    /// The entry of `item` in `row`, counted over all rows.
    pub(super) fn find(&self, row: usize, item: usize) -> Option<usize> {
        let range = self.range(row);
        Some(range.start + Row(&self.entries[range]).position(item)?)
    }

    fn range(&self, row: usize) -> std::ops::Range<usize> {
        self.starts[row] as usize..self.starts[row + 1] as usize
    }
}

impl Row<'_> {
    /// Probability of `item`.
    pub(super) fn probability(&self, item: usize) -> f64 {
        self.position(item).map_or(0.0, |position| self.0[position].probability)
    }

    /// Draws an item.
    pub(super) fn sample(&self, rng: &mut ChaCha8Rng) -> usize {
        let entry = &self.0[rng.random_range(0..self.0.len())];
        let keeps = rng.random::<f64>() < entry.threshold;
        let item = if keeps { entry.item } else { self.0[entry.alias as usize].item };
        item as usize
    }

    fn position(&self, item: usize) -> Option<usize> {
        self.0.binary_search_by_key(&(item as u32), |entry| entry.item).ok()
    }
}

/// Fills the alias table of one row (Vose's order of pairing).
fn fill(entries: &mut [Entry]) {
    let n = entries.len();
    let mut shares: Vec<f64> = entries.iter().map(|entry| entry.probability * n as f64).collect();
    let (mut below, mut above): (Vec<usize>, Vec<usize>) = (0..n).partition(|&i| shares[i] < 1.0);
    while let (Some(low), Some(&high)) = (below.pop(), above.last()) {
        entries[low].threshold = shares[low];
        entries[low].alias = high as u32;
        shares[high] -= 1.0 - shares[low];
        if shares[high] < 1.0 {
            above.pop();
            below.push(high);
        }
    }
}
