//! Adam against PyTorch's and libtorch's own: single precision goes in one pass, double precision tensor by tensor.

use jsae_optim::{Adam, Parameters};
use serde_json::Value;
use tch::nn::{self, OptimizerConfig as _};
use tch::{Device, Kind, Tensor};

/// Values exported from PyTorch by `parity/export.py`.
fn exported(key: &str) -> Tensor {
    let case: Value =
        serde_json::from_str(include_str!("parity/adam.json")).expect("the exported file is JSON");
    let list = case[key].as_array().unwrap_or_else(|| panic!("{key} is exported"));
    let numbers: Vec<f64> = list.iter().map(|number| number.as_f64().expect("a number")).collect();
    Tensor::from_slice(&numbers)
}

/// A hundred steps on ½ Σ scaleᵢ pᵢ².
fn descend(mut adam: Adam, parameters: &mut Parameters, scale: &Tensor) {
    for _ in 0..100 {
        write_gradient(parameters, scale);
        adam.step(parameters);
    }
}

fn write_gradient(parameters: &Parameters, scale: &Tensor) {
    parameters.gradient().shallow_clone().copy_(&(scale * parameters.values()));
}

fn assert_close(found: &Tensor, expected: &Tensor) {
    let distance = (found - expected).abs().max().double_value(&[]);
    assert!(distance < 1e-6, "off by {distance}");
}

#[test]
fn a_hundred_steps_agree_with_pytorch() {
    for (name, decay) in [("plain", 0.0), ("decayed", 1e-2)] {
        let mut parameters = Parameters::from_tensor(&exported("start"));
        let adam = Adam::new(&parameters, 0.01).with_weight_decay(decay);
        descend(adam, &mut parameters, &exported("scale"));
        assert_close(parameters.values(), &exported(name));
    }
}

#[test]
fn a_hundred_single_precision_steps_agree_with_libtorch() {
    let [start, scale] = ["start", "scale"].map(|key| exported(key).to_kind(Kind::Float));
    for decay in [0.0, 1e-2] {
        let store = nn::VarStore::new(Device::Cpu);
        let theirs = store.root().var_copy("p", &start);
        let optimizer = nn::Adam { wd: decay, ..nn::Adam::default() };
        let mut optimizer = optimizer.build(&store, 0.01).expect("an optimiser");
        for _ in 0..100 {
            optimizer.backward_step(&((&theirs * &theirs * &scale).sum(Kind::Float) * 0.5));
        }
        let mut ours = Parameters::from_tensor(&start);
        let adam = Adam::new(&ours, 0.01).with_weight_decay(decay);
        descend(adam, &mut ours, &scale);
        assert_close(ours.values(), &theirs.detach());
    }
}

#[test]
fn outside_the_ranges_everything_stays_as_it_is() {
    for kind in [Kind::Float, Kind::Double] {
        let [start, scale] = ["start", "scale"].map(|key| exported(key).to_kind(kind));
        let (mut whole, mut part) = (Parameters::from_tensor(&start), Parameters::from_tensor(&start));
        let (mut all, mut some) = (Adam::new(&whole, 0.01), Adam::new(&part, 0.01));
        for _ in 0..3 {
            write_gradient(&whole, &scale);
            write_gradient(&part, &scale);
            all.step(&mut whole);
            some.step_ranges(&mut part, &[0..4, 9..13]);
        }
        let expected = |moved: &Tensor, stayed: &Tensor| {
            let parts = [moved.narrow(0, 0, 4), stayed.narrow(0, 4, 5), moved.narrow(0, 9, 4)];
            Tensor::cat(&parts, 0)
        };
        assert_eq!(part.values(), &expected(whole.values(), &start));
        for ((_, some), (_, all)) in some.tensors().into_iter().zip(all.tensors()).take(2) {
            assert_eq!(some, expected(&all, &start.zeros_like()));
        }
    }
}

#[test]
fn a_restored_state_goes_on_as_before() {
    let [start, scale] = ["start", "scale"].map(|key| exported(key).to_kind(Kind::Float));
    let mut parameters = Parameters::from_tensor(&start);
    let mut adam = Adam::new(&parameters, 0.01);
    write_gradient(&parameters, &scale);
    adam.step(&mut parameters);
    let (state, values) = (adam.state(), parameters.values().copy());
    let mut next = || {
        parameters.values().shallow_clone().copy_(&values);
        write_gradient(&parameters, &scale);
        adam.step(&mut parameters);
        let after = parameters.values().copy();
        adam.restore(&state);
        after
    };
    assert_eq!(next(), next());
    adam.reset();
    assert_eq!(adam.tensors()[2].1.int64_value(&[0]), 0);
}
