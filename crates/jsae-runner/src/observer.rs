use serde::{Deserialize, Serialize};

/// What a run tells whoever watches it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It goes on from a checkpoint.
    Resumed {
        /// Finished epochs.
        epoch: usize,
    },
    /// Something is not as it should be, and the run goes on.
    Warning {
        /// What.
        text: String,
    },
    /// Another process learns what it needs.
    Waiting {
        /// What.
        text: String,
    },
    /// A pass of pre-training is done.
    Pretraining {
        /// Passes made.
        pass: usize,
        /// Most passes there can be.
        passes: usize,
        /// Loss on the samples.
        loss: f64,
    },
    /// An epoch is done.
    Epoch {
        /// Finished epochs.
        epoch: usize,
        /// Epochs of the run.
        n_epochs: usize,
        /// Mean return of the last ten episodes.
        episode_return: Option<f64>,
        /// Share of the way from the random to the best policy that it lies at, where that is known.
        share_of_optimal: Option<f64>,
        /// Environment steps so far.
        steps: u64,
        /// Environment steps per second in the epochs so far of this process.
        steps_per_second: f64,
    },
    /// The run is finished.
    Finished {
        /// Mean over the last 10 % of epochs.
        final_return: Option<f64>,
        /// Share of the way from the random to the best policy that it lies at, where that is known.
        share_of_optimal: Option<f64>,
        /// Mean return of the final deterministic evaluation.
        evaluation: f64,
    },
}
