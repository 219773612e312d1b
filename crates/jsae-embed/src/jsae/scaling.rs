use std::collections::BTreeMap;

use jsae_envs::Space;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use crate::Error;
use crate::tensors::take;

/// Most states that the scale is taken over: enough for a thousandth of a standard deviation.
const MOST_ROWS: usize = 32_768;

/// Actions of a box that g's scale is taken over.
const BOX_ROWS: usize = 8_192;

/// Below this a dimension of φ is taken as constant: no scale could tell its states apart.
const LEAST_STD: f64 = 1e-6;

const STATES: &str = "scaling.states";

/// Brings φ(s) to mean 0 and a set standard deviation over the pre-training states.
#[derive(Debug)]
pub(crate) struct Scaling {
    scale: f64,
    /// The states, kept because a changed φ needs its figures anew: `[n, obs_len]`, none before pre-training.
    states: Tensor,
    /// Of φ over the states.
    figures: Option<Figures>,
}

impl Scaling {
    pub(crate) fn new(scale: f64, obs_len: usize, device: Device) -> Self {
        let states = Tensor::zeros([0, obs_len as i64], (Kind::Float, device));
        Self { scale, states, figures: None }
    }

    /// Takes over the states of `source`.
    pub(crate) fn copy_from(&mut self, source: &Self) {
        self.load(&source.states);
    }

    pub(crate) fn states(&self) -> &Tensor {
        &self.states
    }

    /// Takes the states to scale by, unless they were taken before: evenly spaced ones where there are too many.
    pub(crate) fn keep_states(&mut self, observations: &Tensor) {
        if self.states.numel() > 0 {
            return;
        }
        let n = observations.size()[0] as usize;
        let kept = n.min(MOST_ROWS);
        let positions: Vec<i64> = (0..kept).map(|i| (i * n / kept) as i64).collect();
        self.states =
            observations.index_select(0, &Tensor::from_slice(&positions).to_device(observations.device()));
    }

    /// Takes the figures of φ over the kept states, `[n, state_dim]`.
    pub(crate) fn fit(&mut self, state_embeddings: &Tensor) {
        if state_embeddings.numel() == 0 {
            return;
        }
        self.figures = Some(Figures::new(state_embeddings, self.scale));
    }

    /// `[n, state_dim]` to `[n, state_dim]`; before pre-training, a bare product with the scale.
    pub(crate) fn apply(&self, state_embeddings: &Tensor) -> Tensor {
        match &self.figures {
            Some(figures) => figures.apply(state_embeddings),
            None => state_embeddings * self.scale,
        }
    }

    pub(crate) fn tensors(&self) -> Vec<(String, Tensor)> {
        vec![(STATES.to_owned(), self.states.shallow_clone())]
    }

    /// The saved states, checked.
    pub(crate) fn saved<'a>(&self, tensors: &'a BTreeMap<String, Tensor>) -> Result<&'a Tensor, Error> {
        take(tensors, STATES, &[-1, self.states.size()[1]], Kind::Float)
    }

    /// Takes over saved states.
    pub(crate) fn load(&mut self, states: &Tensor) {
        self.states = states.to_device(self.states.device()).copy();
        self.figures = None;
    }
}

/// Rows, `[n, dim]`, brought to mean 0 and the standard deviation `scale` in each dimension.
pub(crate) fn standardized(rows: &Tensor, scale: f64) -> Tensor {
    Figures::new(rows, scale).apply(rows)
}

/// Brings rows to mean 0 and a set standard deviation, and back again: mean and scale / std, `[dim]` each.
#[derive(Debug)]
pub(crate) struct Figures {
    mean: Tensor,
    factor: Tensor,
}

impl Figures {
    /// Those of `rows`, `[n, dim]`.
    pub(crate) fn new(rows: &Tensor, scale: f64) -> Self {
        let rows = rows.to_kind(Kind::Double);
        let mean = rows.mean_dim([0].as_slice(), false, Kind::Double);
        let std = rows.std_dim([0].as_slice(), false, false);
        let factor = (std.masked_fill(&std.lt(LEAST_STD), 1.0).reciprocal() * scale).to_kind(Kind::Float);
        Self { mean: mean.to_kind(Kind::Float), factor }
    }

    pub(crate) fn apply(&self, rows: &Tensor) -> Tensor {
        (rows - &self.mean) * &self.factor
    }

    /// The rows that [`apply`](Self::apply) gives `scaled` for.
    pub(crate) fn undo(&self, scaled: &Tensor) -> Tensor {
        scaled / &self.factor + &self.mean
    }
}

/// Actions that g's figures are taken over, evenly spread: every one of a finite set, or as many of a box as
/// tell a standard deviation to a hundredth, the same each time.
pub(crate) fn spread_actions(space: &Space, device: Device) -> Tensor {
    let rows = match space {
        Space::Discrete(n) => Tensor::arange(*n as i64, (Kind::Float, Device::Cpu)).view([-1, 1]),
        _ => {
            let (len, mut rng) = (space.len(), ChaCha8Rng::seed_from_u64(0));
            let mut rows = vec![0.0; BOX_ROWS * len];
            rows.chunks_exact_mut(len).for_each(|row| space.sample(&mut rng, row));
            Tensor::from_slice(&rows).to_kind(Kind::Float).view([-1, len as i64])
        }
    };
    rows.to_device(device)
}
