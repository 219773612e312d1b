use std::collections::BTreeMap;

use rand::SeedableRng;
use serde_json::Value;
use tch::Kind;

use super::*;

fn rows(case: &Value, key: &str, row_len: i64) -> Tensor {
    let list = case[key].as_array().expect("an exported tensor");
    let values: Vec<f64> = list.iter().map(|number| number.as_f64().expect("a number")).collect();
    Tensor::from_slice(&values).to_kind(Kind::Float).view([-1, row_len])
}

fn column(case: &Value, key: &str) -> Tensor {
    rows(case, key, 1).view(-1)
}

const NAMES: [(&str, &str); 4] = [
    ("actor.parameters", "actor"),
    ("critics.parameters", "critics"),
    ("critics.target", "target"),
    ("ent_coef.parameters", "ent_coef"),
];

fn learner(state_dependent_std: bool) -> Sac {
    let config = Config {
        hidden_sizes: vec![8, 8],
        actor_learning_rate: 3e-3,
        critic_learning_rate: 1e-2,
        tau: 0.05,
        action_limit: 1.1,
        auto_ent_coef: true,
        state_dependent_std,
        ..Config::default()
    };
    Sac::new(&config, &FeatureSpace::Dense(3), 2, Device::Cpu, &mut ChaCha8Rng::seed_from_u64(1))
}

fn check_update(name: &str, state_dependent_std: bool) {
    let file = include_str!("../../tests/parity/parity.json");
    let case = &serde_json::from_str::<Value>(file).expect("the exported file is JSON")["sac"][name];
    let mut learner = learner(state_dependent_std);
    let mut tensors: BTreeMap<_, _> =
        learner.tensors().into_iter().map(|(name, tensor)| (name, tensor.copy())).collect();
    tensors.extend(NAMES.map(|(tensor, key)| (tensor.to_owned(), column(&case["before"], key))));
    learner.load_tensors(&tensors).expect("tensors that fit");
    let batch = Transitions {
        features: rows(case, "features", 3),
        latent_actions: rows(case, "latent_actions", 2),
        rewards: column(case, "rewards"),
        next_features: rows(case, "next_features", 3),
        terminated: column(case, "terminated"),
    };
    let (next_noise, noise) = (rows(case, "next_noise", 2), rows(case, "noise", 2));
    let metrics = learner.update_with(&batch, &next_noise, &noise).expect("finite losses");
    let after: BTreeMap<_, _> = learner.tensors().into_iter().collect();
    for (tensor, key) in NAMES {
        let distance = (&after[tensor] - column(&case["after"], key)).abs().max().double_value(&[]);
        assert!(distance < 5e-6, "{key} of {name} is off by {distance}");
    }
    for (position, key) in [(0, "critic_loss"), (2, "actor_loss")] {
        let expected = case[key].as_f64().expect("a number");
        assert!((metrics[position].1 - expected).abs() < 1e-6 * expected.abs().max(1.0), "{key} of {name}");
    }
}

#[test]
fn whole_update_agrees_with_pytorch() {
    check_update("shared_std", false);
    check_update("state_dependent_std", true);
}
