//! Adam against PyTorch's and libtorch's own.

use jsae_rl::{Adam, Parameters};
use tch::nn::{self, OptimizerConfig};
use tch::{Device, Kind, Tensor};

use crate::parity::{exported, numbers};

/// A hundred steps on ½ Σ scaleᵢ pᵢ².
fn descend(mut adam: Adam, parameters: &mut Parameters, scale: &Tensor) {
    for _ in 0..100 {
        let gradient = scale * parameters.values();
        parameters.gradient().shallow_clone().copy_(&gradient);
        adam.step(parameters);
    }
}

fn assert_close(found: &Tensor, expected: &Tensor) {
    let distance = (found - expected).abs().max().double_value(&[]);
    assert!(distance < 1e-6, "off by {distance}");
}

#[test]
fn a_hundred_steps_agree_with_pytorch() {
    let case = exported(&["adam"]);
    let column = |key| Tensor::from_slice(&numbers(&case, key));
    for (name, decay) in [("plain", 0.0), ("decayed", 1e-2)] {
        let mut parameters = Parameters::from_tensor(&column("start"));
        let adam = Adam::new(&parameters, 0.01).with_weight_decay(decay);
        descend(adam, &mut parameters, &column("scale"));
        assert_close(parameters.values(), &column(name));
    }
}

#[test]
fn a_hundred_single_precision_steps_agree_with_libtorch() {
    let case = exported(&["adam"]);
    let column = |key| Tensor::from_slice(&numbers(&case, key)).to_kind(Kind::Float);
    let (start, scale) = (column("start"), column("scale"));
    let store = nn::VarStore::new(Device::Cpu);
    let theirs = store.root().var_copy("p", &start);
    let mut optimizer = nn::adam(0.9, 0.999, 0.0).build(&store, 0.01).expect("an optimiser");
    for _ in 0..100 {
        optimizer.backward_step(&((&theirs * &theirs * &scale).sum(Kind::Float) * 0.5));
    }
    let mut ours = Parameters::from_tensor(&start);
    descend(Adam::new(&ours, 0.01), &mut ours, &scale);
    assert_close(ours.values(), &theirs.detach());
}
