//! Statistics, tables and pictures of finished runs.
//!
//! It reads the folders that runs leave behind ([`read`]), groups them by experiment and makes the
//! figures by which learning is judged ([`Report`]): mean and standard deviation over seeds,
//! interquartile mean with bootstrap intervals, probability of improvement, steps to a return. It
//! writes them as [tables](table) for terminals, spreadsheets and papers, as [pictures](picture)
//! and as one [page](html) that opens from the disk. It trains nothing, knows no environments and
//! needs no tensors; what is wrong with a folder is a [`Warning`], never a panic.
//!
//! | name | means | shape |
//! |---|---|---|
//! | `run` | one seed of an experiment | |
//! | `task` | an environment with its settings | |
//! | `final return` | average of the epoch's mean return over the last 10 % of epochs | a number |
//! | `% of optimal` | share of the way from the random to the best policy at which it lies, where both are known | a number |
//! | `tasks` | scores of runs, by task | `[n_tasks][n_runs]` |
//! | `curves` | values of runs at common points | `[n_runs][n_points]` |
//!
//! ```
//! use jsae_report::{Options, Report, read, table::Format};
//!
//! let report = Report::new(read(&["runs"]), &Options::default());
//! for warning in &report.warnings {
//!     eprintln!("warning: {warning}");
//! }
//! print!("{}", report.table().render(Format::Markdown));
//! ```

mod figure;
pub mod html;
pub mod picture;
mod reading;
mod report;
mod run;
pub mod statistics;
pub mod table;
mod warning;

pub use figure::{Figure, FigurePanel, KeptCurve};
pub use reading::{Reading, read};
pub use report::{
    Comparison, Estimate, Experiment, KeptEnd, Options, Reach, Report, Scale, SeriesRow, Summary, Task,
};
pub use run::{Curve, Metric, Reference, Run, RunState, XAxis};
pub use warning::Warning;
