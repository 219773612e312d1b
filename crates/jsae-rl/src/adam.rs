use tch::{Device, Kind, Tensor};

use crate::Parameters;

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Adam (Kingma and Ba 2015) over one flat parameter tensor, as libtorch computes it
/// (moments 0.9 and 0.999, epsilon 1e-8).
///
/// Its state is three tensors that can be saved, which libtorch's own optimiser lacks here.
#[derive(Debug)]
pub struct Adam {
    learning_rate: f64,
    weight_decay: f64,
    m: Tensor,
    v: Tensor,
    step: Tensor,
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
        let mut values = parameters.values().shallow_clone();
        let gradient = match self.weight_decay {
            0.0 => parameters.gradient().shallow_clone(),
            decay => parameters.gradient() + &values * decay,
        };
        let _ = self.step.g_add_scalar_(1);
        let step = self.step.int64_value(&[0]) as i32;
        let step_size = self.learning_rate / (1.0 - BETA_1.powi(step));
        let _ = self.m.lerp_(&gradient, 1.0 - BETA_1);
        let _ = self.v.lerp_(&gradient.square(), 1.0 - BETA_2);
        // addcdiv_ has no factor here, so that the step size goes into the denominator.
        let mut denominator = self.v.sqrt();
        let _ = denominator.g_mul_scalar_(-1.0 / ((1.0 - BETA_2.powi(step)).sqrt() * step_size));
        let _ = denominator.g_add_scalar_(-EPSILON / step_size);
        let _ = values.addcdiv_(&self.m, &denominator);
    }

    /// The moments `m` and `v`, `[n_parameters]`, and the number of steps, `[1]`, sharing
    /// their storage.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        [("m", &self.m), ("v", &self.v), ("step", &self.step)]
            .map(|(name, tensor)| (name.to_owned(), tensor.shallow_clone()))
            .into()
    }
}
