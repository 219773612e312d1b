use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use super::Config;
use crate::distribution::squashed;
use crate::network::{Activation, Input, Network, NetworkShape, Tape};
use crate::policy::STD_BOUNDS;
use crate::trainable::{Trainable, gradients, leaf};
use crate::{FeatureSpace, NonFinite};

/// Bounds of a log-std that the network gives (Spinning Up's).
const HEAD_BOUNDS: (f64, f64) = (-20.0, 2.0);

/// A ReLU network with a squashed Gaussian head.
#[derive(Debug)]
pub(super) struct Actor {
    trainable: Trainable,
    network: Network,
    latent_dim: i64,
    limit: f64,
    /// The log-std of all states, `[latent_dim]`, and its gradient; absent where the network
    /// gives one.
    log_std: Option<(Tensor, Tensor)>,
}

/// Latent actions and their log-probabilities as the start of a graph.
pub(super) struct RecordedActor<'a> {
    tape: Tape<'a>,
    leaves: Vec<Tensor>,
    pub(super) latent_actions: Tensor,
    pub(super) log_prob: Tensor,
}

impl Actor {
    pub(super) fn new(
        config: &Config,
        features: &FeatureSpace,
        latent_dim: usize,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let shape = NetworkShape {
            features: features.clone(),
            latent_len: 0,
            hidden_sizes: config.hidden_sizes.clone(),
            outputs: if config.state_dependent_std { 2 * latent_dim } else { latent_dim },
            activation: Activation::Relu,
        };
        let mut initial = shape.initial(rng);
        let tail = initial.len();
        if !config.state_dependent_std {
            initial.extend(std::iter::repeat_n(config.initial_std.ln() as f32, latent_dim));
        }
        let trainable = Trainable::new("actor", &initial, config.actor_learning_rate, device);
        let network = Network::new(&shape, &trainable.parameters, 0);
        let log_std = (!config.state_dependent_std).then(|| trainable.parameters.slice(tail, &[latent_dim]));
        Self { trainable, network, latent_dim: latent_dim as i64, limit: config.action_limit, log_std }
    }

    pub(super) fn input(&self, features: &Tensor) -> Input {
        self.network.input(features)
    }

    /// Latent actions, `[n, latent_dim]`, for the given noise of that shape, and their
    /// log-probabilities, `[n]`.
    pub(super) fn sample(&self, input: &Input, noise: &Tensor) -> (Tensor, Tensor) {
        let output = self.network.forward(input);
        let (mean, log_std) = self.head(&output, self.log_std.as_ref().map(|(log_std, _)| log_std));
        squashed::sample(&mean, &log_std, noise, self.limit)
    }

    /// limit · tanh(mean), `[n, latent_dim]`.
    pub(super) fn mode(&self, features: &Tensor) -> Tensor {
        let output = self.network.forward(&self.input(features));
        output.narrow(1, 0, self.latent_dim).tanh() * self.limit
    }

    pub(super) fn record<'a>(&self, input: &'a Input, noise: &Tensor) -> RecordedActor<'a> {
        let tape = self.network.record(input);
        let mut leaves = vec![leaf(tape.output())];
        leaves.extend(self.log_std.as_ref().map(|(log_std, _)| leaf(log_std)));
        let (mean, log_std) = self.head(&leaves[0], leaves.get(1));
        let (latent_actions, log_prob) = squashed::sample(&mean, &log_std, noise, self.limit);
        RecordedActor { tape, leaves, latent_actions, log_prob }
    }

    /// One optimiser step on a scalar `surrogate` of the recorded sample, whose gradient is
    /// that of a loss with the value `loss`.
    pub(super) fn step(
        &mut self,
        recorded: &RecordedActor<'_>,
        surrogate: &Tensor,
        loss: f64,
    ) -> Result<f64, NonFinite> {
        let leaves: Vec<&Tensor> = recorded.leaves.iter().collect();
        let gradients = gradients(surrogate, &leaves);
        self.network.backward(&recorded.tape, &gradients[0]);
        if let Some((_, gradient)) = &mut self.log_std {
            gradient.copy_(&gradients[1]);
        }
        let norm = self.trainable.step(loss, 0)?;
        if let Some((log_std, _)) = &mut self.log_std {
            let _ = log_std.clamp_(STD_BOUNDS.0.ln(), STD_BOUNDS.1.ln());
        }
        Ok(norm)
    }

    pub(super) fn tensors(&self) -> Vec<(String, Tensor)> {
        self.trainable.tensors()
    }

    /// Mean and log-std from the network's output and the log-std of all states, if any.
    fn head(&self, output: &Tensor, log_std: Option<&Tensor>) -> (Tensor, Tensor) {
        let mean = output.narrow(1, 0, self.latent_dim);
        let log_std = log_std.map_or_else(
            || output.narrow(1, self.latent_dim, self.latent_dim).clamp(HEAD_BOUNDS.0, HEAD_BOUNDS.1),
            Tensor::shallow_clone,
        );
        (mean, log_std)
    }
}
