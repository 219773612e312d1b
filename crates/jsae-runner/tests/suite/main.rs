//! The runner from outside: its files, its command line, its processes, its records.

mod architecture;
#[cfg(feature = "mujoco")]
mod broken_files;
mod checkpoints;
mod command_line;
#[cfg(feature = "mujoco")]
mod configs;
mod determinism;
mod devices;
mod films;
mod grid_example;
mod inspect;
mod kills;
mod learning;
mod limits;
mod listing;
mod mutations;
mod names;
mod optimum;
mod own_environment;
mod program;
mod report_pictures;
mod resume;
mod run_folders;
mod sharing;
mod signals;
mod soak;
mod sweep;
mod sweep_files;
mod sweep_slurm;
mod sweeps;
mod tensorboard;
mod tiny;
mod transfer;
mod verify;
