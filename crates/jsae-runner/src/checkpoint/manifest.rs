use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::segments::Segment;
use crate::collect::CollectorState;
use crate::disk::Sum;
use crate::experiment::Experiment;
use crate::streams::Streams;
use crate::versions::Versions;

/// Layout of a checkpoint.
pub(super) const FORMAT: u32 = 3;

/// What a checkpoint says of itself, and all that is not a tensor.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// [`FORMAT`] when it was written.
    pub(super) format: u32,
    /// See [`config_sha256`].
    pub(super) config_sha256: String,
    /// Program and libraries that wrote it.
    pub(crate) made_with: Versions,
    /// The tensors' file.
    pub(crate) body: Sum,
    /// `progress.csv` up to here.
    pub(crate) records: Sum,
    /// `pretrain.csv`, where there is one; checkpoints of before do not say.
    #[serde(default)]
    pub(crate) pretrain: Option<Sum>,
    /// The replay's files, oldest first.
    pub(crate) replay: Vec<Segment>,
    /// Where the run stands.
    pub(crate) progress: Progress,
}

/// Where a run stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    /// Finished epochs.
    pub(crate) epoch: usize,
    /// Environment steps made, pre-training samples included where they count.
    pub(crate) steps: u64,
    /// Mean return of each finished epoch's finished episodes.
    pub(crate) epoch_returns: Vec<Option<f64>>,
    /// Random streams.
    pub(crate) streams: Streams,
    /// Environments and their episodes.
    pub(crate) collector: CollectorState,
}

/// What stands between the last key and the checksum of all before it.
const SEAM: &str = ",\n  \"sha256\": \"";

const END: &str = "\"\n}\n";

/// Hexadecimal digits of a checksum.
const DIGITS: usize = 64;

impl Manifest {
    /// As text, a key a line; the last line is the checksum of everything before it.
    ///
    /// # Errors
    /// A number that JSON cannot say.
    pub(super) fn seal(&self) -> Result<String> {
        let keys = [
            ("format", serde_json::to_string(&self.format)),
            ("config_sha256", serde_json::to_string(&self.config_sha256)),
            ("made_with", serde_json::to_string(&self.made_with)),
            ("body", serde_json::to_string(&self.body)),
            ("records", serde_json::to_string(&self.records)),
            ("pretrain", serde_json::to_string(&self.pretrain)),
            ("replay", serde_json::to_string(&self.replay)),
            ("progress", serde_json::to_string(&self.progress)),
        ];
        let lines: Vec<String> = keys
            .into_iter()
            .map(|(key, value)| Ok(format!("  \"{key}\": {}", value?)))
            .collect::<Result<_>>()?;
        Ok(seal_text(&format!("{{\n{}", lines.join(",\n"))))
    }

    /// What [`Manifest::seal`] wrote, with not a bit changed.
    ///
    /// # Errors
    /// Another text, named by key, line or offset.
    pub(super) fn unseal(bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| anyhow::anyhow!("it is not UTF-8 at byte {}", error.valid_up_to()))?;
        let mut text = unseal_text(text)?.to_owned();
        text.push_str("\n}");
        let version: Version = serde_json::from_str(&text)?;
        ensure!(version.format == FORMAT, "its format is {}, expected {FORMAT}", version.format);
        Ok(serde_json::from_str(&text)?)
    }
}

/// Appends the checksum to the manifest's text, which lacks its last bracket.
pub(super) fn seal_text(text: &str) -> String {
    let head = format!("{text}{SEAM}");
    let sum = Sum::of(head.as_bytes());
    format!("{head}{}{END}", sum.sha256)
}

fn unseal_text(text: &str) -> Result<&str> {
    let seam = text.len().checked_sub(DIGITS + END.len()).filter(|&seam| text.is_char_boundary(seam));
    let Some((head, tail)) = seam.map(|seam| text.split_at(seam)) else {
        bail!("its {} bytes do not end with a checksum", text.len());
    };
    let Some(found) = tail.strip_suffix(END) else {
        bail!("its last line, from byte {} on, is not a checksum", head.len());
    };
    let expected = Sum::of(head.as_bytes()).sha256;
    ensure!(
        found == expected,
        "the sha256 of its first {} bytes is {expected}, expected {found}",
        head.len()
    );
    head.strip_suffix(SEAM).with_context(|| format!("no key sha256 at byte {}", head.len()))
}

#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// SHA-256 of the experiment with everything that decides a run's bytes: the number of threads does not.
pub(super) fn config_sha256(experiment: &Experiment) -> String {
    let mut experiment = experiment.clone();
    experiment.training.n_threads = 1;
    Sum::of(experiment.to_toml().as_bytes()).sha256
}
