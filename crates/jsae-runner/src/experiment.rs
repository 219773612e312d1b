//! An experiment: everything that a TOML file says, checked before anything runs.

mod builtin;
mod keys;
mod mapping;
mod parse;
mod problem;
mod registry;
mod source;
mod training;
mod transfer;
mod tree;
mod validate;
mod wording;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub(crate) use keys::name_problem;
pub use keys::{Section, sections};
pub use mapping::{MappingConfig, Nearest};
pub use problem::{Place, Problem, Problems};
pub use registry::{EnvChoice, EnvConfig, EnvEntry, Registry, Samples};
pub(crate) use source::Sources;
pub use training::{Device, Training};
pub use transfer::Transfer;
pub(crate) use wording::unknown;

/// Which algorithm learns: the one table of `[algorithm.*]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlgorithmConfig {
    /// Vanilla policy gradient.
    Vpg(jsae_rl::vpg::Config),
    /// Proximal policy optimisation.
    Ppo(jsae_rl::ppo::Config),
    /// Soft actor-critic on continuous (latent) actions.
    Sac(jsae_rl::sac::Config),
    /// Soft actor-critic on a finite action set (Christodoulou 2019).
    DiscreteSac(jsae_rl::discrete_sac::Config),
}

/// Which embedding stands before and behind the policy: the one table of `[embedding.*]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingConfig {
    /// Jointly learned state-action embedding (the paper).
    Jsae(jsae_embed::jsae::Config),
    /// Representations for actions (Chandak et al. 2019).
    Ra(jsae_embed::ra::Config),
    /// Actions on a fixed grid, and rounding (Van Hasselt and Wiering 2009).
    Rounding(jsae_embed::rounding::Config),
    /// None: the plain algorithm.
    Identity(jsae_embed::identity::Config),
}

impl EmbeddingConfig {
    /// Is there anything in it to be learnt?
    pub fn is_learnt(&self) -> bool {
        matches!(self, Self::Jsae(_) | Self::Ra(_))
    }
}

/// Everything that decides a set of runs.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Name of the folder that holds the runs.
    pub name: String,
    /// One run for each.
    pub seeds: Vec<u64>,
    /// Where tensors live.
    pub device: Device,
    /// The environment.
    pub env: EnvChoice,
    /// Sizes of the run.
    pub training: Training,
    /// The embedding.
    pub embedding: EmbeddingConfig,
    /// Its pre-training.
    pub pretrain: jsae_embed::PretrainConfig,
    /// Its continuous updating.
    pub embedding_update: jsae_embed::UpdateConfig,
    /// How f chooses, if not the nearest action alone.
    pub mapping: Option<MappingConfig>,
    /// The run whose knowledge it begins with, if any.
    pub transfer: Option<Transfer>,
    /// The algorithm.
    pub algorithm: AlgorithmConfig,
}

impl Experiment {
    /// Reads `path` with the files it extends, lays `overrides` (`a.b=value`) on top and checks everything.
    ///
    /// # Errors
    /// All that is wrong, each with its place.
    pub fn load(path: &Path, overrides: &[String], registry: &Registry) -> Result<Self, Problems> {
        let sources = source::Sources::load(path, overrides)?;
        let experiment = parse::parse(&sources, path, registry)?;
        Ok(experiment)
    }

    /// The file that says the same with every default written out.
    pub fn to_toml(&self) -> String {
        let mut table = toml::Table::new();
        let mut put = |key: &str, value: Result<toml::Value, toml::ser::Error>| {
            table.insert(key.to_owned(), value.expect("configurations are plain TOML"));
        };
        put("name", Ok(self.name.clone().into()));
        put("seeds", toml::Value::try_from(&self.seeds));
        put("device", toml::Value::try_from(self.device));
        put("env", self.env.to_toml().map(toml::Value::Table));
        put("training", toml::Value::try_from(&self.training));
        put("embedding", toml::Value::try_from(&self.embedding));
        put("pretrain", toml::Value::try_from(&self.pretrain));
        put("embedding_update", toml::Value::try_from(&self.embedding_update));
        put("algorithm", toml::Value::try_from(&self.algorithm));
        if let Some(mapping) = &self.mapping {
            put("mapping", toml::Value::try_from(mapping));
        }
        if let Some(transfer) = &self.transfer {
            put("transfer", toml::Value::try_from(transfer));
        }
        table.to_string()
    }

    /// The same experiment with one seed.
    #[must_use]
    pub fn with_seed(&self, seed: u64) -> Self {
        Self { seeds: vec![seed], ..self.clone() }
    }

    /// Rows of a rollout per environment.
    pub fn steps_per_env(&self) -> usize {
        self.training.steps_per_epoch / self.training.n_envs
    }
}
