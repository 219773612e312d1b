use super::{Violation, action_stream, begin, blank, ensure, walk};
use crate::{Env, EnvError, Space};

pub(super) fn outside_is_refused(env: &mut dyn Env) -> Result<(), Violation> {
    const RULE: &str = "actions outside the space are refused with EnvError::Action";
    begin(env)?;
    for action in outside(env.action_space()) {
        let before = env.save_state();
        let mut observation = blank(env);
        let result = env.step(&action, &mut observation);
        ensure(matches!(result, Err(EnvError::Action { .. })), RULE, || {
            format!("{action:?} gave {result:?}")
        })?;
        ensure(env.save_state() == before, "a refused action leaves the state as it was", || {
            format!("{action:?} changed it")
        })?;
    }
    Ok(())
}

/// A box accepts values beyond its bounds and refuses what is not a number.
pub(super) fn box_bounds(env: &mut dyn Env) -> Result<(), Violation> {
    let Space::Box { low, high } = env.action_space().clone() else { return Ok(()) };
    let beyond = [shifted(&low, -1.0), shifted(&high, 1.0)];
    for action in beyond {
        begin(env)?;
        let mut observation = blank(env);
        env.step(&action, &mut observation).map_err(|error| Violation {
            rule: "a box accepts values outside its bounds",
            found: error.to_string(),
        })?;
        walk::observation_is_sound(env, &observation)?;
    }
    for i in 0..low.len() {
        let mut action = vec![0.0; low.len()];
        env.action_space().sample(&mut action_stream(8), &mut action);
        action[i] = f64::NAN;
        begin(env)?;
        let result = env.step(&action, &mut blank(env));
        ensure(result.is_err(), "a box refuses what is not a number", || format!("{action:?} was accepted"))?;
    }
    begin(env)
}

/// `bounds` moved by `by`; 0 where there is no bound to leave.
fn shifted(bounds: &[f64], by: f64) -> Vec<f64> {
    bounds.iter().map(|bound| if bound.is_finite() { bound + by } else { 0.0 }).collect()
}

/// Rows that do not belong to `space`: of another length, and for indices out of range, broken
/// or not a number.
fn outside(space: &Space) -> Vec<Vec<f64>> {
    let len = space.len();
    let mut rows = vec![vec![], vec![0.0; len + 1]];
    for (i, &n) in space.sizes().unwrap_or_default().iter().enumerate() {
        for wrong in [-1.0, n as f64, 1e300, f64::NAN, f64::INFINITY, n as f64 - 0.5] {
            let mut row = vec![0.0; len];
            row[i] = wrong;
            rows.push(row);
        }
    }
    rows
}
