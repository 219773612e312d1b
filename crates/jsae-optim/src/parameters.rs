use tch::{Device, Tensor};

/// All parameters of one or several networks as one flat tensor, and their gradient.
///
/// Networks are views of it: an optimiser step, a norm or a polyak average is one or two passes over memory
/// however many layers there are.
#[derive(Debug)]
pub struct Parameters {
    values: Tensor,
    gradient: Tensor,
}

impl Parameters {
    /// Holds `initial`, with a gradient of zero.
    pub fn new(initial: &[f32], device: Device) -> Self {
        Self::from_tensor(&Tensor::from_slice(initial).to_device(device))
    }

    /// Holds a copy of `initial`, `[n_parameters]`, of whichever kind it has.
    pub fn from_tensor(initial: &Tensor) -> Self {
        Self { values: initial.copy(), gradient: initial.zeros_like() }
    }

    /// The values, `[n_parameters]`.
    pub fn values(&self) -> &Tensor {
        &self.values
    }

    /// What the last backward pass wrote, `[n_parameters]`.
    pub fn gradient(&self) -> &Tensor {
        &self.gradient
    }

    /// Views of `size` values and of their gradient from `offset` on.
    pub fn slice(&self, offset: usize, size: &[usize]) -> (Tensor, Tensor) {
        let len = size.iter().product::<usize>() as i64;
        let size: Vec<i64> = size.iter().map(|&n| n as i64).collect();
        let view = |flat: &Tensor| flat.narrow(0, offset as i64, len).view(size.as_slice());
        (view(&self.values), view(&self.gradient))
    }

    /// Moves towards `other` by the factor `tau`: the polyak average of target networks.
    pub fn track(&mut self, other: &Self, tau: f64) {
        let _ = self.values.lerp_(&other.values, tau);
    }
}
