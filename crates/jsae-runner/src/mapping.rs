mod ranked;

use anyhow::{Context as _, Result};
use jsae_embed::{Embedding, Latent};
use jsae_knn::NearestNeighbours;
use tch::{Device, Kind, Tensor};

pub use ranked::Ranked;

/// f: from a latent action to one that the environment executes.
#[derive(Debug)]
pub enum Mapping {
    /// The policy's output is the action.
    Identity,
    /// The action whose embedding is nearest.
    Nearest(NearestNeighbours),
    /// The best in the eyes of a critic among the nearest actions.
    Ranked(Ranked),
    /// The embedding's learned decoder: of continuous actions, or a softmax over a finite set.
    Decoder,
}

impl Mapping {
    /// The mapping that goes with `embedding` as it is now; of more than one of the nearest actions, a critic
    /// chooses where there is one to ask.
    ///
    /// # Errors
    /// A table that holds NaN, or has fewer rows than `candidates`.
    pub fn new(embedding: &dyn Embedding, candidates: usize) -> Result<Self> {
        let Some(table) = embedding.action_table() else {
            let same = matches!(embedding.latent(), Latent::Discrete(_)) || embedding.kind() == "identity";
            return Ok(if same { Self::Identity } else { Self::Decoder });
        };
        let dim = table.size()[1] as usize;
        let rows = rows(&table)?;
        let index = NearestNeighbours::new(&rows, dim).context("the table of action embeddings")?;
        Ok(if candidates > 1 {
            Self::Ranked(Ranked::new(index, rows, candidates)?)
        } else {
            Self::Nearest(index)
        })
    }

    /// Follows a change of `embedding`.
    ///
    /// # Errors
    /// A table that holds NaN.
    pub fn rebuild(&mut self, embedding: &dyn Embedding) -> Result<()> {
        let Some(table) = embedding.action_table() else { return Ok(()) };
        match self {
            Self::Nearest(index) => index.rebuild(&rows(&table)?).context("the table of action embeddings"),
            Self::Ranked(ranked) => ranked.rebuild(rows(&table)?).context("the table of action embeddings"),
            Self::Identity | Self::Decoder => Ok(()),
        }
    }

    /// Writes f(e) for each row of `latent_actions`, `[n, latent_dim]`, to `actions`, `[n, action_len]`.
    ///
    /// # Errors
    /// A latent action that is NaN.
    pub fn map(
        &self,
        embedding: &dyn Embedding,
        latent_actions: &[f32],
        actions: &mut [f64],
        device: Device,
    ) -> Result<()> {
        match self {
            Self::Identity => {
                for (action, &latent) in actions.iter_mut().zip(latent_actions) {
                    *action = f64::from(latent);
                }
            }
            Self::Nearest(index) => nearest(index, latent_actions, actions)?,
            Self::Ranked(ranked) => nearest(ranked.index(), latent_actions, actions)?,
            Self::Decoder => {
                let n = (actions.len() / embedding.spaces().action.len()) as i64;
                let latent = Tensor::from_slice(latent_actions).view([n, -1]).to_device(device);
                let decoded = embedding.decode(&latent).context("this embedding has no decoder")?;
                for (action, decoded) in actions.iter_mut().zip(rows(&decoded)?) {
                    *action = f64::from(decoded);
                }
            }
        }
        Ok(())
    }
}

fn nearest(index: &NearestNeighbours, latent_actions: &[f32], actions: &mut [f64]) -> Result<()> {
    for (action, latent) in actions.iter_mut().zip(latent_actions.chunks_exact(index.dim())) {
        *action = index.nearest(latent)? as f64;
    }
    Ok(())
}

fn rows(tensor: &Tensor) -> Result<Vec<f32>> {
    let flat = tensor.to_kind(Kind::Float).to_device(Device::Cpu).contiguous().view(-1);
    Ok(Vec::<f32>::try_from(&flat)?)
}
