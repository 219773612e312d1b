//! What a run takes over from another one before it begins.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use jsae_embed::Embedding as _;
use jsae_embed::jsae::Jsae;
use tch::Tensor;

use crate::agent::{Agent, spaces, under};
use crate::checkpoint::{Checkpoint, Checkpoints};
use crate::experiment::{
    AlgorithmConfig, Device, EmbeddingConfig, Experiment, Place, Problems, Registry, Transfer,
};
use crate::run_folder::{RunFolder, RunState};
use crate::stderr::tell;
use crate::streams::Streams;

/// What another run has learnt.
pub(crate) struct Source {
    /// Its φ, g and T.
    pub(crate) embedding: Jsae,
    /// Parameters and optimiser states of its learner.
    pub(crate) algorithm: BTreeMap<String, Tensor>,
}

/// `experiment` with the checksum of what it moves: the recorded one of the resolved file `present`, or
/// that of the source as it is now.
///
/// A run that has begun goes on without its source; with a source that is another by now it does not.
///
/// # Errors
/// A source that is missing before the run has begun, or that has changed since.
pub(crate) fn pinned(experiment: &Experiment, present: Option<&str>) -> Result<Experiment> {
    let mut experiment = experiment.clone();
    let seed = experiment.seeds.first().copied().unwrap_or_default();
    let Some(transfer) = &mut experiment.transfer else { return Ok(experiment) };
    let recorded = transfer.sha256.take().or_else(|| present.and_then(recorded));
    let path = PathBuf::from(transfer.source(seed));
    let found = match newest_sha256(&path) {
        Err(_) if present.is_some() && recorded.is_some() => None,
        found => Some(found?),
    };
    if let (Some(found), Some(recorded)) = (&found, &recorded)
        && found != recorded
    {
        let message = format!(
            "holds another content (sha256 {found}) than transfer.sha256 has recorded ({recorded}): --force starts over from what is there"
        );
        return Err(refuse(&path, message).into());
    }
    transfer.sha256 = recorded.or(found);
    Ok(experiment)
}

/// Would `experiment` find what it moves, and does all of it fit? Looked at on the CPU, whatever the run's device.
///
/// # Errors
/// What does not.
pub(crate) fn check(experiment: &Experiment, registry: &Registry) -> Result<()> {
    let experiment = Experiment { device: Device::Cpu, ..pinned(experiment, None)? };
    agent(&experiment, registry).map(drop)
}

/// The agent that `experiment` begins with; none where nothing is moved.
///
/// # Errors
/// A source that is missing or damaged, or a part of it that does not fit.
pub(crate) fn agent(experiment: &Experiment, registry: &Registry) -> Result<Option<Agent>> {
    let Some(transfer) = &experiment.transfer else { return Ok(None) };
    let seed = experiment.seeds[0];
    let path = PathBuf::from(transfer.source(seed));
    let source = Source::open(&path, experiment, transfer, registry)?;
    let env = experiment.env.build()?;
    // The parts that are not moved begin as they would without a source.
    let agent = Agent::moved(experiment, &*env, &source, &mut Streams::new(seed));
    agent.map(Some).map_err(|error| unfit(&path, experiment, format!("{error:#}")).into())
}

impl Source {
    fn open(path: &Path, experiment: &Experiment, transfer: &Transfer, registry: &Registry) -> Result<Self> {
        newest_sha256(path)?;
        let folder = RunFolder::open(path)?;
        if folder.state() != RunState::Finished {
            let problem = "is not finished, and transfer.from names it: the command that began it goes on with it, or its log.txt says why not";
            return Err(refuse(path, problem).into());
        }
        let source = folder.experiment(registry)?;
        compare(transfer, &source, experiment).map_err(|problem| unfit(path, experiment, problem))?;
        let EmbeddingConfig::Jsae(config) = &source.embedding else {
            return Err(unfit(path, experiment, "it has no [embedding.jsae]").into());
        };
        let spaces = spaces(&source, &*source.env.build()?);
        let device = experiment.device.tch();
        let mut embedding = Jsae::new(config, &spaces, device, &mut Streams::new(0).embedding)?;
        let mut take = |checkpoint: Checkpoint| -> Result<BTreeMap<String, Tensor>> {
            let found = &checkpoint.manifest.body.sha256;
            if let Some(expected) = &transfer.sha256 {
                ensure!(found == expected, "its sha256 is {found}, and transfer.sha256 is {expected}");
            }
            embedding.load_tensors(&under(&checkpoint.tensors, "embedding."))?;
            Ok(under(&checkpoint.tensors, "algorithm."))
        };
        let algorithm = Checkpoints::of(&folder, &source)
            .newest(&mut take, &mut |why| tell!("warning: {why}"))
            .map_err(|error| refuse(path, format!("{error:#}")))?
            .with_context(|| format!("{} has no checkpoint", path.display()))?;
        Ok(Self { embedding, algorithm })
    }
}

/// What must be the same for a policy or a value function to be moved: inputs, outputs and layers.
fn compare(transfer: &Transfer, source: &Experiment, target: &Experiment) -> Result<(), String> {
    if !transfer.actor && !transfer.critic {
        return Ok(());
    }
    let ((theirs, their_sizes), (ours, our_sizes)) = (networks(source), networks(target));
    same("the algorithm", &format!("[algorithm.{ours}]"), &format!("[algorithm.{theirs}]"))?;
    same("hidden_sizes", &format!("{our_sizes:?}"), &format!("{their_sizes:?}"))?;
    if let (EmbeddingConfig::Jsae(theirs), EmbeddingConfig::Jsae(ours)) =
        (&source.embedding, &target.embedding)
    {
        same("state_dim", &ours.state_dim, &theirs.state_dim)?;
        same("action_dim", &ours.action_dim, &theirs.action_dim)?;
    }
    if let (AlgorithmConfig::Sac(theirs), AlgorithmConfig::Sac(ours)) = (&source.algorithm, &target.algorithm)
    {
        same("state_dependent_std", &ours.state_dependent_std, &theirs.state_dependent_std)?;
    }
    Ok(())
}

fn networks(experiment: &Experiment) -> (&'static str, &[usize]) {
    match &experiment.algorithm {
        AlgorithmConfig::Vpg(config) => ("vpg", &config.hidden_sizes),
        AlgorithmConfig::Ppo(config) => ("ppo", &config.hidden_sizes),
        AlgorithmConfig::Sac(config) => ("sac", &config.hidden_sizes),
        AlgorithmConfig::DiscreteSac(config) => ("discrete_sac", &config.hidden_sizes),
    }
}

fn same<T: PartialEq + Display>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} is {found}, expected {expected}")) }
}

/// The checksum that a resolved file has recorded.
fn recorded(present: &str) -> Option<String> {
    let table: toml::Table = present.parse().ok()?;
    table.get("transfer")?.get("sha256")?.as_str().map(str::to_owned)
}

fn newest_sha256(path: &Path) -> Result<String> {
    let folder = RunFolder::open(path).map_err(|_| {
        refuse(path, "is not the folder of a run, and transfer.from names it: train that run first")
    })?;
    let newest = Checkpoints::newest_sha256(&folder).map_err(|error| refuse(path, format!("{error:#}")))?;
    newest.ok_or_else(|| {
        refuse(path, "has no checkpoint yet, and transfer.from names it: train that run first").into()
    })
}

fn unfit(path: &Path, experiment: &Experiment, problem: impl Display) -> Problems {
    refuse(path, format!("does not fit {}, which moves from it: {problem}", experiment.name))
}

fn refuse(path: &Path, problem: impl Into<String>) -> Problems {
    Problems::one(Place::Path(path.to_owned()), problem)
}
