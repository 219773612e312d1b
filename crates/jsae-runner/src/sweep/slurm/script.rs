use std::path::Path;

use anyhow::Result;

use super::Options;
use crate::experiment::{Device, Experiment};
use crate::sweep::plan::Plan;
use crate::sweep::tasks::quoted;
use crate::sweep::trial::Stage;

/// An array job and the one that aggregates after it.
pub(super) struct Job<'a> {
    pub(super) plan: &'a Plan,
    pub(super) options: &'a Options,
    pub(super) base: &'a Experiment,
    pub(super) folder: &'a Path,
    pub(super) stage: Stage,
    pub(super) chunk: usize,
    pub(super) tasks: &'a [usize],
}

/// What every task does: hand signals on, and requeue itself where time ran out.
///
/// `scancel` sends TERM and means it, so only USR1 requeues; what pre-empts a task requeues it itself.
const TASK: &str = r#"
export OMP_NUM_THREADS="${SLURM_CPUS_PER_TASK:-1}"
COMMAND &
worker=$!
requeue=no
trap 'requeue=yes; kill -TERM "$worker" 2>/dev/null' USR1
trap 'kill -TERM "$worker" 2>/dev/null' TERM
wait "$worker"
code=$?
# A signal ends wait before the worker has ended.
while kill -0 "$worker" 2>/dev/null; do
    wait "$worker"
    code=$?
done
if [ "$requeue" = yes ] && [ "$code" = 3 ]; then
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}" && sleep 60
fi
exit "$code"
"#;

impl Job<'_> {
    /// `search` or `final`.
    pub(super) fn name(&self) -> &'static str {
        match self.stage {
            Stage::Search => "search",
            Stage::Final => "final",
        }
    }

    /// The script of the array.
    ///
    /// # Errors
    /// A program that cannot be found.
    pub(super) fn array(&self) -> Result<String> {
        let mut command = self.command()?;
        command.push_str(" --task \"$SLURM_ARRAY_TASK_ID\"");
        match self.stage {
            Stage::Search => command.push_str(&format!(" --chunk {}", self.chunk)),
            Stage::Final => command.push_str(" --finals"),
        }
        if self.options.retry {
            command.push_str(" --retry");
        }
        let limit = self.options.array_limit.map(|limit| format!("%{limit}")).unwrap_or_default();
        let mut options = vec![
            format!("--array={}{limit}", ranges(self.tasks)),
            format!("--comment={}", quoted(self.folder)),
            "--requeue".to_owned(),
            format!("--signal=B:USR1@{}", self.options.signal),
            self.output("%A_%a.log"),
            format!("--cpus-per-task={}", self.base.training.n_threads),
        ];
        options.extend(self.options.time.iter().map(|time| format!("--time={time}")));
        options.extend(self.options.mem.iter().map(|mem| format!("--mem={mem}")));
        if self.base.device == Device::Cuda {
            options.push("--gres=gpu:1".to_owned());
        }
        Ok(self.header(&options) + &TASK.replace("COMMAND", &command))
    }

    /// The script that aggregates; after the search it submits the best trial's fresh seeds.
    ///
    /// # Errors
    /// A program that cannot be found.
    pub(super) fn aggregate(&self) -> Result<String> {
        let program = quoted(&std::env::current_exe()?);
        let folder = quoted(self.folder);
        let options = [self.output("%j-aggregate.log")];
        let mut script = self.header(&options);
        script.push_str(&format!("\n{program} sweep status {folder}\ncode=$?\n"));
        if self.stage == Stage::Search && !self.plan.sweep.final_seeds.is_empty() {
            let finals = format!("{}{} --slurm --finals", self.command()?, self.passed_on());
            script.push_str(&format!("if {finals}; then\n    code=0\nfi\n"));
        }
        script.push_str("exit \"$code\"\n");
        Ok(script)
    }

    fn command(&self) -> Result<String> {
        Ok(format!("{} sweep {}", quoted(&std::env::current_exe()?), quoted(self.folder)))
    }

    /// The options of this job for the one that it submits.
    fn passed_on(&self) -> String {
        let Options { partition, time, mem, array_limit, signal, .. } = self.options;
        let texts = [("partition", partition), ("time", time), ("mem", mem)];
        let texts = texts
            .into_iter()
            .filter_map(|(name, value)| Some(format!(" --{name} {}", quoted(Path::new(value.as_ref()?)))));
        let limit = array_limit.map(|limit| format!(" --array-limit {limit}"));
        texts.chain(limit).chain([format!(" --signal {signal}")]).collect()
    }

    fn output(&self, name: &str) -> String {
        let folder = self.folder.join("slurm").display().to_string();
        // A `%` of the path would be a pattern.
        format!("--output={}", quoted(Path::new(&format!("{}/{name}", folder.replace('%', "%%")))))
    }

    fn header(&self, options: &[String]) -> String {
        let name = format!("--job-name={}-{}", self.plan.sweep.name, self.name());
        let partition = self.options.partition.iter().map(|partition| format!("--partition={partition}"));
        let all = [name, "--open-mode=append".to_owned()]
            .into_iter()
            .chain(partition)
            .chain(options.iter().cloned());
        let lines: String = all.map(|option| format!("#SBATCH {option}\n")).collect();
        format!("#!/bin/bash\n{lines}")
    }
}

/// `0-3,7,9-10`.
fn ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let text = |(first, last): (usize, usize)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    ranges.into_iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn neighbouring_tasks_are_one_range() {
        assert_eq!(ranges(&[0, 1, 2, 3, 7, 9, 10]), "0-3,7,9-10");
        assert_eq!(ranges(&[5]), "5");
    }
}
