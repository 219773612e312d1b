//! `jsae-run`: trains, evaluates and inspects agents described by TOML files.

fn main() -> std::process::ExitCode {
    jsae_runner::cli::run(&jsae_runner::Registry::default())
}
