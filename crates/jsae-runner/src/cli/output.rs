//! What a command answers, on standard output.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write as _};

use crate::stderr::tell;

/// Like `println!`, for readers that may leave early.
macro_rules! say {
    () => { $crate::cli::output::answer(format_args!("\n")) };
    ($($part:tt)*) => {{
        $crate::cli::output::answer(format_args!($($part)*));
        $crate::cli::output::answer(format_args!("\n"));
    }};
}
pub(super) use say;

/// Writes as much as is wanted: a reader that has seen enough is no failure, and what else was asked for is still
/// to be done.
pub(super) fn answer(text: Arguments<'_>) {
    match std::io::stdout().lock().write_fmt(text) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            tell!("error: standard output: {error}");
            std::process::exit(crate::exit::Exit::Failed.code());
        }
        _ => {}
    }
}
