use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Result;

use super::file::Sweep;
use super::frozen::Place;
use super::trial::{Stage, Trial};
use crate::experiment::{self, Experiment, Problem, Problems, Registry};
use crate::pretraining;
use crate::run_folder::{RunFolder, RunState};

/// Trials whose experiments are all checked before anything runs; of more, an even sample is.
const MOST_CHECKED: usize = 1_000;

/// The trials of a sweep, numbered from 0, and where they are kept.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) sweep: Sweep,
    pub(crate) place: Place,
    points: Vec<u64>,
}

/// One run: a trial with a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Number of the trial.
    pub(crate) trial: usize,
    pub(crate) stage: Stage,
    pub(crate) seed: u64,
}

impl Run {
    /// `trial 12 seed 0`.
    pub(crate) fn label(self) -> String {
        match self.stage {
            Stage::Search => format!("trial {} seed {}", self.trial, self.seed),
            Stage::Final => format!("best trial {} fresh seed {}", self.trial, self.seed),
        }
    }
}

/// The trials that one process is to look after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    All,
    /// Every `count`-th, beginning with `index`.
    Shard {
        index: usize,
        count: usize,
    },
    /// `size` after each other.
    Chunk {
        number: usize,
        size: usize,
    },
}

impl Part {
    /// Does a trial belong to it?
    pub(crate) fn contains(self, trial: usize) -> bool {
        match self {
            Self::All => true,
            Self::Shard { index, count } => trial % count == index,
            Self::Chunk { number, size } => trial / size == number,
        }
    }
}

impl Plan {
    /// The trials of `sweep`, kept at `place`.
    ///
    /// # Errors
    /// None, or too many of them unless `force`.
    pub(crate) fn new(sweep: Sweep, place: Place, force: bool) -> Result<Self, Problems> {
        let points = sweep.points(force)?;
        Ok(Self { sweep, place, points })
    }

    /// The experiment that every trial changes.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn base(&self, registry: &Registry) -> Result<Experiment, Problems> {
        Experiment::load(&self.sweep.base, &self.sweep.set, registry)
    }

    /// Writes the sweep out into its folder and goes on from what stands there.
    ///
    /// # Errors
    /// A base that is no experiment, a folder that cannot be written.
    pub(crate) fn freeze(&mut self, registry: &Registry) -> Result<()> {
        self.sweep = self.place.freeze(&self.sweep, registry)?;
        Ok(())
    }

    /// How many trials there are.
    pub(crate) fn len(&self) -> usize {
        self.points.len()
    }

    /// The trial with a number below [`Plan::len`].
    pub(crate) fn trial(&self, number: usize) -> Trial {
        Trial::at(&self.sweep, self.points[number])
    }

    /// The runs of the search in `part`.
    ///
    /// # Errors
    /// A part beyond the end.
    pub(crate) fn search(&self, part: Part) -> Result<Vec<Run>> {
        let trials = (0..self.len()).filter(|&trial| part.contains(trial));
        let runs: Vec<Run> = trials
            .flat_map(|trial| {
                self.sweep.search_seeds.iter().map(move |&seed| Run { trial, stage: Stage::Search, seed })
            })
            .collect();
        match part {
            Part::Chunk { number, .. } if runs.is_empty() => {
                let problem = format!("task {number}: there is none, the sweep has {} trials", self.len());
                Err(Problems::one(experiment::Place::Path(self.place.path().to_owned()), problem).into())
            }
            _ => Ok(runs),
        }
    }

    /// How many of `runs` share their embeddings, and how many of these are still to be learnt; of very many trials an
    /// even sample is looked at.
    ///
    /// # Errors
    /// A trial that is no experiment.
    pub(crate) fn shared_embeddings(&self, runs: &[Run], registry: &Registry) -> Result<(usize, usize)> {
        let step = self.len().div_ceil(MOST_CHECKED);
        let mut trials = BTreeMap::new();
        let (mut sharing, mut left) = (0, BTreeSet::new());
        for run in runs {
            let trial = run.trial - run.trial % step;
            let alone = match trials.entry(trial) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    new.insert(pretraining::alone(&self.run_folder(Run { trial, ..*run }, registry)?.0)?)
                }
            };
            if let Some(alone) = alone {
                sharing += 1;
                let folder = RunFolder::of(&self.place.embeddings(), alone, run.seed);
                if folder.state() != RunState::Finished {
                    left.insert(folder.path().to_owned());
                }
            }
        }
        Ok((sharing, left.len()))
    }

    /// The fresh seeds of a trial.
    pub(crate) fn finals(&self, trial: usize) -> Vec<Run> {
        let seeds = self.sweep.final_seeds.iter();
        seeds.map(|&seed| Run { trial, stage: Stage::Final, seed }).collect()
    }

    /// Folder of a run.
    pub(crate) fn folder(&self, run: Run) -> PathBuf {
        self.place
            .path()
            .join(self.trial(run.trial).name(&self.sweep, run.stage))
            .join(format!("seed-{}", run.seed))
    }

    /// Looks at every experiment, or at an even sample of very many.
    ///
    /// # Errors
    /// All that is wrong, each message once.
    pub(crate) fn check(&self, registry: &Registry) -> Result<(), Problems> {
        let base = self.base(registry)?;
        self.check_choices(&base)?;
        let mut problems: BTreeMap<String, Problem> = BTreeMap::new();
        for trial in (0..self.len()).step_by(self.len().div_ceil(MOST_CHECKED)) {
            let trial = self.trial(trial);
            if let Err(found) =
                trial.experiment(&self.sweep, Stage::Search, self.sweep.search_seeds[0], registry)
            {
                for problem in found.0 {
                    problems.entry(problem.to_string()).or_insert(problem);
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems.into_values().collect())) }
    }

    /// An axis over a key of a table that the base does not choose would silently choose it.
    fn check_choices(&self, base: &Experiment) -> Result<(), Problems> {
        let resolved: toml::Table = base.to_toml().parse().unwrap_or_default();
        let keys: Vec<_> = self.sweep.axes.iter().flat_map(|axis| &axis.keys).collect();
        let mut problems = Vec::new();
        for key in &keys {
            let parts: Vec<&str> = key.key.split('.').collect();
            let [table @ ("env" | "algorithm" | "embedding"), choice, _, ..] = parts[..] else { continue };
            let chosen = resolved.get(table).and_then(toml::Value::as_table).and_then(|t| t.keys().next());
            let whole = format!("{table}.{choice}");
            let by_axis = keys.iter().any(|other| other.key == whole || other.key == table);
            if chosen.is_none_or(|chosen| chosen != choice) && !by_axis {
                let chosen = chosen.map_or("none".to_owned(), |chosen| format!("[{table}.{chosen}]"));
                let message = format!("{} is of [{whole}], and the base chooses {chosen}", key.key);
                problems.push(Problem { place: key.place.clone(), message });
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    /// Compares the runs that are there with what this sweep would make.
    ///
    /// # Errors
    /// A run of another experiment: the base has changed since.
    pub(crate) fn compare(&self, registry: &Registry) -> Result<()> {
        // Very many trials have no fresh seeds.
        let has_finals = |&trial: &usize| {
            self.place.path().join(self.trial(trial).name(&self.sweep, Stage::Final)).is_dir()
        };
        let finals = (0..self.len()).filter(has_finals).flat_map(|trial| self.finals(trial));
        let runs = self.search(Part::All)?.into_iter().chain(finals);
        let there = |run: &Run| self.folder(*run).join("config.toml").is_file();
        let mut last: Option<(Run, Experiment)> = None;
        for run in runs.filter(there) {
            // The experiments of a trial's seeds differ in the seed alone.
            let experiment = match last.take() {
                Some((of, experiment)) if (of.trial, of.stage) == (run.trial, run.stage) => experiment,
                _ => self.run_folder(run, registry)?.0,
            };
            let experiment = experiment.with_seed(run.seed);
            let folder = RunFolder::of(self.place.path(), &experiment, run.seed);
            folder.compare(&experiment, "choose another name or --out")?;
            last = Some((run, experiment));
        }
        Ok(())
    }

    /// The experiment of a run and its folder, which is not touched.
    ///
    /// # Errors
    /// All that is wrong with the experiment.
    pub(crate) fn run_folder(
        &self,
        run: Run,
        registry: &Registry,
    ) -> Result<(Experiment, RunFolder), experiment::Problems> {
        let experiment = self.trial(run.trial).experiment(&self.sweep, run.stage, run.seed, registry)?;
        let folder = RunFolder::of(self.place.path(), &experiment, run.seed);
        Ok((experiment, folder))
    }
}

#[cfg(all(test, feature = "mujoco"))]
mod tests {
    use std::path::Path;

    use jsae_envs::recommender::{Filters, Item, Model};

    use super::*;

    /// A small model in place of one that is made from data.
    fn shop(folder: &Path) -> String {
        let items = (0..12).map(|i| Item { id: format!("item {i}"), price: f64::from(i) }).collect();
        let sequences: Vec<Vec<u32>> =
            (0..12).map(|user| (0..4).map(|k| (user + k) % 12).collect()).collect();
        let model = Model::from_sequences(items, &sequences, Filters::default()).expect("a model");
        let path = folder.join("shop.model");
        model.write(&path).expect("a writable folder");
        format!("env.recommender.model={:?}", path.display().to_string())
    }

    /// What appendix A.4.2 comes to: all of it, or a sample.
    fn expected(name: &str) -> usize {
        match name {
            "slot_machine_vpg_jsae" => 3 * 3 * 4 * 2 * 2,
            "slot_machine_vpg_ra" => 3 * 3 * 4 * 2,
            "slot_machine_vpg" => 3 * 3,
            name if name.starts_with("gridworld") && name.ends_with("_vpg") => 3 * 3,
            name if name.starts_with("gridworld") => 3 * 3 * 4,
            name if name.starts_with("halfcheetah") => 8,
            _ => 4,
        }
    }

    #[test]
    fn every_grid_of_the_paper_is_of_its_size_and_can_be_run() {
        let (out, registry) = (tempfile::tempdir().expect("a temporary folder"), Registry::default());
        let shop = shop(out.path());
        let grids = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/grids");
        let files = std::fs::read_dir(grids).expect("the grids").map(|entry| entry.expect("an entry").path());
        let mut n_grids = 0;
        for file in files.filter(|file| file.is_file()) {
            let mut sweep = Sweep::load(&file).unwrap_or_else(|problems| panic!("{problems}"));
            if sweep.name.starts_with("recommender") {
                sweep.set.push(shop.clone());
            }
            let size = expected(&sweep.name);
            let place = Place::of(&sweep, out.path());
            let plan = Plan::new(sweep, place, false).unwrap_or_else(|problems| panic!("{problems}"));
            assert_eq!(plan.len(), size, "{}", file.display());
            plan.check(&registry).unwrap_or_else(|problems| panic!("{problems}"));
            n_grids += 1;
        }
        assert_eq!(n_grids, 40);
    }
}
