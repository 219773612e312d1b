use tch::Tensor;

use crate::Parameters;

/// One linear layer: views of flat parameters and of their gradient.
#[derive(Debug)]
pub struct Linear {
    weight: Tensor,
    bias: Tensor,
    weight_gradient: Tensor,
    bias_gradient: Tensor,
}

impl Linear {
    /// The layer whose weight, `[inputs, outputs]`, lies from `offset` on, and its bias, `[outputs]`, behind it.
    pub fn new(parameters: &Parameters, offset: usize, inputs: usize, outputs: usize) -> Self {
        let weight = parameters.slice(offset, &[inputs, outputs]);
        Self::of(weight, parameters.slice(offset + inputs * outputs, &[outputs]))
    }

    /// The layer of a weight, `[inputs, outputs]`, and a bias, `[outputs]`, each with its gradient.
    pub fn of((weight, weight_gradient): (Tensor, Tensor), (bias, bias_gradient): (Tensor, Tensor)) -> Self {
        Self { weight, bias, weight_gradient, bias_gradient }
    }

    /// `[inputs, outputs]`, so that a row lookup serves one-hot inputs.
    pub fn weight(&self) -> &Tensor {
        &self.weight
    }

    /// `[outputs]`
    pub fn bias(&self) -> &Tensor {
        &self.bias
    }

    /// `[inputs, outputs]`
    pub fn weight_gradient(&self) -> &Tensor {
        &self.weight_gradient
    }

    /// `[n, inputs]` to `[n, outputs]`.
    pub fn forward(&self, input: &Tensor) -> Tensor {
        self.bias.addmm(input, &self.weight)
    }

    /// Writes the gradient of weight and bias, given what was read, `[n, inputs]`, and the gradient of the output,
    /// `[n, outputs]`.
    pub fn write_gradient(&self, input: &Tensor, output_gradient: &Tensor) {
        let _ = input.tr().mm_out(&self.weight_gradient, output_gradient);
        self.write_bias_gradient(output_gradient);
    }

    /// The bias's part of [`Linear::write_gradient`].
    pub fn write_bias_gradient(&self, output_gradient: &Tensor) {
        let _ = output_gradient.sum_intlist_out(&self.bias_gradient, 0, false, None);
    }

    /// Gradient of what was read, `[n, inputs]`, given that of the output, `[n, outputs]`.
    pub fn input_gradient(&self, output_gradient: &Tensor) -> Tensor {
        output_gradient.mm(&self.weight.tr())
    }

    /// [`Linear::input_gradient`] from column `start` on.
    pub fn input_gradient_from(&self, start: usize, output_gradient: &Tensor) -> Tensor {
        output_gradient.mm(&self.weight.slice(0, start as i64, None, 1).tr())
    }
}
