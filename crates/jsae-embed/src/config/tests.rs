use std::collections::BTreeSet;

use serde::Serialize;

use crate::{ConfigError, Key, PretrainConfig, UpdateConfig, identity, jsae, ra, rounding};

fn names(keys: &[Key]) -> BTreeSet<String> {
    keys.iter().map(|key| key.name.to_owned()).collect()
}

fn fields(config: &impl Serialize) -> BTreeSet<String> {
    serde_json::to_value(config).unwrap().as_object().unwrap().keys().cloned().collect()
}

fn messages(errors: &[ConfigError]) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn every_field_is_a_listed_key() {
    let everything = jsae::Config {
        state_embedding_scale: Some(3.0),
        action_embedding_scale: Some(1.0),
        decoder: jsae::Decoding::Softmax,
        target: jsae::Target::Latent,
        reward_weight: Some(1.0),
        reconstruction_weight: Some(1.0),
        renewal_interval: Some(1),
        ..jsae::Config::default()
    };
    assert_eq!(fields(&everything), names(jsae::Config::KEYS));
    let digits = rounding::Config { base: Some(2), ..rounding::Config::default() };
    assert_eq!(fields(&digits), names(rounding::Config::KEYS));
    let scaled = ra::Config { action_embedding_scale: Some(1.0), ..ra::Config::default() };
    assert_eq!(fields(&scaled), names(ra::Config::KEYS));
    assert_eq!(fields(&identity::Config::default()), names(identity::Config::KEYS));
    assert_eq!(fields(&PretrainConfig::default()), names(PretrainConfig::KEYS));
    assert_eq!(fields(&UpdateConfig::default()), names(UpdateConfig::KEYS));
}

#[test]
fn defaults_are_in_range() {
    assert_eq!(jsae::Config::default().validate(), []);
    assert_eq!(ra::Config::default().validate(), []);
    assert_eq!(PretrainConfig::default().validate(), []);
}

#[test]
fn every_value_out_of_range_is_named_with_its_range() {
    let config = jsae::Config {
        state_dim: 0,
        transition_hidden: vec![64, 0],
        state_embedding_scale: Some(-3.0),
        action_embedding_scale: Some(0.0),
        learning_rate: f64::NAN,
        weight_decay: -1.0,
        reward_weight: Some(0.0),
        reconstruction_weight: Some(f64::INFINITY),
        renewal_interval: Some(0),
        ..jsae::Config::default()
    };
    assert_eq!(
        messages(&config.validate()),
        [
            "state_dim is 0, expected a whole number of at least 1",
            "transition_hidden is [64, 0], expected a list of whole numbers of at least 1",
            "state_embedding_scale is -3, expected a number above 0",
            "action_embedding_scale is 0, expected a number above 0",
            "learning_rate is NaN, expected a number above 0",
            "weight_decay is -1, expected a number of at least 0",
            "reward_weight is 0, expected a number above 0",
            "reconstruction_weight is inf, expected a number above 0",
            "renewal_interval is 0, expected a whole number of at least 1",
        ]
    );
    let config =
        ra::Config { action_dim: 0, temperature: 0.0, weight_penalty: -0.1, ..ra::Config::default() };
    assert_eq!(config.validate().len(), 3);
    assert_eq!(
        messages(&rounding::Config { base: Some(1), ..rounding::Config::default() }.validate()),
        ["base is 1, expected a whole number of at least 2"]
    );
    let config = PretrainConfig { passes: 0, patience: 0, held_out: 1.0, ..PretrainConfig::default() };
    assert_eq!(messages(&config.validate())[2], "held_out is 1, expected a number in [0, 1)");
}
