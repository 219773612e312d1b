//! A sweep through a real Slurm of this one machine; passed over, with the reason, where there is none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::program::{Ran, ran};
use crate::sweep::{is_long, n_trials, results, trial, undisturbed, write};

/// A Slurm that is stopped in the end.
struct Slurm(PathBuf);

impl Slurm {
    /// None where it cannot be had, with the reason on standard error.
    fn start(folder: &Path) -> Option<Self> {
        let Ran { code, stderr, .. } = ran(script().arg("start").arg(folder).env("SLURM_LOCAL_CPUS", "3"));
        match code {
            Some(0) => Some(Self(folder.to_owned())),
            Some(3) => {
                eprintln!("passed over: {stderr}");
                None
            }
            _ => panic!("{stderr}"),
        }
    }

    fn run(&self, folder: &Path, line: &str) -> Ran {
        let mut command = Command::new("bash");
        command.current_dir(folder).env("SLURM_CONF", self.0.join("slurm.conf"));
        ran(command.args(["-c", line]).env("J", env!("CARGO_BIN_EXE_jsae-run")))
    }

    /// Asks until `line` prints something that satisfies.
    fn wait(&self, folder: &Path, line: &str, satisfies: impl Fn(&str) -> bool) {
        let (began, patience) = (Instant::now(), Duration::from_secs(if is_long() { 600 } else { 120 }));
        loop {
            let Ran { stdout, stderr, .. } = self.run(folder, line);
            if satisfies(&stdout) {
                return;
            }
            assert!(began.elapsed() < patience, "{line}: {stdout}{stderr}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        // Jobs of a test that has failed go with it.
        self.run(&self.0, "scancel --me");
        ran(script().arg("stop").arg(&self.0));
    }
}

fn script() -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/slurm-local"))
}

/// Keeps a trial from ending: its task waits for whoever works at it.
fn hold(folder: &Path, number: usize) -> fs::File {
    let run = trial(folder, number).join("seed-0");
    fs::create_dir_all(&run).expect("a writable folder");
    let claim = fs::File::create(run.join("claim")).expect("a writable folder");
    claim.try_lock().expect("nobody else works at it yet");
    claim
}

fn job(submitted: &Ran) -> String {
    let number = submitted.stdout.strip_prefix("submitted job ").and_then(|rest| rest.split(':').next());
    number.unwrap_or_else(|| panic!("{}{}", submitted.stdout, submitted.stderr)).to_owned()
}

#[test]
fn an_array_survives_failure_requeueing_and_cancelling() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let Some(slurm) = Slurm::start(&place.path().join("slurm")) else { return };
    let folder = place.path();
    write(folder);
    slurm.run(folder, "$J sweep grid.toml --emit-tasks && $J sweep status grid.toml");
    let (requeued, cancelled) = (hold(folder, 2), hold(folder, 4));

    let submitted = slurm.run(folder, "$J sweep grid.toml --slurm");
    let array = job(&submitted);
    assert!(submitted.stdout.contains(&format!("{} tasks of at most 1 trials", n_trials() + 1)));
    let again = slurm.run(folder, "$J sweep grid.toml --slurm");
    assert_eq!(again.code, Some(1), "{}", again.stdout);
    assert!(
        again.stderr.contains(&format!("job {array} of this sweep is still in the queue")),
        "{}",
        again.stderr
    );

    // One task is told that its time is over, and goes on after having been requeued.
    let waiting = format!("cat sweeps/grid/slurm/{array}_2.log");
    slurm.wait(folder, &waiting, |log| log.contains("another process works at it"));
    // scancel delivers it at once, believes that it has not, and tries for a minute.
    slurm.run(folder, &format!("timeout 1 scancel --batch --signal=USR1 {array}_2"));
    let show = format!("scontrol show job {array}_2");
    slurm.wait(folder, &show, |job| job.contains("Restarts=1") && job.contains("JobState=PENDING"));
    drop(requeued);
    // It would wait for two minutes; asked too often, for longer.
    let hurry = format!("scontrol update JobId={array}_2 StartTime=now; sleep 4; {show}");
    slurm.wait(folder, &hurry, |job| !job.contains("JobState=PENDING"));

    // All but one are done or have failed; the array is cancelled, and the aggregation tells of the gap.
    let open = |n: usize| format!("{} finished, 1 failed, {n} open", n_trials() - n);
    slurm.wait(folder, "$J sweep status sweeps/grid", |status| status.contains(&open(1)));
    slurm.run(folder, &format!("scancel {array}"));
    slurm.wait(folder, "squeue --noheader", str::is_empty);
    slurm.wait(folder, "cat sweeps/grid/slurm/*-aggregate.log", |log| {
        log.contains(&open(1)) && log.contains("the search has gaps: 1 runs are open")
    });
    drop(cancelled);

    // The rest alone is submitted; then the best trial's fresh seed; then all is there, once.
    let rest = slurm.run(folder, "$J sweep sweeps/grid --slurm");
    assert!(rest.stdout.contains(": 1 task of at most 1 trials"), "{}{}", rest.stdout, rest.stderr);
    slurm.wait(folder, "squeue --noheader", str::is_empty);
    let status = slurm.run(folder, "$J sweep status sweeps/grid");
    assert!(status.stdout.contains("the best trial with 1 fresh seed: "), "{}", status.stdout);
    assert_eq!(status.code, Some(1), "one trial has failed: {}", status.stdout);
    assert_eq!(&results(folder), undisturbed());
    let nothing = slurm.run(folder, "$J sweep sweeps/grid --slurm");
    assert_eq!(nothing.stdout, "nothing is left to be submitted\n");
}
