use jsae_envs::Space;
use rand::SeedableRng;

use super::*;
use crate::jsae::Target;
use crate::parity::{Case, LEARNING_RATE, WEIGHT_DECAY};

fn model(config: &Config, spaces: &Spaces) -> Model {
    let prediction =
        Prediction::new(config, &spaces.observation, spaces.predicted_variables("jsae").unwrap());
    Model::new(config, spaces, prediction, Device::Cpu, &mut ChaCha8Rng::seed_from_u64(1))
}

fn examples(model: &Model, states: &Tensor, actions: &Tensor, next: &Tensor) -> Examples {
    let inputs = vec![model.state.rows(states), model.action.rows(actions)];
    Examples { inputs, target: model.prediction.target(next) }
}

fn exported() -> Config {
    Config { learning_rate: LEARNING_RATE, weight_decay: WEIGHT_DECAY, ..Config::default() }
}

#[test]
fn loss_of_factored_heads_and_its_gradients_are_those_of_pytorch() {
    let case = Case::new("jsae_heads");
    let config = Config { state_dim: 3, action_dim: 2, transition_hidden: vec![6], ..exported() };
    let spaces = Spaces::new(Space::MultiDiscrete(vec![3, 4]), Space::Discrete(5));
    let mut model = model(&config, &spaces);
    let examples = examples(&model, &case.rows("states"), &case.rows("actions"), &case.rows("targets"));
    case.check(&mut model, &examples);
}

#[test]
fn squared_error_of_predicted_dimensions_and_its_gradients_are_those_of_pytorch() {
    let case = Case::new("jsae_numbers");
    let config =
        Config { state_dim: 3, action_dim: 2, hidden: vec![4], transition_hidden: vec![5], ..exported() };
    let mut spaces = Spaces::new(Space::uniform_box(3, -9.0, 9.0), Space::uniform_box(2, -9.0, 9.0));
    spaces.predicted = Some(vec![0, 2]);
    let mut model = model(&config, &spaces);
    let examples = examples(&model, &case.rows("states"), &case.rows("actions"), &case.rows("targets"));
    case.check(&mut model, &examples);
}

/// One state variable of 2 values, 2 actions, m = d = 1, T a bare linear layer.
fn tiny(values: [&[f32]; 4]) -> Model {
    let config = Config { state_dim: 1, action_dim: 1, transition_hidden: vec![], ..Config::default() };
    let model = model(&config, &Spaces::new(Space::Discrete(2), Space::Discrete(2)));
    tch::no_grad(|| {
        for (leaf, value) in model.parameters.leaves().iter().zip(values) {
            leaf.view([-1]).copy_(&Tensor::from_slice(value));
        }
    });
    model
}

#[test]
fn tanh_is_applied_to_both_embeddings_before_the_transition() {
    let model = tiny([&[0.9, -0.3], &[0.5, 0.0], &[1.0, -1.0, 2.0, 0.5], &[0.1, 0.0]]);
    let row = |x: f32| Tensor::from_slice(&[x]).view([1, 1]);
    let loss = model.loss(&examples(&model, &row(0.0), &row(1.0), &row(1.0))).double_value(&[]);
    let (x, e) = (0.5_f64.tanh(), (-0.3_f64).tanh());
    let logits = [x + 2.0 * e + 0.1, -x + 0.5 * e];
    let expected = (logits[0].exp() + logits[1].exp()).ln() - logits[1];
    assert!((expected - 1.0293).abs() < 1e-4);
    assert!((loss - expected).abs() < 1e-6, "{loss}, expected {expected}");
}

#[test]
fn loss_without_knowledge_is_the_sum_of_the_heads_logarithms() {
    let spaces = Spaces::new(Space::MultiDiscrete(vec![6, 5, 3]), Space::Discrete(2));
    let config = Config { transition_hidden: vec![], ..Config::default() };
    let model = model(&config, &spaces);
    tch::no_grad(|| model.parameters.leaves().iter().for_each(|leaf| _ = leaf.shallow_clone().zero_()));
    let row = Tensor::from_slice(&[5.0_f32, 0.0, 2.0]).view([1, 3]);
    let loss =
        model.loss(&examples(&model, &row, &Tensor::zeros([1, 1], (tch::Kind::Float, Device::Cpu)), &row));
    assert!((loss.double_value(&[]) - 90.0_f64.ln()).abs() < 1e-6);
}

#[test]
fn a_copied_variable_has_no_head() {
    let spaces = Spaces {
        predicted: Some(vec![1]),
        ..Spaces::new(Space::MultiDiscrete(vec![7, 4]), Space::Discrete(2))
    };
    let model = model(&Config::default(), &spaces);
    assert_eq!(model.prediction.width(), 4);
    let row = |x: f32, y: f32| Tensor::from_slice(&[x, y]).view([1, 2]);
    let action = Tensor::from_slice(&[1.0_f32]).view([1, 1]);
    let loss = |next: Tensor| model.loss(&examples(&model, &row(3.0, 2.0), &action, &next)).double_value(&[]);
    assert_eq!(loss(row(0.0, 1.0)), loss(row(6.0, 1.0)));
    assert_ne!(loss(row(0.0, 1.0)), loss(row(0.0, 3.0)));
}

#[test]
fn reward_and_reconstruction_stand_beside_the_prediction_with_their_weights() {
    let config = Config {
        state_dim: 1,
        action_dim: 1,
        transition_hidden: vec![],
        decoder_hidden: 1,
        reward_weight: Some(0.5),
        reconstruction_weight: Some(2.0),
        ..Config::default()
    };
    let model = model(&config, &Spaces::new(Space::Discrete(2), Space::Discrete(2)));
    // g, φ, T's weight and bias (two logits and a reward), the reconstruction's hidden unit and output.
    let values: [&[f32]; 8] =
        [&[0.0, 0.0], &[0.0, 0.0], &[0.0; 6], &[0.0, 0.0, 1.0], &[0.0], &[0.0], &[0.0, 0.0], &[0.0, 0.0]];
    tch::no_grad(|| {
        for (leaf, value) in model.parameters.leaves().iter().zip(values) {
            leaf.view([-1]).copy_(&Tensor::from_slice(value));
        }
    });
    let row = |x: f32| Tensor::from_slice(&[x]).view([1, 1]);
    let mut examples = examples(&model, &row(0.0), &row(1.0), &row(1.0));
    examples.inputs.push(Tensor::from_slice(&[4.0_f32]));
    // ln 2 for s′, (1 − 4)² for r, ln 2 for a.
    let expected = 2.0_f64.ln() + 0.5 * 9.0 + 2.0 * 2.0_f64.ln();
    let loss = model.loss(&examples).double_value(&[]);
    assert!((loss - expected).abs() < 1e-5, "{loss}, expected {expected}");
}

#[test]
fn a_latent_target_is_held_fixed_and_divided_by_its_mean_absolute_value() {
    let config = Config {
        state_dim: 2,
        action_dim: 1,
        transition_hidden: vec![],
        target: Target::Latent,
        ..Config::default()
    };
    let model = model(&config, &Spaces::new(Space::Discrete(2), Space::Discrete(2)));
    let values: [&[f32]; 4] = [&[0.0, 0.0], &[0.0, 0.0, 0.5, -1.0], &[0.0; 6], &[0.25, 0.0]];
    tch::no_grad(|| {
        for (leaf, value) in model.parameters.leaves().iter().zip(values) {
            leaf.view([-1]).copy_(&Tensor::from_slice(value));
        }
    });
    let row = |x: f32| Tensor::from_slice(&[x]).view([1, 1]);
    let inputs = vec![model.state.rows(&row(0.0)), model.action.rows(&row(0.0))];
    let examples = Examples { inputs, target: model.state.rows(&row(1.0)) };
    // φ(s′) = (tanh 0.5, −tanh 1), T gives (0.25, 0).
    let (a, b) = (0.5_f64.tanh(), -(1.0_f64.tanh()));
    let mean = f64::midpoint(a.abs(), b.abs());
    let expected = f64::midpoint((a / mean - 0.25).powi(2), (b / mean).powi(2));
    let loss = model.loss(&examples);
    assert!((loss.double_value(&[]) - expected).abs() < 1e-6, "{loss:?}, expected {expected}");
    let state = model.state.leaves();
    let gradient = &model.parameters.gradients(&loss, &[state])[0];
    // s = 0 has a gradient through T's weight, which is 0 here; s′ = 1 has none at all.
    assert_eq!(gradient.get(1).abs().sum(tch::Kind::Float).double_value(&[]), 0.0);
}
