use super::file::Sweep;
use crate::experiment::{Experiment, Place, Problem, Problems, Registry};

/// Letters of a sweep's name that its fresh runs' names begin with, so that `NAME-HASH` is no longer than a name may be.
const LONGEST: usize = 80;

/// One point of the grid.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// The keys with their values, by key.
    pub(crate) values: Vec<(String, toml::Value)>,
    /// Where each key and each value stands.
    places: Vec<(Place, Place)>,
}

impl Trial {
    /// The trial at a point of the grid.
    pub(super) fn at(sweep: &Sweep, point: u64) -> Self {
        let found = sweep.values_at(point);
        let places = found.iter().map(|(key, value)| (key.place.clone(), value.place.clone())).collect();
        let values = found.into_iter().map(|(key, value)| (key.key.clone(), value.value.clone())).collect();
        Self { values, places }
    }

    /// `a.b=1` for every key, as the command line would have it.
    fn overrides(&self) -> Vec<String> {
        self.values.iter().map(|(key, value)| format!("{key}={value}")).collect()
    }

    /// Twelve digits that depend on the values alone: a grid that grows keeps the trials it has.
    pub(crate) fn hash(&self) -> String {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325; // FNV-1a
        for byte in self.overrides().join("\n").bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        // Its upper bits mix badly.
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        format!("{:012x}", (hash ^ (hash >> 33)) & 0xffff_ffff_ffff)
    }

    /// `initial_std 0.6, critic_learning_rate 0.001`: keys by their last name.
    pub(crate) fn describe(&self) -> String {
        let short = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
        let parts = self.values.iter().map(|(key, value)| format!("{} {value}", short(key)));
        parts.collect::<Vec<_>>().join(", ")
    }

    /// Name of its runs, and of their folder: `trial-HASH` in the search; for the fresh seeds, which are shown beside
    /// other experiments, `SWEEP-HASH`.
    pub(crate) fn name(&self, sweep: &Sweep, stage: Stage) -> String {
        let stage = match stage {
            Stage::Search => "trial",
            Stage::Final => &sweep.name[..sweep.name.len().min(LONGEST)],
        };
        format!("{stage}-{}", self.hash())
    }

    /// The experiment of one run.
    ///
    /// # Errors
    /// All that is wrong, at the place in the sweep file where it stands.
    pub(crate) fn experiment(
        &self,
        sweep: &Sweep,
        stage: Stage,
        seed: u64,
        registry: &Registry,
    ) -> Result<Experiment, Problems> {
        let name = format!("name=\"{}\"", self.name(sweep, stage));
        let overrides: Vec<String> = sweep
            .set
            .iter()
            .cloned()
            .chain(self.overrides())
            .chain([name, format!("seeds=[{seed}]")])
            .collect();
        Experiment::load(&sweep.base, &overrides, registry).map_err(|problems| self.placed(problems, sweep))
    }

    /// Problems of overrides stand where the sweep file makes them.
    fn placed(&self, problems: Problems, sweep: &Sweep) -> Problems {
        let texts = self.overrides();
        let placed = problems.0.into_iter().map(|problem| {
            let Place::Override(text) = &problem.place else { return problem };
            if let Some(at) = texts.iter().position(|other| other == text) {
                let (key, value) = &self.places[at];
                let place = if problem.message.contains(" is unknown") { key } else { value };
                return Problem { place: place.clone(), ..problem };
            }
            if sweep.set.contains(text) {
                let message = format!("set {text}: {}", problem.message);
                return Problem { place: Place::Path(sweep.path.clone()), message };
            }
            problem
        });
        Problems(placed.collect())
    }
}

/// Which of a sweep's two rounds a run belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Every trial with the search seeds.
    Search,
    /// The best trial with fresh seeds.
    Final,
}
