//! Formulas against values exported from PyTorch by `tests/parity/export.py`.

use jsae_rl::distribution::{Distribution, categorical, gaussian, squashed};
use jsae_rl::network::{Activation, Network, NetworkShape};
use jsae_rl::sac::soft_target;
use jsae_rl::{FeatureSpace, Parameters, discrete_sac, ppo, value_loss, value_loss_gradient, vpg};
use serde_json::Value;
use tch::Tensor;

const TOLERANCE: f64 = 1e-6;

/// A part of the exported file.
pub(crate) fn exported(path: &[&str]) -> Value {
    let file = include_str!("../parity/parity.json");
    let whole: Value = serde_json::from_str(file).expect("the exported file is JSON");
    path.iter().fold(whole, |value, key| value[key].clone())
}

/// Numbers of an exported tensor.
pub(crate) fn numbers(case: &Value, key: &str) -> Vec<f64> {
    let list = case[key].as_array().unwrap_or_else(|| panic!("{key} is exported"));
    list.iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn column(case: &Value, key: &str) -> Tensor {
    Tensor::from_slice(&numbers(case, key))
}

fn rows(case: &Value, key: &str, row_len: i64) -> Tensor {
    column(case, key).view([-1, row_len])
}

fn leaf(tensor: &Tensor) -> Tensor {
    tensor.set_requires_grad(true)
}

fn gradients(loss: &Tensor, leaves: &[&Tensor]) -> Vec<Tensor> {
    Tensor::run_backward(&[loss], leaves, true, false)
}

fn assert_close(what: &str, found: &Tensor, expected: &Tensor) {
    assert_eq!(found.numel(), expected.numel(), "{what}");
    let distance = (found.view(-1) - expected.view(-1)).abs().max().double_value(&[]);
    assert!(distance < TOLERANCE, "{what} is off by {distance}");
}

fn assert_number(what: &str, found: &Tensor, case: &Value) {
    let (found, expected) = (found.double_value(&[]), case[what].as_f64().expect("a number"));
    assert!((found - expected).abs() < TOLERANCE, "{what} is {found}, expected {expected}");
}

fn check_network(name: &str, features: FeatureSpace, latent_len: usize, activation: Activation) {
    let case = exported(&["networks", name]);
    let row_len = features.row_len() as i64;
    let shape = NetworkShape { features, latent_len, hidden_sizes: vec![6, 5], outputs: 3, activation };
    let parameters = Parameters::from_tensor(&column(&case, "parameters"));
    let network = Network::new(&shape, &parameters, 0);
    let mut input = network.input(&rows(&case, "features", row_len));
    if latent_len > 0 {
        input = input.with_latent_actions(&rows(&case, "latent_actions", latent_len as i64));
    }
    let tape = network.record(&input);
    let slope = rows(&case, "output_gradient", 3);
    assert_close("output", tape.output(), &column(&case, "output"));
    assert_close("output without tape", &network.forward(&input), &column(&case, "output"));
    network.backward(&tape, &slope);
    assert_close("gradient", parameters.gradient(), &column(&case, "gradient"));
    if latent_len > 0 {
        let found = network.latent_gradient(&tape, &slope);
        assert_close("latent gradient", &found, &column(&case, "latent_gradient"));
    }
}

#[test]
fn networks_and_their_gradients_agree_with_pytorch() {
    let one_hot = || FeatureSpace::OneHot(vec![5, 3]);
    check_network("dense_tanh", FeatureSpace::Dense(4), 0, Activation::Tanh);
    check_network("dense_relu_latent", FeatureSpace::Dense(4), 2, Activation::Relu);
    check_network("one_hot_tanh", one_hot(), 0, Activation::Tanh);
    check_network("one_hot_relu_latent", one_hot(), 2, Activation::Relu);
}

#[test]
fn gaussian_agrees_with_pytorch() {
    let case = exported(&["gaussian"]);
    let (mean, log_std) = (leaf(&rows(&case, "mean", 3)), leaf(&column(&case, "log_std")));
    let log_prob = gaussian::log_prob(&mean, &log_std, &rows(&case, "latent_actions", 3));
    assert_close("log_prob", &log_prob, &column(&case, "log_prob"));
    assert_number("entropy", &gaussian::entropy(&log_std), &case);
    let found = gradients(&log_prob.sum(None), &[&mean, &log_std]);
    assert_close("mean_gradient", &found[0], &column(&case, "mean_gradient"));
    assert_close("log_std_gradient", &found[1], &column(&case, "log_std_gradient"));
}

#[test]
fn categorical_agrees_with_pytorch() {
    let case = exported(&["categorical"]);
    let logits = leaf(&rows(&case, "logits", 7));
    let log_probs = categorical::log_probs(&logits);
    let log_prob = categorical::log_prob(&log_probs, &rows(&case, "actions", 1));
    let entropy = categorical::entropy(&log_probs);
    assert_close("log_prob", &log_prob, &column(&case, "log_prob"));
    assert_close("entropy", &entropy, &column(&case, "entropy"));
    let found = gradients(&(log_prob.sum(None) + entropy.sum(None)), &[&logits]);
    assert_close("gradient", &found[0], &column(&case, "gradient"));
    let mean = Distribution::Categorical { log_probs }.entropy().double_value(&[]);
    assert!((mean - entropy.mean(None).double_value(&[])).abs() < TOLERANCE);
}

#[test]
fn squashed_gaussian_agrees_with_pytorch() {
    let case = exported(&["squashed"]);
    let (mean, log_std) = (leaf(&rows(&case, "mean", 3)), leaf(&column(&case, "log_std")));
    let limit = case["limit"].as_f64().expect("a number");
    let sample = squashed::sample(&mean, &log_std, &rows(&case, "noise", 3), limit);
    assert_close("latent_actions", &sample.latent_actions, &column(&case, "latent_actions"));
    assert_close("log_prob", &sample.log_prob, &column(&case, "log_prob"));
    let found = gradients(&(sample.log_prob.sum(None) + sample.latent_actions.sum(None)), &[&mean, &log_std]);
    assert_close("mean_gradient", &found[0], &column(&case, "mean_gradient"));
    assert_close("log_std_gradient", &found[1], &column(&case, "log_std_gradient"));
}

#[test]
fn on_policy_losses_agree_with_pytorch() {
    let case = exported(&["losses"]);
    let (log_prob, old) = (leaf(&column(&case, "log_prob")), column(&case, "old_log_prob"));
    let advantages = column(&case, "advantages");
    let vpg = vpg::policy_loss(&log_prob, &advantages);
    assert_number("vpg", &vpg, &case);
    assert_close("vpg_gradient", &gradients(&vpg, &[&log_prob])[0], &column(&case, "vpg_gradient"));
    let ppo = ppo::policy_loss(&log_prob, &old, &advantages, 0.2);
    assert_number("ppo", &ppo, &case);
    assert_close("ppo_gradient", &gradients(&ppo, &[&log_prob])[0], &column(&case, "ppo_gradient"));
    assert_number("clip_fraction", &Tensor::from(ppo::clip_fraction(&log_prob, &old, 0.2)), &case);
    let (values, returns) = (column(&case, "values"), column(&case, "returns"));
    assert_number("value", &value_loss(&values, &returns), &case);
    assert_close("value_gradient", &value_loss_gradient(&values, &returns), &column(&case, "value_gradient"));
}

#[test]
fn off_policy_losses_agree_with_pytorch() {
    let case = exported(&["losses"]);
    let logits = leaf(&rows(&case, "logits", 5));
    let log_probs = categorical::log_probs(&logits);
    let loss = discrete_sac::policy_loss(&log_probs, &rows(&case, "action_values", 5), 0.3);
    assert_number("discrete", &loss, &case);
    let found = &gradients(&loss, &[&logits])[0];
    assert_close("discrete_gradient", found, &column(&case, "discrete_gradient"));
    let (rewards, terminated) = (column(&case, "rewards"), column(&case, "terminated"));
    let target = soft_target(&rewards, &terminated, &column(&case, "soft_values"), 0.97);
    assert_close("soft_target", &target, &column(&case, "soft_target"));
}
