//! Descent into the nearer child first, leaving out what cannot hold a better row.

use multiversion::multiversion;

use super::Tree;
use crate::best::Keep;
use crate::blocks::{LANES, squared_distances};

/// More than the levels of any tree that fits into memory.
const MAX_DEPTH: usize = 64;

/// A subtree still to be visited: its bound, its number, its blocks.
#[derive(Clone, Copy, Default)]
struct Subtree {
    bound: f32,
    node: usize,
    first_block: usize,
    n_blocks: usize,
}

impl Tree {
    /// Offers to `keep` all rows that it could keep.
    pub(crate) fn search(&self, query: &[f32], keep: &mut impl Keep) {
        search(self, query, keep);
    }
}

// Code for each dimension, which the scan has, made this no faster: the descent outweighs the leaves.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn search(tree: &Tree, query: &[f32], keep: &mut impl Keep) {
    let block_len = LANES * query.len();
    let mut waiting = [Subtree::default(); MAX_DEPTH];
    waiting[0].n_blocks = tree.blocks.len() / block_len;
    let mut n_waiting = 1;
    while n_waiting > 0 {
        n_waiting -= 1;
        let mut at = waiting[n_waiting];
        if (at.bound, tree.first_row[at.node]) >= keep.limit() {
            continue;
        }
        while at.n_blocks > 1 {
            let (near, far) = children(tree, at, query);
            waiting[n_waiting] = far;
            n_waiting += 1;
            at = near;
        }
        if (at.bound, tree.first_row[at.node]) < keep.limit() {
            let block = &tree.blocks[at.first_block * block_len..][..block_len];
            let order = &tree.order[at.first_block * LANES..];
            keep.offer(&squared_distances::<0>(block, query), &order[..LANES.min(order.len())]);
        }
    }
}

/// The two children, the nearer first.
#[inline(always)]
fn children(tree: &Tree, parent: Subtree, query: &[f32]) -> (Subtree, Subtree) {
    let n_left = parent.n_blocks / 2;
    let child = |node, first_block, n_blocks| Subtree {
        bound: box_distance(&tree.boxes, node, query),
        node,
        first_block,
        n_blocks,
    };
    let left = child(2 * parent.node + 1, parent.first_block, n_left);
    let right = child(2 * parent.node + 2, parent.first_block + n_left, parent.n_blocks - n_left);
    if right.bound < left.bound { (right, left) } else { (left, right) }
}

/// Squared distance of the query to a node's box.
///
/// Subtraction, product and sum round monotonically, and they are taken in the order in which a row's distance takes
/// them: the bound is at most the computed distance of each row inside, to the last bit.
#[inline(always)]
fn box_distance(boxes: &[f32], node: usize, query: &[f32]) -> f32 {
    let dim = query.len();
    let (low, high) = boxes[node * 2 * dim..][..2 * dim].split_at(dim);
    let mut sum = 0.0;
    for d in 0..dim {
        let (below, above) = (low[d] - query[d], query[d] - high[d]);
        let outside = if below > above { below } else { above };
        let gap = if outside > 0.0 { outside } else { 0.0 };
        sum += gap * gap;
    }
    sum
}
