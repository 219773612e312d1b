//! The example of a grid as a shell loop.

use std::path::Path;
use std::process::Command;

use crate::program::{Ran, ran};
use crate::tiny;

fn grid(folder: &Path, arguments: &[&str]) -> Ran {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/grid-example");
    let mut command = Command::new(script);
    command.current_dir(folder).env("JSAE_RUN", env!("CARGO_BIN_EXE_jsae-run"));
    ran(command.env("LEARNING_RATES", "1e-3").env("STDS", "0.3 0.6").args(arguments))
}

#[test]
fn a_grid_runs_every_point_and_ranks_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    tiny::write(folder.path());
    let ran = grid(folder.path(), &["tiny.toml", "grid", "--quiet", "--set", "training.n_epochs=2"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let points: Vec<(&str, f64)> = ran.stdout.lines().map(point).collect();
    let mut names: Vec<&str> = points.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    assert_eq!(names, ["lr-1e-3-std-0.3", "lr-1e-3-std-0.6"]);
    assert!(points[0].1 >= points[1].1, "{}", ran.stdout);
}

#[test]
fn bad_input_ends_a_grid_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ran = grid(folder.path(), &["no_such_file.toml", "grid"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), "no_such_file.toml: no such file\n"));
    let ran = grid(folder.path(), &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("scripts/grid-example CONFIG OUT"), "{}", ran.stderr);
}

/// Name and final return of a line of the ranking.
fn point(line: &str) -> (&str, f64) {
    let mut columns = line.split('\t');
    let name = columns.next().expect("a name");
    let figure = columns.next().and_then(|column| column.split(' ').next()?.parse().ok());
    (name, figure.unwrap_or_else(|| panic!("{line}")))
}
