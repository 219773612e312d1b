//! Everything a run needs to go on, kept in generations.
//!
//! | file in `checkpoints/` | holds |
//! |---|---|
//! | `epoch-N.json` | the manifest of the state after N epochs: written last, so that what has one is whole |
//! | `epoch-N.safetensors` | its tensors |
//! | `replay-A-B.bin` | remembered transitions A up to B; written once, shared by generations |
//!
//! The newest generation and the one before it are kept. Every byte of all three is under a checksum.

mod body;
mod manifest;
mod segments;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use jsae_rl::ReplayBuffer;
use tch::Tensor;

use crate::disk::{self, Sum};
use crate::experiment::Experiment;
use crate::run_folder::RunFolder;
use crate::versions::Versions;

pub(crate) use manifest::{Manifest, Progress};
pub(crate) use segments::Segment;

/// Longest manifest that is read: anything longer is none.
const LARGEST_MANIFEST: u64 = 256 << 20;

/// The checkpoints of one run.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
    config_sha256: String,
}

/// One of them, read and found whole; a replay is read apart, by [`Checkpoint::restore`].
#[derive(Debug)]
pub(crate) struct Checkpoint {
    folder: PathBuf,
    /// What was learnt, see [`crate::Agent::tensors`].
    pub(crate) tensors: BTreeMap<String, Tensor>,
    /// The rest.
    pub(crate) manifest: Manifest,
}

/// What writing a checkpoint came to.
pub(crate) struct Written {
    /// What is stored of the replay now.
    pub(crate) segments: Vec<Segment>,
    /// Why something stays that nobody needs any more.
    pub(crate) stays: Option<String>,
}

/// What a checkpoint is made of.
pub(crate) struct State<'a> {
    pub(crate) tensors: &'a [(String, Tensor)],
    pub(crate) progress: &'a Progress,
    /// `progress.csv` so far.
    pub(crate) records: Sum,
    pub(crate) replay: Option<&'a ReplayBuffer>,
    /// What is stored of the replay already.
    pub(crate) segments: &'a [Segment],
}

impl Checkpoints {
    pub(crate) fn of(run: &RunFolder, experiment: &Experiment) -> Self {
        Self { folder: run.file("checkpoints"), config_sha256: manifest::config_sha256(experiment) }
    }

    /// Is there any, usable or not?
    pub(crate) fn are_there(&self) -> bool {
        self.epochs().is_ok_and(|epochs| !epochs.is_empty())
    }

    /// Writes a generation, checks what then stands on the disk, and lets go of all but the one before it, as far as the
    /// disk lets it.
    ///
    /// # Errors
    /// A disk that refuses or lies; earlier generations are untouched then.
    pub(crate) fn write(&self, state: &State<'_>) -> Result<Written> {
        disk::make_folder(&self.folder)?;
        let segments = match state.replay {
            Some(replay) => segments::append(&self.folder, replay, state.segments)?,
            None => Vec::new(),
        };
        let epoch = state.progress.epoch;
        let path = self.body(epoch);
        let body = disk::replace_by(&path, &body::to_bytes(state.tensors)?)?;
        body.check_file(&path).with_context(|| format!("{} was written wrongly", path.display()))?;
        let manifest = Manifest {
            format: manifest::FORMAT,
            config_sha256: self.config_sha256.clone(),
            made_with: Versions::here(),
            body,
            records: state.records.clone(),
            pretrain: self.folder.parent().and_then(|run| Sum::of_file(&run.join("pretrain.csv")).ok()),
            replay: segments.clone(),
            progress: state.progress.clone(),
        };
        let path = self.manifest(epoch);
        disk::replace_by(&path, manifest.seal()?.as_bytes())?
            .check_file(&path)
            .with_context(|| format!("{} was written wrongly", path.display()))?;
        // The run is safe already: what stays too long is tried again with the next generation.
        let stays = self.prune(epoch).err().map(|error| format!("an old checkpoint stays: {error:#}"));
        Ok(Written { segments, stays })
    }

    /// Gives the newest generation to `take`, or the one before it where that is damaged or does not fit;
    /// `warn` hears why. `None` where the run has none yet.
    ///
    /// # Errors
    /// Generations that are all refused.
    pub(crate) fn newest<T>(
        &self,
        take: &mut dyn FnMut(Checkpoint) -> Result<T>,
        warn: &mut dyn FnMut(String),
    ) -> Result<Option<T>> {
        let epochs = self.epochs()?;
        let mut refusals = Vec::new();
        for &epoch in &epochs {
            match self.read(epoch).and_then(&mut *take) {
                Ok(taken) => {
                    refusals.into_iter().for_each(|why| warn(format!("{why}; goes on from epoch {epoch}")));
                    return Ok(Some(taken));
                }
                Err(error) => {
                    let path = self.manifest(epoch);
                    refusals.push(format!("the checkpoint {} cannot be used: {error:#}", path.display()));
                }
            }
        }
        if refusals.is_empty() { Ok(None) } else { bail!("{}", refusals.join("; ")) }
    }

    /// SHA-256 of what `run` has learnt as far as its newest checkpoint knows; none where it has none.
    ///
    /// # Errors
    /// A manifest that is damaged.
    pub(crate) fn newest_sha256(run: &RunFolder) -> Result<Option<String>> {
        let checkpoints = Self { folder: run.file("checkpoints"), config_sha256: String::new() };
        let newest = checkpoints.epochs()?.first().copied();
        let sha256 = |epoch| {
            let manifest = checkpoints.read_manifest(epoch);
            Ok(manifest.with_context(|| checkpoints.manifest(epoch).display().to_string())?.body.sha256)
        };
        newest.map(sha256).transpose()
    }

    /// One generation, as far as manifest and body go.
    fn read(&self, epoch: usize) -> Result<Checkpoint> {
        let manifest = self.read_manifest(epoch)?;
        ensure!(manifest.progress.epoch == epoch, "it is of epoch {}", manifest.progress.epoch);
        ensure!(
            manifest.config_sha256 == self.config_sha256,
            "it was made by another experiment (config_sha256 {}, expected {})",
            manifest.config_sha256,
            self.config_sha256
        );
        let path = self.body(epoch);
        let bytes = manifest.body.read(&path).with_context(|| path.display().to_string())?;
        let tensors = body::from_bytes(&bytes).with_context(|| path.display().to_string())?;
        Ok(Checkpoint { folder: self.folder.clone(), tensors, manifest })
    }

    fn read_manifest(&self, epoch: usize) -> Result<Manifest> {
        let path = self.manifest(epoch);
        let bytes = std::fs::metadata(&path)?.len();
        ensure!(bytes <= LARGEST_MANIFEST, "it has {bytes} bytes, expected at most {LARGEST_MANIFEST}");
        Manifest::unseal(&std::fs::read(&path)?)
    }

    /// Finished epochs of the generations that are there, newest first.
    fn epochs(&self) -> Result<Vec<usize>> {
        let names = names(&self.folder)?;
        let epoch = |name: &String| name.strip_prefix("epoch-")?.strip_suffix(".json")?.parse().ok();
        let mut epochs: Vec<usize> = names.iter().filter_map(epoch).collect();
        epochs.sort_unstable_by(|a, b| b.cmp(a));
        Ok(epochs)
    }

    /// Removes what neither the generation of `epoch` nor the one before it needs.
    ///
    /// # Errors
    /// The first file that cannot be removed, after all others were; the tensors of a manifest that stays do too.
    fn prune(&self, epoch: usize) -> Result<()> {
        let kept: Vec<usize> = self.epochs()?.into_iter().filter(|&other| other <= epoch).take(2).collect();
        let mut needed = Vec::new();
        for &epoch in &kept {
            needed.extend([self.manifest(epoch), self.body(epoch)]);
            // One that cannot be read needs nothing.
            if let Ok(manifest) = self.read_manifest(epoch) {
                needed.extend(manifest.replay.iter().map(|segment| segment.path(&self.folder)));
            }
        }
        let ours = names(&self.folder)?.into_iter().filter(|name| is_ours(name));
        let mut rest: Vec<PathBuf> = ours.map(|name| self.folder.join(name)).collect();
        rest.retain(|path| !needed.contains(path));
        // A generation without its manifest is none: that goes first.
        rest.sort_by_key(|path| path.extension().is_none_or(|extension| extension != "json"));
        let mut first = Ok(());
        for path in rest {
            if path.with_extension("json").exists() && path.extension().is_some_and(|found| found != "json") {
                continue;
            }
            let removed =
                disk::remove(&path).with_context(|| format!("{} cannot be removed", path.display()));
            first = first.and(removed);
        }
        first
    }

    fn manifest(&self, epoch: usize) -> PathBuf {
        self.folder.join(format!("epoch-{epoch}.json"))
    }

    fn body(&self, epoch: usize) -> PathBuf {
        self.folder.join(format!("epoch-{epoch}.safetensors"))
    }
}

impl Checkpoint {
    /// Fills `replay` with what was remembered.
    ///
    /// # Errors
    /// Segments that are missing, damaged, or of rows of another length; the replay is then empty.
    pub(crate) fn restore(&self, replay: &mut ReplayBuffer) -> Result<()> {
        segments::restore(&self.folder, &self.manifest.replay, replay)
    }
}

/// Could a run go on from a checkpoint of these bytes, as far as they alone can say?
///
/// `manifest` is the text of an `epoch-N.json`, `body` what stands in the `.safetensors` beside it.
///
/// # Errors
/// What is wrong with either, with the key, line or offset where that is known.
pub fn check_checkpoint(manifest: &[u8], body: &[u8]) -> Result<()> {
    let manifest = Manifest::unseal(manifest).context("the manifest")?;
    manifest.body.check(&Sum::of(body)).context("the body")?;
    check_tensors(body)
}

/// Are these bytes a checkpoint's tensors, whatever its manifest says?
///
/// # Errors
/// What is wrong with them.
pub fn check_tensors(body: &[u8]) -> Result<()> {
    body::from_bytes(body).context("the body").map(drop)
}

/// A manifest that was changed, under a checksum that is right again, for a body that was changed too.
#[cfg(test)]
pub(crate) fn reseal(manifest: &[u8], body: &[u8]) -> String {
    let text = String::from_utf8_lossy(manifest);
    let text = text.rsplit_once(",\n  \"sha256\"").map_or(text.as_ref(), |(text, _)| text);
    let sum = serde_json::to_string(&Sum::of(body)).expect("a sum is JSON");
    let lines = text.lines().map(|line| match line.starts_with("  \"body\": ") {
        true => format!("  \"body\": {sum},"),
        false => line.to_owned(),
    });
    manifest::seal_text(&lines.collect::<Vec<_>>().join("\n"))
}

/// Is a file of this name one that a checkpoint has, whole or not?
fn is_ours(name: &str) -> bool {
    let name = name.strip_suffix(disk::PART).unwrap_or(name);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let epoch = |name: &str| name.strip_prefix("epoch-").is_some_and(is_number);
    let segment = |name: &str| {
        let ends = name.strip_prefix("replay-").and_then(|ends| ends.split_once('-'));
        ends.is_some_and(|(first, end)| is_number(first) && is_number(end))
    };
    match name.rsplit_once('.') {
        Some((name, "json" | "safetensors")) => epoch(name),
        Some((name, "bin")) => segment(name),
        _ => false,
    }
}

/// Names of the files in a folder; none where there is no folder.
fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).context(format!("{} cannot be read", folder.display())),
    };
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}
