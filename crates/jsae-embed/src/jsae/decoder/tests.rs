use rand::SeedableRng;

use super::*;
use crate::parity::{Case, LEARNING_RATE, WEIGHT_DECAY};

fn decoder() -> Decoder {
    let config = Config {
        action_dim: 2,
        decoder_hidden: 6,
        learning_rate: LEARNING_RATE,
        weight_decay: WEIGHT_DECAY,
        ..Config::default()
    };
    Decoder::new(&config, &Space::uniform_box(3, -1.0, 1.0), Device::Cpu, &mut ChaCha8Rng::seed_from_u64(1))
}

#[test]
fn loss_gradients_and_steps_are_those_of_pytorch() {
    let case = Case::new("decoder");
    let examples = Examples { inputs: vec![case.rows("latent_actions")], target: case.rows("actions") };
    case.check(&mut decoder(), &examples);
}

/// The box's is held against PyTorch above.
#[test]
fn a_softmax_decoder_has_the_gradient_that_its_graph_has() {
    let config = Config { action_dim: 2, decoder_hidden: 6, ..Config::default() };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let decoder = Decoder::new(&config, &Space::Discrete(5), Device::Cpu, &mut rng);
    let latent_actions = Tensor::from_slice(&[0.3_f32, -0.9, 0.1, 0.8, -0.4, 0.2]).view([3, 2]);
    let target = Tensor::from_slice(&[4.0_f32, 0.0, 4.0]).view([3, 1]);
    let examples = Examples { inputs: vec![latent_actions], target };
    let loss = decoder.loss(&examples);
    decoder.parameters.differentiate(&loss, &[decoder.parameters.all()]);
    let by_graph: Vec<Tensor> = decoder.parameters.gradients().iter().map(Tensor::copy).collect();
    let by_hand = decoder.differentiate(&examples);
    assert!((by_hand - loss.double_value(&[])).abs() < 1e-6);
    for (by_hand, by_graph) in decoder.parameters.gradients().iter().zip(&by_graph) {
        assert!((by_hand - by_graph).abs().max().double_value(&[]) < 1e-6);
        assert!(by_graph.abs().max().double_value(&[]) > 1e-4);
    }
}

#[test]
fn latent_actions_are_clipped_to_the_reach_of_tanh() {
    let decoder = decoder();
    let far = Tensor::from_slice(&[3.0_f32, -0.2]).view([1, 2]);
    let edge = Tensor::from_slice(&[1.0_f32, -0.2]).view([1, 2]);
    assert!(decoder.decode(&far).equal(&decoder.decode(&edge)));
    assert!(!decoder.forward(&far).equal(&decoder.forward(&edge)));
}

#[test]
fn decoded_actions_stay_within_the_box() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let config = Config { action_dim: 1, decoder_hidden: 1, ..Config::default() };
    // 0.1 as an f32 lies above 0.1.
    let space = Space::Box { low: vec![-0.1, -0.5], high: vec![0.1, f64::INFINITY] };
    let decoder = Decoder::new(&config, &space, Device::Cpu, &mut rng);
    let values: [&[f32]; 4] = [&[0.0], &[0.0], &[0.0, 0.0], &[7.0, 7.0]];
    tch::no_grad(|| {
        for (leaf, value) in decoder.parameters.leaves().iter().zip(values) {
            leaf.view([-1]).copy_(&Tensor::from_slice(value));
        }
    });
    let decoded = || {
        let action = decoder.decode(&Tensor::from_slice(&[0.3_f32]).view([1, 1])).to_kind(Kind::Double);
        Vec::<f64>::try_from(action.view(-1)).unwrap()
    };
    assert!(space.contains(&decoded()) && decoded()[0] > 0.0999 && decoded()[1] == 7.0);
    let _ = tch::no_grad(|| decoder.parameters.leaves()[3].shallow_clone().fill_(-7.0));
    assert!(space.contains(&decoded()) && decoded()[0] < -0.0999 && decoded()[1] == -0.5);
}

#[test]
fn a_softmax_decoder_takes_the_largest_logit_and_pays_its_logarithm() {
    let config = Config { action_dim: 1, decoder_hidden: 1, ..Config::default() };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let decoder = Decoder::new(&config, &Space::Discrete(3), Device::Cpu, &mut rng);
    let values: [&[f32]; 4] = [&[2.0], &[0.0], &[1.0, 4.0, -4.0], &[1.0, -1.0, 0.5]];
    tch::no_grad(|| {
        for (leaf, value) in decoder.parameters.leaves().iter().zip(values) {
            leaf.view([-1]).copy_(&Tensor::from_slice(value));
        }
    });
    let latent_actions = Tensor::from_slice(&[1.0_f32, -1.0]).view([2, 1]);
    // Hidden units σ(2) = 0.8808 and σ(−2) = 0.1192: logits 1.881, 2.523, −3.023 and 1.119, −0.523, 0.023.
    assert!(decoder.decode(&latent_actions).equal(&Tensor::from_slice(&[1.0_f32, 0.0]).view([2, 1])));
    let target = Tensor::from_slice(&[2.0_f32, 0.0]).view([2, 1]);
    let loss = decoder.loss(&Examples { inputs: vec![latent_actions], target }).double_value(&[]);
    let nats = |logits: [f64; 3], i: usize| logits.iter().map(|z| z.exp()).sum::<f64>().ln() - logits[i];
    let expected = f64::midpoint(
        nats([1.880_797, 2.523_188, -3.023_188], 2),
        nats([1.119_203, -0.523_188, 0.023_188], 0),
    );
    assert!((loss - expected).abs() < 1e-5, "{loss}, expected {expected}");
}
