//! What a run writes down: `progress.csv`, `timing.csv` and TensorBoard events.

mod tensorboard;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

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
    /// Opens the records in `folder` and keeps their first `epochs` rows.
    ///
    /// # Errors
    /// A file that cannot be written, or that holds fewer rows than were said to be done.
    pub(crate) fn open(folder: &Path, epochs: usize) -> Result<Self> {
        Ok(Self {
            progress: Table::open(folder.join("progress.csv"), epochs)?,
            timing: Table::open(folder.join("timing.csv"), epochs)?,
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

    /// Brings everything to the disk.
    ///
    /// # Errors
    /// A disk that refuses.
    pub(crate) fn sync(&mut self) -> Result<()> {
        self.progress.sync()?;
        self.timing.sync()
    }
}

/// A CSV file that grows by a row at a time.
#[derive(Debug)]
struct Table {
    path: PathBuf,
    columns: Vec<String>,
    writer: csv::Writer<File>,
}

impl Table {
    fn open(path: PathBuf, rows: usize) -> Result<Self> {
        let (columns, kept) = if rows == 0 { (Vec::new(), Vec::new()) } else { first_rows(&path, rows)? };
        let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        let mut table = Self { writer: csv::Writer::from_writer(file), path, columns };
        if rows > 0 {
            table.writer.write_record(&table.columns)?;
            for row in kept {
                table.writer.write_record(&row)?;
            }
        }
        Ok(table)
    }

    fn append(&mut self, row: &Row) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = row.iter().map(|(name, _)| name.clone()).collect();
            self.writer.write_record(&self.columns)?;
        }
        let names = row.iter().map(|(name, _)| name);
        if !names.eq(self.columns.iter()) {
            bail!("{}: the columns of a run changed between two epochs", self.path.display());
        }
        let cell = |value: &Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
        self.writer.write_record(row.iter().map(|(_, value)| cell(value)))?;
        self.writer.flush().with_context(|| format!("{} cannot be written", self.path.display()))
    }

    fn sync(&mut self) -> Result<()> {
        self.writer.flush()?;
        File::open(&self.path)?
            .sync_all()
            .with_context(|| format!("{} cannot be synced", self.path.display()))
    }
}

fn first_rows(path: &Path, rows: usize) -> Result<(Vec<String>, Vec<csv::StringRecord>)> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut reader = csv::Reader::from_reader(BufReader::new(file));
    let columns = reader.headers()?.iter().map(str::to_owned).collect();
    let kept: Vec<_> = reader.records().take(rows).collect::<Result<_, _>>()?;
    if kept.len() < rows {
        bail!("{} holds {} rows, expected at least {rows}", path.display(), kept.len());
    }
    Ok((columns, kept))
}
