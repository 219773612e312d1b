//! The way in for an environment of one's own: the example, as cargo builds it beside these tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::ran;

/// `examples/own_environment`, beside the folder of the test's own binary.
fn example() -> PathBuf {
    let own = std::env::current_exe().expect("a test has a path");
    let path =
        own.parent().and_then(Path::parent).expect("a build's folder").join("examples/own_environment");
    assert!(path.is_file(), "{}: cargo builds it with --all-targets or --examples", path.display());
    path
}

#[test]
fn the_library_trains_it_and_the_loaded_agent_acts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ran = ran(Command::new(example()).current_dir(folder.path()));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let after = |words: &str| {
        let line = ran.stdout.lines().find(|line| line.starts_with(words));
        line.and_then(|line| line[words.len()..].split_whitespace().next()).map(str::to_owned)
    };
    let number = |words: &str| -> f64 {
        let number = after(words).and_then(|text| text.trim_end_matches(',').parse().ok());
        number.unwrap_or_else(|| panic!("no {words:?} in {}", ran.stdout))
    };
    let (untrained, trained) = (number("epoch 1 of 40: return"), number("return of the trained agent:"));
    assert!(trained > 0.7 * untrained && trained > -12.0, "from {untrained} to {trained}");
    let power = |room: &str| -> f64 {
        let line = ran.stdout.lines().find(|line| line.starts_with(&format!("at {room} °C:")));
        let words = line.and_then(|line| line.split_whitespace().nth(5));
        words.and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("{}", ran.stdout))
    };
    assert!(power("10") > 1.0 && power("32") < -1.0, "{}", ran.stdout);
}

#[test]
fn the_command_line_knows_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/own_environment.toml");
    let run = |arguments: &[&str]| {
        ran(Command::new(example()).current_dir(folder.path()).arg(&config).args(arguments))
    };
    let small = ["--set", "training.n_epochs=2", "--set", "pretrain.samples=200", "--quiet"];
    let trained = run(&small);
    assert_eq!((trained.code, trained.stderr.as_str()), (Some(0), ""));
    assert!(folder.path().join("runs/thermostat/seed-0/evaluation.json").is_file());
    let refused = run(&["--set", "env.thermostat.leak=2"]);
    let expected = "--set env.thermostat.leak=2: env.thermostat.leak is 2, expected a number in [0, 1]\n";
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(2), expected));
}
