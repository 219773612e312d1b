//! Time per query and per rebuild, by backend, number of rows and dimension.
//!
//! Queries and rows are uniform in [-1, 1]. `Backend::fastest` follows the table that this prints.

use divan::{Bencher, black_box};
use jsae_knn::{Backend, NearestNeighbours};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SIZES: [usize; 5] = [512, 1_296, 4_096, 16_384, 65_536];
const N_QUERIES: usize = 1_024;

fn main() {
    divan::main();
}

/// One query on the linear scan.
#[divan::bench(args = SIZES, consts = [2, 3, 4, 6, 8, 12, 16])]
fn scan<const DIM: usize>(bencher: Bencher, n: usize) {
    one_query::<DIM>(bencher, n, Backend::Scan);
}

/// One query on the k-d tree.
#[divan::bench(args = SIZES, consts = [2, 3, 4, 6, 8, 12, 16])]
fn kd_tree<const DIM: usize>(bencher: Bencher, n: usize) {
    one_query::<DIM>(bencher, n, Backend::KdTree);
}

/// One query for the ten nearest, on the fastest backend.
#[divan::bench(args = SIZES, consts = [2, 8])]
fn ten_nearest<const DIM: usize>(bencher: Bencher, n: usize) {
    let table = NearestNeighbours::new(&uniform(n * DIM, 1), DIM).expect("a table");
    let queries = uniform(N_QUERIES * DIM, 2);
    let (mut next, mut found) = (0, Vec::new());
    bencher.bench_local(|| {
        next = (next + 1) % N_QUERIES;
        table.k_nearest(&queries[next * DIM..][..DIM], 10, &mut found).expect("a query");
        black_box(&found).len()
    });
}

/// New rows in the scan's place.
#[divan::bench(args = SIZES, consts = [2, 8])]
fn rebuild_scan<const DIM: usize>(bencher: Bencher, n: usize) {
    rebuild::<DIM>(bencher, n, Backend::Scan);
}

/// New rows in the tree's place.
#[divan::bench(args = SIZES, consts = [2, 8])]
fn rebuild_kd_tree<const DIM: usize>(bencher: Bencher, n: usize) {
    rebuild::<DIM>(bencher, n, Backend::KdTree);
}

fn one_query<const DIM: usize>(bencher: Bencher, n: usize, backend: Backend) {
    let table = NearestNeighbours::with_backend(&uniform(n * DIM, 1), DIM, backend).expect("a table");
    let queries = uniform(N_QUERIES * DIM, 2);
    let mut next = 0;
    bencher.bench_local(|| {
        next = (next + 1) % N_QUERIES;
        table.nearest(black_box(&queries[next * DIM..][..DIM])).expect("a query")
    });
}

fn rebuild<const DIM: usize>(bencher: Bencher, n: usize, backend: Backend) {
    let rows = [uniform(n * DIM, 1), uniform(n * DIM, 2)];
    let mut table = NearestNeighbours::with_backend(&rows[0], DIM, backend).expect("a table");
    let mut next = 0;
    bencher.bench_local(|| {
        next = 1 - next;
        table.rebuild(black_box(&rows[next])).expect("a table");
    });
}

fn uniform(n: usize, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}
