//! The two ways to search, and which one is taken.

use crate::scan::Scan;
use crate::tree::Tree;

/// How a table is searched. The answers are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// Every row, with SIMD: best for small tables and many dimensions.
    Scan,
    /// A k-d tree: best for large tables of few dimensions.
    KdTree,
}

impl Backend {
    /// The faster one for `n` rows of `dim` values where about a thousand queries or more follow each rebuild.
    ///
    /// The limits are where, by this crate's benchmark (uniform rows), the queries' gain pays for the tree's
    /// building. Above twelve dimensions the tree visits nearly every leaf.
    pub fn fastest(n: usize, dim: usize) -> Self {
        let tree_from = match dim {
            0..=4 => 1_024,
            5..=8 => 4_096,
            9..=12 => 65_536,
            _ => usize::MAX,
        };
        if n < tree_from { Self::Scan } else { Self::KdTree }
    }
}

/// The rows, stored for one of the backends.
#[derive(Clone, Debug)]
pub(crate) enum Index {
    Scan(Scan),
    KdTree(Tree),
}

impl Index {
    /// Takes finite `[n, dim]` rows in place of the old ones.
    pub(crate) fn fill(&mut self, backend: Backend, rows: &[f32], dim: usize) {
        if self.backend() != backend {
            *self = match backend {
                Backend::Scan => Self::Scan(Scan::default()),
                Backend::KdTree => Self::KdTree(Tree::default()),
            };
        }
        match self {
            Self::Scan(scan) => scan.fill(rows, dim),
            Self::KdTree(tree) => tree.fill(rows, dim),
        }
    }

    pub(crate) fn backend(&self) -> Backend {
        match self {
            Self::Scan(_) => Backend::Scan,
            Self::KdTree(_) => Backend::KdTree,
        }
    }
}

impl Default for Index {
    fn default() -> Self {
        Self::Scan(Scan::default())
    }
}
