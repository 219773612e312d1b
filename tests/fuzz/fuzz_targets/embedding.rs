//! Files of embeddings.
#![no_main]

use jsae_embed::{Spaces, jsae};
use jsae_envs::Space;
use libfuzzer_sys::fuzz_target;
use rand::SeedableRng as _;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("embedding.safetensors");
    std::fs::write(&path, bytes).expect("a writable folder");
    let spaces = Spaces::new(Space::Discrete(6), Space::Discrete(3));
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let embedding = jsae::Jsae::new(&jsae::Config::default(), &spaces, tch::Device::Cpu, &mut rng);
    let mut embedding = embedding.expect("spaces that fit");
    if let Err(error) = jsae_embed::load(&mut embedding, &path) {
        assert!(error.to_string().contains("embedding.safetensors") || error.to_string().contains("tensor"));
    }
});
