//! The command line.

mod arguments;
mod check;
mod data;
mod eval;
mod inspect;
mod list;
mod optimum;
mod output;
mod report;
mod sweep;
mod train;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::agent::Agent;
use crate::exit::Exit;
use crate::experiment::{Device, Experiment, Place, Problems, Registry};
use crate::run_folder::RunFolder;
use crate::signals;
use crate::stderr::tell;
use crate::worker::ready;
use arguments::{Arguments, Command};

/// Everything `jsae-run` does, for the environments of `registry`: the whole `main` of a program of your own.
pub fn run(registry: &Registry) -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        None => train::train(&arguments.train, registry),
        Some(Command::Eval(eval)) => eval::eval(&eval, registry),
        Some(Command::Inspect(inspect)) => inspect::inspect(&inspect, registry),
        Some(Command::Check(check)) => check::check(&check, registry),
        Some(Command::Optimum(arguments)) => optimum::optimum(&arguments, registry),
        Some(Command::Report(arguments)) => report::report(&arguments, registry),
        Some(Command::Figure(arguments)) => report::figure(&arguments),
        Some(Command::Table(arguments)) => report::table(&arguments),
        Some(Command::Data { command }) => data::data(&command),
        Some(Command::List { table }) => list::list(table.as_deref(), registry),
        Some(Command::Sweep(sweep)) => sweep::sweep(&sweep, registry),
        Some(Command::Verify(verify)) => verify::verify(&verify),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "jsae-run", &mut script);
            output::answer(format_args!("{}", String::from_utf8_lossy(&script)));
            Ok(Exit::Done)
        }
        Some(Command::Worker { folder, embeddings }) => {
            crate::worker::work(&folder, embeddings.as_deref(), registry)
        }
    };
    match result {
        // Taking libraries down in order may take longer than the second that was promised.
        Ok(Exit::Stopped) => signals::leave(),
        Ok(exit) => exit.into(),
        Err(error) => {
            let bad_input = error.is::<Problems>();
            tell!("{}", if bad_input { error.to_string() } else { format!("error: {error:#}") });
            if bad_input { Exit::BadInput } else { Exit::Failed }.into()
        }
    }
}

/// The run that a command is asked about.
fn run_folder(path: &Path) -> Result<RunFolder, Problems> {
    let no_run = "is not the folder of a run, expected one that holds config.toml, as in runs/NAME/seed-0";
    RunFolder::open(path).map_err(|_| Problems::one(Place::Path(path.to_owned()), no_run))
}

/// The agent that the run in `folder` left, which trained `experiment`, on `device` or where it was trained.
fn agent(
    folder: &RunFolder,
    experiment: &Experiment,
    device: Option<Device>,
) -> Result<Agent, anyhow::Error> {
    let here = device.unwrap_or(experiment.device);
    ready(here).map_err(|why| {
        let (path, message) = match device {
            Some(_) => (folder.path().to_owned(), format!("--device is \"cuda\", and {why}")),
            None => (
                folder.file("config.toml"),
                format!("device is \"cuda\", and {why}; --device cpu does without"),
            ),
        };
        Problems::one(Place::Path(path), message)
    })?;
    Agent::of(folder, experiment, here)
}
