use rand::SeedableRng;

use super::*;
use crate::parity::{Case, LEARNING_RATE, WEIGHT_DECAY};

fn model(config: &Config, n_states: usize, n_actions: usize) -> Model {
    let spaces = Spaces::new(Space::Discrete(n_states), Space::Discrete(n_actions));
    Model::new(config, &spaces, n_actions, Device::Cpu, &mut ChaCha8Rng::seed_from_u64(1))
}

fn examples(model: &Model, states: &Tensor, actions: &Tensor, next: &Tensor) -> Examples {
    let inputs = vec![model.state.rows(states), model.state.rows(next)];
    Examples { inputs, target: actions.view([-1]).to_kind(Kind::Int64) }
}

#[test]
fn loss_gradients_and_steps_are_those_of_pytorch() {
    let case = Case::new("ra");
    let config = Config {
        temperature: 0.1,
        learning_rate: LEARNING_RATE,
        weight_decay: WEIGHT_DECAY,
        ..Config::default()
    };
    let mut model = model(&config, 6, 4);
    let examples = examples(&model, &case.rows("states"), &case.rows("actions"), &case.rows("targets"));
    case.check(&mut model, &examples);
}

#[test]
fn loss_is_the_softmax_of_negative_squared_distances_of_tanh() {
    let config = Config { action_dim: 1, temperature: 0.5, ..Config::default() };
    let model = model(&config, 2, 2);
    let values: [[f32; 2]; 3] = [[0.4, 0.0], [0.0, 0.3], [1.0, -0.5]];
    tch::no_grad(|| {
        for (leaf, value) in model.parameters.leaves().iter().zip(&values) {
            leaf.view([-1]).copy_(&Tensor::from_slice(value));
        }
    });
    let row = |x: f32| Tensor::from_slice(&[x]).view([1, 1]);
    let loss = model.loss(&examples(&model, &row(0.0), &row(0.0), &row(1.0))).double_value(&[]);

    let guess = 0.7_f64.tanh();
    let scores = [1.0_f64, -0.5].map(|w| (-(guess - w.tanh()).powi(2) / 0.5).exp());
    let cross_entropy = -(scores[0] / (scores[0] + scores[1])).ln() / 2.0_f64.ln();
    let penalty = 0.01 * (1.0 + 0.25) / 2.0;
    assert!((loss - (cross_entropy + penalty)).abs() < 1e-6, "{loss}");
}
