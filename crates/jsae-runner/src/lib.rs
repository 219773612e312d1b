//! Composes environments, embeddings and policy-gradient algorithms from TOML experiment files.
//!
//! It reads and checks experiment files, trains every seed in a process of its own, goes on where a
//! run was interrupted, evaluates, and writes everything down; the binary `jsae-run` is this crate's
//! [`cli::run`]. The same configuration and seed give the same bytes of `progress.csv` and of the
//! checkpoint: with the same binary, on the same kind of processor, with `device = "cpu"`.
//!
//! [`paper`] walks from the paper's symbols to the code and lists its errata; [`inspect`] looks into a
//! trained embedding.
//!
//! It holds no formula: environments, nearest neighbours, embeddings and algorithms are those of
//! [`jsae_envs`], [`jsae_knn`], [`jsae_embed`] and [`jsae_rl`], and none of the four knows of it. It
//! plots nothing itself, and starts jobs on other machines through Slurm alone.
//!
//! ```text
//! experiment.toml ─ load, validate ─► Experiment
//!    collect:  Env ─observation─► φ ─x─► policy ─e─► mapping f ─action─► Env
//!    update:   the epoch's samples ─► φ, once ─► algorithm ─► embedding ─► mapping rebuilt
//!    record:   metrics, evaluation, checkpoint
//! ```
//!
//! | symbol | name | shape |
//! |---|---|---|
//! | s | `observation` | `[obs_len]`, as the environment writes it |
//! | x = φ(s) | `state_embedding`, an algorithm's features | `[n, state_dim]` |
//! | e | `latent_action` | `[n, latent_len]` |
//! | a = f(e) | `action` | `[action_len]`, as the environment executes it |
//! | π_o = f ∘ π_i ∘ φ | [`Agent`] | |
//!
//! A run is a folder, `OUT/NAME/seed-N`:
//!
//! | file | holds |
//! |---|---|
//! | `config.toml` | the experiment with every default written out; to run it again is to repeat the run |
//! | `versions.json` | versions of the program, its libraries and compiler; git revision |
//! | `inputs.json` | SHA-256 of the environment's files, where it has any: a run does not go on with others |
//! | `progress.csv` | a row an epoch, a function of configuration and seed alone |
//! | `timing.csv` | a row an epoch: clocks |
//! | `pretrain.csv` | a row a pass of pre-training |
//! | `reference.json` | exact returns of the random and the best policy, where the environment can be solved |
//! | `events.out.tfevents.*` | the same curves for `TensorBoard` |
//! | `checkpoints/` | everything the run needs to go on, or an agent to act: the newest state and the one before it |
//! | `evaluation.json` | the final evaluation; its presence says that the run is finished |
//! | `log.txt` | what the run said |
//! | `lock` | held by the process that trains the run |
//!
//! Without a command line:
//!
//! ```
//! use jsae_runner::{Agent, Experiment, Registry, RunFolder, prepare_torch, train};
//! use std::{path::Path, sync::atomic::AtomicBool};
//!
//! # let out = tempfile::tempdir()?;
//! # let runs = out.path();
//! # let small = ["training.n_epochs=1", "training.steps_per_epoch=100", "pretrain.samples=200"];
//! # let overrides = small.map(str::to_owned);
//! # let config = Path::new("../../configs/gridworld9_discrete_vpg_jsae.toml");
//! let registry = Registry::default();
//! let experiment = Experiment::load(config, &overrides, &registry)?;
//! prepare_torch(experiment.device, config)?;
//! let run = RunFolder::of(runs, &experiment, 0);
//! run.prepare(&experiment.with_seed(0))?;
//! train(&run, &registry, &AtomicBool::new(false), &mut |event| println!("{event:?}"))?;
//! let action = Agent::load(run.path(), &registry)?.act(&[484.0])?;
//! # assert!(action[0] < 512.0);
//! # anyhow::Ok(())
//! ```
//!
//! An environment of your own implements [`jsae_envs::Env`], its configuration implements [`EnvConfig`],
//! and [`Registry::add`] makes it known to files, command line and library alike:
//! `examples/own_environment.rs` does it from beginning to end.

mod agent;
mod algorithm;
mod checkpoint;
pub mod cli;
mod collect;
mod cuda;
mod denormals;
mod disk;
mod embeddings;
mod evaluate;
mod exit;
pub mod experiment;
mod film;
mod guard;
mod hexadecimal;
pub mod inspect;
mod learner;
mod mapping;
mod memory;
mod observer;
pub mod paper;
mod pretraining;
mod record;
mod reference;
mod run_folder;
mod signals;
mod stderr;
mod streams;
mod supervise;
mod sweep;
mod train;
mod transfer;
mod versions;
mod watch;
mod worker;

pub use {jsae_embed, jsae_envs, jsae_knn, jsae_rl, jsae_theory};

pub use agent::Agent;
pub use checkpoint::{check_checkpoint, check_tensors};
pub use evaluate::{Evaluation, evaluate};
pub use experiment::{EnvConfig, Experiment, Registry};
pub use mapping::{Mapping, Ranked};
pub use observer::Event;
pub use run_folder::{RunFolder, RunState};
pub use streams::Streams;
pub use train::{Outcome, Summary, final_return, train, train_sharing};
pub use worker::prepare_torch;
