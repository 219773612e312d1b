use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::exit::Exit;
use crate::observer::Event;
use crate::run_folder::RunFolder;
use crate::signals;
use crate::watch::Watch;

/// glibc gives memory above 128 KiB back to the system at each free: the activations of a batch
/// would be mapped anew in every layer.
const MALLOC: [(&str, &str); 3] = [
    ("MALLOC_MMAP_THRESHOLD_", "1073741824"),
    ("MALLOC_TRIM_THRESHOLD_", "4294967296"),
    ("MALLOC_TOP_PAD_", "67108864"),
];

/// Least time between two epochs that are told.
const BETWEEN_EPOCHS: Duration = Duration::from_millis(100);

/// One run to be made.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// `gridworld9_vpg seed 3`.
    pub(crate) label: String,
    pub(crate) folder: RunFolder,
    pub(crate) n_epochs: usize,
}

/// What is heard of the worker processes, by number.
pub(crate) enum Message {
    /// A line that one has written.
    Event(usize, Event),
    /// One has closed its standard output: it has ended, or is about to.
    Ended(usize),
}

/// Makes every run in a process of its own, `n_at_once` at a time; a run that fails does not stop the others.
///
/// Embeddings that runs share are kept in `embeddings`.
pub(crate) fn supervise(
    jobs: &[Job],
    embeddings: Option<&Path>,
    n_at_once: usize,
    watch: &mut Watch,
) -> Result<Exit> {
    let (sender, receiver) = mpsc::channel();
    let (stop, leave) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let set = |flag: &Arc<AtomicBool>| {
        let flag = Arc::clone(flag);
        move || flag.store(true, Ordering::Relaxed)
    };
    signals::on_stop(set(&stop), set(&leave))?;
    let mut children: Vec<Option<Child>> = Vec::new();
    let (mut exit, mut stopping) = (Exit::Done, false);
    loop {
        while !stopping && children.len() < jobs.len() && running(&children) < n_at_once {
            let index = children.len();
            watch.started(index, &jobs[index]);
            children.push(Some(spawn(index, &jobs[index].folder, embeddings, sender.clone())?));
        }
        if running(&children) == 0 {
            break;
        }
        if stop.load(Ordering::Relaxed) && !stopping {
            stopping = true;
            children.iter().flatten().for_each(terminate);
        }
        if leave.load(Ordering::Relaxed) {
            // Children that have just ended cannot be killed, and need not be.
            children.iter_mut().flatten().for_each(|child| drop(child.kill()));
            signals::leave();
        }
        match receiver.recv_timeout(Duration::from_millis(20)) {
            Ok(Message::Event(index, event)) => watch.event(index, &jobs[index], &event),
            Ok(Message::Ended(index)) => {
                let status = children[index].take().context("a run ended twice")?.wait()?;
                exit = exit.max(conclude(index, &jobs[index], status, stopping, watch));
            }
            Err(_) => {}
        }
    }
    Ok(if children.len() < jobs.len() { exit.max(Exit::Stopped) } else { exit })
}

fn running(children: &[Option<Child>]) -> usize {
    children.iter().flatten().count()
}

/// Starts a worker for the run in `folder`, which shares the embeddings in `embeddings`; what it says is sent on with
/// its number.
///
/// # Errors
/// A log that cannot be written, a system that starts no process.
pub(crate) fn spawn(
    index: usize,
    folder: &RunFolder,
    embeddings: Option<&Path>,
    sender: mpsc::Sender<Message>,
) -> Result<Child> {
    let log = File::options().create(true).append(true).open(folder.file("log.txt"))?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("worker")
        .arg(folder.path())
        .args(embeddings.into_iter().flat_map(|root| [OsStr::new("--embeddings"), root.as_os_str()]))
        .envs(MALLOC)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        // A key that interrupts is for this process: it passes the request on.
        .process_group(0)
        .spawn()
        .context("a worker process cannot be started")?;
    let stdout = child.stdout.take().context("the worker has no standard output")?;
    std::thread::spawn(move || relay(index, stdout, &sender));
    Ok(child)
}

/// Sends on what a worker says until it is silent for good; of epochs that come faster than anyone can
/// look, the last alone: what watches must not cost what it watches.
fn relay(index: usize, stdout: ChildStdout, sender: &mpsc::Sender<Message>) {
    let send = |event| {
        let _ = sender.send(Message::Event(index, event));
    };
    let (mut held, mut last) = (None, None::<Instant>);
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        let Ok(event) = serde_json::from_str(&line) else { continue };
        if !matches!(event, Event::Epoch { .. }) {
            held.take().into_iter().for_each(send);
            send(event);
        } else if last.is_some_and(|at| at.elapsed() < BETWEEN_EPOCHS) {
            held = Some(event);
        } else {
            (held, last) = (None, Some(Instant::now()));
            send(event);
        }
    }
    held.into_iter().for_each(send);
    let _ = sender.send(Message::Ended(index));
}

/// Asks a worker to leave a checkpoint and stop.
pub(crate) fn terminate(child: &Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // A child that has just ended needs no signal.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
}

fn conclude(index: usize, job: &Job, status: ExitStatus, stopping: bool, watch: &mut Watch) -> Exit {
    match status.code() {
        Some(0) => Exit::Done,
        Some(3) => {
            watch.stopped(index, job);
            Exit::Stopped
        }
        // The request came before the process could catch it.
        None if stopping => {
            watch.stopped(index, job);
            Exit::Stopped
        }
        Some(2) => {
            watch.failed(index, job, &last_words(&job.folder).unwrap_or_default());
            Exit::BadInput
        }
        Some(_) => {
            let words = last_words(&job.folder).unwrap_or_else(|| format!("the process ended with {status}"));
            watch.failed(index, job, &words);
            Exit::Failed
        }
        None => {
            let words =
                format!("the process was ended by {status}; the same command goes on from its checkpoint");
            watch.failed(index, job, &words);
            Exit::Failed
        }
    }
}

/// The last line of the run's log.
fn last_words(folder: &RunFolder) -> Option<String> {
    let log = std::fs::read_to_string(folder.file("log.txt")).ok()?;
    log.lines().rev().find(|line| !line.trim().is_empty()).map(str::to_owned)
}
