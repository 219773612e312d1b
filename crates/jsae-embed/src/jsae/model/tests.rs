use jsae_envs::Space;
use rand::SeedableRng;

use super::*;
use crate::parity::{Case, LEARNING_RATE, WEIGHT_DECAY};

fn model(config: &Config, spaces: &Spaces) -> Model {
    let prediction = Prediction::new(&spaces.observation, spaces.predicted_variables("jsae").unwrap());
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
