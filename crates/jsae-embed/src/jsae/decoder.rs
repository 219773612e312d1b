#[cfg(test)]
mod tests;

use rand_chacha::ChaCha8Rng;
use tch::{Device, Reduction, Tensor};

use crate::Phase;
use crate::jsae::Config;
use crate::parameters::{Parameters, fan_in_uniform};
use crate::training::{Examples, Learner};

/// f for box actions: one layer of sigmoid units and a linear one, with the loss of eq. 6.
#[derive(Debug)]
pub(crate) struct Decoder {
    pub(crate) parameters: Parameters,
}

impl Decoder {
    pub(crate) fn new(config: &Config, action_len: usize, device: Device, rng: &mut ChaCha8Rng) -> Self {
        let (inputs, hidden) = (config.action_dim, config.decoder_hidden);
        let initial = [
            fan_in_uniform(&[inputs, hidden], inputs, rng),
            fan_in_uniform(&[hidden], inputs, rng),
            fan_in_uniform(&[hidden, action_len], hidden, rng),
            fan_in_uniform(&[action_len], hidden, rng),
        ];
        Self { parameters: Parameters::new(&initial, config.learning_rate, config.weight_decay, device) }
    }

    /// Takes over what `source`, of the same sizes, has learnt.
    pub(crate) fn copy_from(&mut self, source: &Self) {
        let leaves = source.parameters.leaves();
        self.parameters.copy_leaves(0..leaves.len(), leaves);
    }

    /// The action for each latent action, clipped to where g's tanh can reach.
    pub(crate) fn decode(&self, latent_actions: &Tensor) -> Tensor {
        tch::no_grad(|| self.forward(&latent_actions.clamp(-1.0, 1.0)))
    }

    fn forward(&self, latent_actions: &Tensor) -> Tensor {
        let [hidden_weight, hidden_bias, weight, bias] = self.parameters.leaves() else {
            unreachable!("a decoder has two layers")
        };
        bias.addmm(&hidden_bias.addmm(latent_actions, hidden_weight).sigmoid(), weight)
    }
}

impl Learner for Decoder {
    const PHASE: Phase = Phase::Decoder;

    /// `inputs` is g(a), already cut off from g; the target is a.
    fn loss(&self, examples: &Examples) -> Tensor {
        self.forward(&examples.inputs[0]).mse_loss(&examples.target, Reduction::Mean)
    }

    fn step(&mut self, loss: &Tensor) {
        let all = 0..self.parameters.leaves().len();
        self.parameters.step(loss, &[all]);
    }

    fn parameters(&mut self) -> &mut Parameters {
        &mut self.parameters
    }
}
