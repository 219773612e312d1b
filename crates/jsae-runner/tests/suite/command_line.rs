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

#[test]
fn a_command_goes_on_where_nobody_reads_its_errors() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    crate::tiny::write(folder.path());
    let full = || std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let trains = command(folder.path())
        .args(["tiny.toml", "--out", "out", "--seed", "1", "--seed", "2"])
        .stderr(full())
        .status()
        .expect("the program can be started");
    assert_eq!(trains.code(), Some(0));
    for seed in ["1", "2"] {
        assert!(folder.path().join(format!("out/tiny/seed-{seed}/evaluation.json")).is_file(), "seed {seed}");
    }
    let refused = command(folder.path()).args(["check", "none.toml"]).stderr(full()).status();
    assert_eq!(refused.expect("the program can be started").code(), Some(2));
}

#[test]
fn a_log_is_not_replaced_by_its_model() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = "event_time,event_type,product_id,price,user_id\n2019-10-01,purchase,1,2.0,7\n";
    for name in ["a.csv", "b.csv"] {
        std::fs::write(folder.path().join(name), log).expect("a writable folder");
    }
    let refused = |arguments: &[&str], words: &str| {
        let ran = run(folder.path(), &[&["data", "recommender"], arguments].concat());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), words), "{arguments:?}");
    };
    let own = "./a.csv: is a log to be read, expected another file for the model\n";
    refused(&["a.csv", "b.csv", "--out", "./a.csv"], own);
    refused(&["a.csv", "--out", "none/a.model"], "none/a.model: its folder does not exist\n");
    refused(
        &["a.csv", "--out", "a.model", "--delimiter", "€"],
        "--delimiter: is '€', expected an ASCII character, no quote and no line end\n",
    );
    assert_eq!(std::fs::read_to_string(folder.path().join("a.csv")).expect("the log"), log);
    std::fs::write(folder.path().join("b.csv"), format!("{log}2019-10-02,purchase,1,abc,7\n"))
        .expect("a writable folder");
    let words = "b.csv:3: price is \"abc\", expected a finite number (malformed rows allowed: 0)\n";
    refused(&["a.csv", "b.csv", "--out", "a.model"], words);
}
