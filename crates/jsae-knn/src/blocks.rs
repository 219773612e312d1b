//! Rows in blocks of [`LANES`], one dimension after another, so that a compiler turns the distance into SIMD.

/// Rows in a block: two AVX-512 registers, four of AVX2 or eight of SSE2 and NEON.
pub(crate) const LANES: usize = 32;

/// Number of blocks that hold `n` rows.
pub(crate) fn n_blocks(n: usize) -> usize {
    n.div_ceil(LANES)
}

/// Writes one row to its lane of a `[dim, LANES]` block.
pub(crate) fn set_lane(block: &mut [f32], lane: usize, row: &[f32]) {
    for (lanes, &value) in block.chunks_exact_mut(LANES).zip(row) {
        lanes[lane] = value;
    }
}

/// Squared distances of a `[dim, LANES]` block's rows to `query`, summed in the order of the dimensions.
///
/// `D` is the dimension where it is known at compile time, 0 otherwise.
#[inline(always)]
pub(crate) fn squared_distances<const D: usize>(block: &[f32], query: &[f32]) -> [f32; LANES] {
    let dim = if D == 0 { query.len() } else { D };
    let mut sums = [0.0; LANES];
    for d in 0..dim {
        let lanes: &[f32; LANES] = block[d * LANES..].first_chunk().expect("a whole block");
        for l in 0..LANES {
            let gap = lanes[l] - query[d];
            sums[l] += gap * gap;
        }
    }
    sums
}

/// Smallest value of a block.
#[inline(always)]
pub(crate) fn smallest(values: &[f32; LANES]) -> f32 {
    let mut halves = *values;
    let mut width = LANES / 2;
    while width > 0 {
        for l in 0..width {
            halves[l] = min(halves[l], halves[l + width]);
        }
        width /= 2;
    }
    halves[0]
}

/// The smaller of two numbers; one instruction, unlike [`f32::min`], which also cares for NaN.
#[inline(always)]
pub(crate) fn min(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// Calls `$function::<D>(...)` with `D = $dim` for the dimensions that have code of their own, else `D = 0`.
macro_rules! specialised {
    ($dim:expr, $function:ident $arguments:tt) => {
        specialised!(@match $dim, $function $arguments, 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
    };
    (@match $dim:expr, $function:ident $arguments:tt, $($d:literal)*) => {
        match $dim {
            $($d => specialised!(@call $function, $d, $arguments),)*
            _ => specialised!(@call $function, 0, $arguments),
        }
    };
    (@call $function:ident, $d:literal, ($($argument:expr),*)) => { $function::<$d>($($argument),*) };
}
pub(crate) use specialised;
