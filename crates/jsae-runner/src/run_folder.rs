use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::disk;
use crate::experiment::{Experiment, Place, Problems, Registry};
use crate::train::Summary;
use crate::transfer;

/// The folder of one run: an experiment with one seed.
///
/// | file | holds |
/// |---|---|
/// | `config.toml` | the resolved experiment: every default written out |
/// | `versions.json` | versions of this program, its libraries and compiler; git revision |
/// | `inputs.json` | SHA-256 of the environment's files, where it has any |
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

/// What a command that trains can do about a folder that holds something else.
pub(crate) const REMEDY: &str = "choose another name, --out, or --force";

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

    /// What stands there. A final evaluation that cannot be read is none: the run goes on and makes it again.
    pub fn state(&self) -> RunState {
        let evaluation = std::fs::read(self.file("evaluation.json")).ok();
        let is_whole = |text: Vec<u8>| serde_json::from_slice::<Summary>(&text).is_ok();
        if evaluation.is_some_and(is_whole) {
            RunState::Finished
        } else if self.file("config.toml").is_file() || has_begun(&self.path).is_some() {
            RunState::Unfinished
        } else {
            RunState::New
        }
    }

    /// Creates the folder with the resolved experiment, or compares it with the one that is there.
    ///
    /// The number of threads may differ: it changes no result.
    ///
    /// # Errors
    /// A folder that cannot be written, that holds another experiment, or that is a link to elsewhere.
    pub fn prepare(&self, experiment: &Experiment) -> Result<()> {
        let Some(text) = self.compared(experiment, REMEDY)? else {
            return Ok(());
        };
        if !self.file("config.toml").is_file() {
            std::fs::create_dir_all(&self.path)
                .with_context(|| format!("{} cannot be made", self.path.display()))?;
            self.write_json("versions.json", &crate::versions::Versions::here())?;
            if !experiment.env.files().is_empty() {
                self.write_json("inputs.json", &inputs(experiment)?)?;
            }
        }
        self.write("config.toml", text.as_bytes())
    }

    /// Could [`RunFolder::prepare`] be called? Nothing is touched; `remedy` is what an error advises.
    ///
    /// # Errors
    /// A folder that holds another experiment, or that is a link to elsewhere.
    pub(crate) fn compare(&self, experiment: &Experiment, remedy: &str) -> Result<()> {
        self.compared(experiment, remedy).map(drop)
    }

    /// The `config.toml` that is to be written; none where the one that is there will do.
    fn compared(&self, experiment: &Experiment, remedy: &str) -> Result<Option<String>> {
        self.refuse_links()?;
        let config = self.file("config.toml");
        let present = match std::fs::read_to_string(&config) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                let message = format!("cannot be read ({error}), and says whose results these are: {remedy}");
                return Err(Problems::one(Place::Path(config), message).into());
            }
        };
        let text = transfer::pinned(experiment, present.as_deref())?.to_toml();
        let Some(present) = present else {
            if let Some(begun) = has_begun(&self.path) {
                let message = format!("is missing beside {begun}: {remedy}");
                return Err(Problems::one(Place::Path(config), message).into());
            }
            return Ok(Some(text));
        };
        if !same_but_threads(&present, &text) {
            let line = first_difference(&present, &text);
            let message = format!("holds another experiment ({line}): {remedy}");
            return Err(Problems::one(Place::Path(self.path.clone()), message).into());
        }
        self.check_inputs(experiment, remedy)?;
        Ok((present != text && self.state() != RunState::Finished).then_some(text))
    }

    /// Are the environment's files those that the run began with?
    ///
    /// # Errors
    /// One that is another by now, or that cannot be read.
    fn check_inputs(&self, experiment: &Experiment, remedy: &str) -> Result<()> {
        let path = self.file("inputs.json");
        let recorded = match std::fs::read(&path) {
            // A run of before there was such a file.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            recorded => recorded.ok().and_then(|text| serde_json::from_slice::<Vec<Input>>(&text).ok()),
        };
        let now = inputs(experiment)?;
        let Some(recorded) = recorded.filter(|recorded| recorded.len() == now.len()) else {
            let message = format!("does not list the {} files that the run began with: {remedy}", now.len());
            return Err(Problems::one(Place::Path(path), message).into());
        };
        for (now, then) in now.iter().zip(&recorded) {
            if now.sha256 != then.sha256 {
                let message = format!(
                    "its sha256 is {}, and {} began with {}: {remedy}",
                    now.sha256,
                    self.path.display(),
                    then.sha256
                );
                return Err(Problems::one(Place::Path(now.file.clone()), message).into());
            }
        }
        Ok(())
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

    /// Could [`RunFolder::move_aside`] be called? Nothing but the lock is touched.
    ///
    /// # Errors
    /// A link, or another process that trains the run.
    pub(crate) fn check_movable(&self) -> Result<()> {
        self.refuse_links()?;
        self.lock().map(drop)
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
    /// A file that is damaged, or one of the environment's that is another than when the run began.
    pub fn experiment(&self, registry: &Registry) -> Result<Experiment> {
        let experiment = Experiment::load(&self.file("config.toml"), &[], registry)?;
        self.check_inputs(&experiment, "put that one back")?;
        Ok(experiment)
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

/// Something in a run's folder that only a run that has begun has.
pub(crate) fn has_begun(folder: &Path) -> Option<&'static str> {
    let names = ["evaluation.json", "progress.csv", "timing.csv", "checkpoints"];
    names.into_iter().find(|name| folder.join(name).exists())
}

/// A line of `inputs.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Input {
    file: PathBuf,
    sha256: String,
}

/// The environment's files as they are now.
fn inputs(experiment: &Experiment) -> Result<Vec<Input>> {
    let input = |file: PathBuf| Ok(Input { sha256: disk::sha256_of(&file)?, file });
    experiment.env.files().into_iter().map(input).collect()
}

fn same_but_threads(present: &str, wanted: &str) -> bool {
    if present == wanted {
        return true;
    }
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
