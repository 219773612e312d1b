use std::ops::Range;

use jsae_optim::{Adam, AdamState, Linear};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tch::{Device, Tensor};

/// Parameters of one model: one flat tensor, its layers as views, views of their gradient, and its Adam.
#[derive(Debug)]
pub(crate) struct Parameters {
    flat: jsae_optim::Parameters,
    leaves: Vec<Tensor>,
    gradients: Vec<Tensor>,
    adam: Adam,
}

/// A copy of the values and of the optimiser's state.
#[derive(Debug)]
pub(crate) struct Snapshot {
    flat: Tensor,
    adam: AdamState,
}

impl Parameters {
    /// Lays `initial` out one behind the other.
    pub(crate) fn new(initial: &[Tensor], learning_rate: f64, weight_decay: f64, device: Device) -> Self {
        let pieces: Vec<_> = initial.iter().map(|tensor| tensor.reshape([-1])).collect();
        let flat = jsae_optim::Parameters::from_tensor(&Tensor::cat(&pieces, 0).to_device(device));
        let leaves = views(flat.values(), initial);
        Self {
            adam: Adam::new(&flat, learning_rate).with_weight_decay(weight_decay),
            leaves: leaves.into_iter().map(|leaf| leaf.set_requires_grad(true)).collect(),
            gradients: views(flat.gradient(), initial),
            flat,
        }
    }

    /// A copy of the values that learns nothing by itself.
    pub(crate) fn twin(&self) -> Twin {
        let flat = self.flat.values().copy();
        Twin { leaves: views(&flat, &self.leaves), flat }
    }

    pub(crate) fn leaves(&self) -> &[Tensor] {
        &self.leaves
    }

    /// What the last differentiation wrote, in the leaves' shapes.
    #[cfg(test)]
    pub(crate) fn gradients(&self) -> &[Tensor] {
        &self.gradients
    }

    /// The linear layers whose weights and biases these leaves are, in turn.
    pub(crate) fn layers(&self, range: Range<usize>) -> Vec<Linear> {
        let pair = |leaf: usize| (self.leaves[leaf].shallow_clone(), self.gradients[leaf].shallow_clone());
        range.step_by(2).map(|weight| Linear::of(pair(weight), pair(weight + 1))).collect()
    }

    /// Every leaf.
    pub(crate) fn all(&self) -> Range<usize> {
        0..self.leaves.len()
    }

    /// Writes the gradient of a scalar `loss` for the leaves in these ranges.
    pub(crate) fn differentiate(&self, loss: &Tensor, ranges: &[Range<usize>]) {
        let asked = || ranges.iter().cloned().flatten();
        let leaves: Vec<&Tensor> = asked().map(|leaf| &self.leaves[leaf]).collect();
        let found = Tensor::run_backward(&[loss], &leaves, false, false);
        for (leaf, found) in asked().zip(found) {
            self.gradients[leaf].shallow_clone().copy_(&found);
        }
    }

    /// One Adam step against the written gradient of the leaves in these ranges, all others as they are; none on
    /// no range.
    pub(crate) fn step(&mut self, ranges: &[Range<usize>]) {
        if ranges.is_empty() {
            return;
        }
        let end = |leaf: usize| self.leaves[..leaf].iter().map(Tensor::numel).sum::<usize>();
        let ranges: Vec<_> = ranges.iter().map(|range| end(range.start)..end(range.end)).collect();
        self.adam.step_ranges(&mut self.flat, &ranges);
    }

    /// Takes over the values of `source`'s leaves, which must be of the same shapes.
    pub(crate) fn copy_leaves(&mut self, range: Range<usize>, source: &[Tensor]) {
        tch::no_grad(|| {
            for (leaf, source) in self.leaves[range].iter().zip(source) {
                leaf.shallow_clone().copy_(source);
            }
        });
    }

    pub(crate) fn forget_steps(&mut self) {
        self.adam.reset();
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot { flat: self.flat.values().copy(), adam: self.adam.state() }
    }

    pub(crate) fn restore(&mut self, snapshot: &Snapshot) {
        self.flat.values().shallow_clone().copy_(&snapshot.flat);
        self.adam.restore(&snapshot.adam);
    }

    /// Names and tensors for a checkpoint.
    pub(crate) fn tensors(&self, prefix: &str) -> Vec<(String, Tensor)> {
        let parameters = (format!("{prefix}.parameters"), self.flat.values().shallow_clone());
        let adam =
            self.adam.tensors().into_iter().map(|(name, tensor)| (format!("{prefix}.adam.{name}"), tensor));
        std::iter::once(parameters).chain(adam).collect()
    }
}

/// A copy of the values of [`Parameters`] at some time.
#[derive(Debug)]
pub(crate) struct Twin {
    flat: Tensor,
    leaves: Vec<Tensor>,
}

impl Twin {
    pub(crate) fn leaves(&self) -> &[Tensor] {
        &self.leaves
    }

    /// Takes over the values as they are now.
    pub(crate) fn renew(&mut self, parameters: &Parameters) {
        self.flat.copy_(parameters.flat.values());
    }

    /// All values, `[n_parameters]`.
    pub(crate) fn tensor(&self) -> Tensor {
        self.flat.shallow_clone()
    }
}

/// Pieces of `flat`, one behind the other, in the shapes of `like`.
fn views(flat: &Tensor, like: &[Tensor]) -> Vec<Tensor> {
    let mut start = 0;
    let mut view = |tensor: &Tensor| {
        let len = tensor.numel() as i64;
        let view = flat.narrow(0, start, len).view(tensor.size().as_slice()).detach();
        start += len;
        view
    };
    like.iter().map(&mut view).collect()
}

/// Normal values around 0.
pub(crate) fn normal(shape: [usize; 2], std: f64, rng: &mut ChaCha8Rng) -> Tensor {
    draw(&shape, || (std * rng.sample::<f64, _>(StandardNormal)) as f32)
}

/// Uniform values within ±1/√`fan_in`, the usual start of a linear layer.
pub(crate) fn fan_in_uniform(shape: &[usize], fan_in: usize, rng: &mut ChaCha8Rng) -> Tensor {
    let bound = 1.0 / (fan_in as f64).sqrt();
    draw(shape, || rng.random_range(-bound..bound) as f32)
}

fn draw(shape: &[usize], value: impl FnMut() -> f32) -> Tensor {
    let values: Vec<f32> = std::iter::repeat_with(value).take(shape.iter().product()).collect();
    let shape: Vec<i64> = shape.iter().map(|&n| n as i64).collect();
    Tensor::from_slice(&values).view(shape.as_slice())
}
