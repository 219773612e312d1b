//! The paper's lemmas from the command line.

use std::path::Path;

use crate::program::{Ran, run};

fn verify(arguments: &[&str]) -> Ran {
    run(Path::new("."), &[&["verify"], arguments].concat())
}

#[test]
fn everything_comes_out_as_theory_says() {
    let Ran { code, stdout, stderr } = verify(&[]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    for name in jsae_theory::names() {
        assert!(stdout.contains(&format!("{name}  ")), "{name} is missing:\n{stdout}");
    }
    assert!(stdout.contains("fails, as it must (at least 1e-3)"), "{stdout}");
    assert!(!stdout.contains("MUST") && !stdout.contains("FAILS"), "{stdout}");
}

#[test]
fn an_example_alone_exits_with_whether_its_statement_holds() {
    for (name, wanted) in [("lemma2", 0), ("claims", 0), ("aliased", 1), ("frozen_q", 1)] {
        let Ran { code, stdout, .. } = verify(&["--example", name]);
        assert_eq!(code, Some(wanted), "{stdout}");
        assert!(stdout.starts_with(&format!("{name}  ")), "{stdout}");
    }
}

#[test]
fn programs_read_the_same_figures() {
    let Ran { code, stdout, .. } = verify(&["--example", "lemma2", "--json"]);
    assert_eq!(code, Some(0));
    let examples: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let figure = &examples[0]["figures"][0];
    assert!(figure["value"].as_f64().expect("a number") <= 1e-8, "{figure}");
    assert_eq!(figure["must"], "hold");
}

#[test]
fn an_unknown_example_is_bad_input_and_told_those_there_are() {
    let Ran { code, stderr, .. } = verify(&["--example", "lemma3"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("lemma2") && stderr.contains("aliased"), "{stderr}");
}
