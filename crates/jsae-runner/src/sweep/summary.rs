use super::plan::Plan;
use super::results::{Outcome, Results, Score, SeedResult};
use super::status::Status;

/// Failures that are told one by one.
const MOST_TOLD: usize = 20;

/// Trials in the ranking.
const RANKED: usize = 5;

impl Results {
    /// What there is to say of the results so far, a line each.
    pub(crate) fn lines(&self, plan: &Plan) -> Vec<String> {
        let mut lines = self.warnings();
        lines.push(self.counts(plan));
        lines.extend(self.failures(plan));
        lines.extend(self.ranking(plan));
        lines.extend(self.finals_line(plan));
        lines
    }

    /// What should make one doubt the results.
    pub(crate) fn warnings(&self) -> Vec<String> {
        if self.versions.len() < 2 {
            return Vec::new();
        }
        let parts: Vec<String> = self
            .versions
            .iter()
            .map(|(version, runs)| format!("{version} in {}", count(*runs, "run")))
            .collect();
        vec![format!(
            "warning: results of {} versions of the program are mixed: {}",
            self.versions.len(),
            parts.join(", ")
        )]
    }

    fn counts(&self, plan: &Plan) -> String {
        let (trials, runs) = (count(plan.len(), "trial"), self.search().count());
        let failed = self.search().filter(|seed| seed.is_failed()).count();
        let open = self.search().filter(|seed| seed.is_open()).count();
        format!(
            "{}: {trials}, {}: {} finished, {failed} failed, {open} open",
            plan.sweep.name,
            count(runs, "run"),
            runs - failed - open
        )
    }

    fn failures(&self, plan: &Plan) -> Vec<String> {
        let failed = self.runs().filter_map(|seed| match &seed.outcome {
            Outcome::Failed(_, reason) => Some((seed, reason)),
            _ => None,
        });
        let mut lines: Vec<String> = failed
            .map(|(seed, reason)| {
                let log = plan.folder(seed.run).join("log.txt");
                format!("  {} failed: {reason} (log: {})", seed.run.label(), log.display())
            })
            .collect();
        let more = lines.len().saturating_sub(MOST_TOLD);
        lines.truncate(MOST_TOLD);
        if more > 0 {
            lines.push(format!("  and {more} more, all in trials.csv"));
        }
        if !lines.is_empty() {
            lines.push("  (--retry runs them again)".to_owned());
        }
        lines
    }

    /// The best trials and what they are.
    fn ranking(&self, plan: &Plan) -> Vec<String> {
        let mut scored: Vec<(usize, Score)> =
            self.trials.iter().enumerate().filter_map(|(i, trial)| Some((i, trial.score()?))).collect();
        scored.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean).then(a.0.cmp(&b.0)));
        let line = |(place, (number, score)): (usize, &(usize, Score))| {
            let head = if place == 0 { "best" } else { "then" };
            format!("  {head}: trial {number}, {score}: {}", plan.trial(*number).describe())
        };
        scored.iter().take(RANKED).enumerate().map(line).collect()
    }

    fn finals_line(&self, plan: &Plan) -> Option<String> {
        let n = self.finals.len();
        if n == 0 {
            return None;
        }
        let done = self.finals.iter().filter(|seed| seed.value().is_some()).count();
        Some(match Score::of(&self.finals) {
            Some(score) => {
                format!("{}: the best trial with {}: {score}", plan.sweep.name, count(n, "fresh seed"))
            }
            None => {
                format!("{}: the best trial with fresh seeds: {done} of {n} have a value", plan.sweep.name)
            }
        })
    }

    /// The runs that have begun and are neither finished nor failed.
    pub(crate) fn under_way(&self, plan: &Plan) -> Vec<String> {
        let open = self.runs().filter(|seed| seed.is_open());
        open.filter_map(|seed| begun(plan, seed)).take(MOST_TOLD).collect()
    }
}

fn begun(plan: &Plan, seed: &SeedResult) -> Option<String> {
    let folder = plan.folder(seed.run);
    let status = Status::read(&folder)?;
    let progress = std::fs::read_to_string(folder.join("progress.csv")).unwrap_or_default();
    let epochs = progress.lines().count().saturating_sub(1);
    let written = std::fs::metadata(folder.join("progress.csv")).and_then(|file| file.modified()).ok();
    let ago = written.and_then(|at| at.elapsed().ok()).map(|ago| format!(", {} s ago", ago.as_secs()));
    Some(format!(
        "  {}: epoch {epochs}{} on {} (process {}, attempt {})",
        seed.run.label(),
        ago.unwrap_or_default(),
        status.host,
        status.pid,
        status.attempts
    ))
}

/// `1 run`, `2 runs`.
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
