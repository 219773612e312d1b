use anyhow::{Context as _, Result};
use jsae_embed::{Embedding, Latent};
use jsae_knn::NearestNeighbours;
use tch::{Device, Kind, Tensor};

/// f: from a latent action to one that the environment executes.
#[derive(Debug)]
pub enum Mapping {
    /// The policy's output is the action.
    Identity,
    /// The action whose embedding is nearest.
    Nearest(NearestNeighbours),
    /// The embedding's learned decoder (continuous actions).
    Decoder,
}

impl Mapping {
    /// The mapping that goes with `embedding` as it is now.
    ///
    /// # Errors
    /// A table that holds NaN.
    pub fn new(embedding: &dyn Embedding) -> Result<Self> {
        let Some(table) = embedding.action_table() else {
            let same = matches!(embedding.latent(), Latent::Discrete(_)) || embedding.kind() == "identity";
            return Ok(if same { Self::Identity } else { Self::Decoder });
        };
        let dim = table.size()[1] as usize;
        let index = NearestNeighbours::new(&rows(&table)?, dim).context("the table of action embeddings")?;
        Ok(Self::Nearest(index))
    }

    /// Follows a change of `embedding`.
    ///
    /// # Errors
    /// A table that holds NaN.
    pub fn rebuild(&mut self, embedding: &dyn Embedding) -> Result<()> {
        if let (Self::Nearest(index), Some(table)) = (self, embedding.action_table()) {
            index.rebuild(&rows(&table)?).context("the table of action embeddings")?;
        }
        Ok(())
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
            Self::Nearest(index) => {
                let dim = latent_actions.len() / actions.len();
                for (action, latent) in actions.iter_mut().zip(latent_actions.chunks_exact(dim)) {
                    *action = index.nearest(latent)? as f64;
                }
            }
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

fn rows(tensor: &Tensor) -> Result<Vec<f32>> {
    let flat = tensor.to_kind(Kind::Float).to_device(Device::Cpu).contiguous().view(-1);
    Ok(Vec::<f32>::try_from(&flat)?)
}
