use anyhow::Result;
use jsae_embed::audit;
use jsae_report::statistics::effective_number;
use rand::RngExt as _;

use super::{Figure, Section, Subject, decoder, table};
use crate::collect::{Acting, Collector};

/// Uniform latent actions for each action of the table.
const PER_ACTION: usize = 50;
/// Fewest and most of them.
const UNIFORM: [usize; 2] = [20_000, 200_000];
/// Steps of the policy.
const N_STEPS: usize = 2_000;

/// How often f gives each action, and where the policy's latent actions lie.
pub(super) fn sections(subject: &mut Subject) -> Result<Vec<Section>> {
    let table = table(&subject.agent);
    let Some(bounds) =
        table.as_ref().map(audit::bounds).or_else(|| decoder::embedded(subject).map(|g| audit::bounds(&g)))
    else {
        return Ok(Vec::new());
    };
    let n_actions = table.map(|table| table.size()[0] as usize);
    let mut sections = Vec::new();
    if let Some(n) = n_actions {
        sections.push(uniform(subject, &bounds, n)?);
    }
    sections.push(policy(subject, &bounds, n_actions)?);
    Ok(sections)
}

/// f of uniform latent actions in the box that the table spans.
fn uniform(subject: &mut Subject, bounds: &[(f64, f64)], n_actions: usize) -> Result<Section> {
    let n = (PER_ACTION * n_actions).clamp(UNIFORM[0], UNIFORM[1]);
    let mut latent_actions = vec![0.0; n * bounds.len()];
    for row in latent_actions.chunks_exact_mut(bounds.len()) {
        for (value, &(low, high)) in row.iter_mut().zip(bounds) {
            *value = subject.rng.random_range(low..=high) as f32;
        }
    }
    let mut actions = vec![0.0; n];
    subject.agent.map(&latent_actions, &mut actions)?;
    let counts = counts(&actions, n_actions);
    let never = counts.iter().filter(|&&count| count == 0).count();
    let figures = vec![
        Figure::new("f/never_chosen", never as f64, format!("actions that none of {n} latent actions gave"))
            .judged(2 * never < n_actions, "most have room", "most actions have hardly any room in E"),
        Figure::new("f/largest_share", largest_share(&counts), "share of the action that was given most"),
        effective("f/effective_actions", &counts),
    ];
    Ok(Section { title: "Mapping f under latent actions uniform in the table's box".to_owned(), figures })
}

/// The policy at work in the environment, exploring as it does in training.
fn policy(subject: &mut Subject, bounds: &[(f64, f64)], n_actions: Option<usize>) -> Result<Section> {
    let latent_len = subject.agent.latent_len();
    let mut collector = Collector::new(&subject.experiment, latent_len, &mut subject.rng)?;
    let (mut outside, mut latent_actions, mut actions) = (0, 0, Vec::new());
    while latent_actions < N_STEPS {
        let step = collector.step(&subject.agent, Acting::Sampled(&mut subject.rng))?;
        let leaves = |row: &&[f32]| {
            row.iter().zip(bounds).any(|(&e, &(low, high))| f64::from(e) < low || f64::from(e) > high)
        };
        outside += step.latent_actions.chunks_exact(latent_len).filter(leaves).count();
        latent_actions += step.latent_actions.len() / latent_len;
        actions.extend_from_slice(step.actions);
    }
    let of_box = if n_actions.is_some() { "the table's box" } else { "the box that g(a) spans" };
    let outside = outside as f64 / latent_actions as f64;
    let meaning = format!("share of sampled latent actions outside {of_box}");
    let outside_box = Figure::new("policy/outside_box", outside, meaning);
    let mut figures = match decoder::at_bounds(&subject.agent.embedding().spaces().action, &actions) {
        Some(standing) => vec![
            outside_box.judged(
                outside < 0.5,
                "mostly within",
                "f has learnt nothing there: g's scale (embedding.jsae.action_embedding_scale) or the policy's mean is off",
            ),
            Figure::new(
                "policy/at_bounds",
                standing,
                "share of executed numbers that stand at a bound of the action space",
            ),
        ],
        None => vec![outside_box],
    };
    if let Some(n) = n_actions {
        let counts = counts(&actions, n);
        let chosen = counts.iter().filter(|&&count| count > 0).count();
        figures.push(Figure::new(
            "policy/actions_chosen",
            chosen as f64,
            format!("different actions taken, of {n}"),
        ));
        figures.push(Figure::new(
            "policy/largest_share",
            largest_share(&counts),
            "share of the most frequent one",
        ));
        figures.push(effective("policy/effective_actions", &counts));
    }
    Ok(Section { title: format!("Policy, {latent_actions} steps with its noise"), figures })
}

fn effective(key: &'static str, counts: &[u64]) -> Figure {
    let value = effective_number(counts).unwrap_or(0.0);
    Figure::new(key, value, "as many equally frequent actions would be as varied (exp of the entropy)")
}

fn counts(actions: &[f64], n_actions: usize) -> Vec<u64> {
    let mut counts = vec![0; n_actions];
    actions.iter().for_each(|&action| counts[action as usize] += 1);
    counts
}

fn largest_share(counts: &[u64]) -> f64 {
    let total = counts.iter().sum::<u64>().max(1);
    counts.iter().max().map_or(0.0, |&most| most as f64 / total as f64)
}
