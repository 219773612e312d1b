//! Configurations: defaults are valid, every problem is named at once.

use jsae_rl::{ConfigError, Key, discrete_sac, ppo, sac, vpg};

fn names(errors: &[ConfigError]) -> Vec<&str> {
    errors.iter().map(|error| error.key.as_str()).collect()
}

/// The keys that a configuration's default writes or leaves absent.
fn assert_keys_are_listed(config: impl serde::Serialize, keys: &[Key]) {
    let fields = serde_json::to_value(config).expect("plain values");
    let mut fields: Vec<&String> = fields.as_object().expect("a table").keys().collect();
    let mut listed: Vec<&str> = keys.iter().map(|key| key.name).collect();
    fields.sort();
    listed.sort_unstable();
    assert_eq!(fields, listed);
}

#[test]
fn defaults_are_valid_and_all_keys_are_listed() {
    assert!(vpg::Config::default().validate().is_empty());
    assert!(ppo::Config::default().validate().is_empty());
    assert!(sac::Config::default().validate().is_empty());
    assert!(discrete_sac::Config::default().validate().is_empty());
    assert_keys_are_listed(vpg::Config::default(), vpg::Config::KEYS);
    assert_keys_are_listed(ppo::Config::default(), ppo::Config::KEYS);
    assert_keys_are_listed(sac::Config::default(), sac::Config::KEYS);
    assert_keys_are_listed(discrete_sac::Config::default(), discrete_sac::Config::KEYS);
}

#[test]
fn all_problems_are_named_at_once() {
    let config = ppo::Config {
        actor_learning_rate: f64::NAN,
        actor_updates: 0,
        gamma: 1.5,
        initial_std: 0.0,
        hidden_sizes: vec![64, 0],
        clip_range: -0.2,
        target_kl: Some(0.0),
        batch_size: Some(0),
        ent_coef: -1.0,
        ..ppo::Config::default()
    };
    let errors = config.validate();
    let expected = [
        "actor_learning_rate",
        "actor_updates",
        "gamma",
        "initial_std",
        "hidden_sizes",
        "clip_range",
        "target_kl",
        "batch_size",
        "ent_coef",
    ];
    assert_eq!(names(&errors), expected);
    assert_eq!(errors[5].to_string(), "clip_range is -0.2, expected a number in (0, 1)");
}

#[test]
fn off_policy_problems_are_named_at_once() {
    let config = sac::Config {
        tau: 0.0,
        ent_coef: 0.0,
        target_entropy: Some(f64::INFINITY),
        buffer_size: 0,
        train_freq: Some(0),
        action_limit: -1.0,
        ..sac::Config::default()
    };
    let expected = ["tau", "ent_coef", "target_entropy", "buffer_size", "train_freq", "action_limit"];
    assert_eq!(names(&config.validate()), expected);
    let config = discrete_sac::Config { batch_size: 0, gradient_steps: Some(0), ..Default::default() };
    assert_eq!(names(&config.validate()), ["batch_size", "gradient_steps"]);
    let config = vpg::Config { critic_updates: 0, gae_lambda: -0.1, ..Default::default() };
    assert_eq!(names(&config.validate()), ["critic_updates", "gae_lambda"]);
}

#[test]
fn unknown_keys_are_refused() {
    let error = serde_json::from_str::<vpg::Config>(r#"{"clip_range": 0.2}"#).expect_err("VPG has no clip");
    assert!(error.to_string().contains("clip_range"));
}
