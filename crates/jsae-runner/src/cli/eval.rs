use std::path::Path;

use anyhow::Result;
use jsae_envs::{Film, FilmError, VecEnv};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

use super::arguments::Eval;
use super::output::say;
use super::{agent, run_folder};
use crate::agent::Agent;
use crate::evaluate::{Evaluation, evaluate};
use crate::exit::Exit;
use crate::experiment::{Experiment, Place, Problems, Registry};
use crate::film::{self, Frames, Video};
use crate::stderr::tell;

/// `jsae-run eval RUN`
pub(super) fn eval(arguments: &Eval, registry: &Registry) -> Result<Exit> {
    let folder = run_folder(&arguments.run)?;
    let experiment = folder.experiment(registry)?;
    let film = film_of(arguments, &experiment)?;
    let agent = agent(&folder, &experiment, arguments.device)?;
    let rng = || ChaCha8Rng::seed_from_u64(arguments.seed);
    let evaluation = evaluate(&agent, &experiment, arguments.episodes as usize, &mut rng())?;
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&evaluation)?);
    } else {
        print(&evaluation);
    }
    if let Some(mut film) = film {
        let seed = VecEnv::seeds(rng().random()).next().expect("seeds are endless");
        shoot(arguments, &agent, &mut *film, seed)?;
    }
    Ok(Exit::Done)
}

fn print(evaluation: &Evaluation) {
    for (i, (value, length)) in evaluation.returns.iter().zip(&evaluation.lengths).enumerate() {
        let end = if evaluation.terminated[i] { "terminated" } else { "truncated" };
        say!("episode {i}: return {value:.4}, {length} steps, {end}");
    }
    say!("mean return {:.4}, mean length {:.1}", evaluation.mean_return(), evaluation.mean_length());
}

/// What draws the episode, where pictures are asked for.
///
/// # Errors
/// Pictures that cannot be had, or a place where they cannot go: before anything is run.
fn film_of(arguments: &Eval, experiment: &Experiment) -> Result<Option<Box<dyn Film>>> {
    let refuse = |path: &Path, what: &str| Problems::one(Place::Path(path.to_owned()), what);
    if let Some(video) = &arguments.video
        && video.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("gif"))
    {
        return Err(refuse(video, "is no name of a video, expected one that ends in .gif").into());
    }
    if let Some(frames) = &arguments.frames
        && !is_free(frames)
    {
        return Err(refuse(frames, "is there already, expected a new folder").into());
    }
    if arguments.video.is_none() && arguments.frames.is_none() {
        return Ok(None);
    }
    match experiment.env.film() {
        Ok(film) => Ok(Some(film)),
        Err(FilmError::Draw(problem)) => {
            anyhow::bail!("{problem}; on Debian, libegl1 and libgl1-mesa-dri draw without a screen")
        }
        Err(error @ FilmError::Feature { feature, .. }) => {
            let message = format!("{error}: cargo build --release -p jsae-runner --features {feature}");
            Err(refuse(&arguments.run, &message).into())
        }
        Err(error @ FilmError::Unseen { .. }) => {
            let message = format!("{error}; the gridworld and the robots have one");
            Err(refuse(&arguments.run, &message).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Nothing stands there, or an empty folder.
fn is_free(folder: &Path) -> bool {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !folder.exists(),
    }
}

/// Draws the episode that the evaluation counts first.
fn shoot(arguments: &Eval, agent: &Agent, film: &mut dyn Film, seed: u64) -> Result<()> {
    let mut frames = arguments.frames.as_deref().map(Frames::new).transpose()?;
    let mut video = arguments.video.as_deref().map(|file| Video::new(file, film.seconds_per_step()));
    let episode = film::episode(agent, film, seed, &mut |frame, is_last| {
        frames.as_mut().map_or(Ok(()), |frames| frames.add(frame))?;
        video.as_mut().map_or(Ok(()), |video| video.add(frame, is_last))
    })?;
    frames.map_or(Ok(()), Frames::finish)?;
    video.map_or(Ok(()), Video::finish)?;
    let places = [&arguments.frames, &arguments.video].into_iter().flatten();
    let places: Vec<String> = places.map(|path| path.display().to_string()).collect();
    let (pictures, value) = (episode.length + 1, episode.episode_return);
    tell!("{pictures} pictures of an episode with return {value:.4}: {}", places.join(", "));
    Ok(())
}
