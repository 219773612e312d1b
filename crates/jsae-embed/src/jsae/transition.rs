use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::jsae::Config;
use crate::parameters::fan_in_uniform;

/// T: `ReLU` layers and a linear one, for each the weight `[inputs, outputs]` and the bias `[outputs]`.
pub(crate) struct Transition<'a> {
    pub(crate) leaves: &'a [Tensor],
    /// Where [`Transition::backward`] writes, in the leaves' shapes.
    pub(crate) gradients: &'a [Tensor],
}

/// A forward pass with what [`Transition::backward`] needs of it.
pub(crate) struct Tape {
    /// What each layer read.
    inputs: Vec<Tensor>,
    output: Tensor,
}

impl Transition<'_> {
    /// First weights and biases, for so many outputs.
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
        let mut inputs = Vec::with_capacity(self.leaves.len() / 2);
        let mut output = joint.shallow_clone();
        for (i, layer) in self.leaves.chunks_exact(2).enumerate() {
            if i > 0 {
                let _ = output.relu_();
            }
            let next = layer[1].addmm(&output, &layer[0]);
            inputs.push(std::mem::replace(&mut output, next));
        }
        Tape { inputs, output }
    }

    /// Writes the gradient of every leaf, given that of the output, `[n, width]`; returns that of what was read,
    /// `[n, state_dim + action_dim]`.
    pub(crate) fn backward(&self, tape: &Tape, output_gradient: &Tensor) -> Tensor {
        let layers = self.leaves.chunks_exact(2).zip(self.gradients.chunks_exact(2)).zip(&tape.inputs);
        let mut gradient = output_gradient.shallow_clone();
        for (i, ((leaves, gradients), input)) in layers.enumerate().rev() {
            let _ = input.tr().mm_out(&gradients[0], &gradient);
            let _ = gradient.sum_intlist_out(&gradients[1], 0, false, None);
            gradient = gradient.mm(&leaves[0].tr());
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
