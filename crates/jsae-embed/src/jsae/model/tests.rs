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
    model.differentiate(&examples);
    let gradient = &model.parameters.gradients()[model.state.leaves().start];
    // s = 0 has a gradient through T's weight, which is 0 here; s′ = 1 has none at all.
    assert_eq!(gradient.get(1).abs().sum(tch::Kind::Float).double_value(&[]), 0.0);
}

/// The gradient written by hand is that of a graph of the whole loss, and so is its value.
fn check_gradient(config: Config, spaces: &Spaces, counted: Option<&[i64]>) {
    let mut model = model(&Config { table_std: 0.5, decoder_hidden: 3, ..config }, spaces);
    if let Prediction::Numbers { counted: positions, .. } = &mut model.prediction {
        *positions = counted.map(Tensor::from_slice);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut draw = |space: &Space| {
        let mut rows = vec![0.0; 20 * space.len()];
        rows.chunks_exact_mut(space.len()).for_each(|row| space.sample(&mut rng, row));
        Tensor::from_slice(&rows).to_kind(Kind::Float).view([20, -1])
    };
    let (states, actions, next) =
        (draw(&spaces.observation), draw(&spaces.action), draw(&spaces.observation));
    let mut examples = examples(&model, &states, &actions, &next);
    if matches!(model.prediction, Prediction::Embedding { .. }) {
        examples.target = model.state.rows(&next);
    }
    examples.inputs.push(draw(&Space::uniform_box(1, -1.0, 1.0)).view([-1]));
    let loss = model.loss(&examples);
    let all = model.parameters.all();
    model.parameters.differentiate(&loss, std::slice::from_ref(&all));
    let by_graph: Vec<Tensor> = model.parameters.gradients().iter().map(Tensor::copy).collect();
    let by_hand = model.differentiate(&examples);
    assert!((by_hand - loss.double_value(&[])).abs() < 1e-6);
    for (i, (by_hand, by_graph)) in model.parameters.gradients().iter().zip(&by_graph).enumerate() {
        let difference = (by_hand - by_graph).abs().max().double_value(&[]);
        assert!(difference < 1e-6, "leaf {i} differs by {difference}");
        assert!(by_graph.abs().max().double_value(&[]) > 1e-6, "leaf {i} has no gradient");
    }
}

#[test]
fn every_loss_has_the_gradient_that_its_graph_has() {
    let small = || Config { state_dim: 3, action_dim: 2, transition_hidden: vec![7], ..Config::default() };
    let discrete = |sizes: &[usize]| Spaces::new(Space::MultiDiscrete(sizes.to_vec()), Space::Discrete(4));
    let boxes = Spaces::new(Space::uniform_box(3, -1.0, 1.0), Space::uniform_box(2, -1.0, 1.0));
    let beside = |config| Config { reward_weight: Some(0.3), reconstruction_weight: Some(0.7), ..config };
    check_gradient(small(), &discrete(&[6]), None);
    check_gradient(small(), &discrete(&[5, 5, 5]), None);
    check_gradient(small(), &discrete(&[5, 2]), None);
    check_gradient(beside(small()), &discrete(&[5, 2]), None);
    check_gradient(Config { transition_hidden: vec![], ..beside(small()) }, &discrete(&[5, 5]), None);
    check_gradient(Config { transition_hidden: vec![7, 6], hidden: vec![4], ..small() }, &boxes, None);
    check_gradient(beside(small()), &boxes, Some(&[0, 2]));
    check_gradient(Config { target: Target::Latent, ..beside(small()) }, &discrete(&[6]), None);
}
