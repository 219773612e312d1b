use anyhow::Result;

use super::arguments::Check;
use crate::exit::Exit;
use crate::experiment::{Experiment, Registry};

/// `jsae-run check CONFIG`
pub(super) fn check(arguments: &Check, registry: &Registry) -> Result<Exit> {
    let experiment = Experiment::load(&arguments.config, &arguments.changes.overrides(), registry)?;
    print!("{}", experiment.to_toml());
    Ok(Exit::Done)
}
