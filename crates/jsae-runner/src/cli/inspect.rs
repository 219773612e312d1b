use anyhow::Result;

use super::arguments::Inspect;
use super::output::{answer, say};
use super::{agent, run_folder};
use crate::disk;
use crate::exit::Exit;
use crate::experiment::Registry;
use crate::inspect::Audit;

/// `jsae-run inspect RUN`
pub(super) fn inspect(arguments: &Inspect, registry: &Registry) -> Result<Exit> {
    let folder = run_folder(&arguments.run)?;
    let experiment = folder.experiment(registry)?;
    let agent = agent(&folder, &experiment, arguments.device)?;
    let audit = Audit::of(agent, experiment, arguments.seed, arguments.pictures.as_deref())?;
    match &arguments.json {
        None => answer(format_args!("{audit}")),
        Some(None) => say!("{}", serde_json::to_string_pretty(&audit)?),
        Some(Some(file)) => {
            disk::write_out(file, (serde_json::to_string_pretty(&audit)? + "\n").as_bytes())?;
            answer(format_args!("{audit}"));
        }
    }
    Ok(Exit::Done)
}
