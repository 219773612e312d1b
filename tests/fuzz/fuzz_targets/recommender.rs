//! Files of the recommender's counts.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = tempfile::NamedTempFile::new().expect("a temporary folder");
    std::fs::write(file.path(), bytes).expect("a writable folder");
    if let Err(error) = jsae_envs::recommender::Model::read(file.path()) {
        assert!(!error.to_string().is_empty());
    }
});
