use jsae_embed::audit::{self, Geometry, NEAR, NearDuplicates};
use jsae_envs::Effects;
use jsae_report::statistics::rank_correlation;
use tch::Tensor;

use super::{Figure, Section, Subject, every_action, table};

/// Rows whose pairs are ranked: of more, evenly spaced ones.
const MOST_RANKED: usize = 2_048;
/// An rms distance below this is within the noise of every useful policy.
pub(super) const COLLAPSED: f64 = 0.1;

/// What the table of action embeddings looks like, where there is one.
pub(super) fn section(subject: &Subject) -> Option<Section> {
    let table = table(&subject.agent)?;
    let geometry = audit::geometry(&table);
    let mut figures = lying(&geometry);
    let unscaled = every_action(&subject.agent, |embedding, every| embedding.unscaled_actions(every))?;
    figures.push(saturation("g/saturated", &audit::geometry(&unscaled)));
    match &subject.effects {
        Some(effects) => figures.extend(doing(&table, effects)),
        None => figures.push(near(&table)),
    }
    Some(Section { title: format!("Action embeddings g: {} rows of {}", geometry.n, geometry.dim), figures })
}

/// Figures of the table alone.
fn lying(geometry: &Geometry) -> Vec<Figure> {
    let Geometry { dim, .. } = *geometry;
    vec![
        Figure::new("g/rms_distance", geometry.rms_distance, "rms distance of two rows").judged(
            geometry.rms_distance >= COLLAPSED,
            "spread out",
            "collapsed: all actions lie within the policy's noise",
        ),
        Figure::new("g/smallest_distance", geometry.smallest_distance, "distance of the two nearest rows"),
        Figure::new(
            "g/duplicates",
            geometry.n_duplicates as f64,
            "rows that equal an earlier one exactly: f never gives these actions",
        )
        .judged(geometry.n_duplicates == 0, "g is injective", "g is not injective"),
        Figure::new(
            "g/effective_rank",
            geometry.effective_rank,
            format!("dimensions in use, of {dim} (exp of the singular values' entropy)"),
        )
        .judged(
            2.0 * geometry.effective_rank > dim as f64,
            "most are used",
            "half or fewer are used",
        ),
    ]
}

/// Share of numbers where tanh is flat.
pub(super) fn saturation(key: &'static str, geometry: &Geometry) -> Figure {
    Figure::new(key, geometry.saturated, "share of numbers beyond 0.99, where tanh is flat").judged(
        geometry.saturated < 0.5,
        "tanh is mostly in use",
        "most are pressed against the bounds: little is told apart there",
    )
}

/// Near-duplicates where nobody knows what the actions do.
fn near(table: &Tensor) -> Figure {
    let found = audit::near_duplicates(table, &|_, _| 0.0);
    Figure::new(
        "g/near_duplicates",
        found.same as f64,
        format!("pairs at most {NEAR} apart; what the actions do is not known here"),
    )
}

/// Figures of the table beside what the actions do.
fn doing(table: &Tensor, effects: &Effects) -> Vec<Figure> {
    let found = audit::near_duplicates(table, &|a, b| effects.distance(a, b));
    let NearDuplicates { same, similar, different, .. } = found;
    let mut figures = vec![
        Figure::new(
            "effects/distinct",
            effects.n_classes() as f64,
            format!(
                "groups of the {} actions with the same effect ({})",
                effects.n_actions(),
                effects.meaning()
            ),
        ),
        Figure::new(
            "g/near_duplicates/same",
            same as f64,
            format!("pairs at most {NEAR} apart that do the same: harmless"),
        ),
        Figure::new(
            "g/near_duplicates/similar",
            similar as f64,
            "such pairs that do nearly the same (within half the rms of all): as it should be",
        ),
        Figure::new(
            "g/near_duplicates/harmful",
            different as f64,
            "such pairs that do something else: the policy cannot tell them apart",
        )
        .judged(different == 0, "none harmful", worst(&found)),
    ];
    if let Some(distance) = found.same_effect_distance {
        let meaning = "mean distance of actions that do the same, relative to the rms distance";
        figures.push(Figure::new("g/same_effect_distance", distance, meaning));
    }
    if let Some(share) = found.nearest_is_same {
        let meaning = "share of them whose nearest row does the same";
        figures.push(Figure::new("g/nearest_is_same", share, meaning));
    }
    figures.extend(ranked(table, effects));
    figures
}

fn worst(found: &NearDuplicates) -> String {
    found.worst.map_or_else(String::new, |(a, b)| format!("harmful: for one, actions {b} and {a}"))
}

/// Are actions that do different things far apart?
fn ranked(table: &Tensor, effects: &Effects) -> Option<Figure> {
    let of_effect = effects.vectors()?.first()?.len();
    let n = effects.n_actions();
    let kept = n.min(MOST_RANKED);
    let rows: Vec<usize> = (0..kept).map(|i| i * n / kept).collect();
    let pairs = (0..kept).flat_map(|i| (0..i).map(move |j| (i, j)));
    let of_effects: Vec<f64> = pairs.map(|(i, j)| effects.distance(rows[i], rows[j])).collect();
    // Without any order there is no correlation: rows that are all equal say nothing of the effects.
    let value = rank_correlation(&audit::distances(table, &rows), &of_effects).unwrap_or(0.0);
    let meaning =
        format!("rank correlation of distances in E with those of the effects ({})", effects.meaning());
    let figure = Figure::new("g/rank_correlation", value, meaning);
    // Fewer dimensions than the effects have cannot keep all their distances.
    if of_effect as i64 > table.size()[1] {
        return Some(figure);
    }
    let bad = "where an action lies says little of what it does";
    Some(figure.judged(value >= 0.5, "actions lie as they act", bad))
}
