//! What a run writes down: `progress.csv`, `timing.csv` and TensorBoard events.

mod tensorboard;

use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::disk::{Sum, Summing};
pub(crate) use tensorboard::EventWriter;

/// One epoch's figures, in the order of their columns; `None` leaves the cell empty.
pub(crate) type Row = Vec<(String, Option<f64>)>;

/// Writes one row an epoch to every record of a run.
#[derive(Debug)]
pub(crate) struct Recorder {
    progress: Table,
    timing: Table,
    events: EventWriter,
}

impl Recorder {
    /// Opens the records in `folder` and keeps what they held when `kept` was taken of them, after `epochs`;
    /// `None` begins anew.
    ///
    /// # Errors
    /// A file that cannot be written, or that does not begin with what is to be kept.
    pub(crate) fn open(folder: &Path, epochs: usize, kept: Option<&Sum>) -> Result<Self> {
        let progress = folder.join("progress.csv");
        let nothing = Sum::of(&[]);
        Ok(Self {
            progress: Table::open(progress, kept.unwrap_or(&nothing))?,
            timing: Table::open_rows(folder.join("timing.csv"), epochs)?,
            events: EventWriter::create(folder)?,
        })
    }

    /// Adds an epoch: `progress` is a function of configuration and seed, `timing` holds clocks.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn write(&mut self, steps: u64, progress: &Row, timing: &Row) -> Result<()> {
        self.progress.append(progress)?;
        self.timing.append(timing)?;
        for (name, value) in progress.iter().chain(timing) {
            if let Some(value) = value {
                self.events.scalar(name, steps, *value as f32)?;
            }
        }
        self.events.flush()
    }

    /// Brings `progress.csv` to the disk and sums it up.
    ///
    /// # Errors
    /// A disk that refuses.
    pub(crate) fn sync(&mut self) -> Result<Sum> {
        self.progress.sync()?;
        Ok(self.progress.summing.sum())
    }
}

/// A CSV file that grows by a row at a time.
#[derive(Debug)]
struct Table {
    path: PathBuf,
    columns: Vec<String>,
    file: File,
    summing: Summing,
}

impl Table {
    /// Keeps the beginning of the file that is there and cuts off the rest.
    fn open(path: PathBuf, kept: &Sum) -> Result<Self> {
        let open = || -> Result<(File, Summing)> {
            let file = File::options().create(true).append(true).open(&path)?;
            let summing = kept.check_beginning(&path)?;
            // Nothing is written again: a process that is killed here loses nothing.
            file.set_len(kept.bytes)?;
            Ok((file, summing))
        };
        let (file, summing) =
            open().with_context(|| format!("{} is not what the checkpoint was taken of", path.display()))?;
        let columns = if kept.bytes == 0 { Vec::new() } else { first_line(&path)? };
        Ok(Self { path, columns, file, summing })
    }

    /// Keeps the first `rows` rows, or as many as there are.
    fn open_rows(path: PathBuf, rows: usize) -> Result<Self> {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) if rows > 0 => bytes,
            _ => Vec::new(),
        };
        let lines = bytes.split_inclusive(|&byte| byte == b'\n').filter(|line| line.ends_with(b"\n"));
        let kept: usize = lines.take(rows + 1).map(<[u8]>::len).sum();
        Self::open(path, &Sum::of(&bytes[..kept]))
    }

    fn append(&mut self, row: &Row) -> Result<()> {
        let mut lines = csv::Writer::from_writer(Vec::new());
        if self.columns.is_empty() {
            self.columns = row.iter().map(|(name, _)| name.clone()).collect();
            lines.write_record(&self.columns)?;
        }
        let names = row.iter().map(|(name, _)| name);
        if !names.eq(self.columns.iter()) {
            bail!("{}: the columns of a run changed between two epochs", self.path.display());
        }
        let cell = |value: &Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
        lines.write_record(row.iter().map(|(_, value)| cell(value)))?;
        let lines = lines.into_inner()?;
        self.summing.add(&lines);
        self.file
            .write_all(&lines)
            .with_context(|| format!("{} bytes cannot be written to {}", lines.len(), self.path.display()))
    }

    fn sync(&self) -> Result<()> {
        self.file.sync_data().with_context(|| format!("{} cannot be synced", self.path.display()))
    }
}

fn first_line(path: &Path) -> Result<Vec<String>> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut reader = csv::Reader::from_reader(BufReader::new(file));
    Ok(reader.headers()?.iter().map(str::to_owned).collect())
}
