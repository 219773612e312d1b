//! Values that PyTorch computed, for the tests of losses and gradients.

use serde_json::Value;
use tch::{Kind, Tensor};

use crate::parameters::Parameters;
use crate::training::{Examples, Learner};

/// Learning rate of the exported Adam steps.
pub(crate) const LEARNING_RATE: f64 = 0.01;
/// Weight decay of the exported Adam steps.
pub(crate) const WEIGHT_DECAY: f64 = 1e-4;
const TOLERANCE: f64 = 1e-6;

/// One model of `tests/parity/export.py`.
pub(crate) struct Case(Value);

impl Case {
    pub(crate) fn new(name: &str) -> Self {
        let all: Value = serde_json::from_str(include_str!("../tests/parity/pytorch.json")).unwrap();
        Self(all[name].clone())
    }

    /// Exported rows, `[n, len]`.
    pub(crate) fn rows(&self, name: &str) -> Tensor {
        tensor(&self.0[name])
    }

    /// Loss, every gradient and five Adam steps agree.
    pub(crate) fn check<L: Learner>(&self, learner: &mut L, examples: &Examples) {
        self.set(learner.parameters());
        learner.differentiate(examples);
        self.agree("gradients", learner.parameters().gradients());
        for expected in self.0["losses"].as_array().unwrap() {
            let (expected, found) = (expected.as_f64().unwrap(), learner.differentiate(examples));
            for found in [found, learner.loss(examples).double_value(&[])] {
                assert!((found - expected).abs() < TOLERANCE, "loss is {found}, expected {expected}");
            }
            learner.step();
        }
        self.agree("after", learner.parameters().leaves());
    }

    fn set(&self, parameters: &mut Parameters) {
        let values = self.0["parameters"].as_array().unwrap();
        assert_eq!(values.len(), parameters.leaves().len());
        tch::no_grad(|| {
            for (leaf, value) in parameters.leaves().iter().zip(values) {
                leaf.shallow_clone().copy_(&tensor(value));
            }
        });
    }

    fn agree(&self, name: &str, found: &[Tensor]) {
        let expected = self.0[name].as_array().unwrap();
        assert_eq!(expected.len(), found.len());
        for (i, (expected, found)) in expected.iter().zip(found).enumerate() {
            let expected = tensor(expected);
            assert_eq!(expected.size(), found.size(), "{name}[{i}]");
            let difference = (expected - found).abs().max().double_value(&[]);
            assert!(difference < TOLERANCE, "{name}[{i}] differs by {difference}");
        }
    }
}

fn tensor(value: &Value) -> Tensor {
    let mut shape = Vec::new();
    let mut inner = value;
    while let Some(items) = inner.as_array() {
        shape.push(items.len() as i64);
        inner = &items[0];
    }
    let mut numbers = Vec::new();
    flatten(value, &mut numbers);
    Tensor::from_slice(&numbers).view(shape.as_slice()).to_kind(Kind::Float)
}

fn flatten(value: &Value, numbers: &mut Vec<f64>) {
    match value.as_array() {
        Some(items) => items.iter().for_each(|item| flatten(item, numbers)),
        None => numbers.push(value.as_f64().unwrap()),
    }
}
