//! A checkpoint's manifest and tensors, apart at the first zero byte.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let at = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let (manifest, body) = bytes.split_at(at);
    if let Err(error) = jsae_runner::check_checkpoint(manifest, body) {
        assert!(!format!("{error:#}").is_empty());
    }
    // The tensors alone too: few mutations have the right checksum.
    let _ = jsae_runner::check_tensors(bytes);
});
