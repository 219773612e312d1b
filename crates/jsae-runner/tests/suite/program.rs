//! The real program, run as a process.

use std::path::Path;
use std::process::{Command, Output};

/// `jsae-run`, to be given its arguments.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jsae-run"));
    command.current_dir(folder);
    command
}

/// What a process came to.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Its exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `jsae-run` with `arguments` in `folder` to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Ran {
    ran(command(folder).args(arguments))
}

/// Runs `command` to its end.
pub(crate) fn ran(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes| String::from_utf8(bytes).expect("programs speak UTF-8");
    Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}
