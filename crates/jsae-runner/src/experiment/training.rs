use jsae_envs::Key;
use serde::{Deserialize, Serialize};

/// Where tensors live; environments stay on the CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// The first CUDA device.
    Cuda,
}

impl Device {
    /// libtorch's name for it.
    pub fn tch(self) -> tch::Device {
        match self {
            Self::Cpu => tch::Device::Cpu,
            Self::Cuda => tch::Device::Cuda(0),
        }
    }
}

/// `[training]`: sizes of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Epochs of the run; with 0 only the embedding is learnt.
    pub n_epochs: usize,
    /// Environment steps of an epoch, over all environments.
    pub steps_per_epoch: usize,
    /// Environments stepped together.
    pub n_envs: usize,
    /// Threads that step them.
    pub n_threads: usize,
    /// Do all environments start anew with each epoch (the adapted code)?
    pub reset_each_epoch: bool,
    /// Epochs between two deterministic evaluations; 0 evaluates at the end alone.
    pub eval_freq: usize,
    /// Episodes of an evaluation.
    pub n_eval_episodes: usize,
    /// Epochs between two checkpoints; more where a checkpoint takes over 2 % of that time, fewer where that is
    /// over a minute.
    pub checkpoint_freq: usize,
    /// Do the pre-training samples count as environment steps?
    pub count_pretrain_steps: bool,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            n_epochs: 700,
            steps_per_epoch: 1_500,
            n_envs: 10,
            n_threads: 1,
            reset_each_epoch: false,
            eval_freq: 50,
            n_eval_episodes: 10,
            checkpoint_freq: 50,
            count_pretrain_steps: true,
        }
    }
}

impl Training {
    /// Environment steps of the whole run, without those of pre-training.
    pub fn n_steps(&self) -> usize {
        self.n_epochs.saturating_mul(self.steps_per_epoch)
    }

    /// Keys of the table.
    pub const KEYS: &'static [Key] = &[
        Key {
            name: "n_epochs",
            about: "epochs of the run; 0: only the embedding is learnt",
            expected: WHOLE,
        },
        Key {
            name: "steps_per_epoch",
            about: "environment steps of an epoch, over all environments",
            expected: STEPS,
        },
        Key {
            name: "n_envs",
            about: "environments stepped together; divides steps_per_epoch",
            expected: SIDE_BY_SIDE,
        },
        Key { name: "n_threads", about: "threads that step them", expected: SIDE_BY_SIDE },
        Key {
            name: "reset_each_epoch",
            about: "start all environments anew with each epoch",
            expected: TRUTH,
        },
        Key { name: "eval_freq", about: "epochs between evaluations; 0: at the end alone", expected: WHOLE },
        Key { name: "n_eval_episodes", about: "episodes of an evaluation", expected: SIDE_BY_SIDE },
        Key { name: "checkpoint_freq", about: "epochs between checkpoints", expected: COUNT },
        Key {
            name: "count_pretrain_steps",
            about: "count the pre-training samples as environment steps",
            expected: TRUTH,
        },
    ];
}

/// More than this many environments or threads is a slip of the pen.
pub(super) const MOST_SIDE_BY_SIDE: usize = 65_536;

/// Steps of an epoch are held in memory.
pub(super) const MOST_STEPS: usize = 1_000_000_000;

const COUNT: &str = "a whole number of at least 1";
const SIDE_BY_SIDE: &str = "a whole number from 1 to 65536";
const STEPS: &str = "a whole number from 1 to 10^9";
const WHOLE: &str = "a whole number of at least 0";
const TRUTH: &str = "true or false";
