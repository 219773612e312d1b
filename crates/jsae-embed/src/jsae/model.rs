#[cfg(test)]
mod tests;

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use crate::input::Input;
use crate::jsae::Config;
use crate::jsae::encoder::Encoder;
use crate::jsae::prediction::Prediction;
use crate::parameters::{Parameters, fan_in_uniform};
use crate::training::{Examples, Learner};
use crate::{Phase, Spaces};

/// φ, g and T with the loss of eq. 5.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) action: Encoder,
    pub(crate) state: Encoder,
    pub(crate) prediction: Prediction,
    pub(crate) parameters: Parameters,
    transition: Range<usize>,
    /// The leaves that [`Learner::step`] moves.
    trained: Range<usize>,
}

impl Model {
    /// Fresh φ, g and T; with `moved`, φ and T are copies of that model's.
    pub(crate) fn new(
        config: &Config,
        spaces: &Spaces,
        prediction: Prediction,
        moved: Option<&Model>,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let action = Input::new(&spaces.action, device);
        let state = Input::new(&spaces.observation, device);
        let mut initial = Encoder::initial(&action, &config.hidden, config.action_dim, config.table_std, rng);
        let action = Encoder::new(action, 0, &config.hidden);
        match moved {
            Some(model) => initial.extend(model.state_leaves().iter().map(Tensor::detach)),
            None => {
                initial.extend(Encoder::initial(
                    &state,
                    &config.hidden,
                    config.state_dim,
                    config.table_std,
                    rng,
                ));
                initial.extend(transition(config, prediction.width(), rng));
            }
        }
        let state = Encoder::new(state, action.leaves().end, &config.hidden);
        let parameters = Parameters::new(&initial, config.learning_rate, config.weight_decay, device);
        let transition = state.leaves().end..initial.len();
        Self { action, state, prediction, parameters, transition, trained: 0..initial.len() }
    }

    /// From now on steps move g alone.
    pub(crate) fn freeze_state_and_transition(&mut self) {
        self.trained = self.action.leaves();
    }

    /// From now on steps move everything, and the optimiser starts afresh.
    pub(crate) fn free(&mut self) {
        self.trained = 0..self.transition.end;
        self.parameters.forget_steps();
    }

    /// φ(s) without standardisation or scale: rows as [`Encoder::rows`] gives them, to `[n, state_dim]`.
    pub(crate) fn embed_states(&self, rows: &Tensor) -> Tensor {
        tch::no_grad(|| self.state.embed(self.parameters.leaves(), rows))
    }

    /// g(a): rows as [`Encoder::rows`] gives them, to `[n, action_dim]`.
    pub(crate) fn embed_actions(&self, rows: &Tensor) -> Tensor {
        tch::no_grad(|| self.action.embed(self.parameters.leaves(), rows))
    }

    fn state_leaves(&self) -> &[Tensor] {
        &self.parameters.leaves()[self.state.leaves().start..]
    }
}

impl Learner for Model {
    const PHASE: Phase = Phase::Embedding;

    /// `inputs` are the rows of s and of a.
    fn loss(&self, examples: &Examples) -> Tensor {
        let leaves = self.parameters.leaves();
        let state_embedding = self.state.embed(leaves, &examples.inputs[0]);
        let action_embedding = self.action.embed(leaves, &examples.inputs[1]);
        let joint = Tensor::cat(&[state_embedding, action_embedding], 1);
        let mut layers = leaves[self.transition.clone()].chunks_exact(2);
        let first = layers.next().map_or(joint.shallow_clone(), |layer| layer[1].addmm(&joint, &layer[0]));
        let output = layers.fold(first, |h, layer| layer[1].addmm(&h.relu(), &layer[0]));
        self.prediction.loss(&output, &examples.target)
    }

    fn step(&mut self, loss: &Tensor) {
        self.parameters.step(loss, &self.trained);
    }

    fn parameters(&mut self) -> &mut Parameters {
        &mut self.parameters
    }
}

/// First weights and biases of T's layers.
fn transition(config: &Config, outputs: usize, rng: &mut ChaCha8Rng) -> Vec<Tensor> {
    let inputs = config.state_dim + config.action_dim;
    let widths: Vec<usize> =
        [inputs].into_iter().chain(config.transition_hidden.iter().copied()).chain([outputs]).collect();
    let layer =
        |pair: &[usize]| [fan_in_uniform(pair, pair[0], rng), fan_in_uniform(&[pair[1]], pair[0], rng)];
    widths.windows(2).flat_map(layer).collect()
}
