use std::ops::Range;

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal};

const GROUP: usize = 3;
const SHELF: usize = 12;
/// Purchases of the even part of popularity, over all.
const EVEN: f64 = 0.4;
/// Purchases of an item of the long tail, on average; far enough from 100.
const PER_TAIL_ITEM: usize = 30;
/// Share of all purchases that the long tail takes.
pub(super) const TAIL: f64 = 0.3;

const BRANDS: [&str; 12] =
    ["", "", "alder", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "rowan"];
const CATEGORIES: [&str; 8] = [
    "",
    "",
    "appliances.kitchen.kettle",
    "electronics.audio.headphone",
    "electronics.smartphone",
    "furniture.living_room.sofa",
    "kids.toys",
    "computers.notebook",
];

/// What is sold: first the items that the filters keep, shelf by shelf, then the long tail.
pub(super) struct Catalog {
    pub(super) products: Vec<Product>,
    /// Popularity summed up over the items kept, `[n_items + 1]`.
    cumulative: Vec<f64>,
}

pub(super) struct Product {
    /// `product_id,category_id,category_code,brand,`
    pub(super) columns: String,
    pub(super) price: f64,
}

impl Catalog {
    pub(super) fn draw(n_items: usize, n_purchases: usize, rng: &mut ChaCha8Rng) -> Self {
        let mut popularity: Vec<f64> = (1..=n_items).map(|rank| 1.0 / rank as f64).collect();
        let zipf: f64 = popularity.iter().sum();
        for p in &mut popularity {
            *p = EVEN / n_items as f64 + (1.0 - EVEN) * *p / zipf;
        }
        popularity.shuffle(rng);
        let mut cumulative = vec![0.0];
        for p in popularity {
            cumulative.push(cumulative[cumulative.len() - 1] + p);
        }
        let n_tail = (n_purchases as f64 * TAIL) as usize / PER_TAIL_ITEM + 1;
        Self { products: products(n_items + n_tail, rng), cumulative }
    }

    pub(super) fn n_items(&self) -> usize {
        self.cumulative.len() - 1
    }

    /// Any of the items kept, by popularity.
    pub(super) fn any(&self, rng: &mut ChaCha8Rng) -> usize {
        self.among(0..self.n_items(), rng)
    }

    /// One of the group of `item`, by popularity.
    pub(super) fn group(&self, item: usize, rng: &mut ChaCha8Rng) -> usize {
        self.among(self.block(item, GROUP), rng)
    }

    /// One of the shelf of `item`, by popularity.
    pub(super) fn shelf(&self, item: usize, rng: &mut ChaCha8Rng) -> usize {
        self.among(self.block(item, SHELF), rng)
    }

    /// One of the long tail.
    pub(super) fn tail(&self, rng: &mut ChaCha8Rng) -> usize {
        rng.random_range(self.n_items()..self.products.len())
    }

    fn block(&self, item: usize, size: usize) -> Range<usize> {
        let start = item / size * size;
        start..(start + size).min(self.n_items())
    }

    fn among(&self, items: Range<usize>, rng: &mut ChaCha8Rng) -> usize {
        let sums = &self.cumulative[items.start..=items.end];
        let at = sums[0] + (sums[items.len()] - sums[0]) * rng.random::<f64>();
        let position = sums.partition_point(|&sum| sum <= at).saturating_sub(1);
        items.start + position.min(items.len() - 1)
    }
}

fn products(n: usize, rng: &mut ChaCha8Rng) -> Vec<Product> {
    let prices = LogNormal::new(120f64.ln(), 1.1).expect("a finite deviation");
    let mut id = 1_000_000;
    let mut product = || {
        id += rng.random_range(1..2_000);
        let kind = rng.random_range(0..CATEGORIES.len() * 20);
        let category = 2_053_013_555_631_882_655 + 17_179_869_184 * kind as u64;
        let code = CATEGORIES[kind % CATEGORIES.len()];
        let brand = BRANDS[rng.random_range(0..BRANDS.len())];
        let price = prices.sample(rng).clamp(0.5, 2_500.0);
        Product { columns: format!("{id},{category},{code},{brand},"), price }
    };
    (0..n).map(|_| product()).collect()
}
