//! Disks that are full and memory that is not there.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::program::{ran, run};
use crate::soak::trials;
use crate::tiny::{bytes, epochs, finish, prepared, trained, write};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn a_file_that_may_not_grow_stops_the_run_and_costs_nothing() {
    let (undisturbed, limited) = (folder(), folder());
    let undisturbed = trained(&[], undisturbed.path());
    let run = prepared(&write(limited.path()), &[], limited.path());
    let largest = undisturbed.file("checkpoints/epoch-8.safetensors").metadata().expect("a checkpoint").len();
    for share in 1..4 {
        // In KiB; the signal that usually ends such a process is not wanted.
        let script =
            format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" worker \"$1\"", largest * share / 4 / 1024);
        let mut limited = Command::new("bash");
        limited.args(["-c", &script, env!("CARGO_BIN_EXE_jsae-run")]).arg(run.path());
        let ended = ran(&mut limited);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(ended.stderr.contains("checkpoints/epoch-0.safetensors"), "{}", ended.stderr);
        assert!(ended.stderr.contains(&format!("{largest} bytes for ")), "{}", ended.stderr);
        assert!(epochs(&run).is_empty());
    }
    finish(&run);
    assert!(bytes(&run) == bytes(&undisturbed));
}

#[test]
fn a_replay_that_cannot_fit_is_refused_with_the_number() {
    let out = folder();
    write(out.path());
    let sac = "--set=algorithm.sac={ buffer_size = 100000000000 }";
    let long = ["--set=training.n_epochs=100000000", "--set=training.steps_per_epoch=1000"];
    let ran = run(out.path(), &["tiny.toml", sac, long[0], long[1], "--out", "out"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("needs about ") && ran.stderr.contains(" GiB of memory (replay "),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains(" has "), "{}", ran.stderr);
}

/// The slot machine has the shortest epochs of all; seconds come from the run's own clocks.
#[test]
fn checkpoints_take_at_most_3_percent_at_the_default_interval() {
    let out = folder();
    let epochs = format!("training.n_epochs={}", trials(600, 2_500));
    let slot_machine = ["env.slot_machine={}", "training.steps_per_epoch=200", "training.n_envs=10", &epochs];
    let defaults = ["training.checkpoint_freq=50", "training.eval_freq=50", "training.n_eval_episodes=10"];
    let run = trained(&[&slot_machine[..], &defaults, &["embedding_update.passes=0"]].concat(), out.path());
    let timing = std::fs::read_to_string(run.file("timing.csv")).expect("timing.csv");
    let columns: Vec<&str> = timing.lines().next().expect("a header").split(',').collect();
    let parts = ["time/collect", "time/update", "time/embed", "time/evaluate", "time/checkpoint"];
    let sum = |part: &str| -> f64 {
        let column = columns.iter().position(|column| *column == part).expect("a column");
        timing.lines().skip(1).map(|row| row.split(',').nth(column).unwrap().parse::<f64>().unwrap()).sum()
    };
    let all: f64 = parts.iter().map(|part| sum(part)).sum();
    let share = sum("time/checkpoint") / all;
    println!("checkpoints: {:.2} % of {all:.1} s", 100.0 * share);
    // A slow disk beside a quick processor is no defect: only the long version holds the machine to it.
    assert!(share <= trials(20, 3) as f64 / 100.0, "{share}");
}

/// Resident memory in KiB and open files of this process.
fn held(pid: u32) -> Option<(u64, usize)> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some((kib, std::fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd")).ok()?.count()))
}

/// Half an hour in the long version: SAC that learns its embedding on, with a replay that is full early.
#[test]
fn a_long_run_holds_no_more_memory_and_no_more_files() {
    let out = folder();
    let sac = "algorithm.sac={ learning_starts = 100, update_after = 100, batch_size = 64, hidden_sizes = [64], \
               gradient_steps = 10, buffer_size = 2000 }";
    let long = ["training.n_epochs=1000000", "training.checkpoint_freq=20", sac];
    let run = prepared(&write(out.path()), &long, out.path());
    let mut child = crate::program::command(Path::new("."))
        .arg("worker")
        .arg(run.path())
        .envs([("MALLOC_MMAP_THRESHOLD_", "1073741824"), ("MALLOC_TRIM_THRESHOLD_", "4294967296")])
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the program can be started");
    let (seconds, warm) = (trials(8, 1_800) as u64, trials(3, 120) as u64);
    let (started, mut seen) = (Instant::now(), Vec::new());
    while started.elapsed() < Duration::from_secs(seconds) {
        std::thread::sleep(Duration::from_millis(500));
        if started.elapsed() >= Duration::from_secs(warm) {
            seen.extend(held(child.id()));
        }
    }
    child.kill().expect("the process is still there");
    child.wait().expect("the process ends");
    let third = seen.len() / 3;
    let mean = |part: &[(u64, usize)]| part.iter().map(|held| held.0 as f64).sum::<f64>() / part.len() as f64;
    let growth = mean(&seen[seen.len() - third..]) / mean(&seen[..third]) - 1.0;
    let files = |held: &(u64, usize)| held.1;
    let (fewest, most) = (seen.iter().map(files).min().unwrap(), seen.iter().map(files).max().unwrap());
    println!(
        "{seconds} s, epoch {:?}: {} KiB at first, {} at last, {:.3} % more; {fewest} to {most} files",
        epochs(&run).last(),
        seen[0].0,
        seen[seen.len() - 1].0,
        100.0 * growth
    );
    // A few seconds are too short for the one percent that half an hour must keep.
    assert!(growth < if seconds > 60 { 0.01 } else { 0.05 }, "{growth}");
    // One more while a checkpoint is on its way.
    assert!(most - fewest <= 2, "{fewest} to {most} files");
    let half = seen.len() / 2;
    assert_eq!(seen[..half].iter().map(files).min(), seen[half..].iter().map(files).min());
}
