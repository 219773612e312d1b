//! Composes environments, embeddings and policy-gradient algorithms from TOML experiment files.

mod agent;
mod algorithm;
mod checkpoint;
pub mod cli;
mod collect;
mod cuda;
mod evaluate;
mod exit;
pub mod experiment;
mod learner;
mod mapping;
mod observer;
mod record;
mod run_folder;
mod streams;
mod supervise;
mod train;
mod versions;
mod watch;
mod worker;

pub use agent::Agent;
pub use evaluate::{Evaluation, evaluate};
pub use experiment::{EnvConfig, Experiment, Registry};
pub use mapping::Mapping;
pub use observer::Event;
pub use run_folder::{RunFolder, RunState};
pub use streams::Streams;
pub use train::{Outcome, Summary, final_return, train};
