use std::fmt;
use std::path::PathBuf;

use crate::recommender::ModelError;

/// Why a log gives no model.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file could not be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file that is no CSV.
    #[error("{}: {problem}, expected a CSV file, plain or compressed with gzip or zstd", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What it is.
        problem: &'static str,
    },
    /// Compressed data that are cut or damaged.
    #[error("{}: the compressed data are cut or damaged after line {line}: {source}", path.display())]
    Compressed {
        /// The file.
        path: PathBuf,
        /// The last whole line.
        line: u64,
        /// What the decoder said.
        source: std::io::Error,
    },
    /// A header without the columns.
    #[error("{}:1: {problem}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// One malformed row more than allowed.
    #[error("{row} (malformed rows allowed: {allowed})")]
    BadRow {
        /// The row.
        row: BadRow,
        /// `max_bad_rows`.
        allowed: u64,
    },
    /// Options that make no sense.
    #[error("{0}")]
    Options(String),
    /// A log without purchases.
    #[error("no row is a purchase: no event is {wanted:?}{}", found.as_ref().map_or(String::new(), |event| format!(", the first one is {event:?}")))]
    NoPurchases {
        /// The event that is a purchase.
        wanted: String,
        /// The event of the first row.
        found: Option<String>,
    },
    /// Filters that drop everything.
    #[error("no purchase is left by the filters: {0}")]
    NothingLeft(String),
    /// A model that cannot be.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// What can be wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// More or fewer columns than the header.
    ColumnCount,
    /// A quote that is opened and not closed.
    OpenQuote,
    /// A row above 8 MiB.
    RowTooLong,
    /// A user or an item without an identifier.
    EmptyId,
    /// An identifier that is not UTF-8.
    IdNotUtf8,
    /// An identifier above 256 bytes.
    LongId,
    /// An identifier like `1.00E+07`: a spreadsheet rounded it.
    RoundedId,
    /// What is no time.
    NotATime,
    /// What is no finite number.
    NotAPrice,
    /// A price below 0.
    NegativePrice,
}

impl Fault {
    /// What would do.
    pub fn expected(self) -> &'static str {
        match self {
            Self::ColumnCount => "as many columns as the header has",
            Self::OpenQuote => "a quote that is closed within 8 MiB",
            Self::RowTooLong => "at most 8 MiB",
            Self::EmptyId => "an identifier",
            Self::IdNotUtf8 => "text in UTF-8",
            Self::LongId => "an identifier of at most 256 bytes",
            Self::RoundedId => "an identifier that no spreadsheet rounded",
            Self::NotATime => {
                "a time like 2019-10-01 00:00:00 UTC, 2019-10-01T00:00:00Z or a number of seconds"
            }
            Self::NotAPrice => "a finite number",
            Self::NegativePrice => "a number of at least 0",
        }
    }
}

/// A malformed row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// The file.
    pub path: PathBuf,
    /// Its line, from 1; of a row over several lines the first.
    pub line: u64,
    /// The column, where it is one column's fault.
    pub column: Option<String>,
    /// What stands there, at most 60 characters of it.
    pub value: String,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, value, fault, .. } = self;
        let expected = fault.expected();
        match &self.column {
            Some(column) => {
                write!(f, "{}:{line}: {column} is {value:?}, expected {expected}", path.display())
            }
            None => write!(f, "{}:{line}: the row has {value}, expected {expected}", path.display()),
        }
    }
}
