use std::ops::Range;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tch::{Device, Tensor};

use crate::adam::{Adam, AdamState};

/// Parameters of one model: one flat tensor, its layers as views that collect gradients, and its Adam.
#[derive(Debug)]
pub(crate) struct Parameters {
    flat: Tensor,
    leaves: Vec<Tensor>,
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
        let flat = Tensor::cat(&pieces, 0).to_device(device);
        let leaves = views(&flat, initial).into_iter().map(|leaf| leaf.set_requires_grad(true)).collect();
        Self { adam: Adam::new(flat.numel() as i64, learning_rate, weight_decay, device), flat, leaves }
    }

    /// A copy of the values that learns nothing by itself.
    pub(crate) fn twin(&self) -> Twin {
        let flat = self.flat.copy();
        Twin { leaves: views(&flat, &self.leaves), flat }
    }

    pub(crate) fn leaves(&self) -> &[Tensor] {
        &self.leaves
    }

    /// Gradients of `loss` for the leaves in these ranges.
    pub(crate) fn gradients(&self, loss: &Tensor, ranges: &[Range<usize>]) -> Vec<Tensor> {
        let leaves: Vec<&Tensor> = ranges.iter().flat_map(|range| &self.leaves[range.clone()]).collect();
        Tensor::run_backward(&[loss], &leaves, false, false)
    }

    /// One Adam step on the leaves in these ranges, all others as they are; none on no range.
    pub(crate) fn step(&mut self, loss: &Tensor, ranges: &[Range<usize>]) {
        if ranges.is_empty() {
            return;
        }
        let gradients = self.gradients(loss, ranges);
        let mut gradients = gradients.into_iter().map(|gradient| gradient.reshape([-1]));
        self.adam.begin_step();
        for range in ranges {
            let start: usize = self.leaves[..range.start].iter().map(Tensor::numel).sum();
            let gradients: Vec<_> = gradients.by_ref().take(range.len()).collect();
            tch::no_grad(|| self.adam.step_part(&self.flat, start as i64, Tensor::cat(&gradients, 0)));
        }
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
        Snapshot { flat: self.flat.copy(), adam: self.adam.state() }
    }

    pub(crate) fn restore(&mut self, snapshot: &Snapshot) {
        self.flat.copy_(&snapshot.flat);
        self.adam.restore(&snapshot.adam);
    }

    /// Names and tensors for a checkpoint.
    pub(crate) fn tensors(&self, prefix: &str) -> Vec<(String, Tensor)> {
        let mut tensors = vec![(format!("{prefix}.parameters"), self.flat.shallow_clone())];
        tensors.extend(self.adam.tensors(prefix));
        tensors
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
        self.flat.copy_(&parameters.flat);
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
