use rand_chacha::ChaCha8Rng;

use super::{Violation, action_stream, begin, blank, ensure};
use crate::{Env, Start};

const N_STEPS: usize = 400;

/// What one step showed, floats by their bits.
#[derive(PartialEq, Debug)]
struct Seen {
    observation: Vec<u64>,
    reward: u64,
    terminated: bool,
    truncated: bool,
}

pub(super) fn seed_decides_everything(env: &mut dyn Env) -> Result<(), Violation> {
    let mut walks = Vec::new();
    for _ in 0..2 {
        env.seed(2);
        begin(env)?;
        walks.push(walk(env, &mut action_stream(3), N_STEPS)?);
    }
    same("the seed and the actions decide everything", &walks[0], &walks[1])
}

pub(super) fn saved_state_continues(env: &mut dyn Env) -> Result<(), Violation> {
    const RULE: &str = "a saved state continues bit for bit";
    for n_before in [0, 1, 7, 60] {
        env.seed(4);
        begin(env)?;
        walk(env, &mut action_stream(5), n_before)?;
        let state = env.save_state();
        let straight_on = walk(env, &mut action_stream(6), N_STEPS)?;
        env.seed(7);
        begin(env)?;
        env.load_state(&state).map_err(|error| Violation { rule: RULE, found: error.to_string() })?;
        ensure(env.save_state() == state, RULE, || "saving again gives other bytes".to_owned())?;
        same(RULE, &straight_on, &walk(env, &mut action_stream(6), N_STEPS)?)?;
    }
    Ok(())
}

pub(super) fn observation_is_sound(env: &dyn Env, observation: &[f64]) -> Result<(), Violation> {
    let sound = env.observation_space().contains(observation) && observation.iter().all(|x| x.is_finite());
    ensure(sound, "observations are finite and lie in their space", || format!("{observation:?}"))
}

/// Takes `n_steps` random actions and looks at each step; an episode that ends is followed by
/// another.
fn walk(env: &mut dyn Env, rng: &mut ChaCha8Rng, n_steps: usize) -> Result<Vec<Seen>, Violation> {
    let mut action = vec![0.0; env.action_space().len()];
    let mut seen = Vec::with_capacity(n_steps);
    for _ in 0..n_steps {
        env.action_space().sample(rng, &mut action);
        let mut observation = blank(env);
        let step = env.step(&action, &mut observation).map_err(|error| Violation {
            rule: "actions of the action space are accepted",
            found: error.to_string(),
        })?;
        observation_is_sound(env, &observation)?;
        ensure(step.reward.is_finite(), "rewards are finite", || step.reward.to_string())?;
        let both = step.terminated && step.truncated;
        ensure(!both, "a step is not both terminated and truncated", || format!("{step:?}"))?;
        if step.ended() {
            env.reset(Start::Fixed, &mut observation).map_err(|error| Violation {
                rule: "an episode can follow another",
                found: error.to_string(),
            })?;
            observation_is_sound(env, &observation)?;
        }
        seen.push(Seen {
            observation: observation.iter().map(|x| x.to_bits()).collect(),
            reward: step.reward.to_bits(),
            terminated: step.terminated,
            truncated: step.truncated,
        });
    }
    Ok(seen)
}

fn same(rule: &'static str, one: &[Seen], other: &[Seen]) -> Result<(), Violation> {
    match one.iter().zip(other).position(|(one, other)| one != other) {
        None => Ok(()),
        Some(i) => {
            let show = |seen: &Seen| {
                let observation: Vec<_> = seen.observation.iter().map(|&bits| f64::from_bits(bits)).collect();
                format!("observation {observation:?}, reward {}", f64::from_bits(seen.reward))
            };
            Err(Violation {
                rule,
                found: format!("step {i} gave {} once and {} again", show(&one[i]), show(&other[i])),
            })
        }
    }
}
