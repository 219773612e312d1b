//! What networks are made of.

use jsae_rl::network::{Activation, Network, NetworkShape};
use jsae_rl::{FeatureSpace, Parameters};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

fn shape(features: FeatureSpace) -> NetworkShape {
    NetworkShape {
        features,
        latent_len: 0,
        hidden_sizes: vec![64, 32],
        outputs: 3,
        activation: Activation::Tanh,
    }
}

#[test]
fn layers_start_uniform_within_one_over_root_inputs() {
    let shape = shape(FeatureSpace::OneHot(vec![60, 40]));
    let initial = shape.initial(&mut ChaCha8Rng::seed_from_u64(3));
    assert_eq!(initial.len(), 101 * 64 + 65 * 32 + 33 * 3);
    for (layer, inputs) in [(&initial[..101 * 64], 100.0_f32), (&initial[101 * 64..][..65 * 32], 64.0)] {
        let bound = inputs.sqrt().recip();
        let largest = layer.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        assert!(largest <= bound && largest > 0.99 * bound, "{largest} of {bound}");
        let variance = layer.iter().map(|value| value * value).sum::<f32>() / layer.len() as f32;
        assert!((variance / (bound * bound / 3.0) - 1.0).abs() < 0.06);
    }
}

#[test]
fn row_lookup_is_the_product_with_one_hot_vectors() {
    let sizes = vec![4, 3];
    let lookup = shape(FeatureSpace::OneHot(sizes));
    let product = shape(FeatureSpace::Dense(7));
    let parameters = Parameters::new(&lookup.initial(&mut ChaCha8Rng::seed_from_u64(3)), Device::Cpu);
    let indices = Tensor::from_slice(&[0.0_f32, 2.0, 3.0, 1.0, 1.0, 0.0]).view([3, 2]);
    let coded = Tensor::zeros([3, 7], (Kind::Float, Device::Cpu));
    for (row, ones) in [[0, 6], [3, 5], [1, 4]].into_iter().enumerate() {
        for one in ones {
            let _ = coded.get(row as i64).get(one).fill_(1.0);
        }
    }
    let (lookup, product) = (Network::new(&lookup, &parameters, 0), Network::new(&product, &parameters, 0));
    let distance = lookup.forward(&lookup.input(&indices)) - product.forward(&product.input(&coded));
    assert!(distance.abs().max().double_value(&[]) < 1e-6);
}
