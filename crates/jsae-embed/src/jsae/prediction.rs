use jsae_envs::Space;
use tch::{Device, Kind, Reduction, Tensor};

use crate::jsae::{Config, Target};
use crate::standardization::Standardization;

/// What T says about the next observation, and the loss of eq. 5.
#[derive(Debug)]
pub(crate) enum Prediction {
    /// One softmax head per predicted variable.
    Heads {
        /// Positions in the observation.
        variables: Vec<usize>,
        /// Number of values of each.
        sizes: Vec<i64>,
    },
    /// φ(s′), normalised by [`average_l1`]: SALE's target (Fujimoto et al. 2023).
    Embedding {
        /// Length of φ(s′).
        dim: usize,
    },
    /// One real number per predicted dimension.
    Numbers {
        /// Positions in the observation.
        dims: Vec<usize>,
        /// Those of `dims` that count, where some never vary: positions in the output, `[k]`.
        counted: Option<Tensor>,
    },
}

impl Prediction {
    pub(crate) fn new(config: &Config, space: &Space, predicted: Vec<usize>) -> Self {
        match space.sizes() {
            _ if config.target == Target::Latent => Self::Embedding { dim: config.state_dim },
            Some(sizes) => Self::Heads {
                sizes: predicted.iter().map(|&variable| sizes[variable] as i64).collect(),
                variables: predicted,
            },
            None => Self::Numbers { dims: predicted, counted: None },
        }
    }

    /// Numbers that T gives.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::Heads { sizes, .. } => sizes.iter().sum::<i64>() as usize,
            Self::Embedding { dim } => *dim,
            Self::Numbers { dims, .. } => dims.len(),
        }
    }

    /// Leaves dimensions that never varied out of the loss. How many are left?
    pub(crate) fn leave_constants_out(&mut self, standardization: &Standardization, device: Device) -> usize {
        let Self::Numbers { dims, counted } = self else { return self.width() };
        let varying = standardization.varying(dims);
        let positions: Vec<i64> =
            (0..dims.len()).filter(|&i| varying.contains(&dims[i])).map(|i| i as i64).collect();
        *counted = (positions.len() < dims.len()).then(|| Tensor::from_slice(&positions).to_device(device));
        positions.len()
    }

    /// The predicted part of `next_observations`, `[n, obs_len]`: indices, `[n, heads]`, or numbers, `[n, dims]`;
    /// all of it where φ is still to be applied.
    pub(crate) fn target(&self, next_observations: &Tensor) -> Tensor {
        let (Self::Heads { variables: columns, .. } | Self::Numbers { dims: columns, .. }) = self else {
            return next_observations.shallow_clone();
        };
        let columns: Vec<i64> = columns.iter().map(|&column| column as i64).collect();
        let columns = Tensor::from_slice(&columns).to_device(next_observations.device());
        let target = next_observations.index_select(1, &columns);
        if matches!(self, Self::Heads { .. }) { target.to_kind(Kind::Int64) } else { target }
    }

    /// Eq. 5: the sum of the heads' cross-entropies, or the mean squared error; mean over the rows.
    ///
    /// The state given the embedding factors into its variables, so that the logarithm of the
    /// product is a sum; no softmax over joint states is ever built.
    pub(crate) fn loss(&self, output: &Tensor, target: &Tensor) -> Tensor {
        match self {
            Self::Heads { sizes, .. } if sizes.len() == 1 => cross_entropy(output, &target.view([-1])),
            Self::Heads { sizes, .. } => {
                let heads = output.split_with_sizes(sizes.as_slice(), 1);
                let losses = (0..).zip(&heads).map(|(i, head)| cross_entropy(head, &target.select(1, i)));
                Tensor::stack(&losses.collect::<Vec<_>>(), 0).sum(Kind::Float)
            }
            Self::Embedding { .. } | Self::Numbers { counted: None, .. } => {
                output.mse_loss(target, Reduction::Mean)
            }
            Self::Numbers { counted: Some(counted), .. } => {
                output.index_select(1, counted).mse_loss(&target.index_select(1, counted), Reduction::Mean)
            }
        }
    }

    /// What [`Prediction::loss`] has as its value and as its gradient with respect to the output, `[n, width]`.
    pub(crate) fn loss_and_gradient(&self, output: &Tensor, target: &Tensor) -> (f64, Tensor) {
        match self {
            Self::Heads { sizes, .. } if sizes.iter().all(|size| *size == sizes[0]) => {
                // All heads as further rows: their mean times their number is the sum of the heads' means.
                let heads = sizes.len() as f64;
                let (loss, mut gradient) =
                    cross_entropy_gradient(&output.reshape([-1, sizes[0]]), &target.reshape([-1]));
                if sizes.len() > 1 {
                    let _ = gradient.g_mul_scalar_(heads);
                }
                (loss * heads, gradient.view_as(output))
            }
            Self::Heads { sizes, .. } => {
                let heads = output.split_with_sizes(sizes.as_slice(), 1);
                let parts =
                    (0..).zip(&heads).map(|(i, head)| cross_entropy_gradient(head, &target.select(1, i)));
                let (losses, gradients): (Vec<f64>, Vec<Tensor>) = parts.unzip();
                (losses.iter().sum(), Tensor::cat(&gradients, 1))
            }
            Self::Embedding { .. } | Self::Numbers { counted: None, .. } => {
                squared_error_gradient(output, target)
            }
            Self::Numbers { counted: Some(counted), .. } => {
                let select = |columns: &Tensor| columns.index_select(1, counted);
                let (loss, part) = squared_error_gradient(&select(output), &select(target));
                (loss, output.zeros_like().index_copy(1, counted, &part))
            }
        }
    }

    /// Loss of the best constant prediction on these targets: entropy of each variable, or variance.
    pub(crate) fn constant_loss(&self, target: &Tensor) -> f64 {
        match self {
            Self::Heads { sizes, .. } => {
                (0..).zip(sizes).map(|(i, &n)| entropy(&target.select(1, i), n)).sum()
            }
            Self::Embedding { .. } | Self::Numbers { counted: None, .. } => mean_variance(target),
            Self::Numbers { counted: Some(counted), .. } => mean_variance(&target.index_select(1, counted)),
        }
    }
}

/// Mean over the columns of their variances.
fn mean_variance(columns: &Tensor) -> f64 {
    let columns = columns.to_kind(Kind::Double);
    columns.var_dim([0].as_slice(), false, false).mean(Kind::Double).double_value(&[])
}

/// Each row divided by the mean of its absolute values (AvgL1Norm of Fujimoto et al. 2023): `[n, dim]`.
pub(crate) fn average_l1(rows: &Tensor) -> Tensor {
    rows / rows.abs().mean_dim([1].as_slice(), true, Kind::Float).clamp_min(1e-8)
}

/// Entropy, in nats, of the frequencies of `indices`, `[k]`, each below `n`.
pub(crate) fn entropy(indices: &Tensor, n: i64) -> f64 {
    let counts = indices.bincount::<Tensor>(None, n).to_kind(Kind::Double);
    let frequencies = &counts / counts.sum(Kind::Double);
    -frequencies.xlogy(&frequencies).sum(Kind::Double).double_value(&[])
}

/// Mean over the rows of −ln softmax(logits)[target]: `[n, k]`, `[n]`.
pub(crate) fn cross_entropy(logits: &Tensor, target: &Tensor) -> Tensor {
    logits.cross_entropy_loss::<Tensor>(target, None, Reduction::Mean, -100, 0.0)
}

/// What [`cross_entropy`] has as its value and as its gradient with respect to the logits, `[n, k]`: softmax less
/// one-hot, over n. A graph would pass over the logits twice as often.
pub(crate) fn cross_entropy_gradient(logits: &Tensor, target: &Tensor) -> (f64, Tensor) {
    let mut rows = logits.log_softmax(1, Kind::Float);
    let target = target.unsqueeze(1);
    let loss = -rows.gather(1, &target, false).mean(Kind::Float).double_value(&[]);
    let _ = rows.exp_();
    let _ = rows.scatter_add_(1, &target, &Tensor::full_like(&target, -1.0).to_kind(Kind::Float));
    let _ = rows.g_mul_scalar_(1.0 / logits.size()[0] as f64);
    (loss, rows)
}

/// Mean squared error, and its gradient with respect to `output`, of the same shape.
pub(crate) fn squared_error_gradient(output: &Tensor, target: &Tensor) -> (f64, Tensor) {
    let mut difference = output - target;
    let loss = difference.square().mean(Kind::Float).double_value(&[]);
    let _ = difference.g_mul_scalar_(2.0 / output.numel() as f64);
    (loss, difference)
}
