//! What `report` draws of real runs.

use std::fs;
use std::path::Path;

use crate::program::{Ran, run};
use crate::tiny::trained;

const SHORT: &str = "training.n_epochs=2";

fn drawn(out: &Path, arguments: &[&str]) -> Ran {
    let arguments: Vec<&str> = ["report", "."].iter().chain(arguments).copied().collect();
    let ran = run(out, &arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    ran
}

fn text(out: &Path, name: &str) -> String {
    fs::read_to_string(out.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn page_and_picture_show_the_embeddings_of_states_and_actions() {
    let out = tempfile::tempdir().expect("a temporary folder");
    trained(&[SHORT], out.path());
    trained(&[SHORT, "name=plain", "embedding.identity={}", "embedding_update.passes=0"], out.path());
    drawn(out.path(), &["--html", "page.html", "--embeddings", "embeddings.svg"]);
    let page = text(out.path(), "page.html");
    assert!(page.contains("tiny, seed 3: states by position") && !page.contains("plain, seed 3: "));
    assert_eq!(page.matches("\"state at (").count(), 1600 - 4 - walls(), "free bins");
    assert_eq!(page.matches("\"action ").count(), 32);
    assert!(page.contains("\"action 0: (+0.000, +0.000)\""));
    assert!(page.contains("component 2 ("), "three dimensions are projected");
    let svg = text(out.path(), "embeddings.svg");
    assert!(
        svg.contains(">actions by displacement: tiny, see…</text>") && svg.contains(">dimension 2</text>")
    );
}

/// Bins of the paper's layout whose middle lies in a wall.
fn walls() -> usize {
    20 + 15
}

#[test]
fn profiles_and_sensitivity_stand_alone_and_on_the_page() {
    let out = tempfile::tempdir().expect("a temporary folder");
    trained(&[SHORT], out.path());
    let refused = run(out.path(), &["report", ".", "--sensitivity", "sensitivity.svg"]);
    let said = "sensitivity.svg: no key differs between experiments\n";
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(2), said));
    trained(&[SHORT, "name=other", "algorithm.vpg.gamma=0.9"], out.path());
    drawn(
        out.path(),
        &[
            "--html=page.html",
            "--profiles=profiles.png",
            "--sensitivity=sensitivity.svg",
            "--curves=curves.PNG",
        ],
    );
    assert!(text(out.path(), "sensitivity.svg").contains(">algorithm.vpg.gamma</text>"));
    let page = text(out.path(), "page.html");
    assert!(page.contains(">algorithm.vpg.gamma</text>") && page.contains(">share of runs above it</text>"));
    for name in ["profiles.png", "curves.PNG"] {
        let bytes = fs::read(out.path().join(name)).expect("a picture");
        let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG file");
        assert!(reader.info().width > 400, "{name}");
    }
}

#[test]
fn runs_without_an_embedding_have_no_picture_of_one() {
    let out = tempfile::tempdir().expect("a temporary folder");
    trained(&[SHORT, "embedding.identity={}", "embedding_update.passes=0"], out.path());
    let refused = run(out.path(), &["report", ".", "--embeddings", "embeddings.svg"]);
    assert_eq!(refused.code, Some(2));
    assert_eq!(refused.stderr, "embeddings.svg: no run has an embedding\n");
    assert!(!out.path().join("embeddings.svg").exists());
    let all = ["report", ".", "--curves", "curves.svg", "--sensitivity", "keys.svg", "--html", "page.html"];
    let refused = run(out.path(), &all);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(!out.path().join("curves.svg").exists(), "all or nothing");
}

#[test]
fn ends_are_kept_among_those_of_other_experiments() {
    let out = tempfile::tempdir().expect("a temporary folder");
    trained(&[SHORT], out.path());
    drawn(out.path(), &["--finals", "finals.csv"]);
    let first = text(out.path(), "finals.csv");
    fs::write(out.path().join("finals.csv"), first.replace("tiny,", "other,")).expect("a writable folder");
    drawn(out.path(), &["--finals", "finals.csv"]);
    let (_, row) = first.split_once('\n').expect("a head and a row");
    let other = first.replace("tiny,", "other,");
    assert_eq!(text(out.path(), "finals.csv"), format!("{other}{row}"));

    // What is under way takes nothing away.
    let evaluation = out.path().join("tiny/seed-3/evaluation.json");
    fs::rename(&evaluation, out.path().join("aside")).expect("one file system");
    let ran = run(out.path(), &["report", ".", "--finals", "finals.csv"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(text(out.path(), "finals.csv"), format!("{other}{row}"));
    fs::rename(out.path().join("aside"), &evaluation).expect("one file system");

    fs::write(out.path().join("finals.csv"), b"experiment\xff\n").expect("a writable folder");
    let refused = run(out.path(), &["report", ".", "--finals", "finals.csv"]);
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(2), "finals.csv: byte 10 is not UTF-8\n"));

    fs::write(out.path().join("finals.csv"), "something else\n").expect("a writable folder");
    let refused = run(out.path(), &["report", ".", "--finals", "finals.csv", "--series", "series"]);
    assert_eq!((refused.code, refused.stdout.as_str(), refused.stderr.lines().count()), (Some(2), "", 1));
    assert!(
        refused.stderr.starts_with("finals.csv: line 1 is \"something else\", expected \"experiment,seed,")
    );
    assert!(!out.path().join("series").exists());
    assert_eq!(text(out.path(), "finals.csv"), "something else\n");
}

#[test]
fn the_figure_that_is_kept_is_drawn_of_the_series_that_are_kept() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let figure = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/results/figure3.toml");
    let drawn = run(out.path(), &["figure", figure, "figure3.svg"]);
    assert_eq!((drawn.code, drawn.stderr.as_str()), (Some(0), ""));
    let again = std::fs::read_to_string(out.path().join("figure3.svg")).expect("a picture");
    let kept = std::fs::read_to_string(figure.replace(".toml", ".svg")).expect("a picture");
    assert!(again == kept, "scripts/results draws it anew");
    let missing = run(out.path(), &["figure", "none.toml", "none.svg"]);
    assert_eq!((missing.code, missing.stderr.lines().count()), (Some(2), 1), "{}", missing.stderr);
}

#[test]
fn the_table_that_is_kept_is_made_of_what_is_kept() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/results/table.toml");
    let told = run(out.path(), &["table", table, "--compare", "--format", "markdown"]);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    let kept = std::fs::read_to_string(table.replace(".toml", ".md")).expect("a table");
    assert!(told.stdout == kept, "scripts/results makes it anew");
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let first = kept.split("\n\n").next().expect("a table");
    assert!(readme.contains(&format!("<!-- table.md -->\n\n{first}\n\n")), "scripts/results makes it anew");
    let missing = run(out.path(), &["table", "none.toml"]);
    assert_eq!((missing.code, missing.stderr.lines().count()), (Some(2), 1), "{}", missing.stderr);
}
