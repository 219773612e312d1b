use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::reason::Kind;
use crate::disk::try_lock;
use crate::run_folder::has_begun;
use crate::train::Summary;
use crate::versions::{Versions, host};

/// `status.json` of a run: what last became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) state: State,
    /// Why it failed.
    pub(crate) kind: Option<Kind>,
    /// The same in words.
    pub(crate) reason: Option<String>,
    /// Processes that have worked at it.
    pub(crate) attempts: u32,
    /// Machine and process that started the last of them.
    pub(crate) host: String,
    pub(crate) pid: u32,
    /// Versions of the program that have worked at it, the last one last.
    pub(crate) versions: Vec<String>,
}

/// What a supervisor last knew of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// A process was started; it may be dead by now.
    #[default]
    Running,
    /// It was asked to stop, and left a checkpoint.
    Stopped,
    Failed,
    Finished,
}

/// What stands in the folder of a run.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Nothing,
    /// Begun; to go on from its checkpoint where it has one.
    Unfinished,
    Finished(Box<Summary>),
    Failed(Kind, String),
    /// Files are missing that belong to what is there.
    Damaged(String),
}

impl Found {
    /// Looks into the folder of a run.
    pub(crate) fn at(folder: &Path) -> Self {
        let there = |name: &str| folder.join(name).is_file();
        if let (Some(begun), false) = (has_begun(folder), there("config.toml")) {
            return Self::Damaged(format!("config.toml is missing beside {begun}"));
        }
        if there("evaluation.json") {
            return finished(folder);
        }
        match Status::read(folder) {
            Some(Status { state: State::Failed, kind, reason, .. }) => {
                Self::Failed(kind.unwrap_or(Kind::Error), reason.unwrap_or_default())
            }
            _ if there("config.toml") => Self::Unfinished,
            _ => Self::Nothing,
        }
    }
}

fn finished(folder: &Path) -> Found {
    if !folder.join("progress.csv").is_file() {
        return Found::Damaged("progress.csv is missing beside evaluation.json".to_owned());
    }
    let summary = std::fs::read(folder.join("evaluation.json")).ok();
    match summary.and_then(|text| serde_json::from_slice(&text).ok()) {
        Some(summary) => Found::Finished(Box::new(summary)),
        None => Found::Damaged("evaluation.json cannot be read".to_owned()),
    }
}

impl Status {
    /// The status that a folder holds; none where there is none, or it is damaged.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.join("status.json")).ok()?).ok()
    }

    /// The status of a run that this process starts now.
    pub(super) fn started(folder: &Path) -> Self {
        let before = Self::read(folder).unwrap_or_default();
        let mut versions = before.versions;
        let here = version(&Versions::here());
        versions.retain(|version| *version != here);
        versions.push(here);
        Self {
            attempts: before.attempts + 1,
            host: host(),
            pid: std::process::id(),
            versions,
            ..Self::default()
        }
    }

    /// Writes it whole or not at all.
    ///
    /// # Errors
    /// A disk that refuses.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        let (path, part) = (folder.join("status.json"), folder.join("status.json.part"));
        std::fs::write(&part, text)
            .and_then(|()| std::fs::rename(&part, &path))
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// One version of the program, in a few words.
pub(super) fn version(versions: &Versions) -> String {
    let Versions { jsae, revision, libtorch, target, .. } = versions;
    format!("{jsae} {revision} (libtorch {libtorch}, {target})")
}

/// Keeps other supervisors from a run; the system frees it when the process dies.
#[derive(Debug)]
pub(super) struct Claim {
    _locked: File,
}

/// Claims a run; none while another process works at it.
///
/// # Errors
/// A folder that cannot be written.
pub(super) fn claim(folder: &Path) -> Result<Option<Claim>> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let Some(claim) = try_lock(&folder.join("claim"))? else { return Ok(None) };
    // A worker whose supervisor was killed goes on to the end of its epoch.
    let worker = folder.join("lock");
    if worker.exists() && try_lock(&worker)?.is_none() {
        return Ok(None);
    }
    Ok(Some(Claim { _locked: claim }))
}
