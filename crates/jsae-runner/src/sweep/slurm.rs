//! Array jobs: one task for every trial or chunk of trials, and a job that aggregates after all of them.
//!
//! Slurm is asked to requeue tasks that are pre-empted or whose node fails; a task that nears its time
//! limit is told by a signal, leaves checkpoints and requeues itself. What is missing is decided by
//! the runs' folders alone, so that a second submission after `scancel` completes the rest.
//!
//! Two nodes may come to work at one run where the network is cut between a node and the controller:
//! the first is declared dead and its task requeued while it lives on. On a file system whose locks
//! reach across machines (NFS, Lustre with `flock`, GPFS) the second waits for the first. On one whose
//! locks do not, both would write; that case is not defended against. The embeddings that all tasks share
//! are: there such locks only spare the same work.

mod script;

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::plan::Plan;
use super::results::{Results, SeedResult};
use super::tasks::open_tasks;
use super::trial::Stage;
use crate::experiment::Registry;

/// What the command line says about jobs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) partition: Option<String>,
    /// Time limit of a task, as `sbatch --time` takes it.
    pub(crate) time: Option<String>,
    /// Memory of a task, as `sbatch --mem` takes it.
    pub(crate) mem: Option<String>,
    /// Tasks that run at once.
    pub(crate) array_limit: Option<usize>,
    /// Trials of a task; chosen so that the array is allowed where absent.
    pub(crate) chunk: Option<usize>,
    /// Seconds before the time limit at which a task is told.
    pub(crate) signal: u32,
    /// Run failed ones again.
    pub(crate) retry: bool,
    /// Submit beside jobs of the same sweep that are still in the queue.
    pub(crate) force: bool,
}

/// Submits what is left of a sweep: the search, or after it the best trial's fresh seeds.
///
/// # Errors
/// No Slurm, or one that refuses; jobs of this sweep that are still in the queue.
pub(crate) fn submit(
    plan: &Plan,
    results: &Results,
    options: &Options,
    registry: &Registry,
) -> Result<Vec<String>> {
    let retry = |seed: &SeedResult| seed.is_open() || options.retry && seed.is_failed();
    let stage = if results.search().any(retry) { Stage::Search } else { Stage::Final };
    let chunk = options.chunk.unwrap_or_else(|| plan.len().div_ceil(largest_array()));
    let tasks = match stage {
        Stage::Search => open_tasks(results, chunk, options.retry),
        Stage::Final => {
            let seeds = results.finals.iter().enumerate();
            seeds.filter(|(_, seed)| retry(seed)).map(|(number, _)| number).collect()
        }
    };
    if tasks.is_empty() {
        return Ok(vec!["nothing is left to be submitted".to_owned()]);
    }
    let folder = std::path::absolute(plan.place.path())?;
    if let Some(job) = queued(&folder.to_string_lossy())?.filter(|_| !options.force) {
        bail!("job {job} of this sweep is still in the queue: wait, scancel it, or --force");
    }
    std::fs::create_dir_all(folder.join("slurm"))?;
    let base = plan.base(registry)?;
    let job = script::Job { plan, options, base: &base, folder: &folder, stage, chunk, tasks: &tasks };
    let array = sbatch(plan, &job.array()?, &format!("{}.sh", job.name()), &[])?;
    let after = [format!("--dependency=afterany:{array}")];
    let aggregate = sbatch(plan, &job.aggregate()?, &format!("{}-aggregate.sh", job.name()), &after)?;
    let what = match stage {
        Stage::Search => format!("{} of at most {chunk} trials", super::summary::count(tasks.len(), "task")),
        Stage::Final => super::summary::count(tasks.len(), "fresh seed"),
    };
    Ok(vec![
        format!("submitted job {array}: {what}"),
        format!("submitted job {aggregate}: aggregates after all of them"),
    ])
}

/// Writes a script into the sweep's folder and submits it; the number of the job.
fn sbatch(plan: &Plan, script: &str, name: &str, arguments: &[String]) -> Result<String> {
    let name = format!("slurm/{name}");
    plan.place.write(&name, script)?;
    let path = plan.place.path().join(name);
    let output = Command::new("sbatch").arg("--parsable").args(arguments).arg(&path).output();
    let output = output.context("sbatch cannot be started: is Slurm installed here?")?;
    if !output.status.success() {
        bail!("sbatch {}: {}", path.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    // `JOB` or `JOB;CLUSTER`.
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(text.split(';').next().unwrap_or_default().to_owned())
}

/// A job in the queue whose comment names this folder.
fn queued(folder: &str) -> Result<Option<String>> {
    let output = Command::new("squeue").args(["--noheader", "--format=%A %k"]).output();
    let output = output.context("squeue cannot be started: is Slurm installed here?")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter_map(|line| line.trim().split_once(' '));
    Ok(lines.into_iter().find(|(_, comment)| *comment == folder).map(|(job, _)| job.to_owned()))
}

/// Tasks that one array may have here.
fn largest_array() -> usize {
    const SLURMS_DEFAULT: usize = 1_001;
    let output = Command::new("scontrol").args(["show", "config"]).output().ok();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let line = text.lines().find_map(|line| line.trim().strip_prefix("MaxArraySize"));
    let size: Option<usize> = line.and_then(|rest| rest.trim_start_matches([' ', '=']).trim().parse().ok());
    // Numbers of tasks are below it.
    size.unwrap_or(SLURMS_DEFAULT).saturating_sub(1).max(1)
}
