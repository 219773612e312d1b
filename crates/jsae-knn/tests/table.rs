//! Rebuilding, refusing and allocating.

use allocation_counter::measure;
use jsae_knn::{Backend, KnnError, NearestNeighbours};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const BACKENDS: [Backend; 2] = [Backend::Scan, Backend::KdTree];

fn uniform(len: usize, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..len).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn answers(table: &NearestNeighbours, queries: &[f32]) -> Vec<usize> {
    let mut rows = vec![usize::MAX; queries.len() / table.dim()];
    table.nearest_batch(queries, &mut rows).unwrap();
    rows
}

#[test]
fn rebuilt_table_answers_like_a_new_one() {
    let queries = uniform(200 * 3, 1);
    for backend in BACKENDS {
        let mut table = NearestNeighbours::with_backend(&uniform(500 * 3, 2), 3, backend).unwrap();
        for (seed, n) in [(3, 500), (4, 40), (5, 1_100), (6, 1), (7, 33)] {
            let rows = uniform(n * 3, seed);
            table.rebuild(&rows).unwrap();
            let new = NearestNeighbours::with_backend(&rows, 3, backend).unwrap();
            assert_eq!((table.n_rows(), table.dim(), table.backend()), (n, 3, backend));
            assert_eq!(answers(&table, &queries), answers(&new, &queries), "{backend:?}, {n} rows");
        }
    }
}

#[test]
fn backend_follows_the_size_when_none_was_asked_for() {
    let mut table = NearestNeighbours::new(&uniform(64 * 2, 1), 2).unwrap();
    assert_eq!(table.backend(), Backend::Scan);
    let large = uniform(8_192 * 2, 2);
    table.rebuild(&large).unwrap();
    assert_eq!(table.backend(), Backend::KdTree);
    let scan = NearestNeighbours::with_backend(&large, 2, Backend::Scan).unwrap();
    let queries = uniform(100 * 2, 3);
    assert_eq!(answers(&table, &queries), answers(&scan, &queries));
    assert_eq!(NearestNeighbours::new(&large, 16).unwrap().backend(), Backend::Scan);
}

#[test]
fn refused_rows_leave_the_old_table() {
    let old = uniform(100 * 2, 1);
    let queries = uniform(50 * 2, 2);
    let refused = [
        (vec![], KnnError::Empty),
        (vec![0.0; 5], KnnError::Ragged { row: 2, found: 1, dim: 2 }),
        (vec![0.0, 1.0, 2.0, f32::INFINITY], KnnError::NotFinite { row: 1, column: 1, value: f32::INFINITY }),
    ];
    for backend in BACKENDS {
        let mut table = NearestNeighbours::with_backend(&old, 2, backend).unwrap();
        let before = answers(&table, &queries);
        for (rows, error) in &refused {
            assert_eq!(table.rebuild(rows), Err(*error));
            assert_eq!(table.n_rows(), 100);
            assert_eq!(answers(&table, &queries), before);
        }
    }
}

#[test]
fn refused_rows_are_named() {
    let refused = |rows: &[f32], dim| NearestNeighbours::new(rows, dim).unwrap_err().to_string();
    assert_eq!(refused(&[], 2), "the table has no rows");
    assert_eq!(refused(&[1.0], 0), "rows of dimension 0 have no distance");
    assert_eq!(refused(&[1.0; 7], 3), "row 2 has 1 of 3 values");
    assert_eq!(refused(&[1.0; 2], 3), "row 0 has 2 of 3 values");
    let mut rows = [1.0; 12];
    rows[8] = f32::NAN;
    assert_eq!(refused(&rows, 3), "row 2 has NaN in dimension 2, expected finite numbers");
    rows[3] = f32::NEG_INFINITY;
    assert_eq!(refused(&rows, 3), "row 1 has -inf in dimension 0, expected finite numbers");
}

#[test]
fn refused_queries_leave_the_output() {
    let table = NearestNeighbours::new(&[0.0, 0.0, 1.0, 1.0], 2).unwrap();
    assert_eq!(table.nearest(&[0.0]), Err(KnnError::QueryLength { found: 1, expected: 2 }));
    assert_eq!(
        table.nearest(&[0.0, f32::INFINITY]),
        Err(KnnError::QueryNotFinite { query: 0, column: 1, value: f32::INFINITY })
    );
    let mut rows = [7; 2];
    assert_eq!(
        table.nearest_batch(&[0.0; 6], &mut rows),
        Err(KnnError::QueryLength { found: 6, expected: 4 })
    );
    let error = table.nearest_batch(&[0.0, 0.0, f32::NAN, 0.0], &mut rows).unwrap_err();
    assert_eq!(error.to_string(), "query 1 has NaN in dimension 0, expected finite numbers");
    assert_eq!(rows, [7; 2]);
    let mut found = vec![(7, 7.0)];
    assert_eq!(table.k_nearest(&[0.0, 0.0], 3, &mut found), Err(KnnError::TooManyNeighbours { k: 3, n: 2 }));
    assert!(table.k_nearest(&[f32::NAN, 0.0], 1, &mut found).is_err());
    assert_eq!(found, [(7, 7.0)]);
}

#[test]
fn queries_and_rebuilds_of_the_same_size_allocate_nothing() {
    let (rows, others) = (uniform(2_000 * 3, 1), uniform(2_000 * 3, 2));
    for backend in BACKENDS {
        let mut table = NearestNeighbours::with_backend(&rows, 3, backend).unwrap();
        let (mut nearest, mut found) = ([0; 2], Vec::new());
        table.k_nearest(&rows[..3], 10, &mut found).unwrap();
        let allocated = measure(|| {
            table.nearest(&others[..3]).unwrap();
            table.nearest_batch(&others[..6], &mut nearest).unwrap();
            table.k_nearest(&others[..3], 10, &mut found).unwrap();
            table.rebuild(&others).unwrap();
        });
        assert_eq!(allocated.count_total, 0, "{backend:?}");
    }
}
