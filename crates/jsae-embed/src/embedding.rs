use std::collections::BTreeMap;

use jsae_envs::Space;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::{Error, PretrainConfig, Spaces, Transitions};

/// Between the task and the policy: what the policy sees of an observation and how its actions become the task's.
///
/// Nothing here takes a gradient of a policy or a value: what [`Embedding::encode`] returns is
/// cut off from the parameters, and those change in [`Embedding::pretrain`] and
/// [`Embedding::update`] alone.
pub trait Embedding: Send {
    /// Name of the method, as in a configuration's table.
    fn kind(&self) -> &'static str;

    /// The task that this embedding was made for.
    fn spaces(&self) -> &Spaces;

    /// What [`Embedding::encode`] returns.
    fn features(&self) -> Features;

    /// What the policy emits.
    fn latent(&self) -> Latent;

    /// Would samples change anything? If not, none need be collected.
    fn uses_samples(&self) -> bool;

    /// x = φ(s): `[n, obs_len]` to `[n, state_dim]`, or the rows of indices themselves ([`Features::Indices`]).
    fn encode(&self, observations: &Tensor) -> Tensor;

    /// g of every action, `[n_actions, latent_dim]`, where f is the nearest neighbour among these rows.
    fn action_table(&self) -> Option<Tensor>;

    /// g(a): `[n, action_len]` to `[n, latent_dim]`.
    fn embed_actions(&self, actions: &Tensor) -> Tensor;

    /// f(e) where it is a function of e alone: `[n, latent_dim]` to `[n, action_len]`.
    ///
    /// `None` where f is the nearest neighbour in [`Embedding::action_table`].
    fn decode(&self, latent_actions: &Tensor) -> Option<Tensor>;

    /// Learns from samples of a random policy, stopping on a held-out share of them.
    ///
    /// `progress` is called after each pass.
    ///
    /// # Errors
    /// [`Error::Samples`] for rows outside the spaces, [`Error::NonFinite`] for a loss that left the numbers.
    fn pretrain(
        &mut self,
        samples: &Transitions,
        config: &PretrainConfig,
        rng: &mut ChaCha8Rng,
        progress: &mut dyn FnMut(&Pass),
    ) -> Result<Report, Error>;

    /// Goes on learning from an epoch's samples; every table and scale that follows from the
    /// parameters is renewed before this returns.
    ///
    /// # Errors
    /// As [`Embedding::pretrain`].
    fn update(&mut self, samples: &Transitions, passes: usize, rng: &mut ChaCha8Rng)
    -> Result<Report, Error>;

    /// What φ gives before any scaling, `[n, obs_len]` to `[n, state_dim]`; `None` where no φ is learnt.
    fn unscaled_states(&self, observations: &Tensor) -> Option<Tensor> {
        let _ = observations;
        None
    }

    /// What the method gives before any scaling, otherwise as [`Embedding::embed_actions`].
    fn unscaled_actions(&self, actions: &Tensor) -> Tensor {
        self.embed_actions(actions)
    }

    /// The loss on samples that need not have been learnt from; `None` where nothing is predicted.
    ///
    /// # Errors
    /// As [`Embedding::pretrain`].
    fn judge(&self, samples: &Transitions) -> Result<Option<Judgement>, Error> {
        let _ = samples;
        Ok(None)
    }

    /// Everything that was learnt, optimiser states included; the tensors share memory with the embedding.
    fn tensors(&self) -> Vec<(String, Tensor)>;

    /// Takes over what [`Embedding::tensors`] returned. On an error nothing has changed.
    ///
    /// # Errors
    /// [`Error::Tensor`] for one that is missing or has another shape or kind.
    fn load_tensors(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error>;
}

/// How well an embedding predicts some samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// What is predicted.
    pub predicted: Predicted,
    /// Mean loss, as pre-training minimises it.
    pub loss: f64,
    /// Loss of the best constant prediction on the same samples.
    pub constant_loss: f64,
}

/// What an embedding learns to predict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predicted {
    /// s′ from s and a.
    NextState,
    /// φ(s′) from s and a.
    NextStateEmbedding,
    /// a from s and s′.
    Action,
}

/// What a policy is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Features {
    /// Vectors of this length.
    Dense(usize),
    /// One index for each of these sizes: the policy's first layer looks up rows.
    Indices(Vec<usize>),
}

impl Features {
    /// The observations themselves.
    pub(crate) fn of(space: &Space) -> Self {
        space.sizes().map_or_else(|| Self::Dense(space.len()), |sizes| Self::Indices(sizes.to_vec()))
    }
}

/// What a policy emits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latent {
    /// A vector of this length.
    Continuous(usize),
    /// One of this many actions.
    Discrete(usize),
}

/// Which loss a pass minimised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The embedding's own: eq. 5 of the paper, or RA's cross-entropy.
    Embedding,
    /// The decoder's: eq. 6.
    Decoder,
}

/// One finished pass over the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pass {
    /// Which loss.
    pub phase: Phase,
    /// Number of the pass, from 1.
    pub pass: usize,
    /// Most passes there can be.
    pub passes: usize,
    /// Mean loss of the batches, each before its own step.
    pub train_loss: f64,
    /// Loss of the held-out samples after the pass.
    pub held_out_loss: Option<f64>,
}

/// What training came to: the figures of the pass whose weights were kept.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Report {
    /// Passes made for the embedding's loss.
    pub passes: usize,
    /// The pass whose weights were kept.
    pub best_pass: usize,
    /// Mean loss of that pass.
    pub train_loss: Option<f64>,
    /// Its held-out loss.
    pub held_out_loss: Option<f64>,
    /// Loss of the best constant prediction on the held-out samples (on all, where none are held out).
    pub constant_loss: Option<f64>,
    /// Passes made for the decoder's loss.
    pub decoder_passes: usize,
    /// Mean loss of the decoder's kept pass.
    pub decoder_loss: Option<f64>,
    /// Its held-out loss.
    pub decoder_held_out_loss: Option<f64>,
}

impl Report {
    /// The figures that exist, under the names of the log.
    pub fn metrics(&self) -> Vec<(&'static str, f64)> {
        let always =
            [("embed/passes", Some(self.passes as f64)), ("embed/best_pass", Some(self.best_pass as f64))];
        let losses = [
            ("embed/train_loss", self.train_loss),
            ("embed/held_out_loss", self.held_out_loss),
            ("embed/constant_loss", self.constant_loss),
            ("embed/decoder_loss", self.decoder_loss),
            ("embed/decoder_held_out_loss", self.decoder_held_out_loss),
        ];
        always.into_iter().chain(losses).filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
