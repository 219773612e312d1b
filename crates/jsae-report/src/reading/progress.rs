use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};

use crate::run::Curve;
use crate::warning::Warning;

/// Reads the columns of a `progress.csv`; what is cut off at its end is left out.
pub(super) fn curve(path: &Path, text: &str, warnings: &mut Vec<Warning>) -> Curve {
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    if whole.len() < text.len() {
        warnings.push(Warning::new(path, "its last row is cut off: it is left out"));
    }
    if whole.is_empty() {
        return Curve::default();
    }
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(whole.as_bytes());
    let headers = reader.byte_headers().cloned().unwrap_or_default();
    let column = |name: &str| headers.iter().position(|header| header == name.as_bytes());
    let names = ["rollout/ep_rew_mean", "rollout/ep_rew_mean_last10", "eval/mean_reward"];
    let (steps, values) = (column("time/total_timesteps"), names.map(column));
    if let Some(name) =
        names.iter().take(1).chain(["time/total_timesteps"].iter()).find(|name| column(name).is_none())
    {
        warnings.push(Warning::new(path, format!("has no column {name}")));
        return Curve::default();
    }
    let mut curve = Curve::default();
    let mut bad = Bad::default();
    let mut record = ByteRecord::new();
    while let Ok(true) = reader.read_byte_record(&mut record) {
        let row = curve.len() + 1;
        if record.len() != headers.len() {
            let (cells, wanted) = (record.len(), headers.len());
            let message =
                format!("row {row} has {cells} cells, expected {wanted}: it and what follows is left out");
            warnings.push(Warning::new(path, message));
            break;
        }
        let mut cell = |column: Option<usize>| number(&record, column).unwrap_or_else(|| bad.value(row));
        curve.steps.push(cell(steps).unwrap_or(f64::NAN));
        curve.returns.push(cell(values[0]));
        curve.recent_returns.push(cell(values[1]));
        curve.evaluations.push(cell(values[2]));
    }
    bad.warn(path, warnings);
    if curve.steps.iter().any(|steps| steps.is_nan()) {
        warnings.push(Warning::new(path, "has rows without steps; it is left out"));
        return Curve::default();
    }
    curve
}

/// Cells that hold no finite number.
#[derive(Default)]
struct Bad {
    values: usize,
    first_value: usize,
}

impl Bad {
    fn value(&mut self, row: usize) -> Option<f64> {
        self.first_value = if self.values == 0 { row } else { self.first_value };
        self.values += 1;
        None
    }

    fn warn(&self, path: &Path, warnings: &mut Vec<Warning>) {
        if self.values > 0 {
            let (n, row) = (self.values, self.first_value);
            warnings.push(Warning::new(
                path,
                format!("{n} cells are no finite numbers (first in row {row}): left out"),
            ));
        }
    }
}

/// Clocks of a `timing.csv` added up, `[n_epochs]`; empty where it is missing or shorter.
pub(super) fn seconds(path: &Path, n_epochs: usize) -> Vec<f64> {
    let Ok(text) = std::fs::read(path) else { return Vec::new() };
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_slice());
    let headers = reader.byte_headers().cloned().unwrap_or_default();
    let clocks = ["time/collect", "time/update", "time/embed", "time/evaluate"];
    let columns = clocks.map(|name| headers.iter().position(|header| header == name.as_bytes()));
    let mut total = 0.0;
    let mut seconds = Vec::with_capacity(n_epochs);
    let mut record = ByteRecord::new();
    while seconds.len() < n_epochs && matches!(reader.read_byte_record(&mut record), Ok(true)) {
        total += columns.iter().filter_map(|&column| number(&record, column).flatten()).sum::<f64>();
        seconds.push(total);
    }
    if seconds.len() < n_epochs || columns.iter().all(Option::is_none) { Vec::new() } else { seconds }
}

/// The outer `None` is a cell that holds something other than a finite number; the inner one an empty cell.
fn number(record: &ByteRecord, column: Option<usize>) -> Option<Option<f64>> {
    let Some(cell) = column.and_then(|column| record.get(column)).filter(|cell| !cell.is_empty()) else {
        return Some(None);
    };
    let value: f64 = std::str::from_utf8(cell).ok()?.parse().ok()?;
    value.is_finite().then_some(Some(value))
}
