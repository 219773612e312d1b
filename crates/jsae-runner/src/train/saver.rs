use std::time::{Duration, Instant};

use anyhow::Result;

use crate::checkpoint::{Checkpoints, Segment, State};
use crate::experiment::Training;

/// A checkpoint takes at most this share of the time between two of them.
const SHARE: u32 = 50;

/// A run that is killed repeats at most about this much.
const LONGEST: Duration = Duration::from_secs(60);

/// Decides when to save, and remembers what is saved.
#[derive(Debug)]
pub(super) struct Saver {
    pub(super) checkpoints: Checkpoints,
    segments: Vec<Segment>,
    epoch: Option<usize>,
    at: Instant,
    cost: Duration,
    spent: Duration,
}

impl Saver {
    /// Nothing is saved yet.
    pub(super) fn new(checkpoints: Checkpoints) -> Self {
        Self {
            checkpoints,
            segments: Vec::new(),
            epoch: None,
            at: Instant::now(),
            cost: Duration::ZERO,
            spent: Duration::ZERO,
        }
    }

    /// This is saved already.
    pub(super) fn resume(&mut self, epoch: usize, segments: Vec<Segment>) {
        (self.epoch, self.segments) = (Some(epoch), segments);
    }

    /// Whether to save after `epoch`. No result depends on it.
    pub(super) fn is_due(&self, epoch: usize, training: &Training) -> bool {
        let since = self.at.elapsed();
        let epochs = epoch - self.epoch.unwrap_or(0);
        let wanted = epochs >= training.checkpoint_freq || since >= LONGEST;
        epoch == training.n_epochs || wanted && since >= self.cost * SHARE
    }

    /// Is this epoch saved?
    pub(super) fn has(&self, epoch: usize) -> bool {
        self.epoch == Some(epoch)
    }

    /// Writes a checkpoint; what is stored of the replay is filled in here. Returns what is amiss all the same.
    pub(super) fn save(&mut self, state: State<'_>) -> Result<Option<String>> {
        let started = Instant::now();
        let written = self.checkpoints.write(&State { segments: &self.segments, ..state })?;
        self.segments = written.segments;
        self.epoch = Some(state.progress.epoch);
        self.at = Instant::now();
        self.cost = self.at - started;
        self.spent += self.cost;
        Ok(written.stays)
    }

    /// Time spent on checkpoints since the last call.
    pub(super) fn take_spent(&mut self) -> Duration {
        std::mem::take(&mut self.spent)
    }
}
