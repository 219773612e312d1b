use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;

use serde::{Deserialize, Serialize};

/// Why a run failed, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The configuration was refused.
    BadInput,
    /// A loss, a gradient or a parameter that is infinite or NaN.
    NotFinite,
    /// The system or a library had no memory left.
    OutOfMemory,
    /// A signal ended the process.
    Crash,
    /// Anything that the program says itself.
    Error,
}

impl Kind {
    /// As `status.json` and `trials.csv` write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::BadInput => "bad_input",
            Self::NotFinite => "not_finite",
            Self::OutOfMemory => "out_of_memory",
            Self::Crash => "crash",
            Self::Error => "error",
        }
    }
}

/// The reason of a process that ended with `status`; `killed_for_memory` where the system did so meanwhile.
pub(super) fn reason(status: ExitStatus, log: &Path, killed_for_memory: bool) -> (Kind, String) {
    let words = last_words(log);
    let said = |text: &str| words.to_lowercase().contains(text);
    let suffix = if words.is_empty() { String::new() } else { format!("; its last words: {words}") };
    match status.signal() {
        Some(9) if killed_for_memory => {
            (Kind::OutOfMemory, "out of memory: the system killed it (signal 9)".to_owned())
        }
        Some(9) => {
            (Kind::Crash, "killed by signal 9: by hand, or for memory by whoever limits it".to_owned())
        }
        Some(signal) if said("memory") => {
            (Kind::OutOfMemory, format!("out of memory (signal {signal}){suffix}"))
        }
        Some(signal) => (Kind::Crash, format!("crashed with signal {signal}{suffix}")),
        None if said("out of memory") || said("can't allocate memory") || said("memory allocation") => {
            (Kind::OutOfMemory, words)
        }
        None if status.code() == Some(2) => (Kind::BadInput, words),
        None if words.contains("NaN") || said("finite") || said(" is inf") => (Kind::NotFinite, words),
        None if words.is_empty() => (Kind::Error, format!("the process ended with {status}")),
        None => (Kind::Error, words),
    }
}

/// How many processes the system has killed for memory since it started; 0 where it does not say.
pub(super) fn memory_kills() -> u64 {
    let count =
        |text: String| text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok());
    std::fs::read_to_string("/proc/vmstat").ok().and_then(count).unwrap_or(0)
}

/// The last line of a log.
fn last_words(log: &Path) -> String {
    let log = std::fs::read(log).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let last = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(wait_status: i32, log: &str, killed_for_memory: bool) -> (Kind, String) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("log.txt");
        std::fs::write(&path, log).expect("a writable folder");
        reason(ExitStatus::from_raw(wait_status), &path, killed_for_memory)
    }

    #[test]
    fn a_kill_for_memory_is_told_from_a_kill_by_hand() {
        assert_eq!(of(9, "", true).0, Kind::OutOfMemory);
        assert_eq!(of(9, "", false).0, Kind::Crash);
    }

    #[test]
    fn an_allocation_that_fails_is_out_of_memory() {
        assert_eq!(of(6, "memory allocation of 800 bytes failed\n", false).0, Kind::OutOfMemory);
        assert_eq!(
            of(1 << 8, "error: DefaultCPUAllocator: can't allocate memory\n", false).0,
            Kind::OutOfMemory
        );
    }

    #[test]
    fn a_loss_that_is_nan_is_not_finite() {
        let (kind, words) = of(1 << 8, "warning: x\nerror: the actor's loss is NaN\n\n", false);
        assert_eq!((kind, words.as_str()), (Kind::NotFinite, "the actor's loss is NaN"));
    }

    #[test]
    fn a_silent_crash_names_its_signal() {
        assert_eq!(of(11, "", false), (Kind::Crash, "crashed with signal 11".to_owned()));
        assert_eq!(of(1 << 8, "", false).1, "the process ended with exit status: 1");
    }
}
