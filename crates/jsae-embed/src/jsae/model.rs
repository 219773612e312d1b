#[cfg(test)]
mod tests;

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use crate::input::Input;
use crate::jsae::encoder::Encoder;
use crate::jsae::prediction::Prediction;
use crate::jsae::{Config, Parts};
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
    trained: Vec<Range<usize>>,
}

impl Model {
    /// Fresh φ, g and T.
    pub(crate) fn new(
        config: &Config,
        spaces: &Spaces,
        prediction: Prediction,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let action = Input::new(&spaces.action, device);
        let state = Input::new(&spaces.observation, device);
        let mut initial = Encoder::initial(&action, &config.hidden, config.action_dim, config.table_std, rng);
        let action = Encoder::new(action, 0, &config.hidden);
        initial.extend(Encoder::initial(&state, &config.hidden, config.state_dim, config.table_std, rng));
        initial.extend(transition(config, prediction.width(), rng));
        let state = Encoder::new(state, action.leaves().end, &config.hidden);
        let parameters = Parameters::new(&initial, config.learning_rate, config.weight_decay, device);
        let transition = state.leaves().end..initial.len();
        let all = 0..initial.len();
        Self { action, state, prediction, parameters, transition, trained: vec![all] }
    }

    /// Copies `parts` of `source`, whose shapes must be the same.
    pub(crate) fn copy_parts(&mut self, source: &Self, parts: Parts) {
        for (range, from) in self.parts(parts).into_iter().zip(source.parts(parts)) {
            self.parameters.copy_leaves(range, &source.parameters.leaves()[from]);
        }
    }

    /// From now on steps leave `parts` as they are.
    pub(crate) fn freeze(&mut self, parts: Parts) {
        self.trained = self.parts(parts.others());
    }

    /// From now on steps move everything, and the optimiser starts afresh.
    pub(crate) fn free(&mut self) {
        let all = 0..self.parameters.leaves().len();
        self.trained = vec![all];
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

    /// The leaves of `parts`, in order.
    fn parts(&self, parts: Parts) -> Vec<Range<usize>> {
        let ranges = [
            (parts.action_embedding, self.action.leaves()),
            (parts.state_embedding, self.state.leaves()),
            (parts.transition, self.transition.clone()),
        ];
        ranges.into_iter().filter(|(taken, _)| *taken).map(|(_, range)| range).collect()
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
