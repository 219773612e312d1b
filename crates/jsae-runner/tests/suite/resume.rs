//! Runs that are interrupted, as real processes, and end as if they had not been.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use jsae_runner::{RunFolder, RunState};
use rustix::process::{Pid, Signal, kill_process};

use crate::program::{command, run};
use crate::tiny::{attempt, bytes, checkpoint, epochs, newest_epoch, prepared, trained, write};

/// Long enough to be caught in the middle.
const LONG: &[&str] = &["training.n_epochs=60"];

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let (undisturbed, killed) = (folder(), folder());
    let undisturbed = trained(LONG, undisturbed.path());
    let run = prepared(&write(killed.path()), LONG, killed.path());
    for epoch in [5, 12] {
        kill_after(epoch, &run);
        assert_eq!(run.state(), RunState::Unfinished);
    }
    crate::tiny::finish(&run);
    assert!(bytes(&run) == bytes(&undisturbed));
    let evaluation = |run: &RunFolder| std::fs::read(run.file("evaluation.json")).expect("evaluation.json");
    assert_eq!(evaluation(&run), evaluation(&undisturbed));
}

#[test]
fn a_killed_replay_goes_on_to_the_same_bytes() {
    let sac = [
        "algorithm.sac={ learning_starts = 100, update_after = 100, batch_size = 16, hidden_sizes = [16], gradient_steps = 10 }",
        "training.n_epochs=30",
        "mapping.nearest={ k = 3 }",
        "embedding.jsae.renewal_interval=4",
    ];
    let (undisturbed, killed) = (folder(), folder());
    let undisturbed = trained(&sac, undisturbed.path());
    let run = prepared(&write(killed.path()), &sac, killed.path());
    kill_after(7, &run);
    assert_eq!(run.state(), RunState::Unfinished);
    crate::tiny::finish(&run);
    assert!(bytes(&run) == bytes(&undisturbed));
}

#[test]
fn a_terminated_command_stops_with_3_and_goes_on_to_the_same_bytes() {
    let (undisturbed, stopped) = (folder(), folder());
    let undisturbed = trained(LONG, undisturbed.path());
    write(stopped.path());
    let arguments = ["tiny.toml", "--set", LONG[0], "--out", "out"];
    let mut child = command(stopped.path())
        .args(arguments)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let place = stopped.path().join("out/tiny/seed-3");
    wait_for(&place.join("progress.csv"), &mut child);
    signal(&child, Signal::TERM);
    let output = child.wait_with_output().expect("the program ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.ends_with("stopped; the same command goes on from its checkpoint\n"), "{said}");
    let again = run(stopped.path(), &arguments);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stderr.contains("goes on after epoch"), "{}", again.stderr);
    assert!(bytes(&RunFolder::open(&place).expect("a run")) == bytes(&undisturbed));
}

#[test]
fn a_start_that_fails_cuts_nothing_off() {
    let (undisturbed, killed) = (folder(), folder());
    let undisturbed = trained(LONG, undisturbed.path());
    let run = prepared(&write(killed.path()), LONG, killed.path());
    kill_after(5, &run);
    // A row behind the newest checkpoint, as a kill between the two leaves it.
    for file in std::fs::read_dir(run.file("checkpoints")).expect("checkpoints") {
        let path = file.expect("an entry").path();
        let newest = path.file_stem().and_then(|name| name.to_str()?.strip_prefix("epoch-")?.parse().ok());
        if newest == Some(newest_epoch(&run)) && epochs(&run).len() > 1 {
            std::fs::remove_file(path).expect("a writable folder");
        }
    }
    let before = std::fs::read(run.file("progress.csv")).expect("progress.csv");
    let rows = before.iter().filter(|&&byte| byte == b'\n').count() - 1;
    assert!(rows > newest_epoch(&run), "{rows} rows");
    std::fs::rename(run.file("timing.csv"), run.file("kept")).expect("one file system");
    std::fs::create_dir(run.file("timing.csv")).expect("a writable folder");
    let words = format!("{:#}", attempt(&run).expect_err("a folder is no table"));
    assert!(words.contains("timing.csv cannot be written"), "{words}");
    assert!(std::fs::read(run.file("progress.csv")).expect("progress.csv") == before);
    std::fs::remove_dir(run.file("timing.csv")).expect("an empty folder");
    // Clocks that cannot be read are no reason to stop either.
    std::fs::write(run.file("timing.csv"), b"\xffsomething else\n1,2\n").expect("a writable folder");
    crate::tiny::finish(&run);
    assert!(bytes(&run) == bytes(&undisturbed));
}

#[test]
fn another_number_of_threads_goes_on_to_the_same_bytes() {
    let (undisturbed, killed) = (folder(), folder());
    let undisturbed = trained(LONG, undisturbed.path());
    let run = prepared(&write(killed.path()), LONG, killed.path());
    kill_after(5, &run);
    let threads = ["training.n_epochs=60", "training.n_threads=3"];
    let run = prepared(&write(killed.path()), &threads, killed.path());
    let config = std::fs::read_to_string(run.file("config.toml")).expect("config.toml");
    assert!(config.contains("n_threads = 3"), "{config}");
    crate::tiny::finish(&run);
    assert!(bytes(&run) == bytes(&undisturbed));
}

#[test]
fn records_shorter_than_the_checkpoint_says_are_refused() {
    let out = folder();
    let run = trained(&[], out.path());
    std::fs::remove_file(run.file("evaluation.json")).expect("a finished run");
    let progress = std::fs::read_to_string(run.file("progress.csv")).expect("progress.csv");
    let cut: Vec<&str> = progress.lines().take(2).collect();
    std::fs::write(run.file("progress.csv"), cut.join("\n") + "\n").expect("a writable folder");
    for epoch in epochs(&run).into_iter().filter(|&epoch| epoch < 8) {
        std::fs::remove_file(checkpoint(&run, epoch, "json")).expect("a writable folder");
    }
    let error = format!("{:#}", attempt(&run).expect_err("7 rows are missing"));
    assert!(error.contains("progress.csv is not what the checkpoint was taken of: it has "), "{error}");
}

#[test]
fn figures_without_a_checkpoint_are_not_overwritten() {
    let out = folder();
    let run = trained(&[], out.path());
    std::fs::remove_file(run.file("evaluation.json")).expect("a finished run");
    std::fs::remove_dir_all(run.file("checkpoints")).expect("a writable folder");
    let before = std::fs::read(run.file("progress.csv")).expect("progress.csv");
    let error = format!("{:#}", attempt(&run).expect_err("nothing to go on from"));
    assert!(error.ends_with("no checkpoint in checkpoints/: --force keeps it and starts over"), "{error}");
    assert_eq!(std::fs::read(run.file("progress.csv")).expect("progress.csv"), before);
}

#[test]
#[cfg(feature = "mujoco")]
fn a_killed_robot_goes_on_to_the_same_bytes() {
    let robot = [
        "env.half_cheetah={ time_limit = 30 }",
        "training.n_epochs=12",
        "training.checkpoint_freq=1",
        "algorithm.sac={ learning_starts = 100, update_after = 100, batch_size = 16, hidden_sizes = [16], gradient_steps = 5 }",
    ];
    let (undisturbed, killed) = (folder(), folder());
    let undisturbed = trained(&robot, undisturbed.path());
    let run = prepared(&write(killed.path()), &robot, killed.path());
    kill_after(4, &run);
    assert_eq!(run.state(), RunState::Unfinished);
    crate::tiny::finish(&run);
    assert!(bytes(&run) == bytes(&undisturbed));
}

/// Starts the run's own process and kills it once it has told of `epoch`.
fn kill_after(epoch: usize, run: &RunFolder) {
    let mut child = command(Path::new("."))
        .arg("worker")
        .arg(run.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let wanted = format!("{{\"epoch\":{{\"epoch\":{epoch},");
    let told = stdout.lines().map_while(Result::ok).any(|line| line.starts_with(&wanted));
    child.kill().expect("the process is still there");
    child.wait().expect("the process ends");
    assert!(told, "no epoch {epoch} in {}", run.path().display());
}

fn wait_for(path: &Path, child: &mut Child) {
    let started = Instant::now();
    while std::fs::metadata(path).map_or(0, |file| file.len()) == 0 {
        assert_eq!(child.try_wait().expect("a child"), None, "it ended before {}", path.display());
        assert!(started.elapsed() < Duration::from_secs(120), "no {}", path.display());
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process id")).expect("not zero");
    kill_process(pid, signal).expect("the process is still there");
}
