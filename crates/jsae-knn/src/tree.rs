//! A k-d tree whose leaves are blocks.
//!
//! Nodes are numbered by level (children of `i`: `2 i + 1` and `2 i + 2`); a node with `m > 1` blocks gives the first
//! `m / 2` to its left child. Only the last block has lanes without a row.

mod search;

use crate::blocks::{LANES, n_blocks, set_lane};

/// Rows in the order of the leaves, and what is known about every node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    /// `[n_blocks, dim, LANES]`.
    blocks: Vec<f32>,
    /// Row of every lane, ascending within a block.
    order: Vec<usize>,
    /// `[n_nodes, 2, dim]`: the lowest and the highest corner of the box around a node's rows.
    boxes: Vec<f32>,
    /// The lowest row of every node.
    first_row: Vec<usize>,
    /// Work space of a build.
    work: Work,
}

#[derive(Clone, Debug, Default)]
struct Work {
    /// `[2, dim]`: the part of space that the cuts so far leave to a node.
    cell: Vec<f32>,
    /// A row's value in the dimension that is cut, and the row.
    keyed: Vec<(f32, usize)>,
}

impl Tree {
    /// Takes finite `[n, dim]` rows in place of the old ones.
    pub(crate) fn fill(&mut self, rows: &[f32], dim: usize) {
        let n = rows.len() / dim;
        let n_nodes = 2 * n_blocks(n).next_power_of_two() - 1;
        self.blocks.clear();
        // Lanes without a row lie infinitely far away.
        self.blocks.resize(n_blocks(n) * LANES * dim, f32::INFINITY);
        self.boxes.resize(n_nodes * 2 * dim, 0.0);
        self.first_row.resize(n_nodes, 0);
        self.work.cell.resize(2 * dim, 0.0);
        enclose(&mut self.work.cell, rows.chunks_exact(dim));
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        order.extend(0..n);
        self.build(0, 0, &mut order, rows, dim);
        self.order = order;
    }

    /// Builds the node whose rows are `order` and whose first block is `block`.
    fn build(&mut self, node: usize, block: usize, order: &mut [usize], rows: &[f32], dim: usize) {
        let n_left = n_blocks(order.len()) / 2;
        if n_left == 0 {
            self.build_leaf(node, block, order, rows, dim);
            return;
        }
        let (low, high) = widest(&self.work.cell);
        let cut = self.select(order, n_left * LANES, |row| rows[row * dim + low]);
        let (left, right) = order.split_at_mut(n_left * LANES);

        let end = std::mem::replace(&mut self.work.cell[high], cut);
        self.build(2 * node + 1, block, left, rows, dim);
        self.work.cell[high] = end;

        let start = std::mem::replace(&mut self.work.cell[low], cut);
        self.build(2 * node + 2, block + n_left, right, rows, dim);
        self.work.cell[low] = start;
        self.join_children(node, dim);
    }

    fn build_leaf(&mut self, node: usize, block: usize, order: &mut [usize], rows: &[f32], dim: usize) {
        order.sort_unstable();
        let lanes = &mut self.blocks[block * LANES * dim..][..LANES * dim];
        for (lane, &row) in order.iter().enumerate() {
            set_lane(lanes, lane, &rows[row * dim..][..dim]);
        }
        let leaf_rows = order.iter().map(|row| &rows[row * dim..][..dim]);
        enclose(&mut self.boxes[node * 2 * dim..][..2 * dim], leaf_rows);
        self.first_row[node] = order[0];
    }

    /// Brings the rows of the `n` lowest values to the front and returns the lowest value behind them.
    fn select(&mut self, order: &mut [usize], n: usize, value: impl Fn(usize) -> f32) -> f32 {
        let keyed = &mut self.work.keyed;
        keyed.clear();
        keyed.extend(order.iter().map(|&row| (value(row), row)));
        let cut = keyed.select_nth_unstable_by(n, |a, b| a.0.total_cmp(&b.0)).1.0;
        for (row, keyed) in order.iter_mut().zip(keyed) {
            *row = keyed.1;
        }
        cut
    }

    fn join_children(&mut self, node: usize, dim: usize) {
        let (left, right) = (2 * node + 1, 2 * node + 2);
        self.first_row[node] = self.first_row[left].min(self.first_row[right]);
        for i in 0..2 * dim {
            let (a, b) = (self.boxes[left * 2 * dim + i], self.boxes[right * 2 * dim + i]);
            self.boxes[node * 2 * dim + i] = if i < dim { a.min(b) } else { a.max(b) };
        }
    }
}

/// Makes `corners` (`[2, dim]`) the smallest box around some rows.
fn enclose<'a>(corners: &mut [f32], rows: impl Iterator<Item = &'a [f32]>) {
    let (low, high) = corners.split_at_mut(corners.len() / 2);
    low.fill(f32::INFINITY);
    high.fill(f32::NEG_INFINITY);
    for row in rows {
        for ((low, high), &value) in low.iter_mut().zip(high.iter_mut()).zip(row) {
            *low = low.min(value);
            *high = high.max(value);
        }
    }
}

/// Where a box (`[2, dim]`) has the two ends of its widest dimension.
fn widest(corners: &[f32]) -> (usize, usize) {
    let dim = corners.len() / 2;
    let width = |d: usize| corners[dim + d] - corners[d];
    let axis = (1..dim).fold(0, |best, d| if width(d) > width(best) { d } else { best });
    (axis, dim + axis)
}
