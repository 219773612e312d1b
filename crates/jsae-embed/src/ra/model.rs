#[cfg(test)]
mod tests;

use jsae_envs::Space;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use crate::input::Input;
use crate::jsae::prediction::{cross_entropy, cross_entropy_gradient};
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

    /// What the logits are made of, see [`Terms`].
    fn terms(&self, examples: &Examples) -> Terms {
        let [state_weight, next_weight, action_rows] = self.parameters.leaves() else {
            unreachable!("two halves of W, and w")
        };
        let [states, next_states] = [&examples.inputs[0], &examples.inputs[1]];
        let sum = self.state.product(states, state_weight) + self.state.product(next_states, next_weight);
        let table = action_rows.tanh();
        Terms {
            guess: sum.tanh() * (2.0 / self.temperature),
            bias: table.square().sum_dim_intlist([1].as_slice(), false, Kind::Float)
                * (-1.0 / self.temperature),
            table,
        }
    }

    /// The weighted mean square of the action rows, a scalar.
    fn penalty(&self) -> Tensor {
        let action_rows = &self.parameters.leaves()[2];
        action_rows.square().mean(Kind::Float) * (self.weight_penalty / action_rows.size()[1] as f64)
    }

    /// ln |A|, by which the cross-entropy is divided.
    fn scale(&self) -> f64 {
        (self.parameters.leaves()[2].size()[0] as f64).ln()
    }
}

/// ln P(a given s, s′) up to a constant of each row is bias + guess · tableᵀ:
/// −‖ê − w‖² = 2 ê·w − ‖w‖² − ‖ê‖², and the softmax over a drops ‖ê‖².
struct Terms {
    /// 2 ê / τ, `[n, action_dim]`.
    guess: Tensor,
    /// tanh(w), `[n_actions, action_dim]`.
    table: Tensor,
    /// −‖tanh(w)‖² / τ, `[n_actions]`.
    bias: Tensor,
}

impl Terms {
    /// `[n, n_actions]`
    fn logits(&self) -> Tensor {
        self.bias.addmm(&self.guess, &self.table.tr())
    }
}

impl Learner for Model {
    const PHASE: Phase = Phase::Embedding;

    /// `inputs` are the rows of s and of s′, the target is a, `[n]`.
    fn loss(&self, examples: &Examples) -> Tensor {
        cross_entropy(&self.terms(examples).logits(), &examples.target) / self.scale() + self.penalty()
    }

    /// From the loss to the terms by hand, since the logits are as many as rows times actions; a graph does the rest,
    /// given the terms' gradients as slopes.
    fn differentiate(&self, examples: &Examples) -> f64 {
        let (terms, penalty, scale) = (self.terms(examples), self.penalty(), self.scale());
        let (loss, slopes) = tch::no_grad(|| {
            let (loss, mut gradient) = cross_entropy_gradient(&terms.logits(), &examples.target);
            let _ = gradient.g_mul_scalar_(1.0 / scale);
            let bias = gradient.sum_dim_intlist([0].as_slice(), false, Kind::Float);
            (loss / scale, [gradient.mm(&terms.table), gradient.tr().mm(&terms.guess), bias])
        });
        let linear = |(term, slope): (&Tensor, &Tensor)| (term * slope).sum(Kind::Float);
        let surrogate = [&terms.guess, &terms.table, &terms.bias].into_iter().zip(&slopes).map(linear);
        let surrogate = surrogate.fold(penalty.shallow_clone(), |sum, term| sum + term);
        self.parameters.differentiate(&surrogate, &[self.parameters.all()]);
        loss + penalty.double_value(&[])
    }

    fn step(&mut self) {
        self.parameters.step(&[self.parameters.all()]);
    }

    fn parameters(&mut self) -> &mut Parameters {
        &mut self.parameters
    }
}
