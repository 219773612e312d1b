use jsae_embed::jsae::Decoding;
use jsae_envs::{ConfigError, EnvError, Space, Start};

use super::keys::name_problem;
use super::training::{MOST_SIDE_BY_SIDE, MOST_STEPS, Training};
use super::{AlgorithmConfig, EmbeddingConfig, Experiment, Transfer};

/// A value that is out of range, or that does not go with another.
pub(super) struct Finding {
    /// Keys from the top of the file.
    pub(super) path: Vec<String>,
    found: Option<String>,
    rest: String,
}

impl Finding {
    fn range(path: &str, found: impl std::fmt::Display, expected: &str) -> Self {
        let path = path.split('.').map(str::to_owned).collect();
        Self { path, found: Some(found.to_string()), rest: expected.to_owned() }
    }

    fn clash(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.split('.').map(str::to_owned).collect(), found: None, rest: message.into() }
    }

    /// What is wrong, with the value as `written` where it stands in a file.
    pub(super) fn message(&self, written: Option<&str>) -> String {
        let key = self.path.join(".");
        match &self.found {
            Some(found) => format!("{key} is {}, expected {}", written.unwrap_or(found), self.rest),
            None => format!("{key} {}", self.rest),
        }
    }
}

/// Everything wrong with an experiment whose types are right.
pub(super) fn findings(experiment: &Experiment) -> Vec<Finding> {
    let mut findings = Vec::new();
    top(experiment, &mut findings);
    training(experiment, &mut findings);
    tables(experiment, &mut findings);
    transfer(experiment, &mut findings);
    if findings.is_empty() {
        compatibility(experiment, &mut findings);
    }
    findings
}

fn top(experiment: &Experiment, findings: &mut Vec<Finding>) {
    if let Some(expected) = name_problem(&experiment.name) {
        findings.push(Finding::range("name", format!("{:?}", experiment.name), expected));
    }
    let mut seeds = experiment.seeds.clone();
    seeds.sort_unstable();
    seeds.dedup();
    if seeds.is_empty() || seeds.len() != experiment.seeds.len() {
        let found = format!("{:?}", experiment.seeds);
        findings.push(Finding::range("seeds", found, "a list of different whole numbers of at least 0"));
    }
}

fn training(experiment: &Experiment, findings: &mut Vec<Finding>) {
    let training = &experiment.training;
    for (key, value, largest) in [
        ("steps_per_epoch", training.steps_per_epoch, MOST_STEPS),
        ("n_envs", training.n_envs, MOST_SIDE_BY_SIDE),
        ("n_threads", training.n_threads, MOST_SIDE_BY_SIDE),
        ("n_eval_episodes", training.n_eval_episodes, MOST_SIDE_BY_SIDE),
        ("checkpoint_freq", training.checkpoint_freq, usize::MAX),
    ] {
        if value == 0 || value > largest {
            let path = format!("training.{key}");
            let expected = Training::KEYS.iter().find(|k| k.name == key).map_or("", |key| key.expected);
            findings.push(Finding::range(&path, value, expected));
        }
    }
    if training.n_envs > 0 && !training.steps_per_epoch.is_multiple_of(training.n_envs) {
        let expected = format!("a multiple of training.n_envs ({})", training.n_envs);
        findings.push(Finding::range("training.steps_per_epoch", training.steps_per_epoch, &expected));
    }
}

fn tables(experiment: &Experiment, findings: &mut Vec<Finding>) {
    let mut extend = |table: String, problems: Vec<(String, String, String)>| {
        findings.extend(
            problems
                .into_iter()
                .map(|(key, found, expected)| Finding::range(&format!("{table}.{key}"), found, &expected)),
        );
    };
    let env = experiment.env.validate().into_iter().map(|p| (p.key, p.found, p.expected)).collect();
    extend(format!("env.{}", experiment.env.name()), env);
    let embed = |problems: Vec<jsae_embed::ConfigError>| {
        problems.into_iter().map(|p| (p.key, p.found, p.expected)).collect()
    };
    extend("pretrain".to_owned(), embed(experiment.pretrain.validate()));
    extend("embedding_update".to_owned(), embed(experiment.embedding_update.validate()));
    let (name, problems) = match &experiment.embedding {
        EmbeddingConfig::Jsae(config) => ("jsae", config.validate()),
        EmbeddingConfig::Ra(config) => ("ra", config.validate()),
        EmbeddingConfig::Rounding(config) => ("rounding", config.validate()),
        EmbeddingConfig::Identity(config) => ("identity", config.validate()),
    };
    extend(format!("embedding.{name}"), embed(problems));
    let (name, problems) = match &experiment.algorithm {
        AlgorithmConfig::Vpg(config) => ("vpg", config.validate()),
        AlgorithmConfig::Ppo(config) => ("ppo", config.validate()),
        AlgorithmConfig::Sac(config) => ("sac", config.validate()),
        AlgorithmConfig::DiscreteSac(config) => ("discrete_sac", config.validate()),
    };
    let problems = problems.into_iter().map(|p| (p.key, p.found, p.expected)).collect();
    extend(format!("algorithm.{name}"), problems);
}

fn transfer(experiment: &Experiment, findings: &mut Vec<Finding>) {
    let Some(transfer) = &experiment.transfer else { return };
    for (key, found) in transfer.problems() {
        let expected = Transfer::KEYS.iter().find(|k| k.name == key).map_or("", |key| key.expected);
        findings.push(Finding::range(&format!("transfer.{key}"), found, expected));
    }
    if !matches!(experiment.embedding, EmbeddingConfig::Jsae(_)) {
        findings.push(Finding::clash("transfer", "needs [embedding.jsae]: no other embedding is moved"));
    }
    if transfer.moves_nothing() {
        findings.push(Finding::clash("transfer", "moves nothing: every part is switched off"));
    }
    if transfer.freezes_everything() && experiment.pretrain.samples > 0 {
        let message = "leaves nothing to pre-train, as all three parts of the embedding are moved: expected freeze = false or pretrain.samples = 0";
        findings.push(Finding::clash("transfer", message));
    }
}

/// What is right by itself and wrong together; asks the environment for its spaces.
fn compatibility(experiment: &Experiment, findings: &mut Vec<Finding>) {
    let table = format!("env.{}", experiment.env.name());
    let mut env = match experiment.env.build() {
        Ok(env) => env,
        Err(EnvError::Config(ConfigError { key, found, expected })) => {
            let message = format!("is {found}, expected {expected}");
            return findings.push(Finding::clash(&format!("{table}.{key}"), message));
        }
        Err(error) => return findings.push(Finding::clash(&table, format!("cannot be built: {error}"))),
    };
    let finite = matches!(env.action_space(), Space::Discrete(_));
    let needs_finite = match &experiment.embedding {
        EmbeddingConfig::Ra(_) => Some("embedding.ra"),
        EmbeddingConfig::Rounding(_) => Some("embedding.rounding"),
        EmbeddingConfig::Jsae(config) if config.decoder == Decoding::Softmax => {
            Some("embedding.jsae.decoder")
        }
        _ => None,
    };
    if let (Some(key), false) = (needs_finite, finite) {
        let message = format!("needs a finite action set, and [{table}] has continuous actions");
        findings.push(Finding::clash(key, message));
    }
    mapping(experiment, env.action_space(), findings);
    let identity = matches!(experiment.embedding, EmbeddingConfig::Identity(_));
    match &experiment.algorithm {
        AlgorithmConfig::Sac(_) if identity && env.action_space().is_discrete() => {
            let message = format!(
                "needs continuous latent actions, and [{table}] has a finite action set: use [algorithm.discrete_sac] or an embedding"
            );
            findings.push(Finding::clash("algorithm.sac", message));
        }
        AlgorithmConfig::DiscreteSac(_) if !(identity && finite) => {
            let message = "needs a finite action set and [embedding.identity]: latent actions are continuous, use [algorithm.sac]";
            findings.push(Finding::clash("algorithm.discrete_sac", message));
        }
        _ => {}
    }
    if experiment.pretrain.start == Start::Uniform && experiment.pretrain.samples > 0 {
        let mut observation = vec![0.0; env.observation_space().len()];
        if env.reset(Start::Uniform, &mut observation).is_err() {
            let message = format!("\"fixed\" for [{table}], which has no uniform start");
            findings.push(Finding::range("pretrain.start", "\"uniform\"", &message));
        }
    }
    let standardizes = match &experiment.embedding {
        EmbeddingConfig::Identity(config) if config.standardize_observations => Some("identity"),
        EmbeddingConfig::Rounding(config) if config.standardize_observations => Some("rounding"),
        _ => None,
    };
    if let (Some(table), 0, false) =
        (standardizes, experiment.pretrain.samples, env.observation_space().is_discrete())
    {
        let message =
            "takes its figures from the samples of pre-training: expected pretrain.samples of at least 1";
        findings.push(Finding::clash(&format!("embedding.{table}.standardize_observations"), message));
    }
    let learns = standardizes.is_some() || experiment.embedding.is_learnt();
    if learns && experiment.pretrain.samples > 0 && !is_bounded(env.action_space()) {
        let message = format!("draws uniform actions, and those of [{table}] have no bounds: expected 0");
        findings.push(Finding::clash("pretrain.samples", message));
    }
    updates(experiment, findings);
}

fn is_bounded(space: &Space) -> bool {
    match space {
        Space::Box { low, high } => low.iter().chain(high).all(|bound| bound.is_finite()),
        _ => true,
    }
}

/// Only a critic of actions can choose among actions.
fn mapping(experiment: &Experiment, actions: &Space, findings: &mut Vec<Finding>) {
    let Some(config) = &experiment.mapping else { return };
    let searches = match &experiment.embedding {
        EmbeddingConfig::Jsae(config) => config.decoder == Decoding::Nearest,
        EmbeddingConfig::Ra(_) | EmbeddingConfig::Rounding(_) => true,
        EmbeddingConfig::Identity(_) => false,
    };
    let &Space::Discrete(n) = actions else {
        return findings.push(Finding::clash("mapping.nearest", "needs a finite action set"));
    };
    if !searches {
        let message = "needs an embedding whose actions are searched for the nearest";
        return findings.push(Finding::clash("mapping.nearest", message));
    }
    let k = config.candidates();
    if k == 0 || k > n {
        let expected = format!("a whole number from 1 to the number of actions ({n})");
        findings.push(Finding::range("mapping.nearest.k", k, &expected));
    }
    if k > 1 && !matches!(experiment.algorithm, AlgorithmConfig::Sac(_)) {
        let expected = "1, or [algorithm.sac]: no other algorithm has a critic that scores latent actions";
        findings.push(Finding::range("mapping.nearest.k", k, expected));
    }
}

/// What is asked of an embedding after pre-training must be something that it does.
fn updates(experiment: &Experiment, findings: &mut Vec<Finding>) {
    let passes = experiment.embedding_update.passes;
    let fixed = match &experiment.embedding {
        EmbeddingConfig::Identity(_) => Some("0 with [embedding.identity], which learns nothing"),
        EmbeddingConfig::Rounding(_) => Some("0 with [embedding.rounding], which learns nothing"),
        EmbeddingConfig::Jsae(_) | EmbeddingConfig::Ra(_) => None,
    };
    if let (Some(expected), true) = (fixed, passes > 0) {
        findings.push(Finding::range("embedding_update.passes", passes, expected));
    }
    if let EmbeddingConfig::Jsae(jsae_embed::jsae::Config { renewal_interval: Some(_), .. }) =
        &experiment.embedding
        && passes == 0
    {
        let message = "changes nothing without updates: expected embedding_update.passes of at least 1";
        findings.push(Finding::clash("embedding.jsae.renewal_interval", message));
    }
}
