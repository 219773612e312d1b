//! What an episode's return is held against: computed once, kept in the run's folder.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use jsae_envs::ReferenceReturns;

use crate::experiment::Experiment;
use crate::run_folder::RunFolder;

/// The file in a run's folder.
pub(crate) const FILE: &str = "reference.json";

/// A run does not wait longer; `jsae-run optimum RUN` does.
const LONGEST: Duration = Duration::from_secs(60);

/// How long it will take is foreseen after this.
const FIRST_GUESS: Duration = Duration::from_secs(1);

/// More states than this would take more memory than a run's own.
const MOST_STATES: usize = 10_000_000;

/// Those of the run in `folder`: read there, or computed and kept there; none where they are unknown, where
/// computing them takes too long, or where `stop` was set meanwhile.
///
/// # Errors
/// A disk that refuses.
pub(crate) fn of_run(
    folder: &RunFolder,
    experiment: &Experiment,
    stop: &AtomicBool,
) -> Result<Option<ReferenceReturns>> {
    let kept = std::fs::read(folder.file(FILE)).ok();
    let kept = kept.and_then(|text| serde_json::from_slice(&text).ok());
    if kept.is_some() || has_too_many_states(experiment) {
        return Ok(kept);
    }
    let started = Instant::now();
    let mut proceed = |share: f64| {
        let elapsed = started.elapsed();
        let fits = elapsed < FIRST_GUESS || elapsed.div_f64(share.max(1e-9)) < LONGEST;
        fits && !stop.load(Ordering::Relaxed)
    };
    // A run needs them for its messages alone.
    let computed = experiment.env.reference_returns(&mut proceed).ok().flatten();
    if let Some(returns) = computed {
        keep(folder, &returns)?;
    }
    Ok(computed)
}

/// Writes them where runs and reports look for them.
///
/// # Errors
/// A disk that refuses.
pub(crate) fn keep(folder: &RunFolder, returns: &ReferenceReturns) -> Result<()> {
    folder.write_json(FILE, returns)
}

fn has_too_many_states(experiment: &Experiment) -> bool {
    let states = |sizes: &[usize]| sizes.iter().fold(1, |n: usize, &size| n.saturating_mul(size));
    let env = experiment.env.build();
    env.is_ok_and(|env| env.observation_space().sizes().is_some_and(|sizes| states(sizes) > MOST_STATES))
}
