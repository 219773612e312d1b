//! The linear scan: every row, a block at a time.

use multiversion::multiversion;

use crate::best::Keep;
use crate::blocks::{LANES, min, n_blocks, set_lane, specialised, squared_distances};

/// Blocks whose minima are taken together before anything is remembered about them.
const CHUNK: usize = 4;

/// Rows in their own order, in blocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scan {
    n: usize,
    blocks: Vec<f32>,
}

impl Scan {
    /// Takes finite `[n, dim]` rows in place of the old ones.
    pub(crate) fn fill(&mut self, rows: &[f32], dim: usize) {
        self.n = rows.len() / dim;
        self.blocks.clear();
        // Lanes without a row lie infinitely far away.
        self.blocks.resize(n_blocks(self.n) * LANES * dim, f32::INFINITY);
        for (block, rows) in self.blocks.chunks_exact_mut(LANES * dim).zip(rows.chunks(LANES * dim)) {
            for (lane, row) in rows.chunks_exact(dim).enumerate() {
                set_lane(block, lane, row);
            }
        }
    }

    /// The nearest row to a finite query.
    pub(crate) fn nearest(&self, query: &[f32]) -> usize {
        specialised!(query.len(), nearest(&self.blocks, query))
    }

    /// Offers every row to `keep`.
    pub(crate) fn search(&self, query: &[f32], keep: &mut impl Keep) {
        specialised!(query.len(), search(&self.blocks, self.n, query, keep));
    }
}

fn nearest<const D: usize>(blocks: &[f32], query: &[f32]) -> usize {
    let chunk_len = CHUNK * LANES * query.len();
    let (low, chunk) = nearest_chunk::<D>(blocks, query);
    let chunk = chunk as usize;
    let blocks = &blocks[chunk * chunk_len..];
    chunk * CHUNK * LANES + first_at::<D>(&blocks[..chunk_len.min(blocks.len())], query, low)
}

/// Smallest squared distance and the first chunk that has it.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn nearest_chunk<const D: usize>(blocks: &[f32], query: &[f32]) -> (f32, u32) {
    let block_len = LANES * if D == 0 { query.len() } else { D };
    let mut best = [f32::INFINITY; LANES];
    let mut best_chunk = [0; LANES];
    for (chunk, blocks) in (0_u32..).zip(blocks.chunks(CHUNK * block_len)) {
        let mut low = [f32::INFINITY; LANES];
        for block in blocks.chunks_exact(block_len) {
            let squared = squared_distances::<D>(block, query);
            for l in 0..LANES {
                low[l] = min(squared[l], low[l]);
            }
        }
        for l in 0..LANES {
            best_chunk[l] = if low[l] < best[l] { chunk } else { best_chunk[l] };
            best[l] = min(low[l], best[l]);
        }
    }
    let mut first = (best[0], best_chunk[0]);
    for l in 1..LANES {
        if (best[l], best_chunk[l]) < first {
            first = (best[l], best_chunk[l]);
        }
    }
    first
}

/// First row whose squared distance is `low`.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn first_at<const D: usize>(blocks: &[f32], query: &[f32], low: f32) -> usize {
    let block_len = LANES * if D == 0 { query.len() } else { D };
    for (b, block) in blocks.chunks_exact(block_len).enumerate() {
        let squared = squared_distances::<D>(block, query);
        if let Some(lane) = squared.iter().position(|&s| s == low) {
            return b * LANES + lane;
        }
    }
    0
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn search<const D: usize>(blocks: &[f32], n: usize, query: &[f32], keep: &mut impl Keep) {
    let block_len = LANES * if D == 0 { query.len() } else { D };
    for (b, block) in blocks.chunks_exact(block_len).enumerate() {
        let first = b * LANES;
        let rows: [usize; LANES] = std::array::from_fn(|l| first + l);
        keep.offer(&squared_distances::<D>(block, query), &rows[..LANES.min(n - first)]);
    }
}
