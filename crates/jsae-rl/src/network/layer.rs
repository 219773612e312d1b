use tch::Tensor;

use crate::Parameters;

/// One linear layer: views of the flat parameters and of their gradient.
#[derive(Debug)]
pub(super) struct Layer {
    /// `[inputs, outputs]`, so that a row lookup serves one-hot inputs.
    pub(super) weight: Tensor,
    /// `[outputs]`
    pub(super) bias: Tensor,
    /// `[inputs, outputs]`
    pub(super) weight_gradient: Tensor,
    /// `[outputs]`
    pub(super) bias_gradient: Tensor,
}

impl Layer {
    pub(super) fn new(parameters: &Parameters, offset: usize, inputs: usize, outputs: usize) -> Self {
        let (weight, weight_gradient) = parameters.slice(offset, &[inputs, outputs]);
        let (bias, bias_gradient) = parameters.slice(offset + inputs * outputs, &[outputs]);
        Self { weight, bias, weight_gradient, bias_gradient }
    }

    /// `[n, inputs]` → `[n, outputs]`
    pub(super) fn forward(&self, input: &Tensor) -> Tensor {
        self.bias.addmm(input, &self.weight)
    }

    pub(super) fn write_gradient(&self, input: &Tensor, output_gradient: &Tensor) {
        let _ = input.tr().mm_out(&self.weight_gradient, output_gradient);
        self.write_bias_gradient(output_gradient);
    }

    pub(super) fn write_bias_gradient(&self, output_gradient: &Tensor) {
        let _ = output_gradient.sum_intlist_out(&self.bias_gradient, 0, false, None);
    }

    pub(super) fn input_gradient(&self, output_gradient: &Tensor) -> Tensor {
        output_gradient.mm(&self.weight.tr())
    }

    /// Gradient of the inputs from column `start` on.
    pub(super) fn input_gradient_from(&self, start: usize, output_gradient: &Tensor) -> Tensor {
        output_gradient.mm(&self.weight.slice(0, start as i64, None, 1).tr())
    }
}
