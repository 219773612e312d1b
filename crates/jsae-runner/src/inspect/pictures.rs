use std::path::Path;

use anyhow::{Context as _, Result};
use jsae_report::picture::{
    Drawing, Gridworld, Point, Scatter, displacement_color, gridworld, position_color, scatter, side_by_side,
};
use tch::Tensor;

use super::states::{embedded, seen};
use super::{Subject, numbers, table};
use crate::embeddings::vectors;

/// Where colour means nothing.
const PLAIN: [u8; 3] = [0, 114, 178];

/// Draws `layout.svg` (the paper, figures 2a and 5), `actions.svg` (figures 2c and 2d) and `states.svg` (figure 2b), as
/// far as there are any.
pub(super) fn draw(subject: &Subject, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    if let Some(layout) = layout(subject) {
        write(&folder.join("layout.svg"), &gridworld(&layout))?;
    }
    if let Some(table) = table(&subject.agent) {
        write(&folder.join("actions.svg"), &actions(subject, &table))?;
    }
    let states = seen(subject);
    if let Some(embedded) = embedded(subject, &states) {
        write(&folder.join("states.svg"), &of_states(subject, &states, &embedded))?;
    }
    Ok(())
}

fn write(path: &Path, drawing: &Drawing) -> Result<()> {
    std::fs::write(path, drawing.to_svg()).with_context(|| format!("{} cannot be written", path.display()))
}

/// Walls, start and goal.
fn layout(subject: &Subject) -> Option<Gridworld> {
    let plane = subject.experiment.env.plane()?;
    let (start, goal) = plane.start_and_goal?;
    Some(Gridworld { title: "Gridworld".to_owned(), walls: plane.walls, goal, start, ..Gridworld::default() })
}

/// Action embeddings, beside the displacements that give them their colours where effects are such.
fn actions(subject: &Subject, table: &Tensor) -> Drawing {
    let effects = subject.effects.as_ref().and_then(|effects| effects.vectors());
    let displacements: Option<Vec<[f64; 2]>> = effects.and_then(|vectors| {
        vectors.iter().map(|vector| <[f64; 2]>::try_from(vector.as_slice()).ok()).collect()
    });
    let Some(displacements) = displacements else {
        return cloud("Action embeddings", table, |_| PLAIN);
    };
    let reach = displacements.iter().map(|[x, y]| x.hypot(*y)).fold(0.0, f64::max);
    let color = |i: usize| displacement_color(displacements[i], reach);
    let points = (0..displacements.len())
        .map(|i| Point { at: displacements[i], color: color(i), label: i.to_string() })
        .collect();
    let axes = ["Δc1", "Δc2"].map(str::to_owned);
    let caused = scatter(&Scatter { title: "Displacements".to_owned(), axes, points });
    side_by_side(&[caused, cloud("Action embeddings", table, color)], 2)
}

/// State embeddings, coloured by where the states lie.
fn of_states(subject: &Subject, states: &Tensor, embedded: &Tensor) -> Drawing {
    let observations = numbers(states);
    let rows: Vec<&[f64]> = observations.chunks_exact(states.size()[1] as usize).collect();
    let color = |i: usize| subject.experiment.env.place(rows[i]).map_or(PLAIN, position_color);
    cloud("State embeddings", embedded, color)
}

fn cloud(title: &str, table: &Tensor, color: impl Fn(usize) -> [u8; 3]) -> Drawing {
    scatter(&Scatter::of_vectors(title, &vectors(table), |i| (color(i), i.to_string())))
}
