use rand_chacha::ChaCha8Rng;
use tch::{Device, Reduction, Tensor};

use crate::network::{Activation, Input, Network, NetworkShape};
use crate::trainable::{Trainable, gradients, leaf};
use crate::{FeatureSpace, NonFinite};

/// A tanh network that estimates the return from each row of features.
#[derive(Debug)]
pub(crate) struct Critic {
    trainable: Trainable,
    network: Network,
}

/// One step of a critic.
pub(crate) struct CriticStep {
    pub(crate) loss: f64,
    pub(crate) gradient_norm: f64,
    /// The values before the step, `[n]`.
    pub(crate) values: Tensor,
}

impl Critic {
    pub(crate) fn new(
        features: &FeatureSpace,
        hidden_sizes: &[usize],
        learning_rate: f64,
        max_grad_norm: Option<f64>,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let shape = NetworkShape {
            features: features.clone(),
            latent_len: 0,
            hidden_sizes: hidden_sizes.to_vec(),
            outputs: 1,
            activation: Activation::Tanh,
        };
        let trainable = Trainable::new("critic", &shape.initial(rng), learning_rate, device)
            .with_max_grad_norm(max_grad_norm);
        let network = Network::new(&shape, &trainable.parameters, 0);
        Self { trainable, network }
    }

    pub(crate) fn input(&self, features: &Tensor) -> Input {
        self.network.input(features)
    }

    /// `[n]`
    pub(crate) fn values(&self, features: &Tensor) -> Tensor {
        self.network.forward(&self.input(features)).squeeze_dim(1)
    }

    /// One optimiser step towards `returns`, `[n]`.
    pub(crate) fn step(
        &mut self,
        input: &Input,
        returns: &Tensor,
        iteration: usize,
    ) -> Result<CriticStep, NonFinite> {
        let tape = self.network.record(input);
        let output = leaf(tape.output());
        let values = output.squeeze_dim(1);
        let loss = value_loss(&values, returns);
        self.network.backward(&tape, &gradients(&loss, &[&output])[0]);
        let loss = loss.double_value(&[]);
        let gradient_norm = self.trainable.step(loss, iteration)?;
        Ok(CriticStep { loss, gradient_norm, values: values.detach() })
    }

    pub(crate) fn check_parameters(&self, iteration: usize) -> Result<(), NonFinite> {
        self.trainable.check_parameters(iteration)
    }

    pub(crate) fn tensors(&self) -> Vec<(String, Tensor)> {
        self.trainable.tensors()
    }
}

/// Mean squared error of values against returns, both `[n]`.
pub fn value_loss(values: &Tensor, returns: &Tensor) -> Tensor {
    values.mse_loss(returns, Reduction::Mean)
}
