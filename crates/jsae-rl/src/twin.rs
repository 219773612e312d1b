use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use crate::network::{Input, Network, NetworkShape, Tape};
use crate::trainable::Trainable;
use crate::{NonFinite, Parameters};

/// Two critics over one flat parameter tensor, and their slowly following targets.
#[derive(Debug)]
pub(crate) struct TwinCritics {
    trainable: Trainable,
    networks: [Network; 2],
    target: Parameters,
    target_networks: [Network; 2],
}

impl TwinCritics {
    pub(crate) fn new(
        shape: &NetworkShape,
        learning_rate: f64,
        device: Device,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut initial = shape.initial(rng);
        initial.extend(shape.initial(rng));
        let trainable = Trainable::new("critics", &initial, learning_rate, device);
        let target = Parameters::new(&initial, device);
        let views = |parameters| [0, shape.n_parameters()].map(|at| Network::new(shape, parameters, at));
        let (networks, target_networks) = (views(&trainable.parameters), views(&target));
        Self { trainable, networks, target, target_networks }
    }

    pub(crate) fn record<'a>(&self, input: &'a Input) -> [Tape<'a>; 2] {
        self.networks.each_ref().map(|network| network.record(input))
    }

    /// The smaller of both critics' outputs, `[n, outputs]`.
    pub(crate) fn smaller(&self, input: &Input) -> Tensor {
        smaller(self.networks.each_ref().map(|network| network.forward(input)))
    }

    /// The smaller of both targets' outputs, `[n, outputs]`.
    pub(crate) fn smaller_target(&self, input: &Input) -> Tensor {
        smaller(self.target_networks.each_ref().map(|network| network.forward(input)))
    }

    /// Gradient of Σ min(q₁, q₂) · weight with respect to the latent actions read,
    /// `[n, latent_len]`, for critics of one output; their parameters' gradients are not computed.
    pub(crate) fn latent_gradient(&self, tapes: &[Tape<'_>; 2], weight: f64) -> Tensor {
        let [first, second] = tapes.each_ref().map(Tape::output);
        let is_first = first.le_tensor(second).to_kind(first.kind()) * weight;
        let is_second = weight - &is_first;
        self.networks[0].latent_gradient(&tapes[0], &is_first)
            + self.networks[1].latent_gradient(&tapes[1], &is_second)
    }

    /// One optimiser step, given the gradients of both outputs; the targets stay where they are until [`TwinCritics::track`].
    pub(crate) fn step(
        &mut self,
        tapes: &[Tape<'_>; 2],
        output_gradients: &[Tensor; 2],
        loss: f64,
    ) -> Result<f64, NonFinite> {
        for ((network, tape), gradient) in self.networks.iter().zip(tapes).zip(output_gradients) {
            network.backward(tape, gradient);
        }
        self.trainable.step(loss, 0)
    }

    /// Moves the targets towards the critics by the share `tau`.
    pub(crate) fn track(&mut self, tau: f64) {
        self.target.track(&self.trainable.parameters, tau);
    }

    pub(crate) fn tensors(&self) -> Vec<(String, Tensor)> {
        let target = ("critics.target".to_owned(), self.target.values().shallow_clone());
        self.trainable.tensors().into_iter().chain([target]).collect()
    }
}

fn smaller([first, second]: [Tensor; 2]) -> Tensor {
    first.minimum(&second)
}
