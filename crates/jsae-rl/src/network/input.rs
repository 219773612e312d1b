use jsae_optim::Linear;
use tch::{Kind, Tensor};

use crate::FeatureSpace;

/// What a network reads: features, and for some critics latent actions beside them.
#[derive(Debug)]
pub struct Input {
    features: Features,
    latent_actions: Option<Tensor>,
}

#[derive(Debug)]
enum Features {
    /// `[n, dim]`
    Dense(Tensor),
    /// Rows of the first layer's weight, `[n * k]`, and k.
    Rows(Tensor, i64),
}

impl Input {
    pub(super) fn new(space: &FeatureSpace, features: &Tensor) -> Self {
        let features = match space {
            FeatureSpace::Dense(_) => Features::Dense(features.shallow_clone()),
            FeatureSpace::OneHot(sizes) => Features::Rows(rows(sizes, features), sizes.len() as i64),
        };
        Self { features, latent_actions: None }
    }

    /// The same features with latent actions, `[n, latent_len]`, beside them.
    #[must_use]
    pub fn with_latent_actions(&self, latent_actions: &Tensor) -> Self {
        match &self.features {
            Features::Dense(features) => Self {
                features: Features::Dense(Tensor::cat(&[features, latent_actions], 1)),
                latent_actions: None,
            },
            Features::Rows(rows, k) => Self {
                features: Features::Rows(rows.shallow_clone(), *k),
                latent_actions: Some(latent_actions.shallow_clone()),
            },
        }
    }

    pub(super) fn first_layer(&self, layer: &Linear) -> Tensor {
        let (rows, k) = match &self.features {
            Features::Dense(features) => return layer.forward(features),
            Features::Rows(rows, k) => (rows, *k),
        };
        let mut output = layer.weight().index_select(0, rows);
        if k > 1 {
            let outputs = output.size()[1];
            output = output.view([-1, k, outputs]).sum_dim_intlist(1, false, None);
        }
        let _ = output.g_add_(layer.bias());
        if let Some(latent_actions) = &self.latent_actions {
            let _ = output.addmm_(latent_actions, &latent_rows(layer.weight(), latent_actions));
        }
        output
    }

    pub(super) fn write_gradient(&self, layer: &Linear, output_gradient: &Tensor) {
        let (rows, k) = match &self.features {
            Features::Dense(features) => return layer.write_gradient(features, output_gradient),
            Features::Rows(rows, k) => (rows, *k),
        };
        let mut weight_gradient = layer.weight_gradient().shallow_clone();
        let _ = weight_gradient.zero_();
        let _ = weight_gradient.index_add_(0, rows, &repeated(output_gradient, k));
        if let Some(latent_actions) = &self.latent_actions {
            let out = latent_rows(&weight_gradient, latent_actions);
            let _ = latent_actions.tr().mm_out(&out, output_gradient);
        }
        layer.write_bias_gradient(output_gradient);
    }
}

/// Indices `[n, k]` as rows of the stacked tables, `[n * k]`.
fn rows(sizes: &[usize], features: &Tensor) -> Tensor {
    let indices = features.to_kind(Kind::Int64);
    if sizes.len() == 1 {
        return indices.view(-1);
    }
    let offsets: Vec<i64> = sizes
        .iter()
        .scan(0, |offset, &size| Some(std::mem::replace(offset, *offset + size as i64)))
        .collect();
    (indices + Tensor::from_slice(&offsets).to_device(features.device())).view(-1)
}

/// The last rows of a first layer's weight, those that multiply the latent action.
fn latent_rows(weight: &Tensor, latent_actions: &Tensor) -> Tensor {
    let latent_len = latent_actions.size()[1];
    weight.narrow(0, weight.size()[0] - latent_len, latent_len)
}

/// Each row k times in a row, `[n * k, outputs]`.
fn repeated(gradient: &Tensor, k: i64) -> Tensor {
    if k == 1 {
        return gradient.shallow_clone();
    }
    let outputs = gradient.size()[1];
    gradient.unsqueeze(1).expand([-1, k, outputs], false).reshape([-1, outputs])
}
