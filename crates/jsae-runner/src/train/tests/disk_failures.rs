use super::*;
use crate::disk::faults::{Fault, with};

/// A run after its first epoch, saved, and its second, not yet saved.
fn second_epoch(prepared: &Prepared) -> Run<'_> {
    let mut run = prepared.start();
    run.next_epoch().expect("an epoch");
    run.save().expect("a writable folder");
    run.next_epoch().expect("an epoch");
    run
}

/// Saving fails at every step in turn; returns how many there are.
fn fail_everywhere(fault: impl Fn(usize) -> Fault) -> usize {
    for step in 0.. {
        let prepared = Prepared::smallest();
        let mut run = second_epoch(&prepared);
        let mut learning = prepared.learning();
        let (result, steps) = with(fault(step), || run.save());
        let (epoch, warnings) = prepared.resumed(&mut learning);
        let epoch = epoch.unwrap_or_else(|error| panic!("step {step}: {error:#}"));
        assert!(warnings.is_empty(), "step {step}: {warnings:?}");
        match result {
            Ok(_) => assert_eq!(epoch, Some(2), "step {step}"),
            Err(error) => {
                let error = format!("{error:#}");
                assert!(step < steps && error.contains("checkpoints"), "step {step}: {error}");
                assert!(epoch == Some(1) || epoch == Some(2), "step {step}: {epoch:?}");
            }
        }
        if step >= steps {
            return steps;
        }
    }
    unreachable!("there are fewer steps than numbers")
}

#[test]
fn whatever_write_fails_the_last_good_generation_loads() {
    assert!(fail_everywhere(Fault::Once) >= 10);
}

#[test]
fn whatever_write_is_the_last_the_last_good_generation_loads() {
    assert!(fail_everywhere(Fault::From) >= 10);
}

#[test]
fn the_first_checkpoint_is_whole_or_not_there() {
    for step in 0.. {
        let prepared = Prepared::smallest();
        let (result, _) = with(Fault::From(step), || {
            Run::start(&prepared.folder, &prepared.experiment, &Registry::default(), None, &mut |_| ())
                .map(drop)
        });
        let (epoch, _) = prepared.resumed(&mut prepared.learning());
        let epoch = epoch.unwrap_or_else(|error| panic!("step {step}: {error:#}"));
        if result.is_ok() {
            assert_eq!(epoch, Some(0));
            return;
        }
        assert!(epoch.is_none_or(|epoch| epoch == 0));
        // The same command again.
        assert_eq!(prepared.start().epoch(), 0);
    }
}

#[test]
fn a_full_disk_is_told_with_path_and_bytes() {
    let prepared = Prepared::smallest();
    let mut run = second_epoch(&prepared);
    let told = (0..12).filter_map(|step| with(Fault::Once(step), || run.save()).0.err());
    let told: Vec<String> = told.map(|error| format!("{error:#}")).collect();
    let named = |wanted: &str| told.iter().any(|error| error.contains(wanted) && error.contains(" bytes"));
    for file in ["epoch-2.safetensors", "epoch-2.json", "replay-0-80.bin"] {
        assert!(named(file), "{file}: {told:#?}");
    }
    assert!(told[0].contains("no storage space"), "{}", told[0]);
}

#[test]
fn a_run_goes_on_where_an_old_checkpoint_cannot_be_removed_and_removes_it_with_the_next() {
    let prepared = Prepared::smallest();
    let mut run = second_epoch(&prepared);
    let is_there = |file: &str| prepared.folder.file("checkpoints").join(file).exists();
    let steps = with(Fault::From(usize::MAX), || run.save()).1;
    assert!(!is_there("epoch-0.json") && !is_there("epoch-0.safetensors"), "the last two steps");
    run.next_epoch().expect("an epoch");
    let saved = with(Fault::Once(steps - 2), || run.save()).0.expect("a checkpoint that is written");
    let Some(Event::Warning { text }) = saved else { panic!("nothing is told: {saved:?}") };
    assert!(text.contains("epoch-1.json cannot be removed: no storage space"), "{text}");
    assert!(is_there("epoch-1.json") && is_there("epoch-1.safetensors") && is_there("epoch-3.json"));
    run.next_epoch().expect("an epoch");
    assert!(run.save().expect("a writable folder").is_none());
    assert!(!is_there("epoch-1.json") && !is_there("epoch-1.safetensors"));
}

#[test]
fn what_failed_writes_left_is_cleared_away() {
    let prepared = Prepared::smallest();
    let mut run = second_epoch(&prepared);
    let left = |prepared: &Prepared| {
        let part = |path: &PathBuf| path.to_string_lossy().ends_with(crate::disk::PART);
        prepared.files().iter().filter(|path| part(path)).count()
    };
    with(Fault::From(3), || run.save()).0.expect_err("a process that is killed");
    assert_eq!(left(&prepared), 1);
    run.save().expect("a writable folder");
    assert_eq!(left(&prepared), 0);
}
