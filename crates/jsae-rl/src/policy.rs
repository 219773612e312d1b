use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use crate::distribution::{Distribution, categorical, gaussian};
use crate::network::{Activation, Input, Network, NetworkShape, Tape};
use crate::trainable::{Trainable, gradients, leaf};
use crate::{ActionSpace, FeatureSpace, NonFinite};

/// Bounds of a trainable standard deviation.
pub(crate) const STD_BOUNDS: (f64, f64) = (0.01, 7.4);

/// A network with a Gaussian or a categorical head.
#[derive(Debug)]
pub(crate) struct Policy {
    trainable: Trainable,
    network: Network,
    head: Head,
}

#[derive(Debug)]
enum Head {
    /// One log-std for all states, `[latent_dim]`, the tail of the parameters, with its gradient.
    Gaussian {
        log_std: Tensor,
        gradient: Tensor,
    },
    Categorical {
        n_actions: usize,
    },
}

/// What decides a policy's form.
pub(crate) struct PolicyShape<'a> {
    pub(crate) features: &'a FeatureSpace,
    pub(crate) actions: ActionSpace,
    pub(crate) hidden_sizes: &'a [usize],
    pub(crate) initial_std: f64,
    pub(crate) activation: Activation,
}

/// One step of a policy.
pub(crate) struct PolicyStep {
    pub(crate) loss: f64,
    pub(crate) gradient_norm: f64,
}

impl Policy {
    pub(crate) fn new(
        shape: &PolicyShape<'_>,
        learning_rate: f64,
        max_grad_norm: Option<f64>,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let network_shape = NetworkShape {
            features: shape.features.clone(),
            latent_len: 0,
            hidden_sizes: shape.hidden_sizes.to_vec(),
            outputs: shape.actions.outputs(),
            activation: shape.activation,
        };
        let mut initial = network_shape.initial(rng);
        let tail = initial.len();
        if let ActionSpace::Continuous(dim) = shape.actions {
            initial.extend(std::iter::repeat_n(shape.initial_std.ln() as f32, dim));
        }
        let trainable =
            Trainable::new("actor", &initial, learning_rate, device).with_max_grad_norm(max_grad_norm);
        let network = Network::new(&network_shape, &trainable.parameters, 0);
        let head = match shape.actions {
            ActionSpace::Discrete(n_actions) => Head::Categorical { n_actions },
            ActionSpace::Continuous(dim) => {
                let (log_std, gradient) = trainable.parameters.slice(tail, &[dim]);
                Head::Gaussian { log_std, gradient }
            }
        };
        Self { trainable, network, head }
    }

    pub(crate) fn input(&self, features: &Tensor) -> Input {
        self.network.input(features)
    }

    /// The distribution over latent actions for each row.
    pub(crate) fn distribution(&self, input: &Input) -> Distribution {
        let output = self.network.forward(input);
        match &self.head {
            Head::Gaussian { log_std, .. } => {
                Distribution::Gaussian { mean: output, log_std: log_std.copy() }
            }
            Head::Categorical { .. } => {
                Distribution::Categorical { log_probs: categorical::log_probs(&output) }
            }
        }
    }

    /// Normalised log-probabilities of all actions, `[n, n_actions]`, of a categorical policy.
    pub(crate) fn log_probs(&self, input: &Input) -> Tensor {
        categorical::log_probs(&self.network.forward(input))
    }

    /// Draws a latent action for each row into `latent_actions`, `[n, latent_len]`.
    pub(crate) fn sample(&self, features: &Tensor, rng: &mut ChaCha8Rng, latent_actions: &mut [f32]) {
        let output = self.network.forward(&self.input(features));
        match &self.head {
            Head::Gaussian { log_std, .. } => {
                copy_to_slice(&output, latent_actions);
                gaussian::add_noise(&to_vec(&log_std.exp()), rng, latent_actions);
            }
            Head::Categorical { n_actions } => {
                let probabilities = to_vec(&output.softmax(1, None));
                categorical::sample(&probabilities, *n_actions, rng, latent_actions);
            }
        }
    }

    /// The most likely latent action for each row.
    pub(crate) fn mode(&self, features: &Tensor, latent_actions: &mut [f32]) {
        let output = self.network.forward(&self.input(features));
        match &self.head {
            Head::Gaussian { .. } => copy_to_slice(&output, latent_actions),
            Head::Categorical { .. } => {
                copy_to_slice(&output.argmax(1, false).to_kind(Kind::Float), latent_actions);
            }
        }
    }

    /// The standard deviation averaged over the latent dimensions, of a Gaussian.
    pub(crate) fn std(&self) -> Option<f64> {
        match &self.head {
            Head::Gaussian { log_std, .. } => Some(log_std.exp().mean(None).double_value(&[])),
            Head::Categorical { .. } => None,
        }
    }

    /// The forward pass of a step; its distribution is the start of a graph.
    pub(crate) fn record<'a>(&self, input: &'a Input) -> RecordedPolicy<'a> {
        let tape = self.network.record(input);
        let output = leaf(tape.output());
        match &self.head {
            Head::Gaussian { log_std, .. } => {
                let log_std = leaf(log_std);
                let distribution =
                    Distribution::Gaussian { mean: output.shallow_clone(), log_std: log_std.shallow_clone() };
                RecordedPolicy { tape, leaves: vec![output, log_std], distribution }
            }
            Head::Categorical { .. } => {
                let distribution = Distribution::Categorical { log_probs: categorical::log_probs(&output) };
                RecordedPolicy { tape, leaves: vec![output], distribution }
            }
        }
    }

    /// One optimiser step on a scalar `loss` of the recorded distribution.
    pub(crate) fn step(
        &mut self,
        recorded: &RecordedPolicy<'_>,
        loss: &Tensor,
        iteration: usize,
    ) -> Result<PolicyStep, NonFinite> {
        let leaves: Vec<&Tensor> = recorded.leaves.iter().collect();
        let gradients = gradients(loss, &leaves);
        self.network.backward(&recorded.tape, &gradients[0]);
        if let Head::Gaussian { gradient, .. } = &mut self.head {
            gradient.copy_(&gradients[1]);
        }
        let loss = loss.double_value(&[]);
        let gradient_norm = self.trainable.step(loss, iteration)?;
        if let Head::Gaussian { log_std, .. } = &mut self.head {
            let _ = log_std.clamp_(STD_BOUNDS.0.ln(), STD_BOUNDS.1.ln());
        }
        Ok(PolicyStep { loss, gradient_norm })
    }

    pub(crate) fn check_parameters(&self, iteration: usize) -> Result<(), NonFinite> {
        self.trainable.check_parameters(iteration)
    }

    pub(crate) fn tensors(&self) -> Vec<(String, Tensor)> {
        self.trainable.tensors()
    }
}

/// A forward pass whose distribution a loss can be differentiated through.
pub(crate) struct RecordedPolicy<'a> {
    tape: Tape<'a>,
    leaves: Vec<Tensor>,
    pub(crate) distribution: Distribution,
}

impl RecordedPolicy<'_> {
    /// Normalised log-probabilities of all actions, `[n, n_actions]`, of a categorical policy.
    pub(crate) fn log_probs(&self) -> &Tensor {
        match &self.distribution {
            Distribution::Categorical { log_probs } => log_probs,
            Distribution::Gaussian { .. } => panic!("a Gaussian policy has no list of actions"),
        }
    }
}

/// Copies all numbers of `tensor` into `values`, which must be as many.
pub(crate) fn copy_to_slice(tensor: &Tensor, values: &mut [f32]) {
    assert_eq!(tensor.numel(), values.len(), "one latent action per row of features");
    tensor.to_device(Device::Cpu).contiguous().copy_data(values, values.len());
}

fn to_vec(tensor: &Tensor) -> Vec<f32> {
    let mut values = vec![0.0; tensor.numel()];
    copy_to_slice(tensor, &mut values);
    values
}
