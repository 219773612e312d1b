//! Time per step by number of items, and of reading a model and making its tables.
//!
//! Actions are uniform. The logs are walks among few followers of each item, 250,000 purchases
//! whatever the number of items.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use jsae_envs::recommender::{Config, Filters, Item, Model, Recommender};
use jsae_envs::{Env, Start};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SIZES: [u32; 3] = [100, 835, 10_000];

fn main() {
    divan::main();
}

/// A thousand steps.
#[divan::bench(args = SIZES)]
fn steps(bencher: Bencher, n_items: u32) {
    let mut env = Recommender::with_model(&Config::default(), &model(n_items)).expect("an environment");
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let actions: Vec<f64> = (0..4_096).map(|_| f64::from(rng.random_range(0..n_items))).collect();
    let (mut observation, mut next) = ([0.0; 2], 0);
    env.reset(Start::Fixed, &mut observation).expect("a start");
    bencher.counter(ItemsCount::new(1_000u32)).bench_local(|| {
        for _ in 0..1_000 {
            next = (next + 1) % actions.len();
            black_box(env.step(&[actions[next]], &mut observation)).expect("a step");
        }
    });
}

/// Reading a model file.
#[divan::bench(args = SIZES)]
fn read(bencher: Bencher, n_items: u32) {
    let path =
        std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("recommender_{n_items}.model"));
    model(n_items).write(&path).expect("a file");
    bencher.bench_local(|| Model::read(&path).expect("a model").n_items());
}

/// Making an environment from a model at hand.
#[divan::bench(args = SIZES)]
fn compile(bencher: Bencher, n_items: u32) {
    let model = model(n_items);
    bencher.bench_local(|| Recommender::with_model(&Config::default(), &model).expect("an environment"));
}

fn model(n_items: u32) -> Model {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let walk = |rng: &mut ChaCha8Rng| {
        let mut item = rng.random_range(0..n_items);
        let next = |rng: &mut ChaCha8Rng, item: u32| match rng.random_range(0..3) {
            0 => rng.random_range(0..n_items),
            _ => (item * 7 + rng.random_range(0..5)) % n_items,
        };
        (0..100)
            .map(|_| {
                let now = item;
                item = next(rng, item);
                now
            })
            .collect()
    };
    let mut sequences: Vec<Vec<u32>> = (0..2_500).map(|_| walk(&mut rng)).collect();
    sequences.push((0..n_items).collect());
    let items = (0..n_items).map(|i| Item { id: i.to_string(), price: f64::from(i) }).collect();
    Model::from_sequences(items, &sequences, Filters::default()).expect("a model")
}
