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

/// Columns of `timing.csv`.
pub(super) const COLUMNS: [&str; 7] = [
    "time/iterations",
    "time/fps",
    "time/collect",
    "time/update",
    "time/embed",
    "time/evaluate",
    "time/checkpoint",
];

/// Seconds of collecting, updating the policy, updating the embedding, evaluating, and of the checkpoints
/// since the row before.
pub(super) fn row(epoch: usize, steps_per_second: f64, parts: [Duration; 5]) -> Row {
    let own = [epoch as f64, steps_per_second];
    let values = own.into_iter().chain(parts.map(|part| part.as_secs_f64()));
    COLUMNS.iter().zip(values).map(|(&name, value)| (name.to_owned(), Some(value))).collect()
}
