use std::path::Path;

use anyhow::Result;

use super::plan::Plan;
use super::results::{Results, SeedResult, TrialResult};
use crate::experiment::{Place, Problems};

/// What engines call the number of a task, the first that is set counts.
const NUMBERS: [&str; 4] = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "PBS_ARRAY_INDEX", "SGE_TASK_ID"];

/// The number of this task where an engine of array jobs has started it.
///
/// # Errors
/// Something that is no number; Grid Engine says `undefined` outside of arrays, which counts as unset.
pub(crate) fn number_from_environment() -> Result<Option<usize>> {
    for name in NUMBERS {
        match std::env::var(name) {
            Ok(text) if text != "undefined" => {
                let refuse =
                    |_| Problems::one(Place::Variable(name), format!("is {text}, expected a whole number"));
                return Ok(Some(text.parse().map_err(refuse)?));
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Tasks of `chunk` trials in which something is left to be done.
pub(crate) fn open_tasks(results: &Results, chunk: usize, retry: bool) -> Vec<usize> {
    let is_open = |seed: &SeedResult| seed.is_open() || retry && seed.is_failed();
    let is_left = |chunk: &[TrialResult]| chunk.iter().any(|trial| trial.seeds.iter().any(is_open));
    let chunks = results.trials.chunks(chunk).enumerate();
    chunks.filter(|(_, trials)| is_left(trials)).map(|(number, _)| number).collect()
}

/// One command for every task that is left, to be run in any order on any machine that sees the folder.
///
/// # Errors
/// A program or a folder that cannot be found.
pub(crate) fn commands(plan: &Plan, results: &Results, chunk: usize, retry: bool) -> Result<Vec<String>> {
    let program = std::env::current_exe()?;
    let folder = std::path::absolute(plan.place.path())?;
    let (program, folder) = (quoted(&program), quoted(&folder));
    let size = if chunk > 1 { format!(" --chunk {chunk}") } else { String::new() };
    let again = if retry { " --retry" } else { "" };
    let tasks = open_tasks(results, chunk, retry).into_iter();
    Ok(tasks.map(|task| format!("{program} sweep {folder} --task {task}{size}{again} --quiet")).collect())
}

/// A path as a shell reads it.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::quoted;

    #[test]
    fn paths_survive_a_shell() {
        assert_eq!(quoted(Path::new("/a/b-1.toml")), "/a/b-1.toml");
        assert_eq!(quoted(Path::new("/a b/it's")), "'/a b/it'\\''s'");
    }
}
