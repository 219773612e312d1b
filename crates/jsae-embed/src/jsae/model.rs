#[cfg(test)]
mod tests;

mod shown;

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Reduction, Tensor};

use crate::input::Input;
use crate::jsae::decoder::{Head, action_loss};
use crate::jsae::encoder::Encoder;
use crate::jsae::prediction::{Prediction, average_l1, squared_error_gradient};
use crate::jsae::transition::Transition;
use crate::jsae::{Config, Parts};
use crate::parameters::Parameters;
use crate::training::{Examples, Learner};
use crate::{Phase, Spaces};
pub(crate) use shown::Shown;

/// φ, g and T with the loss of eq. 5.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) action: Encoder,
    pub(crate) state: Encoder,
    pub(crate) prediction: Prediction,
    pub(crate) parameters: Parameters,
    transition: Range<usize>,
    /// Leaves of the action's reconstruction, none where there is none.
    reconstruction: Range<usize>,
    /// Is an action one index?
    chooses: bool,
    reward_weight: Option<f64>,
    reconstruction_weight: Option<f64>,
    /// What policy and mapping see, where that is renewed now and then alone.
    pub(crate) shown: Option<Shown>,
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
        // A predicted reward is T's last output.
        let width = prediction.width() + usize::from(config.reward_weight.is_some());
        initial.extend(Transition::initial(config, width, rng));
        let transition_end = initial.len();
        if config.reconstruction_weight.is_some() {
            initial.extend(Head::initial(config, &spaces.action, rng));
        }
        let state = Encoder::new(state, action.leaves().end, &config.hidden);
        let parameters = Parameters::new(&initial, config.learning_rate, config.weight_decay, device);
        let all = 0..initial.len();
        Self {
            transition: state.leaves().end..transition_end,
            reconstruction: transition_end..initial.len(),
            shown: config.renewal_interval.map(|interval| Shown::new(&parameters, interval)),
            action,
            state,
            prediction,
            parameters,
            chooses: spaces.action.is_discrete(),
            reward_weight: config.reward_weight,
            reconstruction_weight: config.reconstruction_weight,
            trained: vec![all],
        }
    }

    /// Copies `parts` of what `source` shows, whose shapes must be the same.
    pub(crate) fn copy_parts(&mut self, source: &Self, parts: Parts) {
        for (range, from) in self.parts(parts).into_iter().zip(source.parts(parts)) {
            self.parameters.copy_leaves(range, &source.seen()[from]);
        }
        self.show();
    }

    /// From now on steps leave `parts` as they are.
    pub(crate) fn freeze(&mut self, parts: Parts) {
        self.trained = self.parts(parts.others());
    }

    /// From now on steps move everything, and the optimiser starts afresh.
    pub(crate) fn free(&mut self) {
        self.trained = vec![self.parameters.all()];
        self.parameters.forget_steps();
    }

    /// φ(s) without standardisation or scale: rows as [`Encoder::rows`] gives them, to `[n, state_dim]`.
    pub(crate) fn embed_states(&self, rows: &Tensor) -> Tensor {
        tch::no_grad(|| self.state.embed(self.seen(), rows))
    }

    /// g(a): rows as [`Encoder::rows`] gives them, to `[n, action_dim]`.
    pub(crate) fn embed_actions(&self, rows: &Tensor) -> Tensor {
        tch::no_grad(|| self.action.embed(self.seen(), rows))
    }

    /// Lets policy and mapping see what φ and g have become.
    pub(crate) fn show(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.renew(&self.parameters);
        }
    }

    /// The same after an update, where it is time for it.
    pub(crate) fn show_when_due(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.count(&self.parameters);
        }
    }

    /// Does T predict rewards?
    pub(crate) fn reads_rewards(&self) -> bool {
        self.reward_weight.is_some()
    }

    /// Eq. 5's loss of the best constant prediction on these targets, see [`Prediction::constant_loss`].
    pub(crate) fn constant_loss(&self, target: &Tensor) -> f64 {
        self.prediction.constant_loss(&self.target(target))
    }

    /// What T's output is held against: for [`Prediction::Embedding`] φ of the rows, without a gradient.
    fn target(&self, target: &Tensor) -> Tensor {
        let Prediction::Embedding { .. } = self.prediction else { return target.shallow_clone() };
        tch::no_grad(|| average_l1(&self.state.embed(self.parameters.leaves(), target)))
    }

    /// Eq. 5 alone, whatever else is learnt beside it.
    pub(crate) fn prediction_loss(&self, examples: &Examples) -> Tensor {
        let output = self.output(examples).0.narrow(1, 0, self.prediction.width() as i64);
        self.prediction.loss(&output, &self.target(&examples.target))
    }

    /// What T gives, `[n, width]`, a predicted reward last; and g(a), `[n, action_dim]`.
    fn output(&self, examples: &Examples) -> (Tensor, Tensor) {
        let (joint, action_embedding) = self.joint(examples);
        (self.transition_model().forward(&joint), action_embedding)
    }

    /// (φ(s), g(a)), `[n, state_dim + action_dim]`, and g(a) alone.
    fn joint(&self, examples: &Examples) -> (Tensor, Tensor) {
        let leaves = self.parameters.leaves();
        let state_embedding = self.state.embed(leaves, &examples.inputs[0]);
        let action_embedding = self.action.embed(leaves, &examples.inputs[1]);
        (Tensor::cat(&[&state_embedding, &action_embedding], 1), action_embedding)
    }

    /// The weights and biases of T.
    #[cfg(test)]
    pub(crate) fn transition_leaves(&self) -> &[Tensor] {
        &self.parameters.leaves()[self.transition.clone()]
    }

    fn transition_model(&self) -> Transition {
        Transition(self.parameters.layers(self.transition.clone()))
    }

    /// Eq. 5 and the reward's loss for T's output: their sum, and its gradient with respect to the output.
    fn output_loss(&self, output: &Tensor, examples: &Examples) -> (f64, Tensor) {
        let target = self.target(&examples.target);
        let Some(weight) = self.reward_weight else {
            return self.prediction.loss_and_gradient(output, &target);
        };
        let width = self.prediction.width() as i64;
        let (loss, gradient) = self.prediction.loss_and_gradient(&output.narrow(1, 0, width), &target);
        let (reward_loss, reward_gradient) =
            squared_error_gradient(&output.narrow(1, width, 1), &examples.inputs[2].unsqueeze(1));
        (loss + weight * reward_loss, Tensor::cat(&[gradient, reward_gradient * weight], 1))
    }

    /// The weighted loss of the action's reconstruction, a scalar, where it is asked for.
    fn reconstruction_loss(&self, action_embedding: &Tensor, examples: &Examples) -> Option<Tensor> {
        let weight = self.reconstruction_weight?;
        let head = Head::new(&self.parameters, self.reconstruction.clone());
        let actions = examples.inputs[1].to_kind(if self.chooses { Kind::Int64 } else { Kind::Float });
        Some(action_loss(&head.forward(action_embedding), &actions, self.chooses) * weight)
    }

    fn seen(&self) -> &[Tensor] {
        self.shown.as_ref().map_or(self.parameters.leaves(), Shown::leaves)
    }

    /// The leaves of `parts`, in order.
    fn parts(&self, parts: Parts) -> Vec<Range<usize>> {
        let ranges = [
            (parts.action_embedding, self.action.leaves()),
            (parts.state_embedding, self.state.leaves()),
            (parts.transition, self.transition.clone()),
            (parts.action_embedding, self.reconstruction.clone()),
        ];
        ranges
            .into_iter()
            .filter(|(taken, range)| *taken && !range.is_empty())
            .map(|(_, range)| range)
            .collect()
    }
}

impl Learner for Model {
    const PHASE: Phase = Phase::Embedding;

    /// `inputs` are the rows of s and of a, and r where it is predicted.
    ///
    /// Eq. 5, and the weighted losses of a reward head and of the action's reconstruction.
    fn loss(&self, examples: &Examples) -> Tensor {
        let (output, action_embedding) = self.output(examples);
        let target = self.target(&examples.target);
        let mut loss = match self.reward_weight {
            None => self.prediction.loss(&output, &target),
            Some(weight) => {
                let width = self.prediction.width() as i64;
                let rewards = output.select(1, width).mse_loss(&examples.inputs[2], Reduction::Mean);
                self.prediction.loss(&output.narrow(1, 0, width), &target) + rewards * weight
            }
        };
        if let Some(reconstruction) = self.reconstruction_loss(&action_embedding, examples) {
            loss += reconstruction;
        }
        loss
    }

    /// Through T, where nearly all of the work is, by hand; a graph of the small layers before it does the rest,
    /// given T's gradient as the slope of a linear term.
    fn differentiate(&self, examples: &Examples) -> f64 {
        let (joint, action_embedding) = self.joint(examples);
        let (mut loss, slope) = tch::no_grad(|| {
            let transition = self.transition_model();
            let tape = transition.record(&joint);
            let (loss, gradient) = self.output_loss(tape.output(), examples);
            (loss, transition.backward(&tape, &gradient))
        });
        let mut surrogate = (&joint * slope).sum(Kind::Float);
        if let Some(reconstruction) = self.reconstruction_loss(&action_embedding, examples) {
            loss += reconstruction.double_value(&[]);
            surrogate += reconstruction;
        }
        self.parameters.differentiate(&surrogate, &[0..self.transition.start, self.reconstruction.clone()]);
        loss
    }

    fn step(&mut self) {
        self.parameters.step(&self.trained);
    }

    fn parameters(&mut self) -> &mut Parameters {
        &mut self.parameters
    }
}
