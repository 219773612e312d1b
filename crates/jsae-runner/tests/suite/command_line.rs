//! What the program prints when it is asked about itself.

use std::path::Path;
use std::process::Stdio;

use jsae_runner::Registry;
use jsae_runner::experiment::sections;

use crate::program::{Ran, command, run};
use crate::tiny;

fn said(arguments: &[&str]) -> String {
    let Ran { code, stdout, stderr } = run(Path::new("."), arguments);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    stdout
}

#[test]
fn help_names_commands_options_examples_and_exit_codes() {
    let help = said(&["--help"]);
    for wanted in
        ["eval", "check", "list", "optimum", "completions", "--set", "--jobs", "--force", "Examples:"]
    {
        assert!(help.contains(wanted), "{wanted} is missing:\n{help}");
    }
    assert!(
        help.contains("Exit codes: 0 done, 1 a run failed, 2 bad input, 3 stopped by a signal"),
        "{help}"
    );
    assert!(!help.contains("worker"), "what the program starts itself is nobody's command:\n{help}");
}

#[test]
fn nothing_asked_shows_the_help_and_is_bad_input() {
    let Ran { code, stderr, .. } = run(Path::new("."), &[]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("Usage: jsae-run"), "{stderr}");
}

#[test]
fn completions_know_the_options() {
    let script = said(&["completions", "bash"]);
    for wanted in ["complete", "jsae-run", "--episodes", "--set"] {
        assert!(script.contains(wanted), "{wanted} is missing:\n{script}");
    }
}

#[test]
fn list_prints_every_table_and_every_key() {
    let listing = said(&["list"]);
    for section in sections(&Registry::default()) {
        assert!(
            section.name.is_empty() || listing.contains(&format!("[{}]", section.name)),
            "{}",
            section.name
        );
        for key in section.keys {
            assert!(listing.contains(&format!("\n  {} = ", key.name)), "{}.{}", section.name, key.name);
        }
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let mut list = command(Path::new("."));
    let mut list = list.arg("list").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
    drop(list.stdout.take());
    let ended = list.wait_with_output().expect("it ends");
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn list_of_one_table_prints_that_table_alone() {
    let listing = said(&["list", "algorithm.vpg"]);
    assert!(listing.starts_with("[algorithm.vpg]"), "{listing}");
    assert_eq!(listing.matches("\n[").count(), 0, "{listing}");
}

#[test]
fn check_prints_the_file_with_every_default_written_out() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    tiny::write(folder.path());
    let Ran { code, stdout, stderr } =
        run(folder.path(), &["check", "tiny.toml", "--set", "algorithm.vpg.gamma=0.5", "--seed", "7"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let resolved: toml::Table = stdout.parse().expect("TOML");
    assert_eq!(resolved["seeds"], toml::Value::from(vec![7]));
    assert_eq!(resolved["algorithm"]["vpg"]["gamma"], toml::Value::from(0.5));
    assert_eq!(resolved["algorithm"]["vpg"]["gae_lambda"], toml::Value::from(0.97));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "check wrote something");
}

#[test]
fn a_variant_is_replaced_as_a_whole_and_never_by_the_way() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    tiny::write(folder.path());
    let check = |settings: &[&str]| {
        let arguments: Vec<&str> = ["check", "tiny.toml"].iter().chain(settings).copied().collect();
        run(folder.path(), &arguments)
    };
    let Ran { code, stdout, stderr } =
        check(&["--set", "algorithm.ppo={}", "--set", "algorithm.ppo.clip_range=0.1"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let resolved: toml::Table = stdout.parse().expect("TOML");
    assert_eq!(resolved["algorithm"]["ppo"]["clip_range"], toml::Value::from(0.1));
    assert_eq!(resolved["algorithm"].as_table().expect("a table").len(), 1);
    let Ran { code, stdout, stderr } = check(&["--set", "algorithm.ppo.clip_range=0.1"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("[algorithm.ppo]") && stderr.contains("[algorithm.vpg]"), "{stderr}");
}
