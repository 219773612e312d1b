use anyhow::{Context as _, Result};

use super::arguments::Inspect;
use crate::exit::Exit;
use crate::experiment::{Place, Problems, Registry};
use crate::inspect::Audit;
use crate::run_folder::RunFolder;
use crate::worker::prepare_torch;

/// `jsae-run inspect RUN`
pub(super) fn inspect(arguments: &Inspect, registry: &Registry) -> Result<Exit> {
    let no_run = "is not the folder of a run, expected one that holds config.toml, as in runs/NAME/seed-0";
    let folder = RunFolder::open(&arguments.run)
        .map_err(|_| Problems::one(Place::Path(arguments.run.clone()), no_run))?;
    prepare_torch(folder.experiment(registry)?.device, &folder.file("config.toml"))?;
    let audit = Audit::of(&arguments.run, registry, arguments.seed, arguments.pictures.as_deref())?;
    match &arguments.json {
        None => print!("{audit}"),
        Some(None) => println!("{}", serde_json::to_string_pretty(&audit)?),
        Some(Some(file)) => {
            std::fs::write(file, serde_json::to_string_pretty(&audit)? + "\n")
                .with_context(|| format!("{} cannot be written", file.display()))?;
            print!("{audit}");
        }
    }
    Ok(Exit::Done)
}
