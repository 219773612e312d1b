use anyhow::Result;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

use super::arguments::Eval;
use crate::agent::Agent;
use crate::evaluate::{Evaluation, evaluate};
use crate::exit::Exit;
use crate::experiment::{Place, Problems, Registry};
use crate::run_folder::RunFolder;
use crate::worker::prepare_torch;

/// `jsae-run eval RUN`
pub(super) fn eval(arguments: &Eval, registry: &Registry) -> Result<Exit> {
    let no_run = "is not the folder of a run, expected one that holds config.toml, as in runs/NAME/seed-0";
    let folder = RunFolder::open(&arguments.run)
        .map_err(|_| Problems::one(Place::Path(arguments.run.clone()), no_run))?;
    let experiment = folder.experiment(registry)?;
    prepare_torch(experiment.device, &folder.file("config.toml"))?;
    let agent = Agent::load(&arguments.run, registry)?;
    let mut rng = ChaCha8Rng::seed_from_u64(arguments.seed);
    let evaluation = evaluate(&agent, &experiment, arguments.episodes as usize, &mut rng)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&evaluation)?);
    } else {
        print(&evaluation);
    }
    Ok(Exit::Done)
}

fn print(evaluation: &Evaluation) {
    for (i, (value, length)) in evaluation.returns.iter().zip(&evaluation.lengths).enumerate() {
        let end = if evaluation.terminated[i] { "terminated" } else { "truncated" };
        println!("episode {i}: return {value:.4}, {length} steps, {end}");
    }
    println!("mean return {:.4}, mean length {:.1}", evaluation.mean_return(), evaluation.mean_length());
}
