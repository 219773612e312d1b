use tch::{Device, Kind, Tensor};

/// Mean and standard deviation of each dimension of a box's observations, taken once.
#[derive(Debug)]
pub(crate) struct Standardization {
    /// `[dim]`
    mean: Tensor,
    /// `[dim]`; 1 where a dimension never varies.
    std: Tensor,
    /// `[dim]`, 0 or 1.
    varies: Tensor,
    /// `[1]`: 1 once the figures come from samples.
    fitted: Tensor,
    rescales: bool,
}

impl Standardization {
    /// Leaves observations as they are until [`Standardization::fit`] in pre-training; ever after, unless `rescales`.
    pub(crate) fn new(dim: usize, rescales: bool, device: Device) -> Self {
        let options = (Kind::Float, device);
        let shape = [dim as i64];
        Self {
            mean: Tensor::zeros(shape, options),
            std: Tensor::ones(shape, options),
            varies: Tensor::ones(shape, options),
            fitted: Tensor::zeros([1], (Kind::Int64, Device::Cpu)),
            rescales,
        }
    }

    /// Takes the figures of `observations`, `[n, dim]`, unless they were taken before; after pre-training it is too late
    /// to rescale what a policy has seen as it is, and only dimensions that never vary are noted.
    pub(crate) fn fit(&mut self, observations: &Tensor, is_pretraining: bool) {
        if self.is_fitted() {
            return;
        }
        let rows = observations.to_kind(Kind::Double);
        let varies = rows.amax([0], false).gt_tensor(&rows.amin([0], false));
        if self.rescales && is_pretraining {
            self.mean.copy_(&rows.mean_dim([0].as_slice(), false, Kind::Double));
            let std = rows.std_dim([0].as_slice(), false, false);
            self.std.copy_(&std.where_self(&varies, &std.ones_like()));
        }
        self.varies.copy_(&varies);
        let _ = self.fitted.fill_(1);
    }

    /// The same figures as `source`.
    pub(crate) fn copy_from(&mut self, source: &Self) {
        for ((_, mut target), (_, source)) in self.tensors().into_iter().zip(source.tensors()) {
            target.copy_(&source);
        }
    }

    /// `[n, dim]` to `[n, dim]`.
    pub(crate) fn apply(&self, observations: &Tensor) -> Tensor {
        if self.rescales && self.is_fitted() {
            (observations - &self.mean) / &self.std
        } else {
            observations.shallow_clone()
        }
    }

    /// Which of `dims` varied in the samples.
    pub(crate) fn varying(&self, dims: &[usize]) -> Vec<usize> {
        dims.iter().copied().filter(|&dim| self.varies.double_value(&[dim as i64]) > 0.0).collect()
    }

    pub(crate) fn tensors(&self) -> Vec<(String, Tensor)> {
        let named =
            [("mean", &self.mean), ("std", &self.std), ("varies", &self.varies), ("fitted", &self.fitted)];
        named
            .into_iter()
            .map(|(name, tensor)| (format!("standardization.{name}"), tensor.shallow_clone()))
            .collect()
    }

    fn is_fitted(&self) -> bool {
        self.fitted.int64_value(&[0]) != 0
    }
}
