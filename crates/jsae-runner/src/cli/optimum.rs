use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jsae_envs::{ConfigError, EnvError, ReferenceReturns};

use super::arguments::Optimum;
use super::output::say;
use crate::exit::Exit;
use crate::experiment::{EnvChoice, Experiment, Place, Problems, Registry};
use crate::reference;
use crate::run_folder::RunFolder;

/// What takes longer shows a bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// `jsae-run optimum CONFIG`
pub(super) fn optimum(arguments: &Optimum, registry: &Registry) -> Result<Exit> {
    let place = || Place::Path(arguments.config.clone());
    let overrides = arguments.changes.overrides();
    let run = arguments.config.is_dir().then(|| RunFolder::open(&arguments.config)).transpose();
    let run =
        run.map_err(|_| Problems::one(place(), "is not the folder of a run, expected one or a file"))?;
    if run.is_some() && !overrides.is_empty() {
        return Err(Problems::one(place(), "is a run, whose configuration stays as it is: no --set").into());
    }
    let experiment = match &run {
        Some(run) => run.experiment(registry)?,
        None => Experiment::load(&arguments.config, &overrides, registry)?,
    };
    let returns = solve(&experiment.env).map_err(|error| refused(error, &experiment.env, place()))?;
    if let Some(run) = &run {
        reference::keep(run, &returns)?;
    }
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&returns)?);
    } else {
        print(&returns);
    }
    Ok(Exit::Done)
}

fn solve(env: &EnvChoice) -> Result<ReferenceReturns, EnvError> {
    let style = ProgressStyle::with_template("{bar:24} {percent} %  {eta} left");
    let bar = ProgressBar::hidden().with_style(style.expect("the template is well formed"));
    bar.set_length(1000);
    let (started, mut shown) = (Instant::now(), false);
    let returns = env.reference_returns(&mut |share| {
        if !shown && started.elapsed() > PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            shown = true;
        }
        bar.set_position((1000.0 * share) as u64);
        true
    })?;
    bar.finish_and_clear();
    Ok(returns.expect("nobody said no"))
}

fn refused(error: EnvError, env: &EnvChoice, place: Place) -> Problems {
    let name = env.name();
    match error {
        EnvError::Config(ConfigError { key, found, expected }) => {
            Problems::one(place, format!("env.{name}.{key} is {found}, expected {expected}"))
        }
        EnvError::Unsolved { .. } => {
            let solved = "the slot machine, the recommender and the gridworld with snap have one";
            Problems::one(place, format!("[env.{name}] has no exact solution; {solved}"))
        }
        error => Problems::one(place, error.to_string()),
    }
}

fn print(returns: &ReferenceReturns) {
    let mut rows = vec![("best policy", returns.optimal)];
    rows.extend(returns.greedy.map(|greedy| ("best for one step, greedily", greedy)));
    rows.push(("random policy", returns.random));
    let numbers: Vec<String> = rows.iter().map(|(_, value)| format!("{value:.4}")).collect();
    let width = numbers.iter().map(String::len).max().unwrap_or_default();
    for ((name, _), number) in rows.iter().zip(&numbers) {
        say!("{name:<27}  {number:>width$}");
    }
}
