//! What a trained embedding is good for: the figures of `jsae-run inspect`.
//!
//! Assumptions 1 and 3 of the paper (f is a function, φ is injective) say nothing of an embedding that
//! merely comes near to breaking them. This audit does: near-duplicates of different effect, dimensions
//! that are not used, actions that f never reaches, a policy that acts where f has learnt nothing, a
//! transition model that predicts no better than a constant. Its samples are fresh, under random actions, from a seed of its own.

mod actions;
mod choices;
mod decoder;
mod page;
mod pictures;
mod predictions;
mod states;

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use jsae_embed::{Embedding, Latent, Transitions};
use jsae_envs::{Effects, Space};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde::Serialize;
use tch::{Device, Kind, Tensor};

use crate::agent::Agent;
use crate::collect::random_transitions;
use crate::experiment::Experiment;

/// Fresh steps under random actions.
const N_SAMPLES: usize = 20_000;

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Audit {
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the environment's table.
    pub environment: String,
    /// Name of the embedding's table.
    pub embedding: String,
    /// Seed of the fresh samples.
    pub seed: u64,
    /// The figures, by what they are about.
    pub sections: Vec<Section>,
}

/// Figures about one thing.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// What they are about.
    pub title: String,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// One number with its meaning.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// Its name, unique in the audit.
    pub key: &'static str,
    /// Its value.
    pub value: f64,
    /// What it means, in one line.
    pub meaning: String,
    /// What to think of it, where that can be said of the number alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// What to think of a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Is it as it should be?
    pub good: bool,
    /// Why, in a few words.
    pub why: String,
}

/// What every part of the audit looks at.
struct Subject {
    experiment: Experiment,
    agent: Agent,
    effects: Option<Effects>,
    samples: Transitions,
    rng: ChaCha8Rng,
}

impl Audit {
    /// The audit of `agent`, which `experiment` has trained, with `pictures` drawn into that folder.
    ///
    /// # Errors
    /// An environment that gives up, a folder that cannot be written.
    pub fn of(agent: Agent, experiment: Experiment, seed: u64, pictures: Option<&Path>) -> Result<Self> {
        let mut subject = Subject::new(agent, experiment, seed)?;
        let mut sections: Vec<Section> = Vec::new();
        sections.extend(actions::section(&subject));
        sections.extend(states::section(&subject));
        sections.extend(predictions::section(&subject)?);
        sections.extend(decoder::section(&subject)?);
        sections.extend(choices::sections(&mut subject)?);
        if let Some(folder) = pictures {
            pictures::draw(&subject, folder)?;
        }
        Ok(Self {
            experiment: subject.experiment.name.clone(),
            environment: subject.experiment.env.name().to_owned(),
            embedding: subject.agent.embedding().kind().to_owned(),
            seed,
            sections,
        })
    }

    /// The figure of this name.
    pub fn figure(&self, key: &str) -> Option<&Figure> {
        self.sections.iter().flat_map(|section| &section.figures).find(|figure| figure.key == key)
    }

    /// The verdicts that found something wrong.
    pub fn problems(&self) -> impl Iterator<Item = (&Figure, &Verdict)> {
        let figures = self.sections.iter().flat_map(|section| &section.figures);
        figures.filter_map(|figure| Some((figure, figure.verdict.as_ref().filter(|v| !v.good)?)))
    }
}

impl Subject {
    fn new(agent: Agent, experiment: Experiment, seed: u64) -> Result<Self> {
        let effects = experiment.env.action_effects()?;
        let n_actions = table(&agent).map(|table| table.size()[0] as usize);
        if let (Some(effects), Some(n_actions)) = (&effects, n_actions) {
            ensure!(
                effects.n_actions() == n_actions,
                "{} actions have effects, but the environment has {n_actions}",
                effects.n_actions()
            );
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut sampled = experiment.clone();
        sampled.pretrain.samples = N_SAMPLES;
        let samples = random_transitions(&sampled, &mut rng).context("fresh samples")?;
        Ok(Self { experiment, agent, effects, samples, rng })
    }
}

/// The rows of every action of a finite set that f chooses among, `[n_actions, latent_dim]`, whether f searches them
/// or not.
fn table(agent: &Agent) -> Option<Tensor> {
    every_action(agent, |embedding, every| embedding.embed_actions(every))
}

/// What `embed` makes of every action of a finite set, `[n_actions, latent_dim]`.
fn every_action(agent: &Agent, embed: impl Fn(&dyn Embedding, &Tensor) -> Tensor) -> Option<Tensor> {
    let embedding = agent.embedding();
    match (embedding.latent(), &embedding.spaces().action) {
        (Latent::Continuous(_), Space::Discrete(n)) => {
            let every = Tensor::arange(*n as i64, (Kind::Float, Device::Cpu)).view([-1, 1]);
            Some(embed(embedding, &every.to_device(agent.device())))
        }
        _ => None,
    }
}

impl Figure {
    fn new(key: &'static str, value: f64, meaning: impl Into<String>) -> Self {
        Self { key, value, meaning: meaning.into(), verdict: None }
    }

    /// Judged: `good` with its reason, or the other one.
    fn judged(self, good: bool, if_good: impl Into<String>, if_bad: impl Into<String>) -> Self {
        let why = if good { if_good.into() } else { if_bad.into() };
        Self { verdict: Some(Verdict { good, why }), ..self }
    }
}

/// A tensor's numbers, row after row.
fn numbers(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.to_device(Device::Cpu).to_kind(Kind::Double).contiguous().view(-1);
    let mut values = vec![0.0; flat.numel()];
    flat.copy_data(&mut values, flat.numel());
    values
}
