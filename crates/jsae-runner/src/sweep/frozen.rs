use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use toml::{Table, Value};

use super::file::Sweep;
use crate::experiment::{Experiment, Registry};

/// Where a sweep is kept: `OUT/NAME`.
#[derive(Clone, Debug)]
pub(crate) struct Place(PathBuf);

impl Place {
    /// The sweep that `file` asks for: a folder is a sweep's own, a file has its folder under `out`.
    pub(crate) fn of(sweep: &Sweep, out: &Path) -> Self {
        Self(out.join(&sweep.name))
    }

    /// An existing sweep's folder.
    pub(crate) fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The sweep file with everything written out.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("sweep.toml")
    }

    /// The embeddings that its runs share.
    pub(crate) fn embeddings(&self) -> PathBuf {
        self.0.join("embeddings")
    }

    /// Writes `sweep.toml` and `base.toml`, and says what a reader of them sees.
    ///
    /// # Errors
    /// A base that is no experiment, a folder that cannot be written.
    pub(crate) fn freeze(&self, sweep: &Sweep, registry: &Registry) -> Result<Sweep> {
        let base = Experiment::load(&sweep.base, &sweep.set, registry)?;
        std::fs::create_dir_all(&self.0).with_context(|| format!("{} cannot be made", self.0.display()))?;
        self.write("base.toml", &base.to_toml())?;
        self.write("sweep.toml", &written_out(sweep).to_string())?;
        Ok(Sweep { path: self.file(), base: self.0.join("base.toml"), set: Vec::new(), ..sweep.clone() })
    }

    /// Writes a file whole or not at all; several processes may do so at once.
    ///
    /// # Errors
    /// A disk that refuses.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.0.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|present| present == text) {
            return Ok(());
        }
        let part = self.0.join(format!("{name}.{}.part", std::process::id()));
        std::fs::write(&part, text)
            .and_then(|()| std::fs::rename(&part, &path))
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}

fn written_out(sweep: &Sweep) -> Table {
    let list = |values: Vec<Value>| Value::Array(values);
    let mut table = Table::new();
    table.insert("name".to_owned(), sweep.name.clone().into());
    table.insert("base".to_owned(), "base.toml".into());
    table.insert("criterion".to_owned(), sweep.criterion.name().into());
    let seeds = |seeds: &[u64]| list(seeds.iter().map(|&seed| Value::Integer(seed as i64)).collect());
    table.insert("search_seeds".to_owned(), seeds(&sweep.search_seeds));
    table.insert("final_seeds".to_owned(), seeds(&sweep.final_seeds));
    let (mut axes, mut linked) = (Table::new(), Vec::new());
    for axis in &sweep.axes {
        let values = axis
            .keys
            .iter()
            .map(|key| (key.key.clone(), list(key.values.iter().map(|value| value.value.clone()).collect())));
        if axis.keys.len() == 1 {
            axes.extend(values);
        } else {
            linked.push(Value::Table(values.collect()));
        }
    }
    if !axes.is_empty() {
        table.insert("axes".to_owned(), axes.into());
    }
    if !linked.is_empty() {
        table.insert("linked".to_owned(), list(linked));
    }
    let exclusions = sweep.exclusions.iter().map(|exclusion| {
        let conditions = exclusion.conditions.iter();
        Value::Table(conditions.map(|c| (c.key.clone(), list(c.values.clone()))).collect())
    });
    if !sweep.exclusions.is_empty() {
        table.insert("exclude".to_owned(), list(exclusions.collect()));
    }
    if let Some(random) = sweep.random {
        let mut sample = Table::new();
        sample.insert("budget".to_owned(), Value::Integer(random.budget as i64));
        sample.insert("seed".to_owned(), Value::Integer(random.seed as i64));
        table.insert("random".to_owned(), sample.into());
    }
    table
}
