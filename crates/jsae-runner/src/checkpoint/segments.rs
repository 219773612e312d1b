//! A replay in files that are only ever added: a checkpoint costs what is new.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use jsae_rl::ReplayBuffer;
use serde::{Deserialize, Serialize};

use crate::disk::{self, Sum, Summing};

/// Transitions `first` up to `end`, counted from the run's first: `replay-FIRST-END.bin`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Segment {
    pub(super) first: u64,
    pub(super) end: u64,
    pub(super) sum: Sum,
}

/// A segment that is shorter is written again with what follows, lest there be a file for every checkpoint.
const SHORT: u64 = 4_096;

impl Segment {
    pub(super) fn path(&self, folder: &Path) -> PathBuf {
        folder.join(format!("replay-{}-{}.bin", self.first, self.end))
    }
}

/// Stores what `stored` lacks of `replay`; returns the segments of all that it still holds.
///
/// # Errors
/// A disk that refuses or lies.
pub(super) fn append(folder: &Path, replay: &ReplayBuffer, stored: &[Segment]) -> Result<Vec<Segment>> {
    let (oldest, end) = (replay.oldest(), replay.pushed());
    let mut segments: Vec<Segment> = stored.iter().filter(|segment| segment.end > oldest).cloned().collect();
    if end == oldest || segments.last().is_some_and(|last| last.end == end) {
        return Ok(segments);
    }
    let short = segments.pop_if(|last| last.end - last.first < SHORT && last.first >= oldest);
    let after_last = segments.last().map(|last| last.end);
    let first = short.map(|short| short.first).or(after_last).unwrap_or(oldest);
    let mut segment = Segment { first, end, sum: Sum::of(&[]) };
    let path = segment.path(folder);
    segment.sum = disk::replace(&path, &mut |writer| replay.write_rows(first..end, writer))?;
    segment.sum.check_file(&path).with_context(|| format!("{} was written wrongly", path.display()))?;
    segments.push(segment);
    Ok(segments)
}

/// Fills `replay` from `segments`, oldest first.
///
/// # Errors
/// Files that are missing or damaged, or segments that do not follow one another; `replay` is then empty.
pub(super) fn restore(folder: &Path, segments: &[Segment], replay: &mut ReplayBuffer) -> Result<()> {
    let row_bytes = replay.lengths().transition_bytes() as u64;
    let mut end = segments.first().map_or(0, |segment| segment.first);
    let first = end;
    for segment in segments {
        let rows = segment.end.checked_sub(segment.first).filter(|&rows| rows > 0);
        ensure!(
            segment.first == end
                && rows.and_then(|rows| rows.checked_mul(row_bytes)) == Some(segment.sum.bytes),
            "key replay: transitions {} up to {} in {} bytes do not follow on {end}, in rows of {row_bytes} bytes",
            segment.first,
            segment.end,
            segment.sum.bytes
        );
        let path = segment.path(folder);
        segment.sum.check_length(&path).with_context(|| path.display().to_string())?;
        end = segment.end;
    }
    let mut chain = Chain { folder, rest: segments, open: None };
    let restored = replay.restore(first..end, &mut chain).context("the replay").and_then(|()| chain.finish());
    if restored.is_err() {
        replay.clear();
    }
    restored
}

/// Reads segments one behind the other and checks the sum of each at its end.
struct Chain<'a> {
    folder: &'a Path,
    rest: &'a [Segment],
    open: Option<(BufReader<File>, Summing)>,
}

impl Chain<'_> {
    /// Checks the last sum.
    fn finish(mut self) -> Result<()> {
        let left = self.read(&mut [0])?;
        ensure!(left == 0 && self.rest.is_empty(), "the replay's files hold more than its rows");
        Ok(())
    }

    fn close(&mut self, summing: &Summing) -> std::io::Result<()> {
        let Some((segment, rest)) = self.rest.split_first() else { return Ok(()) };
        self.rest = rest;
        segment.sum.check(&summing.sum()).map_err(|error| {
            let path = segment.path(self.folder);
            std::io::Error::new(std::io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
        })
    }
}

impl Read for Chain<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while let Some(segment) = self.rest.first() {
            let (reader, summing) = match &mut self.open {
                Some(open) => open,
                None => {
                    let file = File::open(segment.path(self.folder))?;
                    self.open.insert((BufReader::with_capacity(1 << 16, file), Summing::default()))
                }
            };
            let n = reader.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                summing.add(&buffer[..n]);
                return Ok(n);
            }
            if let Some((_, summing)) = self.open.take() {
                self.close(&summing)?;
            }
        }
        Ok(0)
    }
}
