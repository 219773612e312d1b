//! What is refused.

/// Rows, queries or buffers that have no nearest neighbour to give.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KnnError {
    /// The table has no row.
    #[error("the table has no rows")]
    Empty,
    /// Rows have no dimension.
    #[error("rows of dimension 0 have no distance")]
    ZeroDim,
    /// The last row is shorter than `dim`.
    #[error("row {row} has {found} of {dim} values")]
    Ragged {
        /// Number of the incomplete row.
        row: usize,
        /// Values that it has.
        found: usize,
        /// Values that a row needs.
        dim: usize,
    },
    /// A row holds NaN or an infinity.
    #[error("row {row} has {value} in dimension {column}, expected finite numbers")]
    NotFinite {
        /// Number of the row.
        row: usize,
        /// Position within the row.
        column: usize,
        /// The value found.
        value: f32,
    },
    /// A query (or the sequence of queries) has the wrong length.
    #[error("queries have {found} values, expected {expected}")]
    QueryLength {
        /// Values passed.
        found: usize,
        /// Values needed.
        expected: usize,
    },
    /// A query holds NaN or an infinity.
    #[error("query {query} has {value} in dimension {column}, expected finite numbers")]
    QueryNotFinite {
        /// Number of the query within the batch, 0 for a single one.
        query: usize,
        /// Position within the query.
        column: usize,
        /// The value found.
        value: f32,
    },
    /// More neighbours are asked for than there are rows.
    #[error("{k} neighbours asked for, the table has {n} rows")]
    TooManyNeighbours {
        /// Neighbours asked for.
        k: usize,
        /// Rows of the table.
        n: usize,
    },
}
