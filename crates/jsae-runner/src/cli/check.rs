use anyhow::Result;

use super::arguments::Check;
use super::output::answer;
use crate::exit::Exit;
use crate::experiment::{Experiment, Registry};

/// `jsae-run check CONFIG`
pub(super) fn check(arguments: &Check, registry: &Registry) -> Result<Exit> {
    let experiment = Experiment::load(&arguments.config, &arguments.changes.overrides(), registry)?;
    answer(format_args!("{}", experiment.to_toml()));
    Ok(Exit::Done)
}
