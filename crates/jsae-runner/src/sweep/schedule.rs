use std::collections::{BTreeMap, VecDeque};
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::plan::{Plan, Run};
use super::reason::{Kind, memory_kills, reason};
use super::status::{Claim, Found, State, Status, claim};
use super::table::Table;
use crate::experiment::Registry;
use crate::run_folder::{RunFolder, set_aside};
use crate::supervise::{Message, spawn, terminate};

/// Time between two looks at a run that another process works at.
const BUSY_INTERVAL: Duration = Duration::from_millis(500);

/// A process under way.
struct Running {
    run: Run,
    folder: RunFolder,
    child: Child,
    status: Status,
    kills_before: u64,
    _claim: Claim,
}

/// What is to be done, and what happens to it.
struct Schedule<'a, 'p> {
    plan: &'a Plan,
    registry: &'a Registry,
    retry: bool,
    table: &'a mut Table<'p>,
    queue: VecDeque<Run>,
    /// Runs that another process works at, and when to look again.
    busy: VecDeque<(Instant, Run)>,
    running: BTreeMap<usize, Running>,
    started: usize,
    messages: (mpsc::Sender<Message>, mpsc::Receiver<Message>),
}

/// Makes `runs`, each in a process of its own, `n_at_once` at a time, until all are finished or failed or
/// `stop` is set; a run that fails is noted with its reason, and the others go on.
///
/// # Errors
/// A disk that refuses, a system that starts no processes.
pub(crate) fn schedule(
    plan: &Plan,
    runs: &[Run],
    n_at_once: usize,
    retry: bool,
    registry: &Registry,
    stop: &Arc<AtomicBool>,
    table: &mut Table<'_>,
) -> Result<()> {
    let mut schedule = Schedule {
        plan,
        registry,
        retry,
        table,
        queue: runs.iter().copied().collect(),
        busy: VecDeque::new(),
        running: BTreeMap::new(),
        started: 0,
        messages: mpsc::channel(),
    };
    let mut passed_on = false;
    loop {
        let stopping = stop.load(Ordering::Relaxed);
        while !stopping && schedule.running.len() < n_at_once {
            let Some(run) = schedule.next() else { break };
            schedule.start(run)?;
        }
        if schedule.running.is_empty() && (stopping || schedule.queue.is_empty() && schedule.busy.is_empty())
        {
            return Ok(());
        }
        if stopping && !passed_on {
            passed_on = true;
            schedule.running.values().for_each(|running| terminate(&running.child));
        }
        match schedule.messages.1.recv_timeout(Duration::from_millis(200)) {
            Ok(Message::Event(index, event)) => {
                if let Some(running) = schedule.running.get(&index) {
                    schedule.table.event(index, running.run, &event);
                }
            }
            Ok(Message::Ended(index)) => schedule.end(index)?,
            Err(_) => {}
        }
    }
}

impl Schedule<'_, '_> {
    /// The next run whose turn it is.
    fn next(&mut self) -> Option<Run> {
        if self.busy.front().is_some_and(|(when, _)| *when <= Instant::now()) {
            return self.busy.pop_front().map(|(_, run)| run);
        }
        self.queue.pop_front()
    }

    /// Starts a run, unless it is finished, failed or in other hands.
    fn start(&mut self, run: Run) -> Result<()> {
        let path = self.plan.folder(run);
        let Some(claim) = claim(&path)? else {
            self.table.busy(run);
            self.busy.push_back((Instant::now() + BUSY_INTERVAL, run));
            return Ok(());
        };
        let failed_before = match Found::at(&path) {
            Found::Finished(summary) => {
                self.table.found(run, Ok(&summary));
                return Ok(());
            }
            Found::Failed(_, reason) if !self.retry => {
                self.table.found(run, Err(&reason));
                return Ok(());
            }
            Found::Failed(kind, _) => Some(kind),
            Found::Damaged(what) => {
                self.move_aside(run, &what)?;
                return self.start(run);
            }
            Found::Nothing | Found::Unfinished => None,
        };
        // The same steps from the same checkpoint would end the same way; what the system did may not come again.
        if matches!(failed_before, Some(Kind::Error | Kind::NotFinite | Kind::BadInput)) {
            self.move_aside(run, "--retry")?;
            return self.start(run);
        }
        self.launch(run, claim)
    }

    fn launch(&mut self, run: Run, claim: Claim) -> Result<()> {
        let path = self.plan.folder(run);
        let mut status = Status::started(&path);
        let prepared = self.plan.run_folder(run, self.registry).map_err(anyhow::Error::from);
        let prepared = prepared.and_then(|(experiment, folder)| {
            folder.prepare(&experiment)?;
            Ok((experiment, folder))
        });
        let (experiment, folder) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                let words = format!("{error:#}");
                self.table.failed(None, run, &words);
                (status.state, status.kind, status.reason) =
                    (State::Failed, Some(Kind::BadInput), Some(words));
                return status.write(&path);
            }
        };
        status.write(&path)?;
        let index = self.started;
        self.started += 1;
        self.table.started(index, run, experiment.training.n_epochs);
        let embeddings = self.plan.place.embeddings();
        let child = spawn(index, &folder, Some(&embeddings), self.messages.0.clone())?;
        let kills_before = memory_kills();
        self.running.insert(index, Running { run, folder, child, status, kills_before, _claim: claim });
        Ok(())
    }

    fn end(&mut self, index: usize) -> Result<()> {
        let mut running = self.running.remove(&index).context("a run ended twice")?;
        let ended = running.child.wait()?;
        let run = running.run;
        let path = running.folder.path();
        let status = &mut running.status;
        match (ended.code(), Found::at(path)) {
            (Some(0), Found::Finished(summary)) => {
                status.state = State::Finished;
                self.table.finished(index, run, &summary);
            }
            (Some(3), _) => {
                status.state = State::Stopped;
                self.table.stopped(index, run);
            }
            _ => {
                let killed = memory_kills() > running.kills_before;
                let (kind, words) = reason(ended, &running.folder.file("log.txt"), killed);
                self.table.failed(Some(index), run, &words);
                (status.state, status.kind, status.reason) = (State::Failed, Some(kind), Some(words));
            }
        }
        status.write(path)
    }

    /// Keeps what cannot be gone on from, beside a new beginning.
    fn move_aside(&mut self, run: Run, why: &str) -> Result<()> {
        let path = self.plan.folder(run);
        let kept = set_aside(&path)?;
        self.table.say(&format!(
            "{}: begins anew ({why}); what was there is kept as {}",
            run.label(),
            kept.display()
        ));
        Ok(())
    }
}
