use rand_chacha::ChaCha8Rng;
use tch::{Device, Reduction, Tensor};

use crate::network::{Activation, Input, Network, NetworkShape};
use crate::trainable::Trainable;
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
        let values = tape.output().squeeze_dim(1);
        self.network.backward(&tape, &value_loss_gradient(&values, returns).unsqueeze(1));
        let loss = value_loss(&values, returns).double_value(&[]);
        let gradient_norm = self.trainable.step(loss, iteration)?;
        Ok(CriticStep { loss, gradient_norm, values })
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

/// What [`value_loss`] has as its gradient with respect to the values, `[n]`: written out
/// because a graph for these two operations would cost more than a small network's layer.
pub fn value_loss_gradient(values: &Tensor, returns: &Tensor) -> Tensor {
    (values - returns) * (2.0 / values.numel() as f64)
}
