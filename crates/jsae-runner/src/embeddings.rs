//! Embeddings of a run as clouds of points (the paper, figure 2).

use std::path::Path;

use anyhow::Result;
use jsae_envs::Plane;
use jsae_report::picture::{Scatter, displacement_color, position_color};
use tch::{Kind, Tensor};

use crate::agent::Agent;
use crate::experiment::{Device, EmbeddingConfig, Registry};
use crate::run_folder::RunFolder;
use crate::worker::prepare_torch;

/// Points of a cloud; of more, evenly spaced ones are shown.
const MOST_POINTS: usize = 4_096;

/// Colour of points of which nothing is known.
const UNKNOWN: [u8; 3] = [86, 140, 180];

/// What the run in `folder` has learnt: x = φ(s) of the states and g(a) of the actions, as far as there are any.
///
/// States are coloured by position, actions by displacement, where the environment lies in a plane.
///
/// # Errors
/// A folder that holds no run, or no checkpoint of it.
pub(crate) fn scatters(folder: &Path, registry: &Registry) -> Result<Vec<Scatter>> {
    let run = RunFolder::open(folder)?;
    let experiment = run.experiment(registry)?;
    if matches!(experiment.embedding, EmbeddingConfig::Identity(_)) {
        return Ok(Vec::new());
    }
    // A picture needs no GPU, whatever the run was trained on.
    prepare_torch(Device::Cpu, &run.file("config.toml"))?;
    let agent = Agent::of(&run, &experiment, Device::Cpu)?;
    let plane = experiment.env.plane().unwrap_or_default();
    let title = |what: &str| format!("{}, seed {}: {what}", experiment.name, experiment.seeds[0]);
    let mut scatters = Vec::new();
    // RA embeds actions alone.
    if matches!(experiment.embedding, EmbeddingConfig::Jsae(_)) && !plane.observations.is_empty() {
        let embedded = vectors(&agent.encode(&agent.observation_rows(&plane.observations.concat())));
        scatters.push(thinned(&title("states by position"), &embedded, |i| {
            let [x, y] = plane.positions[i];
            (position_color([x, y]), format!("state at ({x:.3}, {y:.3})"))
        }));
    }
    if let Some(table) = agent.embedding().action_table() {
        let by = if plane.displacements.is_empty() { "actions" } else { "actions by displacement" };
        scatters.push(thinned(&title(by), &vectors(&table), |i| action(&plane, i)));
    }
    Ok(scatters)
}

fn action(plane: &Plane, i: usize) -> ([u8; 3], String) {
    let Some(&[dx, dy]) = plane.displacements.get(i) else { return (UNKNOWN, format!("action {i}")) };
    let length = |[x, y]: &[f64; 2]| x.hypot(*y);
    let reach = plane.displacements.iter().map(length).fold(0.0, f64::max);
    (displacement_color([dx, dy], reach), format!("action {i}: ({dx:+.3}, {dy:+.3})"))
}

fn thinned(title: &str, vectors: &[Vec<f64>], paint: impl Fn(usize) -> ([u8; 3], String)) -> Scatter {
    let stride = vectors.len().div_ceil(MOST_POINTS).max(1);
    let chosen: Vec<Vec<f64>> = vectors.iter().step_by(stride).cloned().collect();
    Scatter::of_vectors(title, &chosen, |i| paint(i * stride))
}

/// `[n, dim]` as vectors.
pub(crate) fn vectors(tensor: &Tensor) -> Vec<Vec<f64>> {
    let dim = tensor.size()[1].max(1) as usize;
    let flat = tensor.detach().to_device(tch::Device::Cpu).to_kind(Kind::Double).contiguous().view(-1);
    let flat = Vec::<f64>::try_from(flat).expect("numbers on the CPU");
    flat.chunks_exact(dim).map(<[f64]>::to_vec).collect()
}
