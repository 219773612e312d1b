//! How much is tried: a little in every test run, all of it by `scripts/soak`.

/// `short`, or `long` where `scripts/soak` runs the tests.
pub(crate) fn trials(short: usize, long: usize) -> usize {
    if std::env::var_os("JSAE_SOAK").is_some() { long } else { short }
}
