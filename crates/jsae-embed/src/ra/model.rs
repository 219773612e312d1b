#[cfg(test)]
mod tests;

use jsae_envs::Space;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use crate::input::Input;
use crate::jsae::prediction::cross_entropy;
use crate::parameters::{Parameters, fan_in_uniform, normal};
use crate::ra::Config;
use crate::training::{Examples, Learner};
use crate::{Phase, Spaces};

/// ê = tanh(W [s; s′]) and the action rows w, with the loss of Chandak et al. 2019.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) state: Input,
    pub(crate) parameters: Parameters,
    temperature: f64,
    weight_penalty: f64,
}

impl Model {
    pub(crate) fn new(
        config: &Config,
        spaces: &Spaces,
        n_actions: usize,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let state = Input::new(&spaces.observation, device);
        let shape = [state.width(), config.action_dim];
        let mut weight = || match spaces.observation {
            Space::Box { .. } => fan_in_uniform(&shape, 2 * shape[0], rng),
            _ => normal(shape, config.table_std, rng),
        };
        let (state_weight, next_weight) = (weight(), weight());
        let action_rows = normal([n_actions, config.action_dim], config.table_std, rng);
        let initial = [state_weight, next_weight, action_rows];
        Self {
            state,
            parameters: Parameters::new(&initial, config.learning_rate, config.weight_decay, device),
            temperature: config.temperature,
            weight_penalty: config.weight_penalty,
        }
    }

    /// tanh(w), `[n_actions, action_dim]`.
    pub(crate) fn action_table(&self) -> Tensor {
        tch::no_grad(|| self.parameters.leaves()[2].tanh())
    }

    /// ln P(a given s, s′) up to a constant of each row: `[n, n_actions]`.
    ///
    /// −‖ê − w‖² = 2 ê·w − ‖w‖² − ‖ê‖², and the softmax over a drops ‖ê‖².
    fn logits(&self, states: &Tensor, next_states: &Tensor) -> Tensor {
        let [state_weight, next_weight, action_rows] = self.parameters.leaves() else {
            unreachable!("two halves of W, and w")
        };
        let sum = self.state.product(states, state_weight) + self.state.product(next_states, next_weight);
        let guess = sum.tanh() * (2.0 / self.temperature);
        let table = action_rows.tanh();
        let squares =
            table.square().sum_dim_intlist([1].as_slice(), false, Kind::Float) * (-1.0 / self.temperature);
        squares.addmm(&guess, &table.tr())
    }
}

impl Learner for Model {
    const PHASE: Phase = Phase::Embedding;

    /// `inputs` are the rows of s and of s′, the target is a, `[n]`.
    fn loss(&self, examples: &Examples) -> Tensor {
        let action_rows = &self.parameters.leaves()[2];
        let (n_actions, dim) = (action_rows.size()[0] as f64, action_rows.size()[1] as f64);
        let logits = self.logits(&examples.inputs[0], &examples.inputs[1]);
        let penalty = action_rows.square().mean(Kind::Float) * (self.weight_penalty / dim);
        cross_entropy(&logits, &examples.target) / n_actions.ln() + penalty
    }

    fn step(&mut self, loss: &Tensor) {
        let all = 0..self.parameters.leaves().len();
        self.parameters.step(loss, &[all]);
    }

    fn parameters(&mut self) -> &mut Parameters {
        &mut self.parameters
    }
}
