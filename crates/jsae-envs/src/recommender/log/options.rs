use super::{Columns, LogError};
use crate::recommender::{Filters, MAX_SKIP};

/// How a log is read and what is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Names of the columns.
    pub columns: Columns,
    /// What separates two fields; default a comma.
    pub delimiter: u8,
    /// The event that is a purchase; default `purchase`.
    pub purchase_event: String,
    /// What is dropped, and how followers are counted.
    pub filters: Filters,
    /// Malformed rows that are passed over; default 0.
    pub max_bad_rows: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            columns: Columns::default(),
            delimiter: b',',
            purchase_event: "purchase".to_owned(),
            filters: Filters::default(),
            max_bad_rows: 0,
        }
    }
}

impl Options {
    pub(super) fn check(&self) -> Result<(), LogError> {
        let refuse = |problem: &str| Err(LogError::Options(problem.to_owned()));
        if !self.delimiter.is_ascii() || b"\"\r\n".contains(&self.delimiter) {
            return refuse("the delimiter is a quote or a line end, expected another ASCII character");
        }
        if self.filters.max_skip > MAX_SKIP {
            return refuse("max_skip is above 8");
        }
        Ok(())
    }
}
