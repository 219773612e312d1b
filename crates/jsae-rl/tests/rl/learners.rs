//! Learners as wholes: parity of updates, ratio 1, determinism, saving, refusing what is not finite.

use std::collections::BTreeMap;

use jsae_rl::{
    ActionSpace, Batch, DiscreteSac, FeatureSpace, OnPolicy, Sac, StateError, Transitions, discrete_sac, ppo,
    sac, vpg,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tch::{Device, Kind, Tensor};

use crate::parity::{exported, numbers};

const FEATURES: FeatureSpace = FeatureSpace::Dense(3);

fn seeded(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn single(case: &Value, key: &str, row_len: i64) -> Tensor {
    Tensor::from_slice(&numbers(case, key)).to_kind(Kind::Float).view([-1, row_len])
}

fn column(case: &Value, key: &str) -> Tensor {
    single(case, key, 1).view(-1)
}

fn assert_close(what: &str, found: &Tensor, expected: &Tensor) {
    let distance = (found - expected).abs().max().double_value(&[]);
    assert!(distance < 5e-6, "{what} is off by {distance}");
}

/// The learner's tensors with the exported parameters in place of its own.
fn with_parameters(tensors: Vec<(String, Tensor)>, before: &Value, suffix: &str) -> BTreeMap<String, Tensor> {
    let mut tensors: BTreeMap<_, _> =
        tensors.into_iter().map(|(name, tensor)| (name, tensor.copy())).collect();
    for name in before.as_object().expect("a table").keys() {
        let key = if name == "target" { "critics.target".to_owned() } else { format!("{name}{suffix}") };
        assert!(tensors.insert(key, column(before, name)).is_some(), "{name} is a tensor of the learner");
    }
    tensors
}

fn on_policy(kind: &str, actions: ActionSpace, batch_size: Option<usize>) -> OnPolicy {
    let (hidden_sizes, rate, critic_rate) = (vec![8, 8], 3e-3, 1e-2);
    if kind == "vpg" {
        let config = vpg::Config {
            hidden_sizes,
            actor_learning_rate: rate,
            critic_learning_rate: critic_rate,
            ..vpg::Config::default()
        };
        return OnPolicy::vpg(&config, &FEATURES, actions, Device::Cpu, &mut seeded(1));
    }
    let config = ppo::Config {
        hidden_sizes,
        actor_learning_rate: rate,
        critic_learning_rate: critic_rate,
        batch_size,
        ..ppo::Config::default()
    };
    OnPolicy::ppo(&config, &FEATURES, actions, Device::Cpu, &mut seeded(1))
}

fn value_of(metrics: &[(&'static str, f64)], key: &str) -> f64 {
    metrics.iter().find(|(name, _)| *name == key).unwrap_or_else(|| panic!("{key} is reported")).1
}

fn check_on_policy_update(kind: &str, actions: ActionSpace, name: &str) {
    let case = exported(&["updates", &format!("{kind}_{name}")]);
    let mut learner = on_policy(kind, actions, None);
    let tensors = with_parameters(learner.tensors(), &case["before"], ".parameters");
    learner.load_tensors(&tensors).expect("tensors that fit");
    let batch = Batch {
        features: single(&case, "features", 3),
        latent_actions: single(&case, "latent_actions", actions.latent_len() as i64),
        advantages: column(&case, "advantages"),
        returns: column(&case, "returns"),
    };
    let metrics = learner.update(&batch, &mut seeded(0)).expect("finite losses");
    let after: BTreeMap<_, _> = learner.tensors().into_iter().collect();
    for network in ["actor", "critic"] {
        let what = format!("{kind} {name} {network}");
        assert_close(&what, &after[&format!("{network}.parameters")], &column(&case["after"], network));
    }
    for key in ["policy_gradient_loss", "approx_kl", "value_loss"] {
        let (found, expected) =
            (value_of(&metrics, &format!("train/{key}")), case[key].as_f64().expect("a number"));
        assert!((found - expected).abs() < 1e-6, "{key} of {kind} {name} is {found}, expected {expected}");
    }
}

#[test]
fn whole_on_policy_updates_agree_with_pytorch() {
    for kind in ["vpg", "ppo"] {
        check_on_policy_update(kind, ActionSpace::Continuous(2), "gaussian");
        check_on_policy_update(kind, ActionSpace::Discrete(5), "categorical");
    }
}

#[test]
fn whole_discrete_sac_update_agrees_with_pytorch() {
    let case = exported(&["discrete_sac"]);
    let config = discrete_sac::Config {
        hidden_sizes: vec![8, 8],
        actor_learning_rate: 3e-3,
        critic_learning_rate: 1e-2,
        tau: 0.05,
        ..discrete_sac::Config::default()
    };
    let mut learner = DiscreteSac::new(&config, &FEATURES, 5, Device::Cpu, &mut seeded(1));
    let tensors = with_parameters(learner.tensors(), &case["before"], ".parameters");
    learner.load_tensors(&tensors).expect("tensors that fit");
    let batch = Transitions {
        features: single(&case, "features", 3),
        latent_actions: single(&case, "latent_actions", 1),
        rewards: column(&case, "rewards"),
        next_features: single(&case, "next_features", 3),
        terminated: column(&case, "terminated"),
    };
    let metrics = learner.update(&batch).expect("finite losses");
    let after: BTreeMap<_, _> = learner.tensors().into_iter().collect();
    for (name, key) in
        [("actor.parameters", "actor"), ("critics.parameters", "critics"), ("critics.target", "target")]
    {
        assert_close(key, &after[name], &column(&case["after"], key));
    }
    for key in ["critic_loss", "actor_loss"] {
        let expected = case[key].as_f64().expect("a number");
        assert!((value_of(&metrics, &format!("train/{key}")) - expected).abs() < 1e-6, "{key}");
    }
}

/// Samples of the learner's own policy with arbitrary advantages.
fn batch_of(learner: &OnPolicy, actions: ActionSpace, n: usize, rng: &mut ChaCha8Rng) -> Batch {
    let mut column = |len: usize| -> Tensor {
        let values: Vec<f32> = (0..len).map(|_| rng.random_range(-1.0..1.0)).collect();
        Tensor::from_slice(&values)
    };
    let features = column(3 * n).view([-1, 3]);
    let (advantages, returns) = (column(n), column(n));
    let mut latent_actions = vec![0.0; n * actions.latent_len()];
    learner.sample(&features, rng, &mut latent_actions);
    let latent_actions = Tensor::from_slice(&latent_actions).view([n as i64, -1]);
    Batch { features, latent_actions, advantages, returns }
}

#[test]
fn ratio_is_exactly_one_on_the_first_pass() {
    for actions in [ActionSpace::Continuous(2), ActionSpace::Discrete(5)] {
        let config = ppo::Config { actor_updates: 1, clip_range: 1e-12, ..ppo::Config::default() };
        let mut learner = OnPolicy::ppo(&config, &FEATURES, actions, Device::Cpu, &mut seeded(1));
        let batch = batch_of(&learner, actions, 100, &mut seeded(2));
        let metrics = learner.update(&batch, &mut seeded(3)).expect("finite losses");
        assert_eq!(value_of(&metrics, "train/approx_kl"), 0.0);
        assert_eq!(value_of(&metrics, "train/clip_fraction"), 0.0);
    }
}

#[test]
fn first_step_of_ppo_is_that_of_vpg() {
    let actions = ActionSpace::Continuous(2);
    let vpg = vpg::Config { actor_updates: 1, ..vpg::Config::default() };
    let ppo = ppo::Config { actor_updates: 1, ..ppo::Config::default() };
    let mut vpg = OnPolicy::vpg(&vpg, &FEATURES, actions, Device::Cpu, &mut seeded(1));
    let mut ppo = OnPolicy::ppo(&ppo, &FEATURES, actions, Device::Cpu, &mut seeded(1));
    let batch = batch_of(&vpg, actions, 100, &mut seeded(2));
    vpg.update(&batch, &mut seeded(3)).expect("finite losses");
    ppo.update(&batch, &mut seeded(3)).expect("finite losses");
    for ((name, vpg), (_, ppo)) in vpg.tensors().iter().zip(ppo.tensors()) {
        assert_close(name, &vpg.to_kind(Kind::Double), &ppo.to_kind(Kind::Double));
    }
}

#[test]
fn divergence_beyond_the_target_ends_the_actors_passes() {
    let actions = ActionSpace::Continuous(2);
    let config = ppo::Config {
        actor_updates: 50,
        actor_learning_rate: 0.05,
        target_kl: Some(0.01),
        ..ppo::Config::default()
    };
    let mut learner = OnPolicy::ppo(&config, &FEATURES, actions, Device::Cpu, &mut seeded(1));
    let batch = batch_of(&learner, actions, 100, &mut seeded(2));
    let metrics = learner.update(&batch, &mut seeded(3)).expect("finite losses");
    let passes = value_of(&metrics, "train/actor_updates");
    assert!((1.0..50.0).contains(&passes), "{passes}");
    assert!(value_of(&metrics, "train/approx_kl") > 0.015);
}

fn bytes(tensors: Vec<(String, Tensor)>) -> Vec<Vec<u8>> {
    tensors
        .into_iter()
        .map(|(_, tensor)| {
            let mut bytes = vec![0; tensor.numel() * tensor.kind().elt_size_in_bytes()];
            tensor.copy_data_u8(&mut bytes, tensor.numel());
            bytes
        })
        .collect()
}

#[test]
fn same_seed_learns_the_same_and_another_does_not() {
    let actions = ActionSpace::Discrete(5);
    let run = |seed| {
        let mut learner = on_policy("ppo", actions, Some(16));
        let batch = batch_of(&learner, actions, 50, &mut seeded(2));
        learner.update(&batch, &mut seeded(seed)).expect("finite losses");
        bytes(learner.tensors())
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}

/// Writes and reads the tensors as a safetensors file does.
fn stored(tensors: &[(String, Tensor)]) -> BTreeMap<String, Tensor> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("learner.safetensors");
    Tensor::write_safetensors(tensors, &file).expect("a written file");
    Tensor::read_safetensors(&file).expect("a readable file").into_iter().collect()
}

#[test]
fn on_policy_learner_continues_bit_for_bit_after_loading() {
    for actions in [ActionSpace::Continuous(2), ActionSpace::Discrete(5)] {
        let mut learner = on_policy("ppo", actions, None);
        let batch = batch_of(&learner, actions, 50, &mut seeded(2));
        learner.update(&batch, &mut seeded(3)).expect("finite losses");
        let mut loaded = on_policy("ppo", actions, None);
        loaded.load_tensors(&stored(&learner.tensors())).expect("tensors that fit");
        learner.update(&batch, &mut seeded(4)).expect("finite losses");
        loaded.update(&batch, &mut seeded(4)).expect("finite losses");
        assert_eq!(bytes(learner.tensors()), bytes(loaded.tensors()));
    }
}

#[test]
fn sac_continues_bit_for_bit_after_loading() {
    let config = sac::Config { hidden_sizes: vec![8, 8], auto_ent_coef: true, ..sac::Config::default() };
    let fresh = |seed| Sac::new(&config, &FEATURES, 2, Device::Cpu, &mut seeded(seed));
    let case = exported(&["sac", "shared_std"]);
    let batch = Transitions {
        features: single(&case, "features", 3),
        latent_actions: single(&case, "latent_actions", 2),
        rewards: column(&case, "rewards"),
        next_features: single(&case, "next_features", 3),
        terminated: column(&case, "terminated"),
    };
    let (mut learner, mut loaded) = (fresh(1), fresh(2));
    learner.update(&batch, &mut seeded(3)).expect("finite losses");
    loaded.load_tensors(&stored(&learner.tensors())).expect("tensors that fit");
    learner.update(&batch, &mut seeded(4)).expect("finite losses");
    loaded.update(&batch, &mut seeded(4)).expect("finite losses");
    assert_eq!(bytes(learner.tensors()), bytes(loaded.tensors()));
}

#[test]
fn tensors_that_do_not_fit_are_named_and_change_nothing() {
    let mut learner = on_policy("vpg", ActionSpace::Continuous(2), None);
    let before = bytes(learner.tensors());
    let other = on_policy("vpg", ActionSpace::Continuous(4), None);
    let error = learner.load_tensors(&other.tensors().into_iter().collect()).expect_err("another size");
    assert!(matches!(&error, StateError::Shape { name, .. } if name == "actor.parameters"), "{error}");
    let mut missing: BTreeMap<_, _> = learner.tensors().into_iter().collect();
    missing.remove("critic.adam.v");
    let error = learner.load_tensors(&missing).expect_err("a tensor is missing");
    assert_eq!(error.to_string(), "tensor critic.adam.v is missing");
    assert_eq!(bytes(learner.tensors()), before);
}

#[test]
fn infinite_return_is_reported_with_network_tensor_and_rate() {
    let actions = ActionSpace::Continuous(2);
    let mut learner = on_policy("vpg", actions, None);
    let mut batch = batch_of(&learner, actions, 10, &mut seeded(2));
    let _ = batch.returns.get(3).fill_(f64::INFINITY);
    let error = learner.update(&batch, &mut seeded(3)).expect_err("an infinite loss");
    let expected = "the critic's loss is inf in iteration 0 of the update (learning rate 0.01)";
    assert_eq!(error.to_string(), expected);
    batch.advantages = batch.returns.copy();
    let error = learner.update(&batch, &mut seeded(3)).expect_err("a loss that is not a number");
    assert_eq!((error.network, error.tensor, error.iteration), ("actor", "loss", 0));
}

#[test]
fn what_is_taken_of_another_learner_is_its_parameters_alone() {
    let numbered = |tensors: Vec<(String, Tensor)>| -> BTreeMap<String, Tensor> {
        tensors.into_iter().map(|(name, tensor)| (name, tensor.full_like(7))).collect()
    };
    let check = |tensors: Vec<(String, Tensor)>, taken: &[&str]| {
        for (name, tensor) in tensors {
            assert_eq!(tensor.equal(&tensor.full_like(7)), taken.contains(&name.as_str()), "{name}");
        }
    };
    let actions = ActionSpace::Continuous(2);
    for (actor, critic, taken) in [
        (true, false, &["actor.parameters"][..]),
        (false, true, &["critic.parameters"]),
        (true, true, &["actor.parameters", "critic.parameters"]),
    ] {
        let mut learner = on_policy("vpg", actions, None);
        let source = numbered(learner.tensors());
        learner.take(&source, actor, critic).expect("tensors that fit");
        check(learner.tensors(), taken);
    }
    let config = sac::Config { hidden_sizes: vec![8], ..sac::Config::default() };
    let mut learner = Sac::new(&config, &FEATURES, 2, Device::Cpu, &mut seeded(1));
    let source = numbered(learner.tensors());
    learner.take(&source, false, true).expect("tensors that fit");
    check(learner.tensors(), &["critics.parameters", "critics.target"]);
    let none = learner.take(&BTreeMap::new(), true, false).expect_err("an empty source").to_string();
    assert_eq!(none, "tensor actor.parameters is missing");
}
