use std::path::{Path, PathBuf};

use anyhow::Result;

use super::arguments::Train;
use crate::exit::Exit;
use crate::experiment::{Experiment, Place, Problem, Problems, Registry};
use crate::memory::Estimate;
use crate::run_folder::{REMEDY, RunFolder, RunState};
use crate::supervise::{Job, supervise};
use crate::train::Summary;
use crate::transfer;
use crate::watch::{Verbosity, Watch};

/// `jsae-run CONFIG...`: every seed of every file.
pub(super) fn train(arguments: &Train, registry: &Registry) -> Result<Exit> {
    let experiments = load_all(arguments, registry)?;
    let verbosity = match (arguments.quiet, arguments.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let processors = || std::thread::available_parallelism().unwrap_or(std::num::NonZeroUsize::MIN);
    let n_at_once = arguments.jobs.unwrap_or_else(processors).get();
    check_memory(&experiments, &arguments.configs, n_at_once)?;
    check_sources(&experiments, arguments, registry)?;
    let mut watch = Watch::new(verbosity);
    let runs = || {
        experiments.iter().flat_map(|experiment| experiment.seeds.iter().map(move |&seed| (experiment, seed)))
    };
    // All of them before any is touched.
    for (experiment, seed) in runs() {
        let folder = RunFolder::of(&arguments.out, experiment, seed);
        match arguments.force && folder.state() != RunState::New {
            true => folder.check_movable()?,
            false => folder.compare(&experiment.with_seed(seed), REMEDY)?,
        }
    }
    let mut jobs = Vec::new();
    for (experiment, seed) in runs() {
        jobs.extend(prepare(experiment, seed, arguments, &watch)?);
    }
    let exit = supervise(&jobs, arguments.embeddings.as_deref(), n_at_once, &mut watch)?;
    for experiment in experiments.iter().filter(|experiment| experiment.seeds.len() > 1) {
        if let Some(line) = over_seeds(experiment, &arguments.out) {
            watch.say(&line);
        }
    }
    Ok(exit)
}

/// All files, or everything that is wrong with any of them.
fn load_all(arguments: &Train, registry: &Registry) -> Result<Vec<Experiment>, Problems> {
    let overrides = arguments.changes.overrides();
    let mut experiments: Vec<Experiment> = Vec::new();
    let mut problems = Vec::new();
    for path in &arguments.configs {
        match Experiment::load(path, &overrides, registry) {
            Ok(experiment) if experiments.iter().any(|other| other.name == experiment.name) => {
                let message =
                    format!("name is \"{}\", which another file of this command has too", experiment.name);
                problems.push(Problem { place: Place::Path(path.clone()), message });
            }
            Ok(experiment) => experiments.push(experiment),
            Err(found) => problems.extend(found.0),
        }
    }
    if problems.is_empty() { Ok(experiments) } else { Err(Problems(problems)) }
}

/// Refuses runs that would not fit side by side, before anything is written.
fn check_memory(experiments: &[Experiment], configs: &[PathBuf], n_at_once: usize) -> Result<()> {
    let runs: usize = experiments.iter().map(|experiment| experiment.seeds.len()).sum();
    for (experiment, config) in experiments.iter().zip(configs) {
        Estimate::check(experiment, &*experiment.env.build()?, n_at_once.min(runs), config)?;
    }
    Ok(())
}

/// Looks at what new runs begin with, before anything is written or moved.
fn check_sources(experiments: &[Experiment], arguments: &Train, registry: &Registry) -> Result<()> {
    let folder = |experiment, seed| RunFolder::of(&arguments.out, experiment, seed);
    let runs: Vec<(&Experiment, u64)> = experiments
        .iter()
        .flat_map(|experiment| experiment.seeds.iter().map(move |&seed| (experiment, seed)))
        .collect();
    for &(experiment, seed) in &runs {
        let Some(transfer) = &experiment.transfer else { continue };
        if !arguments.force && folder(experiment, seed).state() != RunState::New {
            continue;
        }
        transfer::check(&experiment.with_seed(seed), registry)?;
        let source = PathBuf::from(transfer.source(seed));
        let same = |path: &Path| Some(path.canonicalize().ok()? == source.canonicalize().ok()?);
        if arguments.force && runs.iter().any(|&(other, seed)| same(folder(other, seed).path()) == Some(true))
        {
            let problem = format!(
                "would begin anew with this command, and {} moves from it: force one after the other",
                experiment.name
            );
            return Err(Problems::one(Place::Path(source), problem).into());
        }
    }
    Ok(())
}

/// The job of one run; none where it is finished.
fn prepare(experiment: &Experiment, seed: u64, arguments: &Train, watch: &Watch) -> Result<Option<Job>> {
    let folder = RunFolder::of(&arguments.out, experiment, seed);
    let label = format!("{} seed {seed}", experiment.name);
    if arguments.force && folder.state() != RunState::New {
        let kept = folder.move_aside()?;
        watch.say(&format!("{label}: the run that was there is kept as {}", kept.display()));
    }
    let experiment = experiment.with_seed(seed);
    folder.prepare(&experiment)?;
    if folder.state() == RunState::Finished {
        let path = folder.path().display();
        watch.say(&format!("{label}: already finished, kept as it is in {path} (--force starts over)"));
        return Ok(None);
    }
    Ok(Some(Job { label, folder, n_epochs: experiment.training.n_epochs }))
}

/// Mean and standard deviation of the finished seeds.
fn over_seeds(experiment: &Experiment, out: &Path) -> Option<String> {
    let summary = |&seed: &u64| -> Option<Summary> {
        let text = std::fs::read(RunFolder::of(out, experiment, seed).file("evaluation.json")).ok()?;
        serde_json::from_slice(&text).ok()
    };
    let returns: Vec<f64> =
        experiment.seeds.iter().filter_map(summary).filter_map(|s| s.final_return).collect();
    let n = returns.len();
    if n < 2 {
        return None;
    }
    let mean = returns.iter().sum::<f64>() / n as f64;
    let variance = returns.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1) as f64;
    Some(format!("{}: final return {mean:.4} ± {:.4} over {n} seeds", experiment.name, variance.sqrt()))
}
