use tch::{Device, Tensor};

use crate::NonFinite;
use crate::trainable::Trainable;

/// The weight α of the entropy in SAC, fixed or tuned (Haarnoja et al. 2018, section 5).
#[derive(Debug)]
pub(crate) enum Temperature {
    Fixed(f64),
    /// The parameter is ln α.
    Tuned {
        trainable: Trainable,
        target_entropy: f64,
    },
}

impl Temperature {
    /// Tuned towards `target_entropy` where that is given.
    pub(crate) fn new(
        ent_coef: f64,
        target_entropy: Option<f64>,
        learning_rate: f64,
        device: Device,
    ) -> Self {
        match target_entropy {
            None => Self::Fixed(ent_coef),
            Some(target_entropy) => Self::Tuned {
                trainable: Trainable::new("ent_coef", &[ent_coef.ln() as f32], learning_rate, device),
                target_entropy,
            },
        }
    }

    /// α
    pub(crate) fn ent_coef(&self) -> f64 {
        match self {
            Self::Fixed(ent_coef) => *ent_coef,
            Self::Tuned { trainable, .. } => trainable.parameters.values().double_value(&[0]).exp(),
        }
    }

    /// One step on −ln α · (mean log-probability + target entropy); the loss, where tuned.
    pub(crate) fn step(&mut self, mean_log_prob: f64) -> Result<Option<f64>, NonFinite> {
        let Self::Tuned { trainable, target_entropy } = self else { return Ok(None) };
        let slope = -(mean_log_prob + *target_entropy);
        let loss = slope * trainable.parameters.values().double_value(&[0]);
        let _ = trainable.parameters.gradient().shallow_clone().fill_(slope);
        trainable.step(loss, 0)?;
        Ok(Some(loss))
    }

    pub(crate) fn tensors(&self) -> Vec<(String, Tensor)> {
        match self {
            Self::Fixed(_) => Vec::new(),
            Self::Tuned { trainable, .. } => trainable.tensors(),
        }
    }
}
