use jsae_optim::Adam;
use tch::{Device, Tensor};

use crate::state::prefixed;
use crate::{NonFinite, Parameters};

/// Parameters with their optimiser: the part of a learner that one loss moves.
#[derive(Debug)]
pub(crate) struct Trainable {
    name: &'static str,
    pub(crate) parameters: Parameters,
    adam: Adam,
    max_grad_norm: Option<f64>,
}

impl Trainable {
    /// `name` stands in error messages and before the names of saved tensors.
    pub(crate) fn new(name: &'static str, initial: &[f32], learning_rate: f64, device: Device) -> Self {
        let parameters = Parameters::new(initial, device);
        let adam = Adam::new(&parameters, learning_rate);
        Self { name, parameters, adam, max_grad_norm: None }
    }

    pub(crate) fn with_max_grad_norm(mut self, max_grad_norm: Option<f64>) -> Self {
        self.max_grad_norm = max_grad_norm;
        self
    }

    /// One step along the written gradient, that of a loss whose value is `loss`; returns the
    /// gradient's norm before clipping. Refuses to move when either is not finite.
    pub(crate) fn step(&mut self, loss: f64, iteration: usize) -> Result<f64, NonFinite> {
        self.check("loss", loss, iteration)?;
        let norm = self.parameters.gradient().norm().double_value(&[]);
        self.check("gradient norm", norm, iteration)?;
        if let Some(limit) = self.max_grad_norm.filter(|&limit| norm > limit) {
            let _ = self.parameters.gradient().shallow_clone().g_mul_scalar_(limit / (norm + 1e-6));
        }
        self.adam.step(&mut self.parameters);
        Ok(norm)
    }

    /// Looks at the parameters themselves: once per update is enough.
    pub(crate) fn check_parameters(&self, iteration: usize) -> Result<(), NonFinite> {
        self.check("parameters", self.parameters.values().norm().double_value(&[]), iteration)
    }

    pub(crate) fn tensors(&self) -> Vec<(String, Tensor)> {
        let parameters = (format!("{}.parameters", self.name), self.parameters.values().shallow_clone());
        let adam = format!("{}.adam", self.name);
        std::iter::once(parameters).chain(prefixed(&adam, self.adam.tensors())).collect()
    }

    fn check(&self, tensor: &'static str, value: f64, iteration: usize) -> Result<(), NonFinite> {
        if value.is_finite() {
            return Ok(());
        }
        let learning_rate = self.adam.learning_rate();
        Err(NonFinite { network: self.name, tensor, value, iteration, learning_rate })
    }
}

/// Gradients of a scalar `loss` with respect to `leaves`.
pub(crate) fn gradients(loss: &Tensor, leaves: &[&Tensor]) -> Vec<Tensor> {
    Tensor::run_backward(&[loss], leaves, false, false)
}

/// The values of `tensor` as the start of a graph.
pub(crate) fn leaf(tensor: &Tensor) -> Tensor {
    tensor.detach().set_requires_grad(true)
}
