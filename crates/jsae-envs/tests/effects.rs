//! What is known of the recommender for an audit: effects of its actions, and the best prediction.

use jsae_envs::recommender::{Config, Filters, Item, Model, Recommender};
use jsae_envs::{Env, Start};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const N_ITEMS: usize = 6;

/// A shop in a file of that name: after each item mostly the next one is bought.
fn shop(name: &str) -> Config {
    let items = (0..N_ITEMS).map(|i| Item { id: format!("item {i}"), price: 1.0 }).collect();
    let log: Vec<Vec<u32>> =
        (0..40).map(|user| (0..9).map(|k| (user + k) % N_ITEMS as u32).collect()).collect();
    let model = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    Model::from_sequences(items, &log, Filters::default()).unwrap().write(&model).unwrap();
    Config { model, ..Config::default() }
}

#[test]
fn probabilities_after_a_recommendation_sum_to_one_and_favour_it() {
    let shop = Recommender::new(&shop("effects_1.model")).unwrap();
    for action in 0..N_ITEMS {
        let probabilities: Vec<f64> =
            (0..N_ITEMS).map(|item| shop.probability([1, 2], action, item)).collect();
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{probabilities:?}");
        let p = shop.dynamics().probability([1, 2], action);
        assert!((probabilities[action] - 3.0 * p / (1.0 + 2.0 * p)).abs() < 1e-12, "{probabilities:?}");
    }
}

#[test]
fn oracle_predicts_as_well_as_its_own_probabilities_promise() {
    let config = shop("effects_2.model");
    let mut env = Recommender::new(&config).unwrap();
    let (mut rng, mut state) = (ChaCha8Rng::seed_from_u64(1), [0.0; 2]);
    env.reset(Start::Uniform, &mut state).unwrap();
    let (mut observations, mut actions, mut next_observations) = (Vec::new(), Vec::new(), Vec::new());
    let mut promised = 0.0;
    for _ in 0..20_000 {
        let action = rng.random_range(0..N_ITEMS);
        let last_two = state.map(|item| item as usize);
        promised -=
            (0..N_ITEMS).map(|item| env.probability(last_two, action, item)).map(|p| p * p.ln()).sum::<f64>();
        observations.extend(state);
        env.step(&[action as f64], &mut state).unwrap();
        actions.push(action as f64);
        next_observations.extend(state);
    }
    let loss = config.oracle_loss(&observations, &actions, &next_observations).unwrap();
    let promised = promised / actions.len() as f64;
    assert!((loss - promised).abs() < 0.03, "{loss} {promised}");
    assert!(loss < 0.8 * (N_ITEMS as f64).ln(), "{loss}");
    assert_eq!(config.action_effects().unwrap().n_classes(), N_ITEMS);
}
