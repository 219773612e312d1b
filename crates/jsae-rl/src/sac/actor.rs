use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use super::Config;
use crate::distribution::squashed::{self, Sample};
use crate::network::{Activation, Input, Network, NetworkShape, Tape};
use crate::policy::STD_BOUNDS;
use crate::trainable::Trainable;
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

/// Latent actions and their log-probabilities with what [`Actor::step`] needs of them.
pub(super) struct RecordedActor<'a> {
    tape: Tape<'a>,
    pub(super) sample: Sample,
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

    /// Latent actions for the given noise, `[n, latent_dim]`.
    pub(super) fn sample(&self, input: &Input, noise: &Tensor) -> Sample {
        self.squash(&self.network.forward(input), noise)
    }

    /// limit · tanh(mean), `[n, latent_dim]`.
    pub(super) fn mode(&self, features: &Tensor) -> Tensor {
        let output = self.network.forward(&self.input(features));
        output.narrow(1, 0, self.latent_dim).tanh() * self.limit
    }

    pub(super) fn record<'a>(&self, input: &'a Input, noise: &Tensor) -> RecordedActor<'a> {
        let tape = self.network.record(input);
        let sample = self.squash(tape.output(), noise);
        RecordedActor { tape, sample }
    }

    /// One optimiser step on Σ slope · e + `ent_coef` · mean ln p(e) for the recorded sample, given the slopes,
    /// `[n, latent_dim]`: the gradient of a loss with the value `loss`.
    pub(super) fn step(
        &mut self,
        recorded: &RecordedActor<'_>,
        slopes: &Tensor,
        ent_coef: f64,
        loss: f64,
    ) -> Result<f64, NonFinite> {
        let weight = ent_coef / slopes.size()[0] as f64;
        let (by_mean, by_log_std) = recorded.sample.gradients(slopes, weight);
        let output_gradient = match &self.log_std {
            Some((_, gradient)) => {
                let _ = by_log_std.sum_intlist_out(gradient, 0, false, None);
                by_mean
            }
            None => Tensor::cat(&[by_mean, self.through_bounds(&by_log_std, recorded.tape.output())], 1),
        };
        self.network.backward(&recorded.tape, &output_gradient);
        let norm = self.trainable.step(loss, 0)?;
        if let Some((log_std, _)) = &mut self.log_std {
            let _ = log_std.clamp_(STD_BOUNDS.0.ln(), STD_BOUNDS.1.ln());
        }
        Ok(norm)
    }

    pub(super) fn tensors(&self) -> Vec<(String, Tensor)> {
        self.trainable.tensors()
    }

    /// The sample that the network's output stands for.
    fn squash(&self, output: &Tensor, noise: &Tensor) -> Sample {
        let mean = output.narrow(1, 0, self.latent_dim);
        match &self.log_std {
            Some((log_std, _)) => squashed::sample(&mean, log_std, noise, self.limit),
            None => {
                let log_std = self.raw_log_std(output).clamp(HEAD_BOUNDS.0, HEAD_BOUNDS.1);
                squashed::sample(&mean, &log_std, noise, self.limit)
            }
        }
    }

    /// The log-std that the network gives, before its bounds, `[n, latent_dim]`.
    fn raw_log_std(&self, output: &Tensor) -> Tensor {
        output.narrow(1, self.latent_dim, self.latent_dim)
    }

    /// The gradient of a bounded log-std as that of the network's output: none beyond the bounds.
    fn through_bounds(&self, gradient: &Tensor, output: &Tensor) -> Tensor {
        let raw = self.raw_log_std(output);
        let inside = raw.ge(HEAD_BOUNDS.0).logical_and(&raw.le(HEAD_BOUNDS.1));
        gradient * inside.to_kind(gradient.kind())
    }
}
