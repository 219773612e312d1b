use jsae_optim::Linear;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::jsae::Config;
use crate::parameters::fan_in_uniform;

/// T: linear layers, `ReLU` between them.
pub(crate) struct Transition(pub(crate) Vec<Linear>);

/// A forward pass with what [`Transition::backward`] needs of it.
pub(crate) struct Tape {
    /// What each layer read.
    inputs: Vec<Tensor>,
    output: Tensor,
}

impl Transition {
    /// First weights, `[inputs, outputs]`, and biases, `[outputs]`, in turn, for so many outputs.
    pub(crate) fn initial(config: &Config, width: usize, rng: &mut ChaCha8Rng) -> Vec<Tensor> {
        let inputs = config.state_dim + config.action_dim;
        let widths: Vec<usize> =
            [inputs].into_iter().chain(config.transition_hidden.iter().copied()).chain([width]).collect();
        let layer =
            |pair: &[usize]| [fan_in_uniform(pair, pair[0], rng), fan_in_uniform(&[pair[1]], pair[0], rng)];
        widths.windows(2).flat_map(layer).collect()
    }

    /// `[n, state_dim + action_dim]` to `[n, width]`.
    pub(crate) fn forward(&self, joint: &Tensor) -> Tensor {
        self.record(joint).output
    }

    /// The same with what [`Transition::backward`] needs of it.
    pub(crate) fn record(&self, joint: &Tensor) -> Tape {
        let mut inputs = Vec::with_capacity(self.0.len());
        let mut output = joint.shallow_clone();
        for (i, layer) in self.0.iter().enumerate() {
            if i > 0 {
                let _ = output.relu_();
            }
            let next = layer.forward(&output);
            inputs.push(std::mem::replace(&mut output, next));
        }
        Tape { inputs, output }
    }

    /// Writes the gradient of every leaf, given that of the output, `[n, width]`; returns that of what was read,
    /// `[n, state_dim + action_dim]`.
    pub(crate) fn backward(&self, tape: &Tape, output_gradient: &Tensor) -> Tensor {
        let mut gradient = output_gradient.shallow_clone();
        for (i, (layer, input)) in self.0.iter().zip(&tape.inputs).enumerate().rev() {
            layer.write_gradient(input, &gradient);
            gradient = layer.input_gradient(&gradient);
            if i > 0 {
                gradient = input.threshold_backward(&gradient, 0.0);
            }
        }
        gradient
    }
}

impl Tape {
    /// `[n, width]`
    pub(crate) fn output(&self) -> &Tensor {
        &self.output
    }
}
