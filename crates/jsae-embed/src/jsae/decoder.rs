#[cfg(test)]
mod tests;

use std::ops::Range;

use jsae_envs::Space;
use jsae_optim::Linear;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Reduction, Tensor};

use crate::Phase;
use crate::jsae::Config;
use crate::jsae::prediction::{cross_entropy, cross_entropy_gradient, squared_error_gradient};
use crate::parameters::{Parameters, fan_in_uniform};
use crate::training::{Examples, Learner};

/// A learned f with the loss of eq. 6: one layer of sigmoid units and a linear one.
#[derive(Debug)]
pub(crate) struct Decoder {
    pub(crate) parameters: Parameters,
    /// Bounds of a box of actions, `[action_len]` each; none where an action is one index and the outputs are logits.
    bounds: Option<[Tensor; 2]>,
}

impl Decoder {
    pub(crate) fn new(config: &Config, action: &Space, device: Device, rng: &mut ChaCha8Rng) -> Self {
        let initial = Head::initial(config, action, rng);
        let parameters = Parameters::new(&initial, config.learning_rate, config.weight_decay, device);
        let bounds = match action {
            Space::Box { low, high } => {
                let [low, high]: [Vec<f32>; 2] = [
                    low.iter().map(|&bound| at_least(bound)).collect(),
                    high.iter().map(|&bound| -at_least(-bound)).collect(),
                ];
                Some([low, high].map(|bounds| Tensor::from_slice(&bounds).to_device(device)))
            }
            _ => None,
        };
        Self { parameters, bounds }
    }

    /// Takes over what `source`, of the same sizes, has learnt.
    pub(crate) fn copy_from(&mut self, source: &Self) {
        let leaves = source.parameters.leaves();
        self.parameters.copy_leaves(0..leaves.len(), leaves);
    }

    /// The action for each latent action, clipped to where g's tanh can reach: `[n, action_len]`.
    ///
    /// f maps into the action space: a decoder that learns on from its own actions would otherwise be led further
    /// outside by every update, without end.
    pub(crate) fn decode(&self, latent_actions: &Tensor) -> Tensor {
        let output = tch::no_grad(|| self.forward(&latent_actions.clamp(-1.0, 1.0)));
        match &self.bounds {
            Some([low, high]) => output.clamp_tensor(Some(low), Some(high)),
            None => output.argmax(1, true).to_kind(Kind::Float),
        }
    }

    fn forward(&self, latent_actions: &Tensor) -> Tensor {
        self.head().forward(latent_actions)
    }

    fn head(&self) -> Head {
        Head::new(&self.parameters, self.parameters.all())
    }

    /// Is an action one index?
    fn chooses(&self) -> bool {
        self.bounds.is_none()
    }
}

impl Learner for Decoder {
    const PHASE: Phase = Phase::Decoder;

    /// `inputs` is g(a), already cut off from g; the target is a.
    fn loss(&self, examples: &Examples) -> Tensor {
        action_loss(&self.forward(&examples.inputs[0]), &examples.target, self.chooses())
    }

    fn differentiate(&self, examples: &Examples) -> f64 {
        let (head, latent_actions) = (self.head(), &examples.inputs[0]);
        tch::no_grad(|| {
            let hidden = head.hidden(latent_actions);
            let output = head.output.forward(&hidden);
            let (loss, gradient) = action_loss_gradient(&output, &examples.target, self.chooses());
            head.output.write_gradient(&hidden, &gradient);
            let gradient = Tensor::sigmoid_backward(&head.output.input_gradient(&gradient), &hidden);
            head.hidden.write_gradient(latent_actions, &gradient);
            loss
        })
    }

    fn step(&mut self) {
        self.parameters.step(&[self.parameters.all()]);
    }

    fn parameters(&mut self) -> &mut Parameters {
        &mut self.parameters
    }
}

/// The smallest `f32` that is not below `bound`.
fn at_least(bound: f64) -> f32 {
    let nearest = bound as f32;
    if f64::from(nearest) < bound { nearest.next_up() } else { nearest }
}

/// From an action's embedding to the action: one logit for each index, or the numbers of a box.
pub(crate) struct Head {
    hidden: Linear,
    output: Linear,
}

impl Head {
    /// The layers that lie in these leaves.
    pub(crate) fn new(parameters: &Parameters, leaves: Range<usize>) -> Self {
        let layers: Result<[Linear; 2], _> = parameters.layers(leaves).try_into();
        let [hidden, output] = layers.expect("a decoder has two layers");
        Self { hidden, output }
    }

    pub(crate) fn initial(config: &Config, action: &Space, rng: &mut ChaCha8Rng) -> [Tensor; 4] {
        let (inputs, hidden) = (config.action_dim, config.decoder_hidden);
        let outputs = action.sizes().map_or(action.len(), |sizes| sizes.iter().sum());
        [
            fan_in_uniform(&[inputs, hidden], inputs, rng),
            fan_in_uniform(&[hidden], inputs, rng),
            fan_in_uniform(&[hidden, outputs], hidden, rng),
            fan_in_uniform(&[outputs], hidden, rng),
        ]
    }

    pub(crate) fn forward(&self, latent_actions: &Tensor) -> Tensor {
        self.output.forward(&self.hidden(latent_actions))
    }

    fn hidden(&self, latent_actions: &Tensor) -> Tensor {
        self.hidden.forward(latent_actions).sigmoid()
    }
}

/// Cross-entropy of actions that are one index, `[n, 1]`; mean squared error of others, `[n, action_len]`.
pub(crate) fn action_loss(output: &Tensor, actions: &Tensor, chooses: bool) -> Tensor {
    if chooses {
        return cross_entropy(output, &actions.view([-1]).to_kind(Kind::Int64));
    }
    output.mse_loss(actions, Reduction::Mean)
}

/// What [`action_loss`] has as its value and as its gradient with respect to the output.
fn action_loss_gradient(output: &Tensor, actions: &Tensor, chooses: bool) -> (f64, Tensor) {
    if chooses {
        return cross_entropy_gradient(output, &actions.view([-1]).to_kind(Kind::Int64));
    }
    squared_error_gradient(output, actions)
}
