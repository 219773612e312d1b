use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;
use jsae_report::statistics;
use serde_json::json;

use super::file::Criterion;
use super::plan::{Part, Plan, Run};
use super::reason::Kind;
use super::status::{Found, Status};
use super::trial::Stage;
use crate::train::Summary;

/// What the runs of a sweep have come to so far, read from their folders.
#[derive(Debug)]
pub(crate) struct Results {
    /// By number.
    pub(crate) trials: Vec<TrialResult>,
    /// The finished trial with the highest score; of equal ones, the first.
    pub(crate) best: Option<usize>,
    /// The fresh seeds of the best trial, once the search is over.
    pub(crate) finals: Vec<SeedResult>,
    /// Versions of the program that have worked at it, with the number of runs.
    pub(crate) versions: BTreeMap<String, usize>,
}

/// One trial with its search seeds.
#[derive(Debug)]
pub(crate) struct TrialResult {
    pub(crate) seeds: Vec<SeedResult>,
}

/// One run.
#[derive(Debug)]
pub(crate) struct SeedResult {
    pub(crate) run: Run,
    pub(crate) outcome: Outcome,
}

#[derive(Debug)]
pub(crate) enum Outcome {
    /// Not begun, unfinished or damaged.
    Open,
    Failed(Kind, String),
    /// What the criterion looks at; none where no episode ended in the last epochs.
    Finished(Option<f64>),
}

/// What seeds came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Score {
    pub(crate) mean: f64,
    /// Sample standard deviation (ddof = 1); none of one seed.
    pub(crate) std: Option<f64>,
}

impl TrialResult {
    /// Over the seeds; none unless every seed is finished.
    pub(crate) fn score(&self) -> Option<Score> {
        Score::of(&self.seeds)
    }

    fn state(&self) -> &'static str {
        if self.seeds.iter().any(SeedResult::is_failed) {
            "failed"
        } else if self.seeds.iter().any(SeedResult::is_open) {
            "open"
        } else {
            "finished"
        }
    }
}

impl SeedResult {
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.outcome, Outcome::Open)
    }

    pub(crate) fn is_failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(..))
    }

    pub(crate) fn value(&self) -> Option<f64> {
        match self.outcome {
            Outcome::Finished(value) => value.filter(|value| value.is_finite()),
            _ => None,
        }
    }
}

impl Score {
    /// None without a seed, or where one has no value.
    pub(crate) fn of(seeds: &[SeedResult]) -> Option<Self> {
        let values: Vec<f64> = seeds.iter().map(SeedResult::value).collect::<Option<_>>()?;
        Some(Self { mean: statistics::mean(&values)?, std: statistics::standard_deviation(&values) })
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4}", self.mean)?;
        self.std.map_or(Ok(()), |std| write!(f, " ± {std:.4}"))
    }
}

impl Results {
    /// Reads the folders of all runs.
    pub(crate) fn collect(plan: &Plan) -> Self {
        let mut results =
            Self { trials: Vec::new(), best: None, finals: Vec::new(), versions: BTreeMap::new() };
        let runs = plan.search(Part::All).unwrap_or_default();
        for seeds in runs.chunks(plan.sweep.search_seeds.len()) {
            let seeds = seeds.iter().map(|&run| results.read(plan, run)).collect();
            results.trials.push(TrialResult { seeds });
        }
        let scores =
            results.trials.iter().enumerate().filter_map(|(i, trial)| Some((i, trial.score()?.mean)));
        results.best = scores
            .fold(None, |best: Option<(usize, f64)>, (i, score)| match best {
                Some((_, highest)) if highest >= score => best,
                _ => Some((i, score)),
            })
            .map(|(i, _)| i);
        if let Some(best) = results.best.filter(|_| results.search_is_over()) {
            results.finals = plan.finals(best).into_iter().map(|run| results.read(plan, run)).collect();
        }
        results
    }

    fn read(&mut self, plan: &Plan, run: Run) -> SeedResult {
        let folder = plan.folder(run);
        let found = Found::at(&folder);
        if !matches!(found, Found::Nothing) {
            for version in Status::read(&folder).map(|status| status.versions).unwrap_or_default() {
                *self.versions.entry(version).or_default() += 1;
            }
        }
        let outcome = match found {
            Found::Finished(summary) => Outcome::Finished(plan.sweep.criterion.value(&summary)),
            Found::Failed(kind, reason) => Outcome::Failed(kind, reason),
            Found::Nothing | Found::Unfinished | Found::Damaged(_) => Outcome::Open,
        };
        SeedResult { run, outcome }
    }

    /// Is every run of the search finished or failed?
    pub(crate) fn search_is_over(&self) -> bool {
        !self.search().any(SeedResult::is_open)
    }

    /// The runs of the search.
    pub(crate) fn search(&self) -> impl Iterator<Item = &SeedResult> {
        self.trials.iter().flat_map(|trial| &trial.seeds)
    }

    /// All runs, those of the best trial's fresh seeds last.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &SeedResult> {
        self.search().chain(&self.finals)
    }

    /// Writes `trials.csv` and `sweep.json`.
    ///
    /// # Errors
    /// A disk that refuses.
    pub(crate) fn write(&self, plan: &Plan) -> Result<()> {
        plan.place.write("trials.csv", &self.csv(plan)?)?;
        plan.place.write("sweep.json", &(serde_json::to_string_pretty(&self.json(plan))? + "\n"))
    }

    fn csv(&self, plan: &Plan) -> Result<String> {
        let mut table = csv::Writer::from_writer(Vec::new());
        let mut header = vec!["number".to_owned(), "trial".to_owned()];
        header.extend(plan.trial(0).values.into_iter().map(|(key, _)| key));
        header.extend(["state", "mean", "std"].map(str::to_owned));
        header.extend(plan.sweep.search_seeds.iter().map(|seed| format!("seed-{seed}")));
        header.extend(["kind", "reason"].map(str::to_owned));
        table.write_record(header)?;
        let cell = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        for (number, result) in self.trials.iter().enumerate() {
            let trial = plan.trial(number);
            let mut row = vec![number.to_string(), trial.name(&plan.sweep, Stage::Search)];
            row.extend(trial.values.iter().map(|(_, value)| value.to_string()));
            let score = result.score();
            row.push(result.state().to_owned());
            row.extend([cell(score.map(|score| score.mean)), cell(score.and_then(|score| score.std))]);
            row.extend(result.seeds.iter().map(|seed| cell(seed.value())));
            let failure = result.seeds.iter().find_map(|seed| match &seed.outcome {
                Outcome::Failed(kind, reason) => {
                    Some([kind.name().to_owned(), format!("seed {}: {reason}", seed.run.seed)])
                }
                _ => None,
            });
            row.extend(failure.unwrap_or_default());
            table.write_record(row)?;
        }
        Ok(String::from_utf8(table.into_inner()?)?)
    }

    fn json(&self, plan: &Plan) -> serde_json::Value {
        let count = |holds: &dyn Fn(&SeedResult) -> bool| self.search().filter(|seed| holds(seed)).count();
        let best = self.best.map(|best| {
            let trial = plan.trial(best);
            let score = self.trials[best].score();
            json!({
                "number": best,
                "trial": trial.name(&plan.sweep, Stage::Search),
                "values": trial.values.into_iter().collect::<BTreeMap<_, _>>(),
                "mean": score.map(|score| score.mean),
                "std": score.and_then(|score| score.std),
            })
        });
        let seeds: Vec<u64> = self.finals.iter().map(|seed| seed.run.seed).collect();
        let values: Vec<Option<f64>> = self.finals.iter().map(SeedResult::value).collect();
        let score = Score::of(&self.finals);
        json!({
            "name": plan.sweep.name,
            "criterion": plan.sweep.criterion.name(),
            "trials": plan.len(),
            "search_seeds": plan.sweep.search_seeds,
            "runs": {
                "planned": self.search().count(),
                "finished": count(&|seed| !seed.is_open() && !seed.is_failed()),
                "failed": count(&SeedResult::is_failed),
                "open": count(&SeedResult::is_open),
            },
            "best": best,
            "final": {
                "name": self.best.map(|best| plan.trial(best).name(&plan.sweep, Stage::Final)),
                "seeds": seeds,
                "values": values,
                "mean": score.map(|score| score.mean),
                "std": score.and_then(|score| score.std),
            },
            "versions": self.versions,
        })
    }
}

impl Criterion {
    /// What it looks at; none where no episode ended in the last epochs.
    pub(super) fn value(self, summary: &Summary) -> Option<f64> {
        match self {
            Self::FinalReturn => summary.final_return,
            Self::Evaluation => Some(summary.mean_return),
        }
    }
}
