use std::time::{Duration, Instant};

use crate::record::Row;

/// Measures the parts of an epoch.
pub(super) struct Clock(Instant);

impl Clock {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.0, now))
    }
}

/// Seconds of collecting, updating the policy, updating the embedding, evaluating, and of the checkpoints
/// since the row before.
pub(super) fn row(epoch: usize, steps_per_second: f64, parts: [Duration; 5]) -> Row {
    let names = ["time/collect", "time/update", "time/embed", "time/evaluate", "time/checkpoint"];
    let seconds = names.into_iter().zip(parts).map(|(name, part)| (name, part.as_secs_f64()));
    let own = [("time/iterations", epoch as f64), ("time/fps", steps_per_second)];
    own.into_iter().chain(seconds).map(|(name, value)| (name.to_owned(), Some(value))).collect()
}
