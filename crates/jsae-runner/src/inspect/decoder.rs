use anyhow::{Context as _, Result};
use jsae_embed::audit;
use jsae_envs::Space;
use tch::{Kind, Tensor};

use super::actions::saturation;
use super::{Figure, Section, Subject};
use crate::mapping::Mapping;

/// What g makes of the uniform actions of a box, `[n, latent_dim]`, where f is learnt from it.
pub(super) fn embedded(subject: &Subject) -> Option<Tensor> {
    let learnt = matches!(subject.agent.mapping(), Mapping::Decoder);
    let is_box = matches!(subject.agent.embedding().spaces().action, Space::Box { .. });
    (learnt && is_box).then(|| subject.agent.embedding().embed_actions(&actions(subject)))
}

/// What f has learnt of g.
pub(super) fn section(subject: &Subject) -> Result<Option<Section>> {
    let Some(embedded) = embedded(subject) else { return Ok(None) };
    let (embedding, actions) = (subject.agent.embedding(), actions(subject));
    let decoded = embedding.decode(&embedded).context("this embedding has no decoder")?;
    let error = root_mean_square(&(decoded - &actions)) / root_mean_square(&(&actions - mean(&actions)));
    let unscaled = audit::geometry(&embedding.unscaled_actions(&actions).narrow(0, 0, MOST_ROWS));
    let figures = vec![
        Figure::new(
            "g/std",
            root_mean_square(&(&embedded - mean(&embedded))),
            "standard deviation of g(a): what the policy's noise is to be measured by",
        ),
        Figure::new(
            "g/effective_rank",
            unscaled.effective_rank,
            format!("dimensions in use, of {}", unscaled.dim),
        ),
        saturation("g/saturated", &unscaled),
        Figure::new("f/error", error, "rms of f(g(a)) - a, as a share of the actions' standard deviation")
            .judged(error < LARGEST_ERROR, "f undoes g", "f does not undo g where actions are uniform"),
    ];
    let title = format!("Action embeddings g and decoder f: {} uniform actions", actions.size()[0]);
    Ok(Some(Section { title, figures }))
}

/// Share of the numbers of executed actions that stand at a bound of their box.
pub(super) fn at_bounds(space: &Space, actions: &[f64]) -> Option<f64> {
    let Space::Box { low, high } = space else { return None };
    let bounds = low.iter().zip(high).cycle();
    // f's bounds are the box's, rounded inwards to f32.
    let stands = |action: f64, bound: f64| (action - bound).abs() <= 1e-6 * bound.abs().max(1.0);
    let standing =
        actions.iter().zip(bounds).filter(|&(&a, (&low, &high))| stands(a, low) || stands(a, high));
    Some(standing.count() as f64 / actions.len().max(1) as f64)
}

/// Rows whose pairs are compared.
const MOST_ROWS: i64 = 4_096;
/// Above this share of the actions' own spread, f has not learnt them.
const LARGEST_ERROR: f64 = 0.5;

fn actions(subject: &Subject) -> Tensor {
    subject.samples.actions.to_device(subject.agent.device())
}

fn mean(rows: &Tensor) -> Tensor {
    rows.mean_dim([0].as_slice(), true, Kind::Float)
}

fn root_mean_square(rows: &Tensor) -> f64 {
    rows.square().mean(Kind::Double).sqrt().double_value(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_at_either_end_of_its_own_bounds_is_counted() {
        let space = Space::Box { low: vec![-1.0, -0.4], high: vec![1.0, 0.4] };
        let actions = [1.0, 0.39, -1.0, f64::from(0.4_f32.next_down()), 0.4, -0.4];
        assert_eq!(at_bounds(&space, &actions), Some(4.0 / 6.0));
        assert_eq!(at_bounds(&Space::Discrete(3), &[1.0]), None);
    }
}
