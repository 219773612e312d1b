use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;

/// A run with one generation alone, so that nothing can be fallen back to.
fn one_generation() -> Prepared {
    let prepared = Prepared::smallest();
    let mut run = prepared.start();
    for _ in 0..4 {
        run.next_epoch().expect("an epoch");
    }
    run.save().expect("a writable folder");
    let first = prepared.files().into_iter().filter(|path| path.to_string_lossy().contains("epoch-0."));
    first.for_each(|path| std::fs::remove_file(path).expect("a writable folder"));
    prepared
}

/// Every change of every file is refused, and named by its file.
fn all_refused(n: usize, change: impl Fn(&mut Vec<u8>, &mut ChaCha8Rng)) {
    let prepared = one_generation();
    let (files, mut learning) = (prepared.files(), prepared.learning());
    assert_eq!(files.len(), 3, "manifest, tensors, replay: {files:?}");
    assert_eq!(prepared.resumed(&mut learning).0.expect("undamaged"), Some(4));
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let lengths: Vec<usize> = files.iter().map(|path| read(path).len()).collect();
    for trial in 0..n {
        // In turn, so that the smallest file is damaged as often as the largest.
        let path = &files[trial % files.len()];
        let whole = read(path);
        let mut damaged = whole.clone();
        change(&mut damaged, &mut rng);
        assert_ne!(damaged, whole);
        std::fs::write(path, &damaged).expect("a writable folder");
        let (result, _) = prepared.resumed(&mut learning);
        let error = format!("{:#}", result.expect_err("damaged"));
        assert!(error.contains("epoch-4.json cannot be used: "), "{error}");
        assert!(error.contains(|c: char| c.is_ascii_digit()), "{error}");
        std::fs::write(path, &whole).expect("a writable folder");
    }
    assert_eq!(prepared.resumed(&mut learning).0.expect("undamaged again"), Some(4), "{lengths:?}");
}

#[test]
fn every_flipped_bit_is_detected() {
    all_refused(trials(2_000, 10_000), |bytes, rng| {
        let at = rng.random_range(0..bytes.len());
        bytes[at] ^= 1 << rng.random_range(0..8);
    });
}

#[test]
fn every_truncation_is_detected() {
    all_refused(trials(300, 1_000), |bytes, rng| bytes.truncate(rng.random_range(0..bytes.len())));
}

#[test]
fn bytes_too_many_are_detected() {
    all_refused(30, |bytes, rng| bytes.extend((0..rng.random_range(1..9)).map(|_| b'\n')));
}

#[test]
fn a_damaged_generation_falls_back_with_a_warning() {
    let prepared = Prepared::smallest();
    let mut run = prepared.start();
    for _ in 0..2 {
        run.next_epoch().expect("an epoch");
        run.save().expect("a writable folder");
    }
    for name in ["epoch-2.json", "epoch-2.safetensors"] {
        let path = prepared.folder.file(&format!("checkpoints/{name}"));
        let whole = read(&path);
        std::fs::write(&path, &whole[..whole.len() - 1]).expect("a writable folder");
        let (result, warnings) = prepared.resumed(&mut prepared.learning());
        assert_eq!(result.expect("the generation before"), Some(1));
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("epoch-2.json cannot be used: "), "{warnings:?}");
        assert!(warnings[0].ends_with("; goes on from epoch 1"), "{warnings:?}");
        std::fs::write(&path, &whole).expect("a writable folder");
    }
}

#[test]
fn changed_figures_are_no_longer_what_was_saved() {
    let prepared = Prepared::smallest();
    {
        let mut run = prepared.start();
        run.next_epoch().expect("an epoch");
        run.save().expect("a writable folder");
    }
    let path = prepared.folder.file("progress.csv");
    let whole = read(&path);
    let mut changed = whole.clone();
    changed[whole.len() - 2] ^= 1;
    std::fs::write(&path, &changed).expect("a writable folder");
    let mut warnings = Vec::new();
    let run = Run::start(&prepared.folder, &prepared.experiment, &Registry::default(), None, &mut |event| {
        if let Event::Warning { text } = event {
            warnings.push(text);
        }
    });
    assert_eq!(run.expect("the beginning is still whole").epoch(), 0);
    assert!(warnings[0].contains("progress.csv is not what the checkpoint was taken of"), "{warnings:?}");
}
