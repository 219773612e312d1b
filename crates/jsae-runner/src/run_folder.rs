use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use crate::disk;
use crate::experiment::{Experiment, Place, Problems, Registry};
use crate::transfer;

/// The folder of one run: an experiment with one seed.
///
/// | file | holds |
/// |---|---|
/// | `config.toml` | the resolved experiment: every default written out |
/// | `versions.json` | versions of this program, its libraries and compiler; git revision |
/// | `progress.csv` | a row an epoch: a function of configuration and seed alone |
/// | `timing.csv` | a row an epoch: clocks |
/// | `pretrain.csv` | a row a pass of pre-training |
/// | `reference.json` | exact returns of the random and the best policy, where the environment can be solved |
/// | `events.out.tfevents.*` | the same for `TensorBoard` |
/// | `checkpoints/` | everything the run needs to go on, or to act: the newest state and the one before it |
/// | `evaluation.json` | the final evaluation; its presence says that the run is finished |
/// | `log.txt` | what the run said |
/// | `lock` | held by the process that trains the run |
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

/// A process that was asked to stop is gone after this long.
const STOPPING: Duration = Duration::from_secs(1);

/// What stands in a run's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Nothing yet.
    New,
    /// A run that has not ended.
    Unfinished,
    /// A run with its final evaluation.
    Finished,
}

impl RunFolder {
    /// The folder of `experiment` with `seed` under `out`; nothing is created.
    pub fn of(out: &Path, experiment: &Experiment, seed: u64) -> Self {
        Self { path: out.join(&experiment.name).join(format!("seed-{seed}")) }
    }

    /// A folder at this very place; nothing is created.
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// An existing run.
    ///
    /// # Errors
    /// A folder that holds no run.
    pub fn open(path: &Path) -> Result<Self> {
        if let Some(extension) = jsae_embed::pickle_extension(path) {
            bail!(
                "{} ends in .{extension}, as pickles do, which can run code: not read; expected a run's folder",
                path.display()
            );
        }
        if !path.join("config.toml").is_file() {
            bail!("{} is not a run's folder, expected one that holds config.toml", path.display());
        }
        Ok(Self { path: path.to_owned() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// What stands there.
    pub fn state(&self) -> RunState {
        match (self.file("evaluation.json").is_file(), self.file("config.toml").is_file()) {
            (true, _) => RunState::Finished,
            (false, true) => RunState::Unfinished,
            (false, false) => RunState::New,
        }
    }

    /// Creates the folder with the resolved experiment, or compares it with the one that is there.
    ///
    /// The number of threads may differ: it changes no result.
    ///
    /// # Errors
    /// A folder that cannot be written, that holds another experiment, or that is a link to elsewhere.
    pub fn prepare(&self, experiment: &Experiment) -> Result<()> {
        self.refuse_links()?;
        let present = std::fs::read_to_string(self.file("config.toml")).ok();
        let text = transfer::pinned(experiment, present.as_deref())?.to_toml();
        if let Some(present) = present {
            if present == text || self.state() == RunState::Finished && same_but_threads(&present, &text) {
                return Ok(());
            }
            if same_but_threads(&present, &text) {
                return self.write("config.toml", text.as_bytes());
            }
            let line = first_difference(&present, &text);
            let message =
                format!("holds another experiment ({line}): choose another name, --out, or --force");
            return Err(Problems::one(Place::Path(self.path.clone()), message).into());
        }
        std::fs::create_dir_all(&self.path)
            .with_context(|| format!("{} cannot be made", self.path.display()))?;
        self.write_json("versions.json", &crate::versions::Versions::here())?;
        self.write("config.toml", text.as_bytes())
    }

    /// The two folders that this program makes, NAME and seed-N, must not be links out of the output folder.
    fn refuse_links(&self) -> Result<()> {
        for path in self.path.ancestors().take(2) {
            if path.symlink_metadata().is_ok_and(|entry| entry.file_type().is_symlink()) {
                let message = "is a link: a run is kept in a folder of its own".to_owned();
                return Err(Problems::one(Place::Path(path.to_owned()), message).into());
            }
        }
        Ok(())
    }

    /// Moves the run to `seed-N.old-K` beside it and says where that is.
    ///
    /// # Errors
    /// Another process trains it, or the folder cannot be moved.
    pub fn move_aside(&self) -> Result<PathBuf> {
        self.refuse_links()?;
        let _lock = self.lock()?;
        set_aside(&self.path)
    }

    /// The experiment of this run.
    ///
    /// # Errors
    /// A file that is damaged.
    pub fn experiment(&self, registry: &Registry) -> Result<Experiment> {
        Ok(Experiment::load(&self.file("config.toml"), &[], registry)?)
    }

    /// Keeps other processes out until the returned file is dropped; the system frees it when a process dies,
    /// however it dies. A process that is just stopping is given a moment.
    ///
    /// # Errors
    /// Another process holds it.
    pub fn lock(&self) -> Result<File> {
        let started = Instant::now();
        loop {
            match disk::try_lock(&self.file("lock"))? {
                Some(lock) => return Ok(lock),
                None if started.elapsed() < STOPPING => std::thread::sleep(Duration::from_millis(20)),
                None => bail!("{} is in use by another process", self.path.display()),
            }
        }
    }

    /// Writes a file whole or not at all.
    ///
    /// # Errors
    /// A disk that refuses.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        disk::replace_by(&self.file(name), bytes).map(drop)
    }

    /// Writes a JSON file whole or not at all.
    ///
    /// # Errors
    /// A disk that refuses.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_string_pretty(value)?;
        text.push('\n');
        self.write(name, text.as_bytes())
    }
}

/// Moves a folder to `NAME.old-K` beside it and says where that is.
///
/// # Errors
/// A disk that refuses.
pub(crate) fn set_aside(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let free = (1..).map(|k| path.with_file_name(format!("{name}.old-{k}"))).find(|path| !path.exists());
    let kept = free.context("no free name for what is there")?;
    std::fs::rename(path, &kept).with_context(|| format!("{} cannot be moved", path.display()))?;
    Ok(kept)
}

fn same_but_threads(present: &str, wanted: &str) -> bool {
    let threadless = |text: &str| -> Option<toml::Table> {
        let mut table: toml::Table = text.parse().ok()?;
        table.get_mut("training")?.as_table_mut()?.remove("n_threads");
        Some(table)
    };
    threadless(present).is_some_and(|present| Some(present) == threadless(wanted))
}

fn first_difference(present: &str, wanted: &str) -> String {
    let pair = present.lines().zip(wanted.lines()).find(|(a, b)| a != b);
    pair.map_or("one is longer".to_owned(), |(a, b)| format!("there {a}, here {b}"))
}
