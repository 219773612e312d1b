//! What the algorithms' configurations have in common: how a key is described and refused.

use std::fmt::Debug;

/// One value of a configuration that is out of range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{key} is {found}, expected {expected}")]
pub struct ConfigError {
    /// Key within its table.
    pub key: String,
    /// The value as written.
    pub found: String,
    /// What would do.
    pub expected: String,
}

/// A key of a configuration, for listings and error messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// As written in a file.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// The values that it may take.
    pub expected: &'static str,
}

impl Key {
    pub(crate) const fn new(name: &'static str, about: &'static str, expected: &'static str) -> Self {
        Self { name, about, expected }
    }
}

/// Collects everything that is wrong with a configuration.
pub(crate) struct Validation {
    keys: &'static [Key],
    errors: Vec<ConfigError>,
}

impl Validation {
    pub(crate) fn new(keys: &'static [Key]) -> Self {
        Self { keys, errors: Vec::new() }
    }

    /// Notes an error under `name` unless `holds`.
    pub(crate) fn require(&mut self, name: &str, holds: bool, found: impl Debug) {
        if holds {
            return;
        }
        let key = self.keys.iter().find(|key| key.name == name).expect("a key that is listed");
        self.errors.push(ConfigError {
            key: name.to_owned(),
            found: format!("{found:?}"),
            expected: key.expected.to_owned(),
        });
    }

    /// A finite number above 0.
    pub(crate) fn positive(&mut self, name: &str, found: f64) {
        self.require(name, found > 0.0 && found.is_finite(), found);
    }

    /// As [`Validation::positive`] where the key is given.
    pub(crate) fn optional_positive(&mut self, name: &str, found: Option<f64>) {
        if let Some(found) = found {
            self.positive(name, found);
        }
    }

    /// A finite number of 0 or more.
    pub(crate) fn non_negative(&mut self, name: &str, found: f64) {
        self.require(name, found >= 0.0 && found.is_finite(), found);
    }

    /// A number in [0, 1].
    pub(crate) fn share(&mut self, name: &str, found: f64) {
        self.require(name, (0.0..=1.0).contains(&found), found);
    }

    /// A number in (0, 1].
    pub(crate) fn rate(&mut self, name: &str, found: f64) {
        self.require(name, found > 0.0 && found <= 1.0, found);
    }

    /// A whole number of 1 or more.
    pub(crate) fn count(&mut self, name: &str, found: usize) {
        self.require(name, found >= 1, found);
    }

    /// A standard deviation that the policies' clamp leaves as it is.
    pub(crate) fn std(&mut self, name: &str, found: f64) {
        self.require(name, (0.01..=7.4).contains(&found), found);
    }

    /// Sizes of layers.
    pub(crate) fn sizes(&mut self, name: &str, found: &[usize]) {
        self.require(name, found.iter().all(|&size| size >= 1), found);
    }

    pub(crate) fn finish(self) -> Vec<ConfigError> {
        self.errors
    }
}

pub(crate) const POSITIVE: &str = "a finite number above 0";
pub(crate) const NON_NEGATIVE: &str = "a finite number of at least 0";
pub(crate) const FINITE: &str = "a finite number";
pub(crate) const RATE: &str = "a number in (0, 1]";
pub(crate) const SHARE: &str = "a number in [0, 1]";
pub(crate) const COUNT: &str = "a whole number of at least 1";

pub(crate) const ACTOR_LEARNING_RATE: Key =
    Key::new("actor_learning_rate", "Adam's step size for the policy", POSITIVE);
pub(crate) const CRITIC_LEARNING_RATE: Key =
    Key::new("critic_learning_rate", "Adam's step size for the value function", POSITIVE);
pub(crate) const ACTOR_UPDATES: Key =
    Key::new("actor_updates", "passes over an epoch's samples for the policy", COUNT);
pub(crate) const CRITIC_UPDATES: Key =
    Key::new("critic_updates", "passes over an epoch's samples for the value function", COUNT);
pub(crate) const GAMMA: Key = Key::new("gamma", "discount factor per step", SHARE);
pub(crate) const GAE_LAMBDA: Key =
    Key::new("gae_lambda", "generalised advantage estimation: 0 = TD error, 1 = returns", SHARE);
pub(crate) const INITIAL_STD: Key = Key::new(
    "initial_std",
    "the Gaussian policy's standard deviation at the start, per latent dimension",
    "a number in [0.01, 7.4]",
);
pub(crate) const HIDDEN_SIZES: Key = Key::new(
    "hidden_sizes",
    "units of each hidden layer of actor and critic",
    "a list of whole numbers of at least 1",
);
pub(crate) const MAX_GRAD_NORM: Key =
    Key::new("max_grad_norm", "gradients are scaled down to this norm; absent = never", POSITIVE);
pub(crate) const TAU: Key =
    Key::new("tau", "share of the critics that their targets take over per update", RATE);
pub(crate) const ENT_COEF: Key =
    Key::new("ent_coef", "weight of the entropy (alpha), or its first value where it is tuned", POSITIVE);
pub(crate) const AUTO_ENT_COEF: Key =
    Key::new("auto_ent_coef", "tune the weight of the entropy towards target_entropy", "true or false");
pub(crate) const REPLAY_BATCH_SIZE: Key = Key::new("batch_size", "samples per update", COUNT);
pub(crate) const BUFFER_SIZE: Key = Key::new("buffer_size", "samples that the replay keeps", COUNT);
pub(crate) const LEARNING_STARTS: Key = Key::new(
    "learning_starts",
    "steps with uniform random latent actions before the policy acts",
    "a whole number of at least 0",
);
pub(crate) const UPDATE_AFTER: Key =
    Key::new("update_after", "steps before the first update", "a whole number of at least 0");
pub(crate) const TRAIN_FREQ: Key =
    Key::new("train_freq", "steps between rounds of updates; absent = once per epoch, at its end", COUNT);
pub(crate) const GRADIENT_STEPS: Key =
    Key::new("gradient_steps", "updates per round; absent = as many as steps since the last", COUNT);
