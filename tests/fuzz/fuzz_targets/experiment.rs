//! Experiment files are read or refused in words.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = tempfile::NamedTempFile::new().expect("a temporary folder");
    std::fs::write(file.path(), bytes).expect("a writable folder");
    if let Err(problems) = jsae_runner::Experiment::load(file.path(), &[], &jsae_runner::Registry::default()) {
        assert!(!problems.to_string().is_empty());
    }
});
