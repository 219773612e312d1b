//! Purchase logs, plain and compressed.
#![no_main]

use jsae_envs::recommender::log::{Options, load_log};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["log.csv", "log.csv.gz"] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a writable folder");
        if let Err(error) = load_log(&[path], &Options::default(), &mut |_| ()) {
            assert!(!error.to_string().is_empty());
        }
    }
});
