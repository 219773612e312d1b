//! Grids of trials: every point of some axes over one base experiment, each with several seeds.
//!
//! A sweep is a folder. `sweep.toml` and `base.toml` in it are the sweep file with everything that it
//! refers to written out, so that a task on another machine reads what was submitted, whatever
//! happens to the files it came from. Every other state is that of the runs' own folders: nothing is
//! lost with the process that starts them, and any number of such processes may share one sweep.
//!
//! | in the folder | holds |
//! |---|---|
//! | `trial-HASH/seed-N` | a run of the search; HASH is that of the trial's values |
//! | `NAME-HASH/seed-N` | a run of the best trial with a fresh seed |
//! | `embeddings/embedding-HASH/seed-N` | what runs share: a run without epochs, see `jsae-run inspect` |
//! | `…/seed-N/status.json` | what last became of the run, with the reason where it failed |
//! | `trials.csv`, `sweep.json` | results, as far as they go |
//! | `slurm/` | submitted scripts and their output |

mod axis;
mod exclusion;
mod file;
mod frozen;
mod grid;
mod measure;
mod plan;
mod processor;
mod reader;
mod reason;
mod results;
mod schedule;
pub(crate) mod slurm;
mod status;
mod summary;
mod table;
mod tasks;
mod trial;

pub(crate) use file::Sweep;
pub(crate) use frozen::Place as SweepPlace;
pub(crate) use measure::measure;
pub(crate) use plan::{Part, Plan, Run};
pub(crate) use processor::processor_time;
pub(crate) use results::{Results, SeedResult};
pub(crate) use schedule::schedule;
pub(crate) use table::{Table, duration};
pub(crate) use tasks::{commands, number_from_environment};
