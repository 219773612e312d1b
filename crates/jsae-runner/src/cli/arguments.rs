mod sweep;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::experiment::Device;

pub(super) use sweep::{Sweep, SweepCommand, SweepSource};

/// Trains reinforcement-learning agents with jointly learned state-action embeddings.
#[derive(Parser, Debug)]
#[command(name = "jsae-run", version = env!("CARGO_PKG_VERSION"), after_help = EXAMPLES)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) train: Train,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  jsae-run configs/gridworld9_discrete_vpg_jsae.toml
      train every seed that the file lists; the same command again goes on where it stopped
  jsae-run configs/slot_machine_vpg*.toml --jobs 2 --seed 0 --seed 1
      two seeds of three experiments, two runs at a time
  jsae-run configs/gridworld9_discrete_vpg.toml --set training.n_epochs=50 --set name=short
      another value for two keys
  jsae-run eval runs/gridworld9_discrete_vpg_jsae/seed-0 --episodes 100
      run the trained agent
  jsae-run inspect runs/gridworld9_discrete_vpg_jsae/seed-0 --pictures pictures
      what its embedding has learnt: distances, duplicates, predictions, figures 2 and 5
  jsae-run eval runs/gridworld9_discrete_vpg_jsae/seed-0 --video episode.gif
      show the trained agent (the robots: build with --features renderer)
  jsae-run check configs/gridworld9_discrete_vpg_jsae.toml
      print the file with every default written out
  jsae-run optimum configs/slot_machine_vpg_jsae.toml
      the best return that any policy can have, computed exactly, and the random policy's
  jsae-run list algorithm.vpg
      print keys, defaults and ranges
  jsae-run verify
      check the paper's lemmas and claims on small exact problems
  jsae-run configs/options/slot_machine_{plain,sac}.toml --embeddings runs/embeddings
      pre-train the embedding once for both
  jsae-run sweep configs/grids/slot_machine_vpg_jsae.toml --dry-run
      count the trials of a grid and estimate the time they take

Exit codes: 0 done, 1 a run failed, 2 bad input, 3 stopped by a signal (run it again to go on).";

/// `jsae-run CONFIG...`
#[derive(Args, Debug)]
pub(super) struct Train {
    /// Experiment files (TOML); every seed that a file lists is trained in a process of its own
    #[arg(required = true, value_name = "CONFIG")]
    pub(super) configs: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) changes: Changes,
    /// Folder under which the runs are kept, as OUT/NAME/seed-N
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub(super) out: PathBuf,
    /// Runs at a time [default: the number of processors]
    #[arg(short, long, value_name = "N")]
    pub(super) jobs: Option<std::num::NonZeroUsize>,
    /// Pre-train an embedding once for all runs that would pre-train the same, and keep it here; no result changes on the
    /// same kind of processor
    #[arg(long, value_name = "DIR")]
    pub(super) embeddings: Option<PathBuf>,
    /// Start over: a run that is there is moved aside and kept
    #[arg(long)]
    pub(super) force: bool,
    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more
    #[arg(short, long)]
    pub(super) verbose: bool,
}

/// What the command line changes in an experiment file.
#[derive(Args, Debug)]
pub(super) struct Changes {
    /// Another value for a key, as in algorithm.ppo.clip_range=0.1; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// This seed instead of the file's; may be repeated
    #[arg(long = "seed", value_name = "N")]
    pub(super) seeds: Vec<u64>,
    /// Where tensors live
    #[arg(long, value_enum)]
    pub(super) device: Option<Device>,
}

impl Changes {
    /// All of them as `KEY=VALUE`.
    pub(super) fn overrides(&self) -> Vec<String> {
        let mut overrides = self.set.clone();
        if !self.seeds.is_empty() {
            overrides.push(format!("seeds={:?}", self.seeds));
        }
        match self.device {
            Some(Device::Cpu) => overrides.push("device=\"cpu\"".to_owned()),
            Some(Device::Cuda) => overrides.push("device=\"cuda\"".to_owned()),
            None => {}
        }
        overrides
    }
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Run a trained agent and print its returns
    Eval(Eval),
    /// Say what a trained embedding is good for, and why
    Inspect(Inspect),
    /// Check an experiment file and print it with every default written out
    Check(Check),
    /// Print the exact returns of the best and the random policy
    Optimum(Optimum),
    /// Make tables, curves or a page of finished runs
    Report(ReportArguments),
    /// Draw a figure of the series that `report --series` has kept
    Figure(FigureArguments),
    /// Print how the experiments of a figure's file ended, from what `report` has kept
    Table(TableArguments),
    /// Prepare data that environments read
    Data {
        #[command(subcommand)]
        command: DataCommand,
    },
    /// List environments, embeddings and algorithms with their keys, defaults and ranges
    List {
        /// One table alone, as in algorithm.vpg
        table: Option<String>,
    },
    /// Try every point of a grid: the trials of a sweep file, on this machine or through Slurm
    Sweep(Box<Sweep>),
    /// Check the paper's lemmas and claims on small exact problems
    Verify(Verify),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Train the run in a folder (what `jsae-run CONFIG` starts for each seed)
    #[command(hide = true)]
    Worker {
        /// The run's folder
        folder: PathBuf,
        /// Where the embeddings are that runs share
        #[arg(long)]
        embeddings: Option<PathBuf>,
    },
}

/// `jsae-run eval RUN`
#[derive(Args, Debug)]
pub(super) struct Eval {
    /// Folder of a run, as in runs/NAME/seed-0
    pub(super) run: PathBuf,
    /// Whole episodes to run
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) episodes: u32,
    /// Seed of the environments
    #[arg(long, default_value_t = 0)]
    pub(super) seed: u64,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Draw the first episode: a PNG file for each state, in a new folder
    #[arg(long, value_name = "DIR")]
    pub(super) frames: Option<PathBuf>,
    /// Draw the first episode: an animated GIF
    #[arg(long, value_name = "FILE.gif")]
    pub(super) video: Option<PathBuf>,
    /// Where tensors live [default: where the run was trained]
    #[arg(long, value_enum)]
    pub(super) device: Option<Device>,
}

/// `jsae-run inspect RUN`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jsae-run inspect runs/gridworld9_discrete_vpg_jsae/seed-0
      a page of figures, each with its meaning and, where there is one, a verdict
  jsae-run inspect runs/gridworld9_discrete_vpg_jsae/seed-0 --json=audit.json --pictures pictures
      the same as JSON, and the embeddings as SVG")]
pub(super) struct Inspect {
    /// Folder of a run, as in runs/NAME/seed-0
    pub(super) run: PathBuf,
    /// Seed of the fresh samples
    #[arg(long, default_value_t = 0)]
    pub(super) seed: u64,
    /// Print JSON, or write it to FILE beside the page
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub(super) json: Option<Option<PathBuf>>,
    /// Draw the embeddings into this folder (SVG)
    #[arg(long, value_name = "DIR")]
    pub(super) pictures: Option<PathBuf>,
    /// Where tensors live [default: where the run was trained]
    #[arg(long, value_enum)]
    pub(super) device: Option<Device>,
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  jsae-run verify
      every example; the counter-examples must fail: 0 when each comes out as theory says, else 1
  jsae-run verify --example lemma2
      one alone: 0 when the statement holds on it, else 1
  jsae-run verify --example aliased
      a counter-example: the statement fails on it, 1
  jsae-run verify --json
      the same for programs";

/// `jsae-run verify`
#[derive(Args, Debug)]
#[command(after_help = VERIFY_EXAMPLES)]
pub(super) struct Verify {
    /// One example alone
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(jsae_theory::names()))]
    pub(super) example: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// `jsae-run check CONFIG`
#[derive(Args, Debug)]
pub(super) struct Check {
    /// Experiment file (TOML)
    pub(super) config: PathBuf,
    #[command(flatten)]
    pub(super) changes: Changes,
}

/// `jsae-run optimum CONFIG`
#[derive(Args, Debug)]
pub(super) struct Optimum {
    /// Experiment file (TOML), or the folder of a run, where the returns are then kept for reports
    pub(super) config: PathBuf,
    #[command(flatten)]
    pub(super) changes: Changes,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// `jsae-run report RUNS...`
#[derive(Args, Debug)]
pub(super) struct ReportArguments {
    /// Folders of runs, of experiments (all their seeds) or of many experiments
    #[arg(required = true)]
    pub(super) runs: Vec<PathBuf>,
    /// How the table is written: terminal, csv, markdown or latex
    #[arg(long, default_value = "terminal", value_name = "FORMAT")]
    pub(super) format: jsae_report::table::Format,
    /// Also print the probability that one experiment ends above another
    #[arg(long)]
    pub(super) compare: bool,
    /// Also report the steps to this return; may be repeated
    #[arg(long, value_name = "RETURN", allow_negative_numbers = true)]
    pub(super) threshold: Vec<f64>,
    /// Draw the learning curves, as PNG where the name ends in .png, else as SVG
    #[arg(long, value_name = "FILE")]
    pub(super) curves: Option<PathBuf>,
    /// Draw performance profiles (the share of runs that end above each return), here and on the page
    #[arg(long, value_name = "FILE")]
    pub(super) profiles: Option<PathBuf>,
    /// Draw each key by which the experiments differ against the final return, here and on the page
    #[arg(long, value_name = "FILE")]
    pub(super) sensitivity: Option<PathBuf>,
    /// Draw what the first run of each experiment has embedded; the page always shows it
    #[arg(long, value_name = "FILE")]
    pub(super) embeddings: Option<PathBuf>,
    /// What the curves are drawn over
    #[arg(long, value_enum, default_value_t = Axis::Steps)]
    pub(super) x: Axis,
    /// Write the returns of each experiment over its seeds, epoch by epoch, as DIR/NAME.csv
    #[arg(long, value_name = "DIR")]
    pub(super) series: Option<PathBuf>,
    /// Write how each run ended as CSV, a row a seed; rows of other experiments that FILE has stay
    #[arg(long, value_name = "FILE")]
    pub(super) finals: Option<PathBuf>,
    /// Write everything as one page that opens from the disk
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Count unfinished runs as far as they came
    #[arg(long)]
    pub(super) unfinished: bool,
}

/// `jsae-run figure FILE PICTURE`
#[derive(Args, Debug)]
#[command(after_help = "\
The file is TOML: `columns`, and for each panel

  [[panels]]
  title = \"gridworld, 512 actions\"
  curves = { VPG = \"series/gridworld9_discrete_vpg.csv\", VPG-JSAE = \"series/gridworld9_discrete_vpg_jsae.csv\" }

Example:
  jsae-run figure data/results/figure3.toml data/results/figure3.svg")]
pub(super) struct FigureArguments {
    /// What stands in which panel
    pub(super) file: PathBuf,
    /// Where it is drawn, as PNG where the name ends in .png, else as SVG
    pub(super) picture: PathBuf,
}

/// `jsae-run table FILE`
#[derive(Args, Debug)]
#[command(after_help = "\
The file is that of `jsae-run figure`. A panel may also tell the returns `random` and `optimal`. How the runs behind
FOLDER/series/NAME.csv ended is read from FOLDER/finals.csv, where `report --finals` has kept it.

Example:
  jsae-run table data/results/table.toml --compare")]
pub(super) struct TableArguments {
    /// What stands in which part of the table
    pub(super) file: PathBuf,
    /// How the table is written: terminal, csv, markdown or latex
    #[arg(long, default_value = "terminal", value_name = "FORMAT")]
    pub(super) format: jsae_report::table::Format,
    /// Also print the probability that one method ends above another
    #[arg(long)]
    pub(super) compare: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Axis {
    /// Environment steps
    Steps,
    /// Wall time
    Time,
}

/// `jsae-run data ...`
#[derive(Subcommand, Debug)]
pub(super) enum DataCommand {
    /// Make the recommender's model file from purchase logs
    Recommender(RecommenderLog),
    /// Write a purchase log of the paper's shape
    Synthetic(SyntheticLog),
}

/// `jsae-run data recommender INPUT... --out FILE`
#[derive(Args, Debug)]
pub(super) struct RecommenderLog {
    /// Logs in CSV, plain, .gz or .zst, in the order of time
    #[arg(required = true, value_name = "INPUT")]
    pub(super) inputs: Vec<PathBuf>,
    /// The model file to write
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// Names of the columns; an empty price or event means that the log has none
    #[arg(long, default_value = "user=user_id,item=product_id,time=event_time,price=price,event=event_type")]
    pub(super) columns: String,
    /// What separates two fields
    #[arg(long, default_value = ",")]
    pub(super) delimiter: char,
    /// The event that is a purchase
    #[arg(long, default_value = "purchase")]
    pub(super) event: String,
    /// Drop items bought less often
    #[arg(long, default_value_t = 100)]
    pub(super) min_item_purchases: u32,
    /// Then drop users with fewer purchases
    #[arg(long, default_value_t = 3)]
    pub(super) min_user_purchases: u32,
    /// Repeat both until nothing is dropped
    #[arg(long)]
    pub(super) to_fixpoint: bool,
    /// Also count what is bought after up to this many other items (Shani et al. 2005)
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=8))]
    pub(super) max_skip: u32,
    /// Malformed rows that are passed over
    #[arg(long, default_value_t = 0)]
    pub(super) max_bad_rows: u64,
}

/// `jsae-run data synthetic --out FILE`
#[derive(Args, Debug)]
pub(super) struct SyntheticLog {
    /// The CSV file to write
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// Decides everything that is random
    #[arg(long, default_value_t = 0)]
    pub(super) seed: u64,
    /// Rows; 40 million take 5.4 GB
    #[arg(long, default_value_t = 15_625_000)]
    pub(super) rows: u64,
    /// Purchases that the filters leave
    #[arg(long, default_value_t = 250_000)]
    pub(super) purchases: u32,
    /// Items that the filters leave
    #[arg(long, default_value_t = 835)]
    pub(super) items: u32,
}
