use std::fmt;

use super::{BadRow, Fault};

/// What was read and what each filter left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files.
    pub n_files: usize,
    /// Rows, headers and blank lines not counted.
    pub n_rows: u64,
    /// Well-formed purchases.
    pub n_purchases: u64,
    /// Purchases earlier than the one before them.
    pub n_out_of_order: u64,
    /// Malformed rows by fault.
    pub bad_rows: Vec<BadRows>,
    /// Purchases before the first filter and after each.
    pub stages: Vec<Stage>,
}

/// Malformed rows of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRows {
    /// What is wrong with them.
    pub fault: Fault,
    /// How many.
    pub n: u64,
    /// The first.
    pub first: BadRow,
}

/// The purchases at one stage of filtering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What was done last.
    pub name: String,
    /// Purchases.
    pub n_purchases: u64,
    /// Items among them.
    pub n_items: u64,
    /// Users among them.
    pub n_users: u64,
}

/// Items that the paper reports after its filters.
const PAPER_ITEMS: u64 = 835;

impl Report {
    /// Counts a malformed row.
    pub(super) fn add_bad_row(&mut self, row: BadRow) {
        match self.bad_rows.iter_mut().find(|bad| bad.fault == row.fault) {
            Some(bad) => bad.n += 1,
            None => self.bad_rows.push(BadRows { fault: row.fault, n: 1, first: row }),
        }
    }

    /// Malformed rows of all kinds.
    pub fn n_bad_rows(&self) -> u64 {
        self.bad_rows.iter().map(|bad| bad.n).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = if self.n_files == 1 { "file" } else { "files" };
        writeln!(f, "{} rows in {} {files}", grouped(self.n_rows), self.n_files)?;
        for bad in &self.bad_rows {
            writeln!(f, "{} malformed rows, the first: {}", grouped(bad.n), bad.first)?;
        }
        if self.n_out_of_order > 0 {
            writeln!(f, "{} purchases out of order, sorted", grouped(self.n_out_of_order))?;
        }
        writeln!(f, "{:<44} {:>12} {:>10} {:>10}", "", "purchases", "items", "users")?;
        for stage in &self.stages {
            let counts = [stage.n_purchases, stage.n_items, stage.n_users].map(grouped);
            writeln!(f, "{:<44} {:>12} {:>10} {:>10}", stage.name, counts[0], counts[1], counts[2])?;
        }
        write!(f, "{:<44} {:>12} {:>10}", "the paper", "~250,000", PAPER_ITEMS)
    }
}

/// `1234567` as `1,234,567`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
