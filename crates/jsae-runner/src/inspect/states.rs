use std::collections::BTreeSet;

use jsae_embed::audit::{self, NEAR};
use tch::Tensor;

use super::actions::{COLLAPSED, saturation};
use super::{Figure, Section, Subject, numbers};

/// States whose pairs are compared.
const MOST_STATES: usize = 4_096;

/// What φ makes of the states seen, where φ is learnt.
pub(super) fn section(subject: &Subject) -> Option<Section> {
    let states = seen(subject);
    let embedded = embedded(subject, &states)?;
    let geometry = audit::geometry(&embedded);
    let found = audit::near_duplicates(&embedded, &|_, _| 0.0);
    let figures = vec![
        Figure::new("phi/rms_distance", geometry.rms_distance, "rms distance of two states, in [-1, 1]^m")
            .judged(
                geometry.rms_distance >= COLLAPSED,
                "spread out",
                "collapsed: the policy sees hardly any difference",
            ),
        Figure::new(
            "phi/smallest_distance",
            geometry.smallest_distance,
            "distance of the two nearest states",
        ),
        Figure::new(
            "phi/duplicates",
            geometry.n_duplicates as f64,
            "states that equal an earlier one exactly (Assumption 3: none)",
        )
        .judged(
            geometry.n_duplicates == 0,
            "phi is injective on them",
            "phi is not injective: aliased states",
        ),
        Figure::new("phi/near_duplicates", found.same as f64, format!("pairs at most {NEAR} apart")),
        Figure::new(
            "phi/effective_rank",
            geometry.effective_rank,
            format!("dimensions in use, of {}", geometry.dim),
        )
        .judged(
            2.0 * geometry.effective_rank > geometry.dim as f64,
            "most are used",
            "half or fewer are used",
        ),
        saturation("phi/saturated", &geometry),
    ];
    let title = format!("State embeddings phi: {} states seen, rows of {}", geometry.n, geometry.dim);
    Some(Section { title, figures })
}

/// φ of `states`, `[n, obs_len]` to `[n, state_dim]`, where φ is learnt.
pub(super) fn embedded(subject: &Subject, states: &Tensor) -> Option<Tensor> {
    subject.agent.embedding().unscaled_states(&states.to_device(subject.agent.device()))
}

/// The different observations among the samples, the first of them where there are too many: `[n, obs_len]`.
pub(super) fn seen(subject: &Subject) -> Tensor {
    let observations = &subject.samples.observations;
    let len = observations.size()[1] as usize;
    let mut known = BTreeSet::new();
    let values = numbers(observations);
    let mut is_new = |row: &[f64]| known.insert(row.iter().map(|v| v.to_bits()).collect::<Vec<_>>());
    let kept: Vec<f32> = values
        .chunks_exact(len)
        .filter(|row| is_new(row))
        .take(MOST_STATES)
        .flatten()
        .map(|&value| value as f32)
        .collect();
    Tensor::from_slice(&kept).view([-1, len as i64])
}
