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
    /// `None` begins anew. Clocks are no result: a `timing.csv` of other columns than `timing` begins anew.
    ///
    /// # Errors
    /// A file that cannot be written, or that does not begin with what is to be kept; nothing is cut off then.
    pub(crate) fn open(folder: &Path, epochs: usize, kept: Option<&Sum>, timing: &[&str]) -> Result<Self> {
        let nothing = Sum::of(&[]);
        let recorder = Self {
            progress: Table::open(progress_csv(folder), kept.unwrap_or(&nothing))?,
            timing: Table::open_rows(folder.join("timing.csv"), epochs, timing)?,
            events: EventWriter::create(folder)?,
        };
        // Only where all of them can be written is anything cut off.
        recorder.progress.cut()?;
        recorder.timing.cut()?;
        Ok(recorder)
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

/// Does `progress.csv` in `folder` begin with what is to be kept?
///
/// # Errors
/// It does not, or cannot be read.
pub(crate) fn check_progress(folder: &Path, kept: &Sum) -> Result<()> {
    let path = progress_csv(folder);
    kept.check_beginning(&path).map(drop).with_context(|| mismatch(&path))
}

fn progress_csv(folder: &Path) -> PathBuf {
    folder.join("progress.csv")
}

fn mismatch(path: &Path) -> String {
    format!("{} is not what the checkpoint was taken of", path.display())
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
    /// Goes on behind the beginning of the file that is there; the rest stands until [`Table::cut`].
    fn open(path: PathBuf, kept: &Sum) -> Result<Self> {
        let file = File::options().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("{} cannot be written", path.display()))?;
        let summing = kept.check_beginning(&path).with_context(|| mismatch(&path))?;
        let columns = if kept.bytes == 0 { Vec::new() } else { first_line(&path)? };
        Ok(Self { path, columns, file, summing })
    }

    /// Goes on behind the first `rows` rows, or as many as there are, of a file with these columns.
    fn open_rows(path: PathBuf, rows: usize, columns: &[&str]) -> Result<Self> {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) if rows > 0 => bytes,
            _ => Vec::new(),
        };
        let mut lines = bytes.split_inclusive(|&byte| byte == b'\n').filter(|line| line.ends_with(b"\n"));
        let head = lines.next().filter(|head| *head == format!("{}\n", columns.join(",")).as_bytes());
        let kept = head.map_or(0, |head| head.len() + lines.take(rows).map(<[u8]>::len).sum::<usize>());
        Self::open(path, &Sum::of(&bytes[..kept]))
    }

    /// Cuts off what is not kept. Nothing is written again: a process that is killed here loses nothing.
    fn cut(&self) -> Result<()> {
        let kept = self.summing.sum().bytes;
        self.file.set_len(kept).with_context(|| format!("{} cannot be written", self.path.display()))
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
    let names = reader.headers().with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(names.iter().map(str::to_owned).collect())
}
