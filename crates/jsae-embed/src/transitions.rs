use jsae_envs::Space;
use tch::{Device, Kind, Tensor};

use crate::{Error, Spaces};

/// Samples (s, a, s′), and r where it is known, of the environment, one a row.
#[derive(Debug)]
pub struct Transitions {
    /// s: `[n, obs_len]`, `f32`; an index is one whole number.
    pub observations: Tensor,
    /// a: `[n, action_len]`, `f32`.
    pub actions: Tensor,
    /// s′, before any reset: `[n, obs_len]`, `f32`.
    pub next_observations: Tensor,
    /// r, as the environment gave it: `[n]`, `f32`. Only an embedding with a reward head reads it.
    pub rewards: Option<Tensor>,
}

impl Transitions {
    /// Samples.
    pub fn len(&self) -> usize {
        self.observations.size().first().map_or(0, |&n| n as usize)
    }

    /// Are there no samples?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same samples on `device`.
    pub fn to_device(&self, device: Device) -> Self {
        Self {
            observations: self.observations.to_device(device),
            actions: self.actions.to_device(device),
            next_observations: self.next_observations.to_device(device),
            rewards: self.rewards.as_ref().map(|rewards| rewards.to_device(device)),
        }
    }

    /// Refuses rows that do not belong to the spaces, before an index could reach outside a table.
    pub(crate) fn check(&self, spaces: &Spaces) -> Result<(), Error> {
        if self.is_empty() {
            return Err(Error::Samples { what: "observations", problem: "have no rows".to_owned() });
        }
        let n = self.len();
        check_rows("observations", &self.observations, n, &spaces.observation)?;
        check_rows("actions", &self.actions, n, &spaces.action)?;
        check_rows("next observations", &self.next_observations, n, &spaces.observation)?;
        self.rewards.as_ref().map_or(Ok(()), |rewards| check_rewards(rewards, n))
    }
}

fn check_rewards(rewards: &Tensor, n: usize) -> Result<(), Error> {
    let refuse = |problem| Err(Error::Samples { what: "rewards", problem });
    if rewards.size() != [n as i64] || rewards.kind() != Kind::Float {
        return refuse(format!("are {:?} of {:?}, expected [{n}] of Float", rewards.size(), rewards.kind()));
    }
    if holds(&rewards.isfinite()) { Ok(()) } else { refuse("hold numbers that are not finite".to_owned()) }
}

fn check_rows(what: &'static str, rows: &Tensor, n: usize, space: &Space) -> Result<(), Error> {
    let expected = [n as i64, space.len() as i64];
    if rows.size() != expected || rows.kind() != Kind::Float {
        let problem = format!("are {:?} of {:?}, expected {expected:?} of Float", rows.size(), rows.kind());
        return Err(Error::Samples { what, problem });
    }
    if !holds(&rows.isfinite()) {
        return Err(Error::Samples { what, problem: "hold numbers that are not finite".to_owned() });
    }
    let Some(sizes) = space.sizes() else { return Ok(()) };
    let sizes =
        Tensor::from_slice(&sizes.iter().map(|&n| n as f32).collect::<Vec<_>>()).to_device(rows.device());
    let inside = rows.ge(0.0).logical_and(&rows.lt_tensor(&sizes)).logical_and(&rows.frac().eq(0.0));
    if !holds(&inside) {
        return Err(Error::Samples { what, problem: "hold indices outside their space".to_owned() });
    }
    Ok(())
}

fn holds(mask: &Tensor) -> bool {
    mask.all().int64_value(&[]) != 0
}
