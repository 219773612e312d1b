use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::plan::{Part, Plan};
use crate::experiment::Registry;
use crate::observer::Event;
use crate::run_folder::RunFolder;
use crate::supervise::{Message, spawn, terminate};

/// Epochs are watched for this long.
const WATCHED: Duration = Duration::from_secs(3);

/// The trial is given up after this.
const LONGEST: Duration = Duration::from_secs(120);

/// How long a run takes, from one that was begun.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// Seconds of a whole run.
    pub(crate) run: f64,
    /// Seconds until the first epoch: start and pre-training.
    pub(crate) before: f64,
    /// Seconds of an epoch.
    pub(crate) epoch: f64,
    /// Epochs that were watched.
    pub(crate) epochs: usize,
}

/// Epochs done, and when.
type Reached = (usize, Instant);

/// A folder of the system's for temporary files, removed in the end.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Begins the first trial in a temporary folder, watches some epochs and stops it.
///
/// # Errors
/// A trial that fails, or whose first epoch does not come.
pub(crate) fn measure(plan: &Plan, registry: &Registry) -> Result<Measured> {
    let scratch = Scratch(std::env::temp_dir().join(format!("jsae-run-measure-{}", std::process::id())));
    let run = *plan.search(Part::All)?.first().context("no trial")?;
    let (experiment, _) = plan.run_folder(run, registry)?;
    let folder = RunFolder::of(&scratch.0, &experiment, run.seed);
    folder.prepare(&experiment)?;
    let (sender, receiver) = mpsc::channel();
    let began = Instant::now();
    let mut child = spawn(0, &folder, None, sender)?;
    let (mut first, mut last): (Option<Reached>, Option<Reached>) = (None, None);
    let mut stopping = false;
    loop {
        match receiver.recv_timeout(Duration::from_millis(200)) {
            Ok(Message::Event(_, Event::Epoch { epoch, .. })) => {
                last = Some((epoch, Instant::now()));
                first = first.or(last);
            }
            Ok(Message::Ended(_)) => break,
            _ => {}
        }
        let enough = first.zip(last).is_some_and(|(a, b)| b.0 > a.0 && a.1.elapsed() >= WATCHED);
        if (enough || began.elapsed() >= LONGEST) && !stopping {
            stopping = true;
            terminate(&child);
        }
    }
    let status = child.wait()?;
    let whole = began.elapsed().as_secs_f64();
    let n_epochs = experiment.training.n_epochs;
    if status.success() {
        let epoch = first.zip(last).map_or(0.0, |(a, b)| per_epoch(a, b));
        return Ok(Measured { run: whole, before: whole - epoch * n_epochs as f64, epoch, epochs: n_epochs });
    }
    match first.zip(last) {
        Some((a, b)) if status.code() == Some(3) => {
            let epoch = per_epoch(a, b);
            let before = (a.1 - began).as_secs_f64() - epoch;
            let run = before + epoch * n_epochs as f64;
            Ok(Measured { run, before: before.max(0.0), epoch, epochs: b.0 })
        }
        _ if stopping => bail!("no epoch within {} s, most of it for pre-training", LONGEST.as_secs()),
        _ => bail!("the measured trial failed: {}", last_line(&folder)),
    }
}

fn per_epoch(first: Reached, last: Reached) -> f64 {
    (last.1 - first.1).as_secs_f64() / (last.0 - first.0).max(1) as f64
}

fn last_line(folder: &RunFolder) -> String {
    let log = std::fs::read_to_string(folder.file("log.txt")).unwrap_or_default();
    log.lines().last().unwrap_or_default().to_owned()
}
