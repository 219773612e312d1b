use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::{Env, EnvError, Space, Start};

mod actions;
mod walk;

/// A clause of the contract that an environment breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {found}")]
pub struct Violation {
    /// What must hold.
    pub rule: &'static str,
    /// What was seen instead.
    pub found: String,
}

/// Tests the whole contract of [`Env`] on `env`, whose state is lost.
///
/// - The spaces hold something. Observations lie in their space and are finite, rewards are
///   finite, a step is never both `terminated` and `truncated`.
/// - [`Start::Uniform`] either works or is refused with [`EnvError::Start`].
/// - The seed and the actions decide everything.
/// - A state saved in the middle of an episode continues bit for bit, also when loaded into an
///   environment that was used since; bytes that are no state are refused with
///   [`EnvError::State`].
/// - Rows of another length and indices outside the space are refused with
///   [`EnvError::Action`] and leave the state as it was; a box accepts values outside its bounds
///   and refuses what is not a number.
///
/// # Errors
/// The first clause that does not hold.
///
/// ```
/// use jsae_envs::{check_env, gridworld};
///
/// check_env(gridworld::Config::default().build()?.as_mut())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_env(env: &mut dyn Env) -> Result<(), Violation> {
    space_holds_something("the observation space holds something", env.observation_space())?;
    space_holds_something("the action space holds something", env.action_space())?;
    starts_work_or_are_refused(env)?;
    walk::seed_decides_everything(env)?;
    walk::saved_state_continues(env)?;
    damaged_state_is_refused(env)?;
    actions::outside_is_refused(env)?;
    actions::box_bounds(env)
}

fn space_holds_something(rule: &'static str, space: &Space) -> Result<(), Violation> {
    let sound = match space {
        Space::Box { low, high } => {
            !low.is_empty() && low.len() == high.len() && low.iter().zip(high).all(|(low, high)| low <= high)
        }
        _ => space.len() > 0 && space.sizes().unwrap_or_default().iter().all(|&n| n > 0),
    };
    ensure(sound, rule, || format!("{space:?}"))
}

fn starts_work_or_are_refused(env: &mut dyn Env) -> Result<(), Violation> {
    const RULE: &str = "a uniform start works or is refused as a start";
    env.seed(1);
    let mut observation = blank(env);
    match env.reset(Start::Uniform, &mut observation) {
        Ok(()) => walk::observation_is_sound(env, &observation)?,
        Err(EnvError::Start { .. }) => {}
        Err(other) => return Err(Violation { rule: RULE, found: other.to_string() }),
    }
    begin(env)
}

fn damaged_state_is_refused(env: &mut dyn Env) -> Result<(), Violation> {
    const RULE: &str = "bytes that are no state are refused with EnvError::State";
    let sound = env.save_state();
    let cut = &sound[..sound.len().saturating_sub(1)];
    let long = [&sound[..], &[0]].concat();
    for (name, bytes) in [("no bytes", &[][..]), ("one byte too few", cut), ("one byte too many", &long)] {
        let result = env.load_state(bytes);
        ensure(matches!(result, Err(EnvError::State { .. })), RULE, || format!("{name} gave {result:?}"))?;
    }
    env.load_state(&sound)
        .map_err(|error| Violation { rule: "a saved state loads", found: error.to_string() })
}

/// Begins an episode at the fixed start and looks at its first observation.
fn begin(env: &mut dyn Env) -> Result<(), Violation> {
    let mut observation = blank(env);
    env.reset(Start::Fixed, &mut observation)
        .map_err(|error| Violation { rule: "an episode can begin", found: error.to_string() })?;
    walk::observation_is_sound(env, &observation)
}

/// A buffer in which numbers that were never written show.
fn blank(env: &dyn Env) -> Vec<f64> {
    vec![f64::NAN; env.observation_space().len()]
}

fn ensure(holds: bool, rule: &'static str, found: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation { rule, found: found() }) }
}

fn action_stream(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}
