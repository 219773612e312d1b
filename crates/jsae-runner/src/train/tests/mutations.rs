use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::checkpoint::reseal;

/// What a number, a text or a list is replaced by.
const VALUES: [&str; 14] = [
    "-1",
    "0",
    "1",
    "1e308",
    "-1e-320",
    "18446744073709551615",
    "99999999999999999999",
    "null",
    "true",
    "\"\"",
    "[]",
    "{}",
    "[[[[[[[[",
    "\"\\ud800\"",
];

/// Changes `text` at random: a value, a byte, a part left out, a part twice.
fn mutate(text: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..4) {
        let n = text.len();
        let at = rng.random_range(0..n);
        let end = (at + rng.random_range(1..40)).min(n);
        match rng.random_range(0..6) {
            0 => text[at] = rng.random(),
            1 => drop(text.drain(at..end)),
            2 => {
                let part = text[at..end].to_vec();
                text.splice(at..at, part);
            }
            3 => text[at] ^= 1 << rng.random_range(0..8),
            _ => {
                let digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
                let Some(start) = text[at..].iter().position(digit).map(|offset| at + offset) else {
                    continue;
                };
                let length = text[start..].iter().position(|byte| !digit(byte)).unwrap_or(n - start);
                let value = VALUES[rng.random_range(0..VALUES.len())];
                text.splice(start..start + length, value.bytes());
            }
        }
    }
}

/// Resident memory at its highest, in MiB.
fn peak_mib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux");
    line.trim().strip_suffix("kB").and_then(|kib| kib.trim().parse::<usize>().ok()).expect("a number") >> 10
}

#[test]
fn mutated_checkpoints_under_a_right_checksum_are_refused_or_read() {
    let prepared = Prepared::smallest();
    {
        let mut run = prepared.start();
        run.next_epoch().expect("an epoch");
        run.save().expect("a writable folder");
    }
    let file = |extension: &str| prepared.folder.file(&format!("checkpoints/epoch-1.{extension}"));
    let (manifest, body) = (read(&file("json")), read(&file("safetensors")));
    let (mut learning, mut rng) = (prepared.learning(), ChaCha8Rng::seed_from_u64(11));
    let (mut refused, n) = (0, trials(2_000, 10_000));
    for trial in 0..n {
        let (mut text, mut tensors) = (manifest.clone(), body.clone());
        if trial % 2 == 0 {
            mutate(&mut text, &mut rng);
        } else {
            // The header is where everything is said.
            let header = usize::from(u16::from_le_bytes([body[0], body[1]])) + 8;
            let mut head = tensors[..header].to_vec();
            mutate(&mut head, &mut rng);
            tensors.splice(..header, head);
        }
        std::fs::write(file("json"), reseal(&text, &tensors)).expect("a writable folder");
        std::fs::write(file("safetensors"), &tensors).expect("a writable folder");
        let (result, warnings) = prepared.resumed(&mut learning);
        match result.expect("the generation before is whole") {
            Some(0) => {
                refused += 1;
                assert!(named(&warnings[0]), "neither key nor offset nor tensor: {}", warnings[0]);
            }
            Some(1) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(refused > n / 3, "{refused} of {n} refused");
    assert!(peak_mib() < 512, "{} MiB", peak_mib());
}

/// Says `why` where the fault is?
fn named(why: &str) -> bool {
    let why = why.split_once("cannot be used: ").map_or(why, |(_, why)| why);
    ["line ", "byte", "offset", "key ", "tensor", "format", "field", "expected", "epoch", "config_sha256"]
        .iter()
        .any(|word| why.contains(word))
}
