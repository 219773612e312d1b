//! Every backend against the definition, on tables full of ties and duplicates.

use std::collections::BTreeSet;

use jsae_knn::{Backend, NearestNeighbours};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const BACKENDS: [Backend; 2] = [Backend::Scan, Backend::KdTree];

fn squared_distance(row: &[f32], query: &[f32]) -> f32 {
    row.iter().zip(query).fold(0.0, |sum, (p, q)| sum + (p - q) * (p - q))
}

/// All rows, nearest first; ties in the order of the rows.
fn naive(rows: &[f32], query: &[f32]) -> Vec<(usize, f32)> {
    let mut all: Vec<_> =
        rows.chunks_exact(query.len()).map(|row| squared_distance(row, query)).enumerate().collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    all
}

/// The first of [`naive`].
fn naive_nearest(rows: &[f32], query: &[f32]) -> usize {
    let squared = rows.chunks_exact(query.len()).map(|row| squared_distance(row, query));
    squared.enumerate().fold((0, f32::INFINITY), |best, at| if at.1 < best.1 { at } else { best }).0
}

/// Values for rows and queries: a grid of few values (ties, duplicates), or any in [-1, 1].
fn values(rng: &mut ChaCha8Rng, len: usize, levels: u32) -> Vec<f32> {
    let grid = |rng: &mut ChaCha8Rng| rng.random_range(0..levels) as f32 / 4.0 - 0.5;
    let uniform = |rng: &mut ChaCha8Rng| rng.random_range(-1.0..1.0);
    (0..len).map(|_| if levels > 0 { grid(rng) } else { uniform(rng) }).collect()
}

#[test]
fn hundred_thousand_queries_find_the_naive_neighbour() {
    const QUERIES: usize = 500;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut distinct_answers = BTreeSet::new();
    for table in 0..200 {
        let dim = if table % 10 == 0 { rng.random_range(9..=20) } else { rng.random_range(1..=8) };
        let n = if table % 20 == 0 { rng.random_range(1_000..=3_000) } else { rng.random_range(1..=300) };
        let levels = [0, 1, 2, 3, 5][table % 5];
        let rows = values(&mut rng, n * dim, levels);
        let mut queries = values(&mut rng, QUERIES / 2 * dim, levels);
        queries.extend(values(&mut rng, QUERIES / 2 * dim, 0));
        let expected: Vec<usize> = queries.chunks_exact(dim).map(|q| naive_nearest(&rows, q)).collect();
        for backend in BACKENDS {
            let index = NearestNeighbours::with_backend(&rows, dim, backend).unwrap();
            for (query, &row) in queries.chunks_exact(dim).zip(&expected) {
                assert_eq!(index.nearest(query), Ok(row), "{backend:?}, {n} rows of {dim}, {levels} levels");
            }
            let mut batch = vec![usize::MAX; QUERIES];
            index.nearest_batch(&queries, &mut batch).unwrap();
            assert_eq!(batch, expected, "{backend:?}, {n} rows of {dim}, {levels} levels");
        }
        distinct_answers.extend(expected);
    }
    assert!(distinct_answers.len() > 1_000, "the tables are too easy: {}", distinct_answers.len());
}

#[test]
fn k_nearest_are_the_first_k_of_the_sorted_rows() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut found = Vec::new();
    for table in 0..300 {
        let (dim, n) = (rng.random_range(1..=18), rng.random_range(1..=250));
        let levels = [0, 1, 2, 4][table % 4];
        let rows = values(&mut rng, n * dim, levels);
        let query = values(&mut rng, dim, levels);
        let expected = naive(&rows, &query);
        for backend in BACKENDS {
            let index = NearestNeighbours::with_backend(&rows, dim, backend).unwrap();
            for k in [0, 1, n.div_ceil(3), n] {
                index.k_nearest(&query, k, &mut found).unwrap();
                assert_eq!(found, expected[..k], "{backend:?}, k {k}, {n} rows of {dim}, {levels} levels");
            }
        }
    }
}

#[test]
fn large_table_of_few_values_finds_the_naive_neighbour() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for dim in [2, 4] {
        let rows = values(&mut rng, 65_536 * dim, 5);
        let index = NearestNeighbours::new(&rows, dim).unwrap();
        assert_eq!(index.backend(), Backend::KdTree);
        for levels in [0, 5] {
            for query in values(&mut rng, 100 * dim, levels).chunks_exact(dim) {
                assert_eq!(index.nearest(query), Ok(naive_nearest(&rows, query)));
            }
        }
    }
}

#[test]
fn overflowing_distances_are_ties() {
    let rows = [-f32::MAX, f32::MAX, 3e38, -3e38];
    for backend in BACKENDS {
        let index = NearestNeighbours::with_backend(&rows, 1, backend).unwrap();
        assert_eq!(index.nearest(&[0.0]), Ok(0));
        assert_eq!(index.nearest(&[3e38]), Ok(2));
        let mut all = Vec::new();
        index.k_nearest(&[0.0], 4, &mut all).unwrap();
        assert_eq!(all, [0, 1, 2, 3].map(|row| (row, f32::INFINITY)));
    }
}

/// A table of any numbers (signed zeros, subnormal and huge ones among them) and a query.
fn any_table() -> impl Strategy<Value = (usize, Vec<f32>, Vec<f32>)> {
    use prop::num::f32::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    let number = || POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO;
    (1_usize..=6, 1_usize..=150).prop_flat_map(move |(dim, n)| {
        (Just(dim), prop::collection::vec(number(), n * dim), prop::collection::vec(number(), dim))
    })
}

proptest! {
    #[test]
    fn any_finite_numbers_find_the_naive_neighbours((dim, rows, query) in any_table()) {
        let expected = naive(&rows, &query);
        let mut found = Vec::new();
        for backend in BACKENDS {
            let index = NearestNeighbours::with_backend(&rows, dim, backend).unwrap();
            prop_assert_eq!(index.nearest(&query), Ok(expected[0].0));
            index.k_nearest(&query, expected.len(), &mut found).unwrap();
            prop_assert_eq!(&found, &expected);
        }
    }
}
