//! Asked to stop, a run leaves within a second, and goes on to the same bytes.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use jsae_runner::RunFolder;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rustix::process::{Pid, Signal, kill_process};

use crate::program::{command, ran, run};
use crate::soak::trials;
use crate::tiny::{bytes, epochs, prepared, trained, write};

const LONG: &str = "training.n_epochs=100000";

/// The paper's slot machine, but for its length.
const SLOT_MACHINE: &str = r#"
name = "tiny"
seeds = [3]
[env.slot_machine]
[training]
n_epochs = 100000
steps_per_epoch = 200
[embedding.jsae]
[pretrain]
samples = 300
passes = 2
[algorithm.vpg]
"#;

/// Pre-training that takes minutes.
const PRETRAINING: &[&str] = &["pretrain.samples=200000", "pretrain.passes=1000"];

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn start(folder: &Path, overrides: &[&str]) -> Child {
    let mut command = command(folder);
    command.args(["tiny.toml", "--out", "out"]).args(overrides.iter().map(|text| format!("--set={text}")));
    command.stderr(Stdio::piped()).spawn().expect("the program can be started")
}

fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process id")).expect("not zero");
    kill_process(pid, signal).expect("the process is still there");
}

fn wait_for(what: &Path, child: &mut Child) {
    let started = Instant::now();
    while std::fs::metadata(what).map_or(0, |file| file.len()) == 0 {
        assert_eq!(child.try_wait().expect("a child"), None, "it ended before {}", what.display());
        assert!(started.elapsed() < Duration::from_secs(120), "no {}", what.display());
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Until its run has begun or gone on; what it says later goes into the pipe.
fn said_something(child: &mut Child) -> BufReader<ChildStderr> {
    let mut words = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    words.read_line(&mut line).expect("lines in UTF-8");
    assert!(line.starts_with("tiny seed 3: "), "{line}");
    words
}

/// A time limit for a machine that has more to do than processors: everyone waits for a turn.
fn in_turn(limit: Duration) -> Duration {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0);
    let processors = std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64);
    limit.mul_f64((2.0 * load / processors).max(1.0))
}

/// Time to the end, and the exit code.
fn ended(mut child: Child, since: Instant) -> (Duration, Option<i32>) {
    let status = child.wait().expect("the process ends");
    (since.elapsed(), status.code())
}

#[test]
fn a_request_to_stop_is_answered_within_a_second() {
    let n = trials(8, 100);
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    for (name, text) in [("gridworld", None), ("slot machine", Some(SLOT_MACHINE))] {
        let place = folder();
        write(place.path());
        if let Some(text) = text {
            std::fs::write(place.path().join("tiny.toml"), text).expect("a writable folder");
        }
        let mut times: Vec<Duration> = (0..n)
            .map(|trial| {
                let mut child = start(place.path(), if text.is_none() { &[LONG] } else { &[] });
                let _words = said_something(&mut child);
                std::thread::sleep(Duration::from_millis(rng.random_range(0..400)));
                let asked = Instant::now();
                send(&child, [Signal::TERM, Signal::INT, Signal::HUP][trial % 3]);
                let (time, code) = ended(child, asked);
                assert_eq!(code, Some(3), "{name}");
                time
            })
            .collect();
        times.sort_unstable();
        let p99 = times[(n * 99).div_ceil(100) - 1];
        println!("{name}: {n} requests, median {:?}, p99 {p99:?}, longest {:?}", times[n / 2], times[n - 1]);
        assert!(p99 < in_turn(Duration::from_secs(1)), "{name}: {times:?}");
        assert!(!epochs(&RunFolder::open(&place.path().join("out/tiny/seed-3")).expect("a run")).is_empty());
    }
}

#[test]
fn pretraining_is_left_within_a_second_and_begun_again() {
    let place = folder();
    write(place.path());
    let mut child = start(place.path(), PRETRAINING);
    wait_for(&place.path().join("out/tiny/seed-3/config.toml"), &mut child);
    std::thread::sleep(Duration::from_millis(1_500));
    let asked = Instant::now();
    send(&child, Signal::TERM);
    let (time, code) = ended(child, asked);
    assert_eq!(code, Some(3));
    assert!(time < in_turn(Duration::from_secs(1)), "{time:?}");
    let run = RunFolder::open(&place.path().join("out/tiny/seed-3")).expect("a run");
    assert!(epochs(&run).is_empty() && !run.file("progress.csv").exists());
}

#[test]
fn a_second_request_is_answered_at_once() {
    let place = folder();
    write(place.path());
    let mut child = start(place.path(), PRETRAINING);
    wait_for(&place.path().join("out/tiny/seed-3/config.toml"), &mut child);
    std::thread::sleep(Duration::from_millis(1_500));
    send(&child, Signal::INT);
    std::thread::sleep(Duration::from_millis(150));
    let asked = Instant::now();
    send(&child, Signal::INT);
    let (time, code) = ended(child, asked);
    assert_eq!(code, Some(3));
    assert!(time < in_turn(Duration::from_millis(300)), "{time:?}");
}

#[test]
fn a_long_epoch_is_left_to_the_last_boundary_and_repeated() {
    let overrides = [
        "algorithm.sac={ learning_starts = 20, update_after = 20, batch_size = 64, hidden_sizes = [64] }",
        "training.steps_per_epoch=8000",
        "training.n_epochs=1",
    ];
    let (undisturbed, stopped) = (folder(), folder());
    let undisturbed = trained(&overrides, undisturbed.path());
    write(stopped.path());
    let mut child = start(stopped.path(), &overrides);
    wait_for(&stopped.path().join("out/tiny/seed-3/checkpoints/epoch-0.json"), &mut child);
    std::thread::sleep(Duration::from_millis(300));
    let asked = Instant::now();
    send(&child, Signal::TERM);
    let (time, code) = ended(child, asked);
    assert_eq!(code, Some(3), "an epoch of 8,000 updates takes longer than that");
    assert!(time < in_turn(Duration::from_secs(1)), "{time:?}");
    let run = RunFolder::open(&stopped.path().join("out/tiny/seed-3")).expect("a run");
    assert_eq!(epochs(&run), [0]);
    crate::tiny::finish(&run);
    assert!(bytes(&run) == bytes(&undisturbed));
}

#[test]
fn a_killed_parent_takes_its_runs_with_it_and_frees_the_folder() {
    let place = folder();
    write(place.path());
    let mut child = start(place.path(), &[LONG]);
    wait_for(&place.path().join("out/tiny/seed-3/progress.csv"), &mut child);
    child.kill().expect("the process is still there");
    child.wait().expect("the process ends");
    let run = RunFolder::open(&place.path().join("out/tiny/seed-3")).expect("a run");
    let started = Instant::now();
    drop(run.lock().expect("its run stops too"));
    assert!(started.elapsed() < in_turn(Duration::from_secs(2)));
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let place = folder();
    let config = write(place.path());
    let help = run(place.path(), &["--help"]).stdout;
    assert!(
        help.contains("Exit codes: 0 done, 1 a run failed, 2 bad input, 3 stopped by a signal"),
        "{help}"
    );
    let short = ["tiny.toml", "--set=training.n_epochs=1", "--out=done"];
    assert_eq!(run(place.path(), &short).code, Some(0));
    assert_eq!(run(place.path(), &["tiny.toml", "--set=training.n_epochs=-1"]).code, Some(2));
    let busy = prepared(&config, &["training.n_epochs=1"], &place.path().join("busy"));
    let _lock = busy.lock().expect("nobody else uses it");
    let failed = ran(command(place.path()).args(["tiny.toml", "--set=training.n_epochs=1", "--out=busy"]));
    assert_eq!(failed.code, Some(1), "{}", failed.stderr);
}
