use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `jsae-run sweep FILE` and `jsae-run sweep status FILE`
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = SWEEPS)]
pub(in crate::cli) struct Sweep {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<SweepCommand>,
    #[command(flatten)]
    pub(in crate::cli) source: SweepSource,
    /// Runs at a time [default: the processors, or those that Slurm has given]
    #[arg(short, long, value_name = "N")]
    pub(in crate::cli) jobs: Option<std::num::NonZeroUsize>,
    /// Count and list the trials, begin one to estimate the time, and do nothing
    #[arg(long, conflicts_with_all = ["slurm", "emit_tasks", "task"])]
    pub(in crate::cli) dry_run: bool,
    /// Every n-th trial alone, beginning with the i-th
    #[arg(long, value_name = "I/N", value_parser = shard, conflicts_with_all = ["task", "slurm", "emit_tasks"])]
    pub(in crate::cli) shard: Option<(usize, usize)>,
    /// One task alone [default: SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, PBS_ARRAY_INDEX or SGE_TASK_ID]
    #[arg(long, value_name = "N", conflicts_with_all = ["slurm", "emit_tasks"])]
    pub(in crate::cli) task: Option<usize>,
    /// Trials of a task [default: 1; with --slurm, as many as make the array small enough]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) chunk: Option<std::num::NonZeroUsize>,
    /// Run failed ones again
    #[arg(long)]
    pub(in crate::cli) retry: bool,
    /// The best trial's fresh seeds alone; a task is then one of them
    #[arg(long)]
    pub(in crate::cli) finals: bool,
    /// Allow more than 100,000 trials; submit although jobs of this sweep are in the queue
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// Print a command for every task that is left, for GNU parallel, HyperQueue or the like
    #[arg(long, conflicts_with = "slurm")]
    pub(in crate::cli) emit_tasks: bool,
    /// Submit what is left as an array job
    #[arg(long)]
    pub(in crate::cli) slurm: bool,
    #[command(flatten)]
    pub(in crate::cli) job: SlurmJob,
    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(in crate::cli) quiet: bool,
    /// Say more
    #[arg(short, long)]
    pub(in crate::cli) verbose: bool,
}

const SWEEPS: &str = "\
A sweep is kept in OUT/NAME, a run in trial-HASH/seed-N. The same command again completes it: finished runs
are kept, interrupted ones go on, failed ones need --retry. A folder OUT/NAME may stand for FILE.

Runs whose environment, embedding, pre-training, training.n_envs, device and seed are the same share one pre-training,
which changes no result on the same kind of processor: it is kept in OUT/NAME/embeddings, and `jsae-run inspect` looks
at it.

Exit codes: 0 done, 1 a run failed, 2 bad input, 3 stopped by a signal, or runs are open.";

/// Which sweep, and where it is.
#[derive(Args, Debug)]
pub(in crate::cli) struct SweepSource {
    /// Sweep file (TOML), or the folder of a sweep
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,
    /// Folder under which sweeps are kept, as OUT/NAME
    #[arg(long, value_name = "DIR", default_value = "sweeps")]
    pub(in crate::cli) out: PathBuf,
    /// Another value for a key of the base, as in training.n_epochs=50; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(in crate::cli) set: Vec<String>,
}

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum SweepCommand {
    /// Say how far a sweep is, wherever it runs, and write trials.csv and sweep.json
    Status {
        #[command(flatten)]
        source: SweepSource,
    },
}

/// Options of `jsae-run sweep FILE --slurm`.
#[derive(Args, Debug)]
pub(in crate::cli) struct SlurmJob {
    /// Partition of the tasks
    #[arg(long, value_name = "NAME", requires = "slurm")]
    pub(in crate::cli) partition: Option<String>,
    /// Time limit of a task, as sbatch takes it; a task that meets it is requeued
    #[arg(long, value_name = "TIME", requires = "slurm")]
    pub(in crate::cli) time: Option<String>,
    /// Memory of a task, as sbatch takes it
    #[arg(long, value_name = "SIZE", requires = "slurm")]
    pub(in crate::cli) mem: Option<String>,
    /// Tasks at a time
    #[arg(long, value_name = "N", requires = "slurm")]
    pub(in crate::cli) array_limit: Option<std::num::NonZeroUsize>,
    /// Seconds before the time limit at which a task stops its runs and requeues itself
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub(in crate::cli) signal: u32,
}

/// `2/4`: the second of four.
fn shard(text: &str) -> Result<(usize, usize), String> {
    let numbers = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    let numbers: Option<(usize, usize)> = numbers.filter(|(i, n)| (1..=*n).contains(i));
    numbers.ok_or_else(|| "expected I/N with I from 1 to N, as in 2/4".to_owned())
}
