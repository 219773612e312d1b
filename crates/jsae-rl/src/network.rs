//! Multi-layer perceptrons as views of a flat parameter tensor.
//!
//! The backward pass is written over matrix products: it needs neither a graph nor a
//! gathering of gradients, and can leave out what an update does not ask for.

mod input;

pub use input::Input;

use jsae_optim::Linear;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::{FeatureSpace, Parameters};

/// What follows each hidden layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Hyperbolic tangent.
    Tanh,
    /// max(0, z).
    Relu,
}

/// Sizes of a network.
#[derive(Clone, Debug)]
pub struct NetworkShape {
    /// What the first layer reads.
    pub features: FeatureSpace,
    /// Length of the latent action read beside the features: 0 but for the critic of SAC.
    pub latent_len: usize,
    /// Units of each hidden layer.
    pub hidden_sizes: Vec<usize>,
    /// Outputs, without activation.
    pub outputs: usize,
    /// Activation of the hidden layers.
    pub activation: Activation,
}

impl NetworkShape {
    /// Parameters of all layers.
    pub fn n_parameters(&self) -> usize {
        self.layer_sizes().map(|(inputs, outputs)| (inputs + 1) * outputs).sum()
    }

    /// Weights and biases uniform within ±1/√inputs of their layer (PyTorch's default for
    /// linear layers), in the order in which [`Network::new`] reads them.
    pub fn initial(&self, rng: &mut ChaCha8Rng) -> Vec<f32> {
        let mut initial = Vec::with_capacity(self.n_parameters());
        for (inputs, outputs) in self.layer_sizes() {
            let bound = 1.0 / (inputs as f32).sqrt();
            initial.extend((0..(inputs + 1) * outputs).map(|_| rng.random_range(-bound..bound)));
        }
        initial
    }

    /// Inputs and outputs of each layer.
    fn layer_sizes(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let inputs = [self.features.width() + self.latent_len].into_iter().chain(self.hidden_sizes.clone());
        let outputs = self.hidden_sizes.iter().copied().chain([self.outputs]);
        inputs.zip(outputs)
    }
}

/// A multi-layer perceptron.
#[derive(Debug)]
pub struct Network {
    features: FeatureSpace,
    activation: Activation,
    layers: Vec<Linear>,
}

impl Network {
    /// A view of `parameters` from `offset` on: for each layer the weight `[inputs, outputs]`,
    /// then the bias `[outputs]`.
    pub fn new(shape: &NetworkShape, parameters: &Parameters, offset: usize) -> Self {
        let mut offset = offset;
        let mut layer = |(inputs, outputs)| {
            let layer = Linear::new(parameters, offset, inputs, outputs);
            offset += (inputs + 1) * outputs;
            layer
        };
        let layers = shape.layer_sizes().map(&mut layer).collect();
        Self { features: shape.features.clone(), activation: shape.activation, layers }
    }

    /// Prepares features, `[n, row_len]`, for [`Network::forward`]; worth keeping where the
    /// same rows are read several times.
    pub fn input(&self, features: &Tensor) -> Input {
        Input::new(&self.features, features)
    }

    /// The outputs, `[n, outputs]`.
    pub fn forward(&self, input: &Input) -> Tensor {
        let (first, rest) = self.split();
        let mut hidden = input.first_layer(first);
        for layer in rest {
            self.activate(&mut hidden);
            hidden = layer.forward(&hidden);
        }
        hidden
    }

    /// The forward pass with what [`Network::backward`] needs of it.
    pub fn record<'a>(&self, input: &'a Input) -> Tape<'a> {
        let (first, rest) = self.split();
        let mut hidden = Vec::with_capacity(rest.len());
        let mut output = input.first_layer(first);
        for layer in rest {
            self.activate(&mut output);
            let next = layer.forward(&output);
            hidden.push(std::mem::replace(&mut output, next));
        }
        Tape { input, hidden, output }
    }

    /// Writes the gradient of all parameters, given that of the outputs, `[n, outputs]`.
    pub fn backward(&self, tape: &Tape<'_>, output_gradient: &Tensor) {
        let (first, rest) = self.split();
        let mut gradient = output_gradient.shallow_clone();
        for (layer, hidden) in rest.iter().zip(&tape.hidden).rev() {
            layer.write_gradient(hidden, &gradient);
            gradient = self.through_activation(&layer.input_gradient(&gradient), hidden);
        }
        tape.input.write_gradient(first, &gradient);
    }

    /// Gradient of the latent actions that the network read, `[n, latent_len]`, given that
    /// of the outputs; the parameters' gradient stays as it is.
    pub fn latent_gradient(&self, tape: &Tape<'_>, output_gradient: &Tensor) -> Tensor {
        let (first, rest) = self.split();
        let mut gradient = output_gradient.shallow_clone();
        for (layer, hidden) in rest.iter().zip(&tape.hidden).rev() {
            gradient = self.through_activation(&layer.input_gradient(&gradient), hidden);
        }
        first.input_gradient_from(self.features.width(), &gradient)
    }

    fn split(&self) -> (&Linear, &[Linear]) {
        self.layers.split_first().expect("a network has an output layer")
    }

    fn activate(&self, hidden: &mut Tensor) {
        match self.activation {
            Activation::Tanh => tanh_in_place(hidden),
            Activation::Relu => drop(hidden.relu_()),
        }
    }

    fn through_activation(&self, gradient: &Tensor, hidden: &Tensor) -> Tensor {
        match self.activation {
            Activation::Tanh => Tensor::tanh_backward(gradient, hidden),
            Activation::Relu => hidden.threshold_backward(gradient, 0.0),
        }
    }
}

/// Elements above which [`tanh_in_place`] goes by way of σ.
const LARGE: usize = 16_384;

/// tanh; of large tensors as 2σ(2z) − 1, to a rounding error of 1e-7: libtorch hands its own tanh to a
/// vector library that takes nearly twice as long as the layer's matrix product on some processors. Of
/// small ones the calls themselves cost more than the elements.
fn tanh_in_place(z: &mut Tensor) {
    if z.numel() < LARGE {
        let _ = z.tanh_();
        return;
    }
    let _ = z.g_mul_scalar_(2.0);
    let _ = z.sigmoid_();
    let _ = z.g_mul_scalar_(2.0);
    let _ = z.g_sub_scalar_(1.0);
}

/// A recorded forward pass.
#[derive(Debug)]
pub struct Tape<'a> {
    input: &'a Input,
    hidden: Vec<Tensor>,
    output: Tensor,
}

impl Tape<'_> {
    /// The outputs, `[n, outputs]`.
    pub fn output(&self) -> &Tensor {
        &self.output
    }
}
