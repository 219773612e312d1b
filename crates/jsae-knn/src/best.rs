//! What a search keeps: the best row, or the k best.

use crate::blocks::{LANES, smallest};

/// A row met by a search: squared distance, row. Compared in this order, so that ties go to the lowest row.
pub(crate) type Candidate = (f32, usize);

/// Worse than every row.
const NONE: Candidate = (f32::INFINITY, usize::MAX);

/// Receives rows block by block, in any order.
pub(crate) trait Keep {
    /// A candidate that is not below this one cannot be kept.
    fn limit(&self) -> Candidate;

    /// Takes what is better from a block; `rows` names the rows of its first lanes, in ascending order.
    fn offer(&mut self, squared: &[f32; LANES], rows: &[usize]);
}

/// Keeps the best row.
pub(crate) struct Best(Candidate);

impl Best {
    pub(crate) fn new() -> Self {
        Self(NONE)
    }

    pub(crate) fn row(&self) -> usize {
        self.0.1
    }
}

impl Keep for Best {
    #[inline(always)]
    fn limit(&self) -> Candidate {
        self.0
    }

    #[inline(always)]
    fn offer(&mut self, squared: &[f32; LANES], rows: &[usize]) {
        let low = smallest(squared);
        if low > self.0.0 {
            return;
        }
        let lane = squared.iter().position(|&s| s == low).unwrap_or(0);
        let found = (low, rows[lane]);
        if found < self.0 {
            self.0 = found;
        }
    }
}

/// Keeps the `k` best rows in a list of at most `2 k`, halved whenever it is full: linear time however large k is.
pub(crate) struct BestK<'a> {
    k: usize,
    limit: Candidate,
    kept: &'a mut Vec<(usize, f32)>,
}

impl<'a> BestK<'a> {
    /// `k` is at least 1; `kept` is emptied and its memory reused.
    pub(crate) fn new(k: usize, kept: &'a mut Vec<(usize, f32)>) -> Self {
        kept.clear();
        kept.reserve(2 * k);
        Self { k, limit: NONE, kept }
    }

    /// Leaves the `k` best, nearest first.
    pub(crate) fn finish(self) {
        self.kept.sort_unstable_by(by_distance);
        self.kept.truncate(self.k);
    }

    fn halve(&mut self) {
        let (_, &mut (row, squared), _) = self.kept.select_nth_unstable_by(self.k - 1, by_distance);
        self.limit = (squared, row);
        self.kept.truncate(self.k);
    }
}

impl Keep for BestK<'_> {
    #[inline(always)]
    fn limit(&self) -> Candidate {
        self.limit
    }

    #[inline(always)]
    fn offer(&mut self, squared: &[f32; LANES], rows: &[usize]) {
        if smallest(squared) > self.limit.0 {
            return;
        }
        for (&squared, &row) in squared.iter().zip(rows) {
            if (squared, row) < self.limit {
                self.kept.push((row, squared));
                if self.kept.len() == 2 * self.k {
                    self.halve();
                }
            }
        }
    }
}

fn by_distance(a: &(usize, f32), b: &(usize, f32)) -> std::cmp::Ordering {
    a.1.total_cmp(&b.1).then(a.0.cmp(&b.0))
}
