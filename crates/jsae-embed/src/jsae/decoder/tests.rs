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
    Decoder::new(&config, 3, Device::Cpu, &mut ChaCha8Rng::seed_from_u64(1))
}

#[test]
fn loss_gradients_and_steps_are_those_of_pytorch() {
    let case = Case::new("decoder");
    let examples = Examples { inputs: vec![case.rows("latent_actions")], target: case.rows("actions") };
    case.check(&mut decoder(), &examples);
}

#[test]
fn latent_actions_are_clipped_to_the_reach_of_tanh() {
    let decoder = decoder();
    let far = Tensor::from_slice(&[3.0_f32, -0.2]).view([1, 2]);
    let edge = Tensor::from_slice(&[1.0_f32, -0.2]).view([1, 2]);
    assert!(decoder.decode(&far).equal(&decoder.decode(&edge)));
    assert!(!decoder.forward(&far).equal(&decoder.forward(&edge)));
}
