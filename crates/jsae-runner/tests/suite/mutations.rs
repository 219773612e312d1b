//! Experiment files with random changes are read or refused in words, and nothing else happens.

use std::path::Path;

use jsae_runner::{Experiment, Registry};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::soak::trials;
use crate::tiny::TINY;

const PARTS: [&str; 18] = [
    "-1",
    "1e308",
    "nan",
    "-inf",
    "18446744073709551616",
    "999999999999",
    "true",
    "\"\"",
    "[[[[",
    "{",
    "[env]",
    "\"\\u0000\"",
    "0x7fffffffffffffff",
    "1979-05-27",
    "'''",
    "a.b.c.d = 1\n",
    "extends = \".\"\n",
    "\u{feff}",
];

fn mutate(text: &str, rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut text = text.as_bytes().to_vec();
    for _ in 0..rng.random_range(1..4) {
        let at = rng.random_range(0..text.len());
        let end = (at + rng.random_range(1..30)).min(text.len());
        match rng.random_range(0..6) {
            0 => text[at] = rng.random(),
            1 => drop(text.drain(at..end)),
            2 => {
                let part = text[at..end].to_vec();
                text.splice(at..at, part);
            }
            3 => drop(text.splice(at..at, PARTS[rng.random_range(0..PARTS.len())].bytes())),
            _ => {
                let value = text[at..].iter().position(|&byte| byte == b'=').map(|offset| at + offset + 1);
                let Some(start) = value else { continue };
                let length = text[start..].iter().position(|&byte| byte == b'\n').unwrap_or(0);
                text.splice(start..start + length, PARTS[rng.random_range(0..PARTS.len())].bytes());
            }
        }
        if text.is_empty() {
            text.push(b'=');
        }
    }
    text
}

/// Resident memory at its highest, in MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux");
    line.trim().strip_suffix("kB").and_then(|kib| kib.trim().parse::<u64>().ok()).expect("a number") >> 10
}

#[test]
fn mutated_experiments_are_read_or_refused_with_a_place() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let path = place.path().join("mutated.toml");
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/base");
    let mut texts = vec![TINY.to_owned()];
    for name in ["gridworld.toml", "slot_machine.toml"] {
        texts.push(std::fs::read_to_string(configs.join(name)).expect("a base file"));
    }
    let (registry, mut rng) = (Registry::default(), ChaCha8Rng::seed_from_u64(13));
    let (n, mut refused) = (trials(3_000, 10_000), 0);
    for trial in 0..n {
        std::fs::write(&path, mutate(&texts[trial % texts.len()], &mut rng)).expect("a writable folder");
        if let Err(problems) = Experiment::load(&path, &[], &registry) {
            refused += 1;
            let words = problems.to_string();
            assert!(!problems.0.is_empty() && !words.is_empty());
            assert!(words.lines().all(|line| line.contains("mutated.toml")), "{words}");
        }
    }
    println!("{refused} of {n} refused, {} MiB at most", peak_mib());
    assert!(refused > n / 2, "{refused} of {n}");
    assert!(peak_mib() < 512, "{} MiB", peak_mib());
}
