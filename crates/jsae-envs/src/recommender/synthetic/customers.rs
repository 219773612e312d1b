use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal};

use super::catalog::{Catalog, TAIL};

const MOST_PURCHASES: usize = 200;

/// One purchase.
pub(super) struct Purchase {
    /// Its row in the log; rows follow time.
    pub(super) row: u64,
    pub(super) user: u32,
    pub(super) item: u32,
}

/// `n` purchases, by row; no two share a row.
pub(super) fn draw(catalog: &Catalog, n: usize, n_rows: u64, rng: &mut ChaCha8Rng) -> Vec<Purchase> {
    let sizes = LogNormal::new(0.3, 1.0).expect("a finite deviation");
    let mut purchases = Vec::with_capacity(n);
    let mut user = 500_000_000;
    while purchases.len() < n {
        user += rng.random_range(1..100);
        let size = (1 + sizes.sample(rng) as usize).min(MOST_PURCHASES).min(n - purchases.len());
        let mut rows: Vec<u64> = (0..size).map(|_| rng.random_range(0..n_rows)).collect();
        rows.sort_unstable();
        let mut last_two = [catalog.any(rng), catalog.any(rng)];
        for row in rows {
            let item = next(catalog, &mut last_two, rng);
            purchases.push(Purchase { row, user, item: item as u32 });
        }
    }
    purchases.sort_by_key(|purchase| purchase.row);
    spread(&mut purchases, n_rows);
    purchases
}

fn next(catalog: &Catalog, last_two: &mut [usize; 2], rng: &mut ChaCha8Rng) -> usize {
    if rng.random::<f64>() < TAIL {
        return catalog.tail(rng);
    }
    let [before, last] = *last_two;
    let item = match rng.random::<f64>() {
        ..0.25 => catalog.group(last, rng),
        ..0.45 => catalog.shelf(last, rng),
        ..0.6 => catalog.shelf(before, rng),
        _ => catalog.any(rng),
    };
    *last_two = [last, item];
    item
}

/// Moves purchases of one row to rows of their own, in their order.
fn spread(purchases: &mut [Purchase], n_rows: u64) {
    let mut free = 0;
    for purchase in &mut *purchases {
        purchase.row = purchase.row.max(free);
        free = purchase.row + 1;
    }
    let mut end = n_rows;
    for purchase in purchases.iter_mut().rev() {
        purchase.row = purchase.row.min(end - 1);
        end = purchase.row;
    }
}
