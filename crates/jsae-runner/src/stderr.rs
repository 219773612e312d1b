//! What is said on standard error.

/// Like `eprintln!`, where nobody may be listening any more: the work goes on.
macro_rules! tell {
    ($($part:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr().lock(), $($part)*);
    }};
}
pub(crate) use tell;
