use std::ops::Range;

use multiversion::multiversion;
use tch::{Device, Kind, Tensor};

use crate::{Parameters, flat};

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Adam as libtorch computes it (moments 0.9 and 0.999, epsilon 1e-8).
#[derive(Debug)]
pub struct Adam {
    learning_rate: f64,
    weight_decay: f64,
    m: Tensor,
    v: Tensor,
    step: Tensor,
}

/// Everything of an [`Adam`] that changes.
#[derive(Debug)]
pub struct AdamState([Tensor; 3]);

/// Factors of one step.
#[derive(Clone, Copy, Debug)]
struct Factors {
    weight_decay: f64,
    /// Learning rate over the first moment's bias.
    step_size: f64,
    /// One over the root of the second moment's bias.
    root_factor: f64,
}

impl Adam {
    /// An optimiser for `parameters`, without weight decay.
    pub fn new(parameters: &Parameters, learning_rate: f64) -> Self {
        Self {
            learning_rate,
            weight_decay: 0.0,
            m: parameters.values().zeros_like(),
            v: parameters.values().zeros_like(),
            step: Tensor::zeros([1], (Kind::Int64, Device::Cpu)),
        }
    }

    /// Adds `weight_decay` times the parameters to the gradient (the L2 form).
    #[must_use]
    pub fn with_weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }

    /// The step size.
    pub fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// Moves `parameters` one step against their gradient.
    pub fn step(&mut self, parameters: &mut Parameters) {
        let all = 0..parameters.values().numel();
        self.step_ranges(parameters, &[all]);
    }

    /// One step of the parameters in these ranges alone; the moments of all others stay as they are.
    pub fn step_ranges(&mut self, parameters: &mut Parameters, ranges: &[Range<usize>]) {
        let _ = self.step.g_add_scalar_(1);
        let step = self.step.int64_value(&[0]) as i32;
        let factors = Factors {
            weight_decay: self.weight_decay,
            step_size: self.learning_rate / (1.0 - BETA_1.powi(step)),
            root_factor: 1.0 / (1.0 - BETA_2.powi(step)).sqrt(),
        };
        for range in ranges {
            let part = |tensor: &Tensor| tensor.narrow(0, range.start as i64, range.len() as i64);
            let parts = [parameters.values(), &self.m, &self.v, parameters.gradient()].map(part);
            descend(parts, factors);
        }
    }

    /// Forgets every step.
    pub fn reset(&mut self) {
        for tensor in [&mut self.m, &mut self.v, &mut self.step] {
            let _ = tensor.zero_();
        }
    }

    /// The moments `m` and `v`, `[n_parameters]`, and the number of steps, `[1]`, sharing
    /// their storage.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        [("m", &self.m), ("v", &self.v), ("step", &self.step)]
            .map(|(name, tensor)| (name.to_owned(), tensor.shallow_clone()))
            .into()
    }

    /// A copy of everything that changes.
    pub fn state(&self) -> AdamState {
        AdamState([&self.m, &self.v, &self.step].map(Tensor::copy))
    }

    /// Goes back to where `state` was copied.
    pub fn restore(&mut self, state: &AdamState) {
        for (tensor, saved) in [&mut self.m, &mut self.v, &mut self.step].into_iter().zip(&state.0) {
            tensor.copy_(saved);
        }
    }
}

/// One step of values, first and second moment, and gradient: in one pass over memory where they are `f32` on the CPU.
fn descend(mut parts: [Tensor; 4], factors: Factors) {
    if let Some([values, m, v, gradient]) = flat::numbers(&mut parts) {
        return one_pass(values, m, v, gradient, factors);
    }
    let [values, m, v, gradient] = &mut parts;
    tensor_by_tensor(values, m, v, gradient, factors);
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn one_pass(values: &mut [f32], m: &mut [f32], v: &mut [f32], gradient: &[f32], factors: Factors) {
    let [decay, step_size, root_factor, epsilon, share_1, share_2] =
        [factors.weight_decay, factors.step_size, factors.root_factor, EPSILON, 1.0 - BETA_1, 1.0 - BETA_2]
            .map(|factor| factor as f32);
    for (((value, m), v), gradient) in values.iter_mut().zip(m).zip(v).zip(gradient) {
        let gradient = gradient + decay * *value;
        *m += share_1 * (gradient - *m);
        *v += share_2 * (gradient * gradient - *v);
        *value -= step_size * *m / (v.sqrt() * root_factor + epsilon);
    }
}

/// The same for any device and kind.
fn tensor_by_tensor(
    values: &mut Tensor,
    m: &mut Tensor,
    v: &mut Tensor,
    gradient: &Tensor,
    factors: Factors,
) {
    let gradient = match factors.weight_decay {
        0.0 => gradient.shallow_clone(),
        decay => gradient + &*values * decay,
    };
    let _ = m.lerp_(&gradient, 1.0 - BETA_1);
    let _ = v.lerp_(&gradient.square(), 1.0 - BETA_2);
    // addcdiv_ has no factor here, so that the step size goes into the denominator.
    let mut denominator = v.sqrt();
    let _ = denominator.g_mul_scalar_(-factors.root_factor / factors.step_size);
    let _ = denominator.g_add_scalar_(-EPSILON / factors.step_size);
    let _ = values.addcdiv_(m, &denominator);
}
