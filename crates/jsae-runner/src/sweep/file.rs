use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::axis::{Axis, axes, linked};
use super::exclusion::{Exclusion, exclusion};
use super::reader::{Reader, SMALL, leaves, plain, whole};
use crate::experiment::{Problems, Sources, name_problem};

/// What a sweep file says.
#[derive(Clone, Debug)]
pub(crate) struct Sweep {
    /// The file.
    pub(crate) path: PathBuf,
    /// Name of its folder.
    pub(crate) name: String,
    /// The experiment that every trial changes.
    pub(crate) base: PathBuf,
    /// Changes for all trials, as `KEY=VALUE`.
    pub(crate) set: Vec<String>,
    /// By the name of their first key.
    pub(crate) axes: Vec<Axis>,
    pub(crate) exclusions: Vec<Exclusion>,
    /// A sample of the grid instead of all of it.
    pub(crate) random: Option<Random>,
    /// Seeds by which trials are compared.
    pub(crate) search_seeds: Vec<u64>,
    /// Fresh seeds for the best trial.
    pub(crate) final_seeds: Vec<u64>,
    pub(crate) criterion: Criterion,
}

/// How many points are drawn, and from which stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random {
    pub(crate) budget: u64,
    pub(crate) seed: u64,
}

/// What the best trial has most of, as a mean over the search seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Criterion {
    /// The average over the last 10 % of epochs of the epoch's mean return.
    FinalReturn,
    /// The mean return of the final deterministic evaluation.
    Evaluation,
}

impl Criterion {
    /// As sweep files write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FinalReturn => "final_return",
            Self::Evaluation => "evaluation",
        }
    }
}

const KEYS: &[&str] = &[
    "extends",
    "base",
    "name",
    "set",
    "axes",
    "linked",
    "exclude",
    "random",
    "search_seeds",
    "final_seeds",
    "criterion",
];

/// Keys of experiments that a sweep decides itself.
const OURS: &[(&str, &str)] = &[
    ("seeds", "search_seeds and final_seeds"),
    ("name", "name at the top of the sweep file"),
    ("extends", "base"),
];

const DEFAULT_SEARCH_SEEDS: u64 = 3;
const DEFAULT_FINAL_SEEDS: u64 = 10;

impl Sweep {
    /// Reads a sweep file with the files it extends.
    ///
    /// # Errors
    /// All that is wrong with the file itself; the experiments are not looked at.
    pub(crate) fn load(path: &Path) -> Result<Self, Problems> {
        let sources = Sources::load(path, &[])?;
        let root = sources.merged();
        let mut reader = Reader { sources: &sources, problems: Vec::new() };
        reader.only(&root, "", KEYS);
        let base = reader.base(&root);
        let axes = reader.axes(&root);
        let search_seeds = reader.seeds(&root, "search_seeds", DEFAULT_SEARCH_SEEDS, 0);
        let fresh = search_seeds.iter().max().map_or(0, |seed| seed.saturating_add(1));
        let sweep = Self {
            path: path.to_owned(),
            name: reader.name(&root, path),
            base: base.unwrap_or_default(),
            set: reader.set(&root),
            exclusions: reader.exclusions(&root, &axes),
            axes,
            random: reader.random(&root),
            final_seeds: reader.seeds(&root, "final_seeds", DEFAULT_FINAL_SEEDS, fresh),
            search_seeds,
            criterion: reader.criterion(&root),
        };
        reader.check_seeds(&root, &sweep);
        if reader.problems.is_empty() { Ok(sweep) } else { Err(reader.sorted()) }
    }
}

impl Reader<'_> {
    fn base(&mut self, root: &DeTable<'_>) -> Option<PathBuf> {
        let Some(value) = root.get("base") else {
            let message = "base is missing, expected the path of an experiment file, relative to this one";
            self.problems.extend(Problems::one(self.sources.whole(), message).0);
            return None;
        };
        let DeValue::String(base) = value.get_ref() else {
            self.mismatch(value.span(), "base", "the path of an experiment file, relative to this one");
            return None;
        };
        let base = self.sources.folder(&value.span()).join(base.as_ref());
        if !base.is_file() {
            self.report(value.span(), format!("base {}: no such file", base.display()));
            return None;
        }
        Some(base)
    }

    fn name(&mut self, root: &DeTable<'_>, path: &Path) -> String {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Some(value) = root.get("name") else {
            if let Some(expected) = name_problem(&stem) {
                let message = format!("name is \"{stem}\", after the file; expected {expected}");
                self.problems.extend(Problems::one(self.sources.whole(), message).0);
            }
            return stem;
        };
        let name = value.get_ref().as_str().unwrap_or_default();
        if let Some(expected) = name_problem(name) {
            self.mismatch(value.span(), "name", expected);
        }
        name.to_owned()
    }

    fn set(&mut self, root: &DeTable<'_>) -> Vec<String> {
        let Some(table) = self.table(root, "set") else { return Vec::new() };
        let mut set = Vec::new();
        for leaf in leaves(table, &|_| false) {
            self.refuse_ours("set.", &leaf.key, leaf.span);
            match plain(leaf.value) {
                Some(value) => set.push(format!("{}={value}", leaf.key)),
                None => self.mismatch(leaf.value.span(), &format!("set.{}", leaf.key), SMALL),
            }
        }
        set
    }

    fn axes(&mut self, root: &DeTable<'_>) -> Vec<Axis> {
        let (mut found, before) = (Vec::new(), self.problems.len());
        if let Some(table) = self.table(root, "axes") {
            found = axes(self, table);
        }
        for table in self.tables(root, "linked") {
            found.extend(linked(self, table));
        }
        let complaints = self.problems.len() - before;
        let mut keys: Vec<_> = found.iter().flat_map(|axis| &axis.keys).collect();
        keys.sort_by(|a, b| a.key.cmp(&b.key));
        let twice = keys.windows(2).filter(|pair| pair[0].key == pair[1].key).map(|pair| {
            let message = format!("{} is an axis twice", pair[1].key);
            Problems::one(pair[1].place.clone(), message)
        });
        self.problems.extend(twice.flat_map(|problems| problems.0));
        for key in &keys {
            if let Some((_, instead)) = OURS.iter().find(|(name, _)| *name == key.key) {
                let message = format!("{} is no axis, use {instead}", key.key);
                self.problems.extend(Problems::one(key.place.clone(), message).0);
            }
        }
        if keys.is_empty() && complaints == 0 {
            let message = "no axis, expected [axes] with a list of values for a key, or [[linked]]";
            self.problems.extend(Problems::one(self.sources.whole(), message).0);
        }
        found.sort_by(|a, b| a.keys[0].key.cmp(&b.keys[0].key));
        found
    }

    fn exclusions(&mut self, root: &DeTable<'_>, axes: &[Axis]) -> Vec<Exclusion> {
        let tables = self.tables(root, "exclude");
        tables.into_iter().filter_map(|table| exclusion(self, table, axes)).collect()
    }

    fn random(&mut self, root: &DeTable<'_>) -> Option<Random> {
        let table = self.table(root, "random")?;
        self.only(table, "random.", &["budget", "seed"]);
        let seed = table.get("seed");
        if let Some(seed) = seed.filter(|seed| whole(seed.get_ref()).is_none()) {
            self.mismatch(seed.span(), "random.seed", "a whole number of at least 0 and below 2^63");
        }
        let seed = seed.and_then(|seed| whole(seed.get_ref())).unwrap_or(0);
        let Some(budget) = table.get("budget") else {
            let span = root.get("random").map_or(0..0, toml::Spanned::span);
            self.report(span, "random.budget is missing, expected the number of trials to draw");
            return None;
        };
        let Some(count) = whole(budget.get_ref()).filter(|count| *count >= 1) else {
            self.mismatch(budget.span(), "random.budget", "a whole number of at least 1 and below 2^63");
            return None;
        };
        Some(Random { budget: count, seed })
    }

    /// A list of seeds, or their number, counted from `first`.
    fn seeds(&mut self, root: &DeTable<'_>, key: &str, default: u64, first: u64) -> Vec<u64> {
        const EXPECTED: &str =
            "a list of different whole numbers of at least 0 and below 2^63, or how many (at most 1000)";
        let counted = |n: u64| (first..first.saturating_add(n)).collect();
        let Some(value) = root.get(key) else { return counted(default) };
        let listed: Option<Vec<u64>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| whole(item.get_ref())).collect(),
            single => whole(single).filter(|n| *n <= 1_000).map(counted),
        };
        let different = |seeds: &Vec<u64>| {
            let mut sorted = seeds.clone();
            sorted.sort_unstable();
            sorted.windows(2).all(|pair| pair[0] != pair[1])
        };
        listed.filter(different).unwrap_or_else(|| {
            self.mismatch(value.span(), key, EXPECTED);
            counted(default)
        })
    }

    fn check_seeds(&mut self, root: &DeTable<'_>, sweep: &Sweep) {
        if let Some(value) = root.get("search_seeds").filter(|_| sweep.search_seeds.is_empty()) {
            self.mismatch(value.span(), "search_seeds", "at least one seed");
        }
        if let Some(value) = root.get("search_seeds")
            && sweep.final_seeds.iter().any(|&seed| i64::try_from(seed).is_err())
        {
            let message = "leaves no fresh seeds below 2^63 behind it, expected smaller seeds or final_seeds";
            self.report(value.span(), format!("search_seeds {message}"));
        }
        let shared = sweep.final_seeds.iter().find(|seed| sweep.search_seeds.contains(seed));
        if let (Some(seed), Some(value)) = (shared, root.get("final_seeds")) {
            let message =
                format!("final_seeds holds {seed}, by which the best trial is chosen; expected fresh seeds");
            self.report(value.span(), message);
        }
    }

    fn criterion(&mut self, root: &DeTable<'_>) -> Criterion {
        let Some(value) = root.get("criterion") else { return Criterion::FinalReturn };
        let all = [Criterion::FinalReturn, Criterion::Evaluation];
        let found = all.into_iter().find(|criterion| value.get_ref().as_str() == Some(criterion.name()));
        found.unwrap_or_else(|| {
            self.mismatch(value.span(), "criterion", "\"final_return\" or \"evaluation\"");
            Criterion::FinalReturn
        })
    }

    fn table<'t, 'i>(&mut self, root: &'t DeTable<'i>, key: &str) -> Option<&'t DeTable<'i>> {
        let value = root.get(key)?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.mismatch(value.span(), key, "a table");
        }
        table
    }

    fn tables<'t, 'i>(&mut self, root: &'t DeTable<'i>, key: &str) -> Vec<&'t toml::Spanned<DeValue<'i>>> {
        match root.get(key) {
            Some(value) => match value.get_ref() {
                DeValue::Array(tables) => tables.iter().collect(),
                _ => {
                    self.mismatch(value.span(), key, format!("tables, each under [[{key}]]"));
                    Vec::new()
                }
            },
            None => Vec::new(),
        }
    }

    fn refuse_ours(&mut self, prefix: &str, key: &str, span: std::ops::Range<usize>) {
        if let Some((_, instead)) = OURS.iter().find(|(name, _)| *name == key) {
            self.report(span, format!("{prefix}{key}: use {instead}"));
        }
    }
}
