//! The table and its queries.

use crate::KnnError;
use crate::backend::{Backend, Index};
use crate::best::{Best, BestK};

/// Exact nearest neighbours among the rows of a table, by Euclidean distance.
///
/// The distance compared is the `f32` sum of `(row - query)²` in the order of the dimensions; of equally near rows the
/// lowest wins. Every [`Backend`] gives the same answers, bit for bit. Where all distances overflow, they are equally
/// infinite.
#[derive(Clone, Debug)]
pub struct NearestNeighbours {
    dim: usize,
    n: usize,
    asked: Option<Backend>,
    index: Index,
}

impl NearestNeighbours {
    /// A table of `[n, dim]` rows, searched by whatever is fastest for its size ([`Backend::fastest`]).
    ///
    /// # Errors
    /// No rows, dimension 0, an incomplete last row, NaN or an infinity.
    pub fn new(rows: &[f32], dim: usize) -> Result<Self, KnnError> {
        Self::build(rows, dim, None)
    }

    /// The same with a backend of your choice, which [`rebuild`](Self::rebuild) keeps.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_backend(rows: &[f32], dim: usize, backend: Backend) -> Result<Self, KnnError> {
        Self::build(rows, dim, Some(backend))
    }

    /// Replaces all rows by `[n, dim]` others (`n` may change), reusing the memory. After an error the old rows stand.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn rebuild(&mut self, rows: &[f32]) -> Result<(), KnnError> {
        self.n = check_rows(rows, self.dim)?;
        let backend = self.asked.unwrap_or_else(|| Backend::fastest(self.n, self.dim));
        self.index.fill(backend, rows, self.dim);
        Ok(())
    }

    /// Number of the row nearest to `query` (`[dim]`). Allocates nothing.
    ///
    /// # Errors
    /// Another length than `dim`, NaN or an infinity (every row is equally far from infinity).
    pub fn nearest(&self, query: &[f32]) -> Result<usize, KnnError> {
        self.check_queries(query, 1)?;
        Ok(self.nearest_unchecked(query))
    }

    /// Numbers of the rows nearest to `queries` (`[n_queries, dim]`), written to `out` (`[n_queries]`).
    ///
    /// # Errors
    /// Lengths that do not fit together, NaN or an infinity; `out` is then unchanged.
    pub fn nearest_batch(&self, queries: &[f32], out: &mut [usize]) -> Result<(), KnnError> {
        self.check_queries(queries, out.len())?;
        for (query, row) in queries.chunks_exact(self.dim).zip(out) {
            *row = self.nearest_unchecked(query);
        }
        Ok(())
    }

    /// The `k` rows nearest to `query` (`[dim]`) with their squared distances, nearest first, in place of what `out` held.
    ///
    /// `out` grows to `2 k`; passed again, it is not reallocated.
    ///
    /// # Errors
    /// `k` above the number of rows, another length than `dim`, NaN or an infinity; `out` is then unchanged.
    pub fn k_nearest(&self, query: &[f32], k: usize, out: &mut Vec<(usize, f32)>) -> Result<(), KnnError> {
        self.check_queries(query, 1)?;
        if k > self.n {
            return Err(KnnError::TooManyNeighbours { k, n: self.n });
        }
        if k == 0 {
            out.clear();
            return Ok(());
        }
        let mut best = BestK::new(k, out);
        match &self.index {
            Index::Scan(scan) => scan.search(query, &mut best),
            Index::KdTree(tree) => tree.search(query, &mut best),
        }
        best.finish();
        Ok(())
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n
    }

    /// Values per row.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The backend in use.
    pub fn backend(&self) -> Backend {
        self.index.backend()
    }

    fn build(rows: &[f32], dim: usize, asked: Option<Backend>) -> Result<Self, KnnError> {
        let mut table = Self { dim, n: 0, asked, index: Index::default() };
        table.rebuild(rows)?;
        Ok(table)
    }

    fn nearest_unchecked(&self, query: &[f32]) -> usize {
        match &self.index {
            Index::Scan(scan) => scan.nearest(query),
            Index::KdTree(tree) => {
                let mut best = Best::new();
                tree.search(query, &mut best);
                best.row()
            }
        }
    }

    fn check_queries(&self, queries: &[f32], n: usize) -> Result<(), KnnError> {
        let expected = n * self.dim;
        if queries.len() != expected {
            return Err(KnnError::QueryLength { found: queries.len(), expected });
        }
        first_not_finite(queries).map_or(Ok(()), |(i, value)| {
            Err(KnnError::QueryNotFinite { query: i / self.dim, column: i % self.dim, value })
        })
    }
}

/// Number of rows, if `rows` can be a table.
fn check_rows(rows: &[f32], dim: usize) -> Result<usize, KnnError> {
    if dim == 0 {
        return Err(KnnError::ZeroDim);
    }
    let (n, found) = (rows.len() / dim, rows.len() % dim);
    if found != 0 {
        return Err(KnnError::Ragged { row: n, found, dim });
    }
    if n == 0 {
        return Err(KnnError::Empty);
    }
    first_not_finite(rows)
        .map_or(Ok(n), |(i, value)| Err(KnnError::NotFinite { row: i / dim, column: i % dim, value }))
}

fn first_not_finite(values: &[f32]) -> Option<(usize, f32)> {
    values.iter().copied().enumerate().find(|(_, value)| !value.is_finite())
}
