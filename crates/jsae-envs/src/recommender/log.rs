//! Purchase logs: from CSV files to a [`Model`].
//!
//! A log is one or several CSV files with a header, plain or compressed (gzip and zstd are told
//! by their first bytes, not by the name). The default columns are those of "eCommerce behavior
//! data from multi category store" (Kechinov 2019); [`Columns`] maps any others. One pass keeps
//! the purchases, 24 bytes each; of the other rows only the number of columns is looked at.
//!
//! - Fields may be quoted (`"a, ""b"""`), also over several lines; lines end with LF or CRLF; a
//!   byte-order mark and blank lines are passed over.
//! - Times are `2019-10-01 00:00:00 UTC`, the same with `T`, fractions, `Z` or `+02:00`, a bare
//!   date, or a number (unix time). They only order the purchases of each user: rows may come
//!   in any order, and equal times keep the order of the files.
//! - A malformed row is counted by its [`Fault`]; more than `max_bad_rows` of them stop the
//!   loader with file, line, column and value.
//!
//! It writes nothing: [`Model::write`] does.

use std::path::PathBuf;

mod columns;
mod error;
mod fields;
mod filter;
mod input;
mod masks;
mod options;
mod purchases;
mod record;
mod report;
mod scan;

pub use columns::Columns;
pub use error::{BadRow, Fault, LogError};
pub use options::Options;
pub use report::{BadRows, Report, Stage};

use super::Model;
use input::Blocks;
use purchases::Purchases;
use scan::Scanner;

/// How far a loader has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows read, all files together.
    pub rows: u64,
    /// Purchases among them.
    pub purchases: u64,
    /// Bytes read from disk, compressed as they are.
    pub bytes: u64,
    /// Bytes on disk of all files.
    pub total_bytes: u64,
}

/// Reads the purchase logs `inputs`, in this order, and counts what was bought after what.
///
/// `progress` is called now and then, and at the end of each file.
///
/// # Errors
/// [`LogError`]: what cannot be read, a header without the columns, a malformed row too many,
/// nothing left after the filters.
///
/// ```no_run
/// use jsae_envs::recommender::log::{Options, load_log};
///
/// let inputs = ["2019-Oct.csv.gz".into()];
/// let (model, report) = load_log(&inputs, &Options::default(), &mut |now| {
///     eprint!("\r{} of {} bytes", now.bytes, now.total_bytes);
/// })?;
/// println!("{report}");
/// model.write("data/recommender.model".as_ref())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn load_log(
    inputs: &[PathBuf],
    options: &Options,
    progress: &mut dyn FnMut(&Progress),
) -> Result<(Model, Report), LogError> {
    options.check()?;
    if inputs.is_empty() {
        return Err(LogError::Options("no input file".to_owned()));
    }
    let mut purchases = Purchases::default();
    let mut report = Report { n_files: inputs.len(), ..Report::default() };
    let mut now = Progress { total_bytes: total_bytes(inputs)?, ..Progress::default() };
    let mut other_event = None;
    for path in inputs {
        let mut blocks = Blocks::open(path)?;
        let mut scanner = Scanner::new(path, options, &mut blocks, &mut purchases, &mut report)?;
        scanner.run(&mut blocks, &mut now, progress)?;
        other_event = other_event.or(scanner.into_other_event());
    }
    report.n_purchases = purchases.len() as u64;
    report.n_out_of_order = purchases.n_out_of_order();
    if purchases.len() == 0 {
        return Err(LogError::NoPurchases { wanted: options.purchase_event.clone(), found: other_event });
    }
    let model = filter::model(purchases, options.filters, &mut report)?;
    Ok((model, report))
}

fn total_bytes(inputs: &[PathBuf]) -> Result<u64, LogError> {
    let size = |path: &PathBuf| {
        std::fs::metadata(path)
            .map(|metadata| metadata.len())
            .map_err(|source| LogError::File { path: path.clone(), source })
    };
    inputs.iter().map(size).sum()
}
