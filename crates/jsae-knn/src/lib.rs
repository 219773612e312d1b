//! Exact nearest neighbours among rows of `f32`, for tables that are queried often and rebuilt now and then.
//!
//! [`NearestNeighbours`] answers which row of a table is nearest to a query ([`nearest`](NearestNeighbours::nearest),
//! [`nearest_batch`](NearestNeighbours::nearest_batch)), and which `k` rows are
//! ([`k_nearest`](NearestNeighbours::k_nearest)). It scans the rows with SIMD or descends a k-d tree, whichever is
//! faster for the table's size and dimension ([`Backend::fastest`]); a scan takes 0.3 µs over 512 rows of dimension 2,
//! the tree 0.3 µs over 65,536. A query allocates nothing, and [`rebuild`](NearestNeighbours::rebuild) reuses the
//! table's memory.
//!
//! The answer is exact: that of the definition computed in `f32`, bit for bit, whatever the backend. Of equally near
//! rows the lowest wins. NaN and infinities are refused, in rows with the row's number.
//!
//! It does not know what a row means, does not learn, does not approximate, knows no metric but the Euclidean one, and
//! starts no threads. Rows cannot be added or removed one by one.
//!
//! # Notation
//!
//! | symbol | name | shape |
//! |---|---|---|
//! | p | `rows` | `[n, dim]`, row after row |
//! | q | `query`, `queries` | `[dim]`, `[n_queries, dim]` |
//! | Σ (p − q)² | squared distance, summed in the order of the dimensions | scalar |
//! | k | number of neighbours asked for | 0 ≤ k ≤ n |
//!
//! # Example
//!
//! ```
//! use jsae_knn::NearestNeighbours;
//!
//! # fn main() -> Result<(), jsae_knn::KnnError> {
//! let corners = [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0];
//! let mut table = NearestNeighbours::new(&corners, 2)?;
//! assert_eq!(table.nearest(&[0.9, 0.2])?, 2);
//! assert_eq!(table.nearest(&[0.5, 0.5])?, 0, "a tie goes to the lowest row");
//!
//! let mut two = Vec::new();
//! table.k_nearest(&[0.0, 0.25], 2, &mut two)?;
//! assert_eq!(two, [(0, 0.0625), (1, 0.5625)]);
//!
//! table.rebuild(&[5.0, 5.0, 6.0, 6.0])?;
//! assert_eq!(table.nearest(&[0.9, 0.2])?, 0);
//! # Ok(())
//! # }
//! ```

mod backend;
mod best;
mod blocks;
mod error;
mod neighbours;
mod scan;
mod tree;

pub use backend::Backend;
pub use error::KnnError;
pub use neighbours::NearestNeighbours;
