use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use jsae_embed::{Embedding, Report, Spaces, Transitions, identity, jsae, ra, rounding};
use jsae_envs::Env;
use jsae_rl::ReplaySample;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use crate::algorithm::Algorithm;
use crate::checkpoint::Checkpoints;
use crate::collect::Acting;
use crate::denormals::FlushedToZero;
use crate::experiment::{self, EmbeddingConfig, Experiment, MappingConfig, Registry};
use crate::guard;
use crate::mapping::Mapping;
use crate::run_folder::RunFolder;
use crate::stderr::tell;
use crate::streams::Streams;
use crate::transfer::Source;

/// Continuous actions that differ by no more than this share of themselves plus one are the same.
const SAME: f64 = 1e-5;

/// π_o = f ∘ π_i ∘ φ: from an observation to an action (the paper, section 4.1).
pub struct Agent {
    embedding: Box<dyn Embedding>,
    algorithm: Algorithm,
    mapping: Mapping,
    spaces: Spaces,
    latent_len: usize,
    device: Device,
}

impl Agent {
    /// An agent that has learnt nothing yet, for the spaces of `env`.
    ///
    /// # Errors
    /// An embedding that cannot work on these spaces.
    pub fn new(experiment: &Experiment, env: &dyn Env, streams: &mut Streams) -> Result<Self> {
        let spaces = spaces(experiment, env);
        let device = experiment.device.tch();
        let embedding = embedding(&experiment.embedding, &spaces, device, &mut streams.embedding)?;
        Self::around(embedding, experiment, spaces, streams)
    }

    /// An agent that begins with what `source` has learnt of a task like this one, as `[transfer]` says.
    ///
    /// # Errors
    /// A part that does not fit.
    pub(crate) fn moved(
        experiment: &Experiment,
        env: &dyn Env,
        source: &Source,
        streams: &mut Streams,
    ) -> Result<Self> {
        let (Some(transfer), EmbeddingConfig::Jsae(config)) = (&experiment.transfer, &experiment.embedding)
        else {
            bail!("nothing is moved without [transfer] and [embedding.jsae]")
        };
        let spaces = spaces(experiment, env);
        let device = experiment.device.tch();
        let mut embedding = jsae::Jsae::new(config, &spaces, device, &mut streams.embedding)?;
        embedding.take(&source.embedding, transfer.parts(), transfer.freeze)?;
        let mut agent = Self::around(Box::new(embedding), experiment, spaces, streams)?;
        agent.algorithm.take(&source.algorithm, transfer.actor, transfer.critic)?;
        Ok(agent)
    }

    fn around(
        embedding: Box<dyn Embedding>,
        experiment: &Experiment,
        spaces: Spaces,
        streams: &mut Streams,
    ) -> Result<Self> {
        let device = experiment.device.tch();
        let algorithm = Algorithm::new(&experiment.algorithm, &*embedding, device, &mut streams.networks);
        let candidates = experiment.mapping.as_ref().map_or(1, MappingConfig::candidates);
        let mapping = Mapping::new(&*embedding, candidates)?;
        let latent_len = match embedding.latent() {
            jsae_embed::Latent::Continuous(dim) => dim,
            jsae_embed::Latent::Discrete(_) => 1,
        };
        Ok(Self { embedding, algorithm, mapping, spaces, latent_len, device })
    }

    /// The agent of a run, as its last checkpoint left it.
    ///
    /// ```no_run
    /// let registry = jsae_runner::Registry::default();
    /// let agent = jsae_runner::Agent::load("runs/gridworld9_discrete_vpg_jsae/seed-0".as_ref(), &registry)?;
    /// let action = agent.act(&[164.0])?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// A folder without a run, or a checkpoint that is missing or damaged.
    pub fn load(run: &Path, registry: &Registry) -> Result<Self> {
        let folder = RunFolder::open(run)?;
        let experiment = folder.experiment(registry)?;
        Self::of(&folder, &experiment, experiment.device)
    }

    /// The agent of the run in `folder`, which trained `experiment`, on `device`, which may be another than in training.
    ///
    /// # Errors
    /// A checkpoint that is missing or damaged.
    pub(crate) fn of(
        folder: &RunFolder,
        experiment: &Experiment,
        device: experiment::Device,
    ) -> Result<Self> {
        let here = Experiment { device, ..experiment.clone() };
        let mut agent = Self::new(&here, &*here.env.build()?, &mut Streams::new(0))?;
        Checkpoints::of(folder, experiment)
            .newest(&mut |checkpoint| agent.load_tensors(&checkpoint.tensors), &mut |why| {
                tell!("warning: {why}");
            })?
            .with_context(|| format!("{} has no checkpoint", folder.path().display()))?;
        Ok(agent)
    }

    /// The action for one observation, both as rows of the environment's spaces; deterministic.
    ///
    /// # Errors
    /// An observation of the wrong length.
    pub fn act(&self, observation: &[f64]) -> Result<Vec<f64>> {
        let len = self.spaces.observation.len();
        ensure!(
            observation.len() == len,
            "the observation has {} numbers, expected {len}",
            observation.len()
        );
        let mut latent_actions = vec![0.0; self.latent_len];
        let mut actions = vec![0.0; self.spaces.action.len()];
        self.act_all(observation, Acting::Mode, &mut latent_actions, &mut actions)?;
        Ok(actions)
    }

    /// Latent actions `[n, latent_len]` and actions `[n, action_len]` for observations `[n, obs_len]`.
    ///
    /// # Errors
    /// A policy whose output is no longer a number.
    pub fn act_all(
        &self,
        observations: &[f64],
        acting: Acting<'_>,
        latent_actions: &mut [f32],
        actions: &mut [f64],
    ) -> Result<()> {
        let encode = || self.encode(&self.observation_rows(observations));
        let features = match acting {
            Acting::Sampled(rng) => {
                let features = encode();
                self.algorithm.sample(&features, rng, latent_actions);
                Some(features)
            }
            Acting::Uniform(rng) => {
                self.algorithm.sample_uniform(rng, latent_actions);
                None
            }
            Acting::Mode => {
                let features = encode();
                self.algorithm.mode(&features, latent_actions);
                Some(features)
            }
        };
        guard::rows("latent action", latent_actions, self.latent_len)?;
        match (&self.mapping, features) {
            (Mapping::Ranked(ranked), Some(features)) => {
                let mut score = |candidates: &[f32]| self.score(&features, candidates);
                ranked.choose(latent_actions, actions, &mut score)?;
            }
            _ => self.mapping.map(&*self.embedding, latent_actions, actions, self.device)?,
        }
        guard::rows("action", actions, self.spaces.action.len())
    }

    /// What the critic expects of each of as many candidates a row, `[n * k, latent_len]`, for features of n rows.
    fn score(&self, features: &Tensor, candidates: &[f32]) -> Result<Vec<f32>> {
        let n_candidates = (candidates.len() / self.latent_len) as i64;
        let features =
            features.repeat_interleave_self_int(n_candidates / features.size()[0], 0, n_candidates);
        let candidates = Tensor::from_slice(candidates).view([n_candidates, -1]).to_device(self.device);
        self.algorithm.action_values(&features, &candidates)
    }

    /// x = φ(s), `[n, obs_len]` to `[n, state_dim]`, on the agent's device.
    pub fn encode(&self, observations: &Tensor) -> Tensor {
        if observations.device() == self.device {
            return self.embedding.encode(observations);
        }
        self.embedding.encode(&observations.to_device(self.device))
    }

    /// Remembered rows as the networks read them.
    ///
    /// Where the embedding may have changed since, the critic's input is e if f(e) still is the action
    /// that was executed, else g(a).
    ///
    /// # Errors
    /// A latent action that is not a number.
    pub(crate) fn encode_replayed(
        &self,
        sample: &ReplaySample,
        embedding_changes: bool,
    ) -> Result<jsae_rl::Transitions> {
        let latent_actions = sample.latent_actions.to_device(self.device);
        let latent_actions =
            if embedding_changes { self.renewed(&latent_actions, &sample.actions)? } else { latent_actions };
        Ok(jsae_rl::Transitions {
            features: self.encode(&sample.observations),
            latent_actions,
            rewards: sample.rewards.to_device(self.device),
            next_features: self.encode(&sample.next_observations),
            terminated: sample.terminated.to_device(self.device),
        })
    }

    fn renewed(&self, latent_actions: &Tensor, actions: &Tensor) -> Result<Tensor> {
        let latent: Vec<f32> = Vec::try_from(latent_actions.to_device(Device::Cpu).view(-1))?;
        let mut mapped = vec![0.0; actions.numel()];
        self.mapping.map(&*self.embedding, &latent, &mut mapped, self.device)?;
        let mapped = Tensor::from_slice(&mapped).to_kind(Kind::Float).view_as(actions);
        let changed = if self.spaces.action.is_discrete() {
            mapped.ne_tensor(actions)
        } else {
            // What a decoder makes of one latent action depends in its last digits on how many it is given at once.
            (&mapped - actions).abs().le_tensor(&(SAME * (actions.abs() + 1.0))).logical_not()
        };
        let stale = changed.any_dim(1, true).to_device(self.device);
        Ok(self.embedding.embed_actions(&actions.to_device(self.device)).where_self(&stale, latent_actions))
    }

    /// Trains the embedding on samples of a random policy and follows with the mapping.
    ///
    /// # Errors
    /// A loss that is no longer a number.
    pub fn pretrain_embedding(
        &mut self,
        samples: &Transitions,
        config: &jsae_embed::PretrainConfig,
        rng: &mut ChaCha8Rng,
        progress: &mut dyn FnMut(&jsae_embed::Pass),
    ) -> Result<Report> {
        let _flushed = FlushedToZero::begin();
        let report = self.embedding.pretrain(&samples.to_device(self.device), config, rng, progress)?;
        guard::parameters(&self.embedding.tensors())?;
        self.mapping.rebuild(&*self.embedding)?;
        Ok(report)
    }

    /// Continues the embedding's training and follows with the mapping.
    ///
    /// # Errors
    /// A loss that is no longer a number.
    pub fn update_embedding(
        &mut self,
        samples: &Transitions,
        passes: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Report> {
        let _flushed = FlushedToZero::begin();
        let report = self.embedding.update(&samples.to_device(self.device), passes, rng)?;
        guard::parameters(&self.embedding.tensors())?;
        self.mapping.rebuild(&*self.embedding)?;
        Ok(report)
    }

    /// The embedding.
    pub fn embedding(&self) -> &dyn Embedding {
        &*self.embedding
    }

    /// Where tensors live.
    pub fn device(&self) -> Device {
        self.device
    }

    /// f.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// f(e) for rows of latent actions, `[n, latent_len]` to `[n, action_len]`.
    ///
    /// # Errors
    /// A latent action that is NaN.
    pub fn map(&self, latent_actions: &[f32], actions: &mut [f64]) -> Result<()> {
        self.mapping.map(&*self.embedding, latent_actions, actions, self.device)
    }

    /// The algorithm, to be updated.
    pub(crate) fn algorithm_mut(&mut self) -> &mut Algorithm {
        &mut self.algorithm
    }

    /// Numbers of a latent action.
    pub fn latent_len(&self) -> usize {
        self.latent_len
    }

    /// Everything that was learnt.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        let named = |prefix: &'static str| move |(name, tensor)| (format!("{prefix}.{name}"), tensor);
        let embedding = self.embedding.tensors().into_iter().map(named("embedding"));
        embedding.chain(self.algorithm.tensors().into_iter().map(named("algorithm"))).collect()
    }

    /// Takes over what [`Agent::tensors`] returned.
    ///
    /// # Errors
    /// A tensor that is missing or has another shape.
    pub fn load_tensors(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<()> {
        self.algorithm.load_tensors(&under(tensors, "algorithm."))?;
        self.load_embedding(tensors)
    }

    /// Takes over the embedding alone.
    ///
    /// # Errors
    /// A tensor that is missing or has another shape.
    pub(crate) fn load_embedding(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<()> {
        self.embedding.load_tensors(&under(tensors, "embedding."))?;
        self.mapping.rebuild(&*self.embedding)
    }

    /// Observations one behind the other as a tensor, `[n, obs_len]`.
    pub(crate) fn observation_rows(&self, observations: &[f64]) -> Tensor {
        let rows: Vec<f32> = observations.iter().map(|&value| value as f32).collect();
        Tensor::from_slice(&rows).view([-1, self.spaces.observation.len() as i64])
    }
}

/// The task as an embedding sees it.
pub(crate) fn spaces(experiment: &Experiment, env: &dyn Env) -> Spaces {
    let mut spaces = Spaces::new(env.observation_space().clone(), env.action_space().clone());
    spaces.predicted = experiment.env.predicted_variables();
    spaces
}

fn embedding(
    config: &EmbeddingConfig,
    spaces: &Spaces,
    device: Device,
    rng: &mut ChaCha8Rng,
) -> Result<Box<dyn Embedding>> {
    Ok(match config {
        EmbeddingConfig::Jsae(config) => Box::new(jsae::Jsae::new(config, spaces, device, rng)?),
        EmbeddingConfig::Ra(config) => Box::new(ra::Ra::new(config, spaces, device, rng)?),
        EmbeddingConfig::Rounding(config) => Box::new(rounding::Rounding::new(config, spaces, device)?),
        EmbeddingConfig::Identity(config) => Box::new(identity::Identity::new(config, spaces, device)?),
    })
}

/// The tensors whose names begin with `prefix`, without it.
pub(crate) fn under(tensors: &BTreeMap<String, Tensor>, prefix: &str) -> BTreeMap<String, Tensor> {
    let named = tensors.iter().filter_map(|(name, tensor)| Some((name.strip_prefix(prefix)?, tensor)));
    named.map(|(name, tensor)| (name.to_owned(), tensor.shallow_clone())).collect()
}
