use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::plan::{Plan, Run};
use super::results::Results;
use super::trial::Stage;
use crate::observer::Event;
use crate::stderr::tell;
use crate::train::Summary;
use crate::watch::of_optimal;

/// Time between two plain lines of progress.
const PLAIN_INTERVAL: Duration = Duration::from_secs(30);

/// Shows a sweep at work: a table on a terminal, plain lines elsewhere.
pub(crate) struct Table<'p> {
    plan: &'p Plan,
    bars: Option<(MultiProgress, ProgressBar)>,
    quiet: bool,
    rows: BTreeMap<usize, Row>,
    began: Instant,
    last_line: Instant,
    /// Runs to be made by this process, and how many of them are over.
    planned: usize,
    over: usize,
    /// Runs made here, whole ones and parts.
    worked: f64,
    failed: usize,
    /// Values of the trials that miss a seed.
    partial: BTreeMap<usize, Vec<f64>>,
    best: Option<(f64, usize)>,
    busy: Vec<Run>,
}

/// A run under way.
struct Row {
    bar: ProgressBar,
    n_epochs: usize,
    /// Epochs done when this process began, and now.
    first: usize,
    epoch: usize,
}

impl Row {
    /// Share of the run that was made here.
    fn share(&self) -> f64 {
        (self.epoch - self.first) as f64 / self.n_epochs.max(1) as f64
    }
}

impl<'p> Table<'p> {
    /// A table of `planned` runs to be made, beside the `results` that are there.
    pub(crate) fn new(plan: &'p Plan, results: &Results, planned: usize, quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal() && !quiet;
        let bars = terminal.then(|| {
            let all = MultiProgress::new();
            let top = all.add(ProgressBar::new(planned as u64));
            let style = "{bar:24} {pos}/{len} runs  {msg}";
            top.set_style(ProgressStyle::with_template(style).expect("the template is well formed"));
            (all, top)
        });
        let now = Instant::now();
        let mut partial: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for (seed, value) in results.search().filter_map(|seed| Some((seed, seed.value()?))) {
            partial.entry(seed.run.trial).or_default().push(value);
        }
        let best = results.best.and_then(|best| Some((results.trials[best].score()?.mean, best)));
        Self {
            plan,
            bars,
            quiet,
            rows: BTreeMap::new(),
            began: now,
            last_line: now,
            planned,
            over: 0,
            worked: 0.0,
            failed: 0,
            partial,
            best,
            busy: Vec::new(),
        }
    }

    /// A line of its own, above the table.
    pub(crate) fn say(&self, line: &str) {
        match &self.bars {
            _ if self.quiet => {}
            // Without a terminal a line that cannot be shown is no loss.
            Some((bars, _)) => drop(bars.println(line)),
            None => tell!("{line}"),
        }
    }

    /// Takes a finished run into account.
    fn score(&mut self, run: Run, summary: &Summary) {
        let value = self.plan.sweep.criterion.value(summary).filter(|value| value.is_finite());
        let (Some(value), Stage::Search) = (value, run.stage) else { return };
        let values = self.partial.entry(run.trial).or_default();
        values.push(value);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let whole = values.len() == self.plan.sweep.search_seeds.len();
        if whole && self.best.is_none_or(|(best, _)| mean > best) {
            self.best = Some((mean, run.trial));
        }
    }

    pub(super) fn started(&mut self, index: usize, run: Run, n_epochs: usize) {
        let bar = match &self.bars {
            Some((bars, _)) => bars.add(ProgressBar::new(n_epochs as u64)),
            None => ProgressBar::hidden(),
        };
        let style = ProgressStyle::with_template("  {prefix:28} {bar:20} {pos}/{len} epochs  {msg}");
        bar.set_style(style.expect("the template is well formed"));
        bar.set_prefix(run.label());
        bar.tick();
        self.rows.insert(index, Row { bar, n_epochs, first: 0, epoch: 0 });
    }

    pub(super) fn event(&mut self, index: usize, run: Run, event: &Event) {
        let Some(row) = self.rows.get_mut(&index) else { return };
        match event {
            Event::Resumed { epoch } => {
                (row.first, row.epoch) = (*epoch, *epoch);
                row.bar.set_position(*epoch as u64);
                self.say(&format!("{}: goes on after epoch {epoch}", run.label()));
            }
            Event::Waiting { text } => {
                let message = format!("waiting for {text}, which another process learns");
                row.bar.set_message(message.clone());
                if self.bars.is_none() {
                    self.say(&format!("{}: {message}", run.label()));
                }
            }
            Event::Pretraining { pass, loss, .. } => {
                row.bar.set_message(format!("pre-training pass {pass}, loss {loss:.4}"));
            }
            Event::Epoch { epoch, episode_return, share_of_optimal, steps_per_second, .. } => {
                row.epoch = *epoch;
                row.bar.set_position(*epoch as u64);
                let value = episode_return.map_or("–".to_owned(), |value| format!("{value:.3}"));
                let share = of_optimal(*share_of_optimal);
                row.bar.set_message(format!("return {value}{share}  {steps_per_second:.0} steps/s"));
            }
            Event::Warning { text } => self.say(&format!("{}: warning: {text}", run.label())),
            Event::Finished { .. } => {}
        }
        self.refresh();
    }

    pub(super) fn finished(&mut self, index: usize, run: Run, summary: &Summary) {
        let line = format!("{}: finished, {}", run.label(), figures(summary));
        self.score(run, summary);
        self.close(Some(index), true);
        self.say(&format!("[{}/{}] {line}", self.over, self.planned));
    }

    pub(super) fn failed(&mut self, index: Option<usize>, run: Run, words: &str) {
        self.failed += 1;
        self.close(index, true);
        let line = format!("[{}/{}] {}: failed: {words}", self.over, self.planned, run.label());
        if self.bars.is_some() { self.say(&line) } else { tell!("{line}") }
    }

    pub(super) fn stopped(&mut self, index: usize, run: Run) {
        self.close(Some(index), false);
        self.say(&format!("{}: stopped; the same command goes on from its checkpoint", run.label()));
    }

    /// Another process has made the run meanwhile.
    pub(super) fn found(&mut self, run: Run, outcome: Result<&Summary, &str>) {
        self.close(None, true);
        let line = match outcome {
            Ok(summary) => {
                self.score(run, summary);
                format!("finished by another process, {}", figures(summary))
            }
            Err(reason) => format!("failed: {reason}"),
        };
        self.say(&format!("[{}/{}] {}: {line}", self.over, self.planned, run.label()));
    }

    /// Another process works at the run: said once.
    pub(super) fn busy(&mut self, run: Run) {
        if !self.busy.contains(&run) {
            self.busy.push(run);
            self.say(&format!("{}: another process works at it, waiting", run.label()));
        }
    }

    /// Takes the table off the screen.
    pub(crate) fn close_all(&mut self) {
        if let Some((bars, top)) = &self.bars {
            top.finish_and_clear();
            // Without a terminal there is nothing to clear.
            let _ = bars.clear();
        }
    }

    fn close(&mut self, index: Option<usize>, over: bool) {
        if let Some(row) = index.and_then(|index| self.rows.remove(&index)) {
            row.bar.finish_and_clear();
            self.worked +=
                if over { 1.0 - row.first as f64 / row.n_epochs.max(1) as f64 } else { row.share() };
        }
        self.over += usize::from(over);
        self.refresh();
    }

    fn refresh(&mut self) {
        if let Some((_, top)) = &self.bars {
            top.set_position(self.over as u64);
            top.set_message(self.headline());
        } else if self.last_line.elapsed() >= PLAIN_INTERVAL {
            self.last_line = Instant::now();
            self.say(&format!("{}/{} runs  {}", self.over, self.planned, self.headline()));
        }
    }

    fn headline(&self) -> String {
        let failed = (self.failed > 0).then(|| format!("{} failed", self.failed));
        let left = self.left().map(|left| format!("{} left", duration(left)));
        let best = self.best.map(|(mean, trial)| {
            format!("best so far {mean:.3} (trial {trial}: {})", self.plan.trial(trial).describe())
        });
        [best, failed, left].into_iter().flatten().collect::<Vec<_>>().join("  ")
    }

    /// Seconds left at the pace so far.
    fn left(&self) -> Option<f64> {
        let shares: f64 = self.rows.values().map(Row::share).sum();
        let worked = self.worked + shares;
        let left = (self.planned - self.over.min(self.planned)) as f64 - shares;
        (worked > 0.0).then(|| self.began.elapsed().as_secs_f64() / worked * left.max(0.0))
    }
}

fn figures(summary: &Summary) -> String {
    let value = summary.final_return.map_or("–".to_owned(), |value| format!("{value:.4}"));
    format!("final return {value}, evaluation {:.4}", summary.mean_return)
}

/// `2 h 05 min`, `3 min 20 s`, `12 s`.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60, whole % 60) {
        (0, 0, 0, _) if seconds < 10.0 => format!("{seconds:.1} s"),
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, s) => format!("{m} min {s:02} s"),
        (0, h, m, _) => format!("{h} h {m:02} min"),
        (d, h, _, _) => format!("{d} d {h} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_told_in_two_units_at_most() {
        let told = [4.26, 59.0, 200.0, 7_500.0, 200_000.0].map(duration);
        assert_eq!(told, ["4.3 s", "59 s", "3 min 20 s", "2 h 05 min", "2 d 7 h"]);
    }
}
