//! Runs that are killed at random instants end with the bytes of one that was not.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use jsae_runner::{RunFolder, RunState};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::program::{command, ran};
use crate::soak::trials;
use crate::tiny::{Bytes, bytes, epochs, prepared, trained, write};

/// All of them learn the embedding on, so that everything that draws numbers takes part; `[epochs]` last.
const VPG: &[&str] = &["training.n_epochs=400", "env.gridworld.observation=continuous"];
const PPO: &[&str] =
    &["algorithm.ppo={ batch_size = 32, hidden_sizes = [16] }", "training.n_epochs=200", "embedding.ra={}"];
const SAC: &[&str] = &[
    "algorithm.sac={ learning_starts = 100, update_after = 100, batch_size = 16, hidden_sizes = [16], \
     gradient_steps = 5, buffer_size = 1000 }",
    "training.n_epochs=150",
    "env.gridworld.observation=continuous",
];

/// When a process is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Instants {
    /// At any time after it was heard of.
    Random,
    /// While a checkpoint is on its way to the disk.
    Writing,
    /// Before it has gone on from its checkpoint.
    Resuming,
}

/// What happened to the processes of one algorithm.
#[derive(Debug, Default)]
struct Toll {
    kills: usize,
    /// Of these, with a file that was not whole left behind.
    while_writing: usize,
    runs: usize,
}

#[test]
fn killed_vpg_ends_with_the_same_bytes() {
    survive(VPG, 1, (10, 200), &[Instants::Random, Instants::Random, Instants::Random, Instants::Writing]);
}

#[test]
fn killed_ppo_ends_with_the_same_bytes() {
    survive(PPO, 2, (6, 200), &[Instants::Random, Instants::Random, Instants::Random, Instants::Writing]);
}

#[test]
fn killed_sac_with_continuous_updating_ends_with_the_same_bytes() {
    survive(SAC, 3, (10, 200), &[Instants::Random, Instants::Random, Instants::Random, Instants::Writing]);
}

#[test]
fn killed_again_while_it_resumes_it_ends_with_the_same_bytes() {
    survive(SAC, 4, (6, 100), &[Instants::Random, Instants::Resuming]);
}

/// Kills processes until there were enough, each run several times, and compares every run at its end.
fn survive(overrides: &[&str], seed: u64, (short, long): (usize, usize), when: &[Instants]) {
    let (kills, per_run) = (trials(short, long), 10);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let place = tempfile::tempdir().expect("a temporary folder");
    let undisturbed = bytes(&trained(overrides, place.path()));
    let mut toll = Toll::default();
    while toll.kills < kills {
        let place = tempfile::tempdir().expect("a temporary folder");
        let run = prepared(&write(place.path()), overrides, place.path());
        let until = (toll.kills + per_run).min(kills);
        while toll.kills < until && run.state() == RunState::Unfinished {
            kill(&run, when[toll.kills % when.len()], &mut rng, &mut toll);
        }
        toll.runs += 1;
        finish(&run);
        compare(&undisturbed, &bytes(&run), &toll);
    }
    println!("{seed}: {toll:?}, all of them to the same bytes");
}

/// Starts the run's own process and kills it; not counted where it ended before.
fn kill(run: &RunFolder, when: Instants, rng: &mut ChaCha8Rng, toll: &mut Toll) {
    let mut child = command(Path::new("."))
        .arg("worker")
        .arg(run.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    match when {
        Instants::Resuming => std::thread::sleep(Duration::from_millis(rng.random_range(0..300))),
        Instants::Random => {
            first_word(stdout);
            std::thread::sleep(Duration::from_micros(rng.random_range(0..250_000)));
        }
        Instants::Writing => {
            first_word(stdout);
            wait_for_writing(run, &mut child);
            std::thread::sleep(Duration::from_micros(rng.random_range(0..1_000)));
        }
    }
    // It may have ended by itself.
    let _ = child.kill();
    let status = child.wait().expect("the process ends");
    if status.code().is_none() {
        toll.kills += 1;
        toll.while_writing += usize::from(is_writing(run));
    }
}

/// Until the process has said something; what it says later is read, so that it can go on.
fn first_word(mut stdout: BufReader<ChildStdout>) {
    let mut line = String::new();
    stdout.read_line(&mut line).expect("lines in UTF-8");
    std::thread::spawn(move || stdout.lines().map_while(Result::ok).for_each(drop));
}

fn wait_for_writing(run: &RunFolder, child: &mut Child) {
    let started = Instant::now();
    while !is_writing(run) && started.elapsed() < Duration::from_secs(5) {
        if child.try_wait().expect("a child").is_some() {
            return;
        }
        std::hint::spin_loop();
    }
}

/// Is there a file that is not whole yet?
fn is_writing(run: &RunFolder) -> bool {
    let Ok(entries) = std::fs::read_dir(run.file("checkpoints")) else { return false };
    entries.filter_map(Result::ok).any(|entry| entry.file_name().to_string_lossy().ends_with(".part"))
}

/// The same command, until nothing is left to do.
fn finish(run: &RunFolder) {
    let ended = ran(command(Path::new(".")).arg("worker").arg(run.path()));
    assert_eq!(ended.code, Some(0), "{}: {}", run.path().display(), ended.stderr);
    assert_eq!(run.state(), RunState::Finished);
    assert!(epochs(run).len() <= 2);
}

fn compare(undisturbed: &Bytes, killed: &Bytes, toll: &Toll) {
    assert!(killed.figures == undisturbed.figures, "progress.csv differs: {toll:?}");
    assert!(killed.tensors == undisturbed.tensors, "what was learnt differs: {toll:?}");
    assert!(killed.replay == undisturbed.replay, "what is remembered differs: {toll:?}");
    assert_eq!(killed.progress, undisturbed.progress, "{toll:?}");
}
