//! Files that are whole or not there at all, whatever happens while they are written.

#[cfg(test)]
pub(crate) mod faults;

use std::fs::{File, TryLockError};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::hexadecimal;

/// Length and checksum of a file, or of its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sum {
    /// Bytes.
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: String,
}

/// Sums up what passes by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summing {
    hasher: Sha256,
    bytes: u64,
}

impl Summing {
    /// Of everything that `reader` gives, without keeping it.
    fn of(mut reader: impl Read) -> io::Result<Self> {
        let (mut summing, mut buffer) = (Self::default(), vec![0; 1 << 16]);
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(summing),
                n => summing.add(&buffer[..n]),
            }
        }
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    pub(crate) fn sum(&self) -> Sum {
        Sum { bytes: self.bytes, sha256: hexadecimal::text(&self.hasher.clone().finalize()) }
    }
}

impl Sum {
    /// Of these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut summing = Summing::default();
        summing.add(bytes);
        summing.sum()
    }

    /// Of the whole file at `path`.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn of_file(path: &Path) -> io::Result<Self> {
        Ok(Summing::of(File::open(path)?)?.sum())
    }

    /// Is this the sum of `found`?
    ///
    /// # Errors
    /// Another length or checksum, with both.
    pub(crate) fn check(&self, found: &Self) -> Result<()> {
        ensure!(self.bytes == found.bytes, "it has {} bytes, expected {}", found.bytes, self.bytes);
        let (found, expected) = (&found.sha256, &self.sha256);
        ensure!(found == expected, "the sha256 of its {} bytes is {found}, expected {expected}", self.bytes);
        Ok(())
    }

    /// Reads the whole file at `path` and checks it; what is longer or shorter is not even read.
    ///
    /// # Errors
    /// A file that cannot be read, or another length or checksum.
    pub(crate) fn read(&self, path: &Path) -> Result<Vec<u8>> {
        self.check_length(path)?;
        let bytes = std::fs::read(path)?;
        self.check(&Self::of(&bytes))?;
        Ok(bytes)
    }

    /// [`Sum::read`] without keeping anything.
    ///
    /// # Errors
    /// As [`Sum::read`].
    pub(crate) fn check_file(&self, path: &Path) -> Result<()> {
        self.check_length(path)?;
        self.check_beginning(path).map(drop)
    }

    /// Checks the first bytes of the file at `path`; it may go on behind them. Returns the state after them.
    ///
    /// # Errors
    /// As [`Sum::read`].
    pub(crate) fn check_beginning(&self, path: &Path) -> Result<Summing> {
        let summing = Summing::of(File::open(path)?.take(self.bytes))?;
        self.check(&summing.sum())?;
        Ok(summing)
    }

    /// Has the file at `path` this length?
    ///
    /// # Errors
    /// Another length, or none to be had.
    pub(crate) fn check_length(&self, path: &Path) -> Result<()> {
        let found = std::fs::metadata(path)?.len();
        ensure!(found == self.bytes, "it has {found} bytes, expected {}", self.bytes);
        Ok(())
    }
}

/// SHA-256 of the file at `path`.
///
/// # Errors
/// A file that cannot be read, named.
pub(crate) fn sha256_of(path: &Path) -> Result<String> {
    let sum = Sum::of_file(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(sum.sha256)
}

/// Replaces the file at `path` by what `fill` writes: beside it first, synced, renamed, the folder synced.
///
/// # Errors
/// A disk that refuses; what stood at `path` is then untouched, and the error names path and bytes.
pub(crate) fn replace(path: &Path, fill: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<Sum> {
    let part = part_of(path);
    let mut written = 0;
    let result = write_part(&part, fill, &mut written).and_then(|sum| {
        rename(&part, path)?;
        sync_folder(path)?;
        Ok(sum)
    });
    if result.is_err() {
        // Room for others; the first error is the one to tell.
        let _ = remove(&part);
    }
    result.with_context(|| format!("{} cannot be written ({written} bytes were)", path.display()))
}

/// [`replace`] by `bytes`.
///
/// # Errors
/// As [`replace`].
pub(crate) fn replace_by(path: &Path, bytes: &[u8]) -> Result<Sum> {
    replace(path, &mut |writer| writer.write_all(bytes))
        .with_context(|| format!("{} bytes for {}", bytes.len(), path.display()))
}

/// Writes what somebody asked for: a file whole or not at all; what is no file, as a pipe or a link, as it is.
///
/// # Errors
/// A disk that refuses.
pub(crate) fn write_out(path: &Path, bytes: &[u8]) -> Result<()> {
    match path.symlink_metadata() {
        Ok(entry) if !entry.is_file() => {
            std::fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
        }
        _ => replace_by(path, bytes).map(drop),
    }
}

/// Removes a file.
///
/// # Errors
/// A file that is not there or may not go.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    strike()?;
    std::fs::remove_file(path)
}

/// Makes a folder whose parent is there, where it is not there yet, so that it stays.
///
/// # Errors
/// A disk that refuses.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    let make = || {
        strike()?;
        match std::fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            result => result.and_then(|()| sync_folder(path)),
        }
    };
    make().with_context(|| format!("{} cannot be made", path.display()))
}

/// The name under which `path` is written before it is whole.
pub(crate) fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(PART);
    path.with_file_name(name)
}

/// End of the names of files that are not whole.
pub(crate) const PART: &str = ".part";

fn write_part(
    part: &Path,
    fill: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    written: &mut u64,
) -> io::Result<Sum> {
    strike()?;
    let sink = Sink { file: File::create(part)?, summing: Summing::default(), written };
    let mut writer = BufWriter::with_capacity(1 << 16, sink);
    fill(&mut writer)?;
    let sink = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    strike()?;
    sink.file.sync_all()?;
    Ok(sink.summing.sum())
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    strike()?;
    std::fs::rename(from, to)
}

/// Keeps other processes from what the file at `path` stands for until the returned file is dropped; the system frees
/// it when a process dies, however it dies. `None` where another holds it.
///
/// # Errors
/// A disk that refuses.
pub(crate) fn try_lock(path: &Path) -> Result<Option<File>> {
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).context(format!("{} cannot be locked", path.display())),
    }
}

/// Brings the entry of `path` in its folder to the disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    strike()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A file that knows the sum of what it was given.
struct Sink<'a> {
    file: File,
    summing: Summing,
    written: &'a mut u64,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = strike() {
            // A disk that is full takes a part first.
            let _ = self.file.write(&bytes[..bytes.len() / 2]);
            return Err(error);
        }
        let n = self.file.write(bytes)?;
        self.summing.add(&bytes[..n]);
        *self.written += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Tests let any of these steps fail.
#[cfg(test)]
fn strike() -> io::Result<()> {
    faults::strike()
}

#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "it fails in tests")]
fn strike() -> io::Result<()> {
    Ok(())
}
