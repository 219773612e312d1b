//! A run's figures as the report reads them.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = folder.path().join("name/seed-0");
    std::fs::create_dir_all(&run).expect("a writable folder");
    let at = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let (config, progress) = bytes.split_at(at);
    std::fs::write(run.join("config.toml"), config).expect("a writable folder");
    std::fs::write(run.join("progress.csv"), progress).expect("a writable folder");
    let _ = jsae_report::read(&[folder.path()]);
});
