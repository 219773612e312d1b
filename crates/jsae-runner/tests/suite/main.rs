//! The runner from outside: its files, its command line, its processes, its records.

mod architecture;
#[cfg(feature = "mujoco")]
mod broken_files;
mod checkpoints;
mod command_line;
#[cfg(feature = "mujoco")]
mod configs;
mod determinism;
mod grid_example;
mod learning;
mod listing;
mod own_environment;
mod program;
mod resume;
mod run_folders;
mod tensorboard;
mod tiny;
