use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use jsae_report::{Metric, Options, Report, RunState, XAxis, read};

use crate::synthetic::{GRIDWORLD, JSAE, Synthetic, folder};

#[track_caller]
fn assert_warned(warnings: &[jsae_report::Warning], path: &Path, message: &str) {
    let found = warnings.iter().any(|warning| warning.path == path && warning.message.contains(message));
    assert!(found, "no warning of {} about {message:?} in {warnings:#?}", path.display());
}

#[test]
fn run_is_read_whole() {
    let out = folder();
    let path = Synthetic::rising("a", 3, 60, 0.9, 0.0).with(&[GRIDWORLD, JSAE]).write(out.path());
    let reading = read(&[&path]);
    assert_eq!(reading.warnings, []);
    let [run] = reading.runs.as_slice() else { panic!("one run") };
    assert_eq!((run.experiment.as_str(), run.seed, run.state), ("a", Some(3), RunState::Finished));
    assert_eq!((run.n_epochs, run.curve.len()), (Some(60), 60));
    assert_eq!(run.curve.steps[1], 3000.0);
    assert!((run.curve.seconds[59] - 60.0 * 0.025).abs() < 1e-9);
    assert_eq!(run.curve.points(XAxis::Steps, Metric::Evaluation).len(), 1);
    assert_eq!(run.config["env.gridworld.n_actuators"], "9");
    assert!(!run.config.contains_key("seeds"));
    assert_eq!(run.evaluation, run.curve.returns[59]);
    assert_eq!(run.versions["libtorch"], "2.11.0");
}

#[test]
fn run_experiment_and_all_experiments_can_be_named() {
    let out = folder();
    let mut runs = Vec::new();
    for name in ["a", "b"] {
        for seed in [0, 2, 10] {
            runs.push(Synthetic::new(name, seed, vec![1.0]).write(out.path()));
        }
    }
    let seeds =
        |reading: jsae_report::Reading| reading.runs.iter().map(|run| run.seed.unwrap()).collect::<Vec<_>>();
    assert_eq!(seeds(read(&[&runs[1]])), [2]);
    assert_eq!(seeds(read(&[out.path().join("a")])), [0, 2, 10]);
    assert_eq!(seeds(read(&[out.path()])), [0, 2, 10, 0, 2, 10]);
    assert_eq!(seeds(read(&[out.path(), &runs[1]])), [0, 2, 10, 0, 2, 10]);
}

#[test]
fn runs_moved_aside_are_passed_over() {
    let out = folder();
    let run = Synthetic::new("a", 0, vec![1.0]).write(out.path());
    fs::rename(&run, run.with_file_name("seed-0.old-1")).unwrap();
    Synthetic::new("a", 0, vec![2.0]).write(out.path());
    let reading = read(&[out.path()]);
    assert_eq!(reading.runs.len(), 1);
    assert_eq!(reading.runs[0].curve.returns, [Some(2.0)]);
    assert_eq!(reading.warnings, []);
}

#[test]
fn wrong_paths_are_told() {
    let out = folder();
    let file = out.path().join("file");
    fs::write(&file, "").unwrap();
    let (absent, empty) = (out.path().join("absent"), out.path().join("empty"));
    fs::create_dir(&empty).unwrap();
    let reading = read(&[&absent, &file, &empty]);
    assert!(reading.runs.is_empty());
    assert_warned(&reading.warnings, &absent, "does not exist");
    assert_warned(&reading.warnings, &file, "is not a folder");
    assert_warned(&reading.warnings, &empty, "holds no runs");
    let report = Report::new(reading, &Options::default());
    assert_eq!(report.table().rows.len(), 0);
}

#[test]
fn unfinished_run_is_left_out_unless_asked_for() {
    let out = folder();
    Synthetic::new("a", 0, vec![1.0; 20]).write(out.path());
    let path = Synthetic { n_epochs: 20, ..Synthetic::new("a", 1, vec![3.0; 8]) }.write(out.path());
    fs::remove_file(path.join("evaluation.json")).unwrap();
    let reading = read(&[out.path()]);
    assert_warned(&reading.warnings, &path, "unfinished: 8 of 20 epochs");
    let report = Report::new(reading.clone(), &Options::default());
    assert_eq!(report.experiments[0].summary.final_returns, [1.0]);
    assert_warned(&report.warnings, Path::new(""), "a: 1 of 2 runs left out of the figures");
    let report = Report::new(reading, &Options { unfinished: true, ..Options::default() });
    assert_eq!(report.experiments[0].summary.final_returns, [1.0, 3.0]);
}

#[test]
fn half_deleted_folders_are_told_and_left_out() {
    let out = folder();
    let write = |seed| Synthetic::new("a", seed, vec![1.0; 5]).write(out.path());
    let remove = |path: &Path, names: &[&str]| {
        for name in names {
            fs::remove_file(path.join(name)).unwrap();
        }
    };
    let [no_config, no_progress, fresh, bare] = [0, 1, 2, 3].map(write);
    remove(&no_config, &["config.toml"]);
    remove(&no_progress, &["progress.csv"]);
    remove(&fresh, &["progress.csv", "evaluation.json"]);
    remove(&bare, &["config.toml", "progress.csv", "timing.csv", "evaluation.json", "versions.json"]);
    let reading = read(&[out.path()]);
    assert!(reading.runs.is_empty());
    assert_warned(&reading.warnings, &no_config, "half-deleted: config.toml is missing");
    assert_warned(&reading.warnings, &no_progress, "half-deleted: progress.csv is missing");
    assert_warned(&reading.warnings, &fresh, "unfinished: no epoch yet");
    assert_warned(&reading.warnings, &bare, "half-deleted: config.toml is missing, progress.csv is missing");
    assert_eq!(reading.warnings.len(), 4);
}

#[test]
fn damaged_files_are_told() {
    let out = folder();
    let write = |seed| Synthetic { n_epochs: 6, ..Synthetic::new("a", seed, vec![1.0; 6]) }.write(out.path());
    let [cut, toml, json, cells, short, header] = [0, 1, 2, 3, 4, 5].map(write);
    let change = |path: &Path, change: &dyn Fn(String) -> String| {
        fs::write(path, change(fs::read_to_string(path).unwrap())).unwrap();
    };
    change(&cut.join("progress.csv"), &|text| text[..text.len() - 5].to_owned());
    change(&toml.join("config.toml"), &|text| format!("{text}\n[[["));
    change(&json.join("evaluation.json"), &|text| text[..9].to_owned());
    change(&cells.join("progress.csv"), &|text| text.replacen("\n1,1500,1,", "\n1,1500,NaN,", 1));
    change(&short.join("progress.csv"), &|text| text.replacen("\n3,4500,", "\n3,", 1));
    change(&header.join("progress.csv"), &|text| text.replacen("time/total_timesteps", "steps", 1));
    fs::write(out.path().join("a/seed-4/versions.json"), "[").unwrap();
    let reading = read(&[out.path()]);
    let warned = |path: &Path, message| assert_warned(&reading.warnings, path, message);
    warned(&cut.join("progress.csv"), "its last row is cut off");
    warned(&cut, "damaged: finished, but progress.csv has 5 of 6 epochs");
    warned(&toml.join("config.toml"), "is not valid TOML");
    warned(&json.join("evaluation.json"), "damaged: EOF");
    warned(&cells.join("progress.csv"), "1 cells are no finite numbers (first in row 1)");
    warned(&short.join("progress.csv"), "row 3 has 9 cells, expected 10");
    warned(&short.join("versions.json"), "damaged");
    warned(&header.join("progress.csv"), "has no column time/total_timesteps");
    let states: Vec<_> = reading.runs.iter().map(|run| run.state).collect();
    use RunState::{Damaged, Finished};
    assert_eq!(states, [Damaged, Damaged, Finished, Damaged, Damaged]);
    assert_eq!(reading.runs[2].curve.returns[0], None);
}

#[test]
fn run_before_its_first_epoch_is_merely_unfinished() {
    let out = folder();
    let path = Synthetic { n_epochs: 6, ..Synthetic::new("a", 0, Vec::new()) }.write(out.path());
    fs::remove_file(path.join("evaluation.json")).unwrap();
    fs::write(path.join("progress.csv"), "").unwrap();
    let messages: Vec<String> = read(&[&path]).warnings.into_iter().map(|warning| warning.message).collect();
    assert_eq!(messages, ["unfinished: 0 of 6 epochs"]);
}

#[test]
fn bytes_that_are_no_text_never_panic() {
    let out = folder();
    let path = Synthetic::new("a", 0, vec![1.0; 5]).write(out.path());
    for name in ["timing.csv", "versions.json", "evaluation.json", "progress.csv", "config.toml"] {
        fs::write(path.join(name), [0xff, 0, b',', b'\n', 0xfe]).unwrap();
        let report = Report::new(read(&[&path]), &Options::default());
        assert!(name == "timing.csv" || !report.warnings.is_empty(), "{name}");
    }
}

#[test]
fn mixed_code_versions_are_told() {
    let out = folder();
    let old = Synthetic { revision: "0ld", ..Synthetic::new("a", 0, vec![1.0]) }.write(out.path());
    Synthetic::new("a", 1, vec![1.0]).write(out.path());
    Synthetic::new("b", 0, vec![1.0]).write(out.path());
    let warnings = read(&[out.path()]).warnings;
    assert_warned(&warnings, Path::new(""), "results of 2 code versions are mixed");
    assert_warned(&warnings, Path::new(""), &format!("revision 0ld in 1 run (as {})", old.display()));
    assert_warned(&warnings, Path::new(""), "revision abc123 in 2 runs");
    assert_eq!(read(&[out.path().join("b")]).warnings, []);
}

/// What else the machine does takes its share.
fn load_per_processor() -> f64 {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0);
    load / std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64)
}

#[test]
fn thousand_folders_are_reported_within_five_seconds() {
    let out = folder();
    let write = |seed| Synthetic::rising("trial-0", seed, 700, 0.9, 0.1).write(out.path());
    for (seed, from) in (0..10).map(write).enumerate() {
        let config = fs::read_to_string(from.join("config.toml")).unwrap();
        for trial in 1..100 {
            let to = out.path().join(format!("trial-{trial}/seed-{seed}"));
            fs::create_dir_all(&to).unwrap();
            fs::write(to.join("config.toml"), config.replace("trial-0", &format!("trial-{trial}"))).unwrap();
            for name in ["versions.json", "progress.csv", "timing.csv", "evaluation.json"] {
                fs::hard_link(from.join(name), to.join(name)).unwrap();
            }
        }
    }
    let limit = Duration::from_secs(5).mul_f64(load_per_processor().max(1.0));
    let report = || {
        let started = Instant::now();
        let report = Report::new(read(&[out.path()]), &Options::default());
        assert_eq!((report.table().rows.len(), report.comparisons.len()), (100, 99));
        started.elapsed()
    };
    let times: Vec<Duration> = (0..3).map(|_| report()).take_while(|taken| *taken >= limit).collect();
    assert!(times.len() < 3, "a busy machine may be slow once, not three times: {times:?}");
}
