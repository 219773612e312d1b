use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::observer::Event;
use crate::stderr::tell;
use crate::supervise::Job;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

/// Time between two plain lines of one run.
const PLAIN_INTERVAL: Duration = Duration::from_secs(5);

/// Shows what runs do: bars on a terminal, plain lines elsewhere.
pub(crate) struct Watch {
    bars: Option<MultiProgress>,
    runs: Vec<Shown>,
    verbosity: Verbosity,
}

struct Shown {
    bar: ProgressBar,
    last_line: Option<Instant>,
    /// Epochs done when this process began, and when that was.
    first: (usize, Instant),
}

impl Watch {
    pub(crate) fn new(verbosity: Verbosity) -> Self {
        let terminal = std::io::stderr().is_terminal() && verbosity > Verbosity::Quiet;
        Self { bars: terminal.then(MultiProgress::new), runs: Vec::new(), verbosity }
    }

    /// A line of its own, above the bars.
    pub(crate) fn say(&self, line: &str) {
        match &self.bars {
            _ if self.verbosity == Verbosity::Quiet => {}
            // Without a terminal a line that cannot be shown is no loss.
            Some(bars) => drop(bars.println(line)),
            None => tell!("{line}"),
        }
    }

    /// A line that is said even when little is.
    fn warn(&self, line: &str) {
        match &self.bars {
            // Without a terminal a line that cannot be shown is no loss.
            Some(bars) => drop(bars.println(line)),
            None => tell!("{line}"),
        }
    }

    pub(crate) fn started(&mut self, index: usize, job: &Job) {
        debug_assert_eq!(index, self.runs.len());
        let bar = match &self.bars {
            Some(bars) => bars.add(ProgressBar::new(job.n_epochs as u64)),
            None => ProgressBar::hidden(),
        };
        let style = "{prefix} {bar:24} {pos}/{len} epochs  {msg}  {eta} left";
        bar.set_style(ProgressStyle::with_template(style).expect("the template is well formed"));
        bar.set_prefix(job.label.clone());
        self.runs.push(Shown { bar, last_line: None, first: (0, Instant::now()) });
        if self.verbosity == Verbosity::Verbose {
            self.say(&format!("{}: started, {}", job.label, job.folder.path().display()));
        }
    }

    pub(crate) fn event(&mut self, index: usize, job: &Job, event: &Event) {
        let label = &job.label;
        match event {
            Event::Resumed { epoch } => {
                self.runs[index].bar.set_position(*epoch as u64);
                self.runs[index].bar.reset_eta();
                self.runs[index].first = (*epoch, Instant::now());
                self.say(&format!("{label}: goes on after epoch {epoch}"));
            }
            Event::Warning { text } => self.warn(&format!("{label}: warning: {text}")),
            Event::Waiting { text } => {
                let message = format!("waiting for {text}, which another process learns");
                self.runs[index].bar.set_message(message.clone());
                self.plain(index, &format!("{label}: {message}"), true);
            }
            Event::Pretraining { pass, passes, loss } => {
                let message = format!("pre-training pass {pass} of {passes} at most, loss {loss:.4}");
                self.runs[index].bar.set_message(message.clone());
                self.plain(index, &format!("{label}: {message}"), *pass == 1);
            }
            Event::Epoch { epoch, n_epochs, episode_return, share_of_optimal, steps, steps_per_second } => {
                let shown = &self.runs[index];
                shown.bar.set_position(*epoch as u64);
                let episode_return = episode_return.map_or("–".to_owned(), |value| format!("{value:.3}"));
                let share = of_optimal(*share_of_optimal);
                let message = format!("return {episode_return}{share}  {steps_per_second:.0} steps/s");
                shown.bar.set_message(message.clone());
                let left = remaining(shown.first, *epoch, *n_epochs);
                let line =
                    format!("{label}: epoch {epoch}/{n_epochs}  {message}  {steps} steps  {left:.0} s left");
                self.plain(index, &line, epoch == n_epochs);
            }
            Event::Finished { final_return, share_of_optimal, evaluation } => {
                self.runs[index].bar.finish_and_clear();
                let final_return = final_return.map_or("–".to_owned(), |value| format!("{value:.4}"));
                let share = of_optimal(*share_of_optimal);
                self.say(&format!(
                    "{label}: finished, final return {final_return}{share}, evaluation {evaluation:.4}"
                ));
            }
        }
    }

    pub(crate) fn failed(&mut self, index: usize, job: &Job, words: &str) {
        self.runs[index].bar.finish_and_clear();
        tell!("{}: failed: {words} (log: {})", job.label, job.folder.file("log.txt").display());
    }

    pub(crate) fn stopped(&mut self, index: usize, job: &Job) {
        self.runs[index].bar.finish_and_clear();
        self.say(&format!("{}: stopped; the same command goes on from its checkpoint", job.label));
    }

    /// Off a terminal, a line when it is due.
    fn plain(&mut self, index: usize, line: &str, always: bool) {
        let due = self.runs[index].last_line.is_none_or(|last| last.elapsed() >= PLAIN_INTERVAL);
        if self.bars.is_none() && (due || always) {
            self.runs[index].last_line = Some(Instant::now());
            self.say(line);
        }
    }
}

/// In brackets, behind a return; nothing where it is not known.
pub(crate) fn of_optimal(share: Option<f64>) -> String {
    share.map(|share| format!(" ({:.1} % of optimal)", 100.0 * share)).unwrap_or_default()
}

/// Seconds left at the pace so far.
fn remaining(first: (usize, Instant), epoch: usize, n_epochs: usize) -> f64 {
    let (first_epoch, started) = first;
    started.elapsed().as_secs_f64() / (epoch - first_epoch).max(1) as f64 * (n_epochs - epoch) as f64
}
