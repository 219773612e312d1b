//! The audit of a trained embedding.

use std::path::Path;

use jsae_runner::inspect::Audit;
use jsae_runner::{Agent, Registry, RunFolder};

use crate::program::{Ran, run};
use crate::tiny;

/// Nine actuators, learnt in some passes, with no policy to speak of.
const NINE: [&str; 8] = [
    "env.gridworld.n_actuators=9",
    "embedding.jsae.table_std=0.1",
    "embedding.jsae.state_dim=8",
    "pretrain.samples=30000",
    "pretrain.passes=15",
    "embedding.jsae.transition_hidden=[64]",
    "training.n_epochs=0",
    "name=\"nine\"",
];

fn audit(run: &Path) -> Audit {
    tch::set_num_threads(1);
    let folder = RunFolder::open(run).expect("a run");
    let experiment = folder.experiment(&Registry::default()).expect("its experiment");
    let agent = Agent::load(run, &Registry::default()).expect("an agent");
    Audit::of(agent, experiment, 0, None).unwrap_or_else(|error| panic!("{error:#}"))
}

#[track_caller]
fn value(audit: &Audit, key: &str) -> f64 {
    audit.figure(key).unwrap_or_else(|| panic!("{key} is missing:\n{audit}")).value
}

#[track_caller]
fn is_bad(audit: &Audit, key: &str) -> bool {
    let figure = audit.figure(key).unwrap_or_else(|| panic!("{key} is missing:\n{audit}"));
    !figure.verdict.as_ref().expect("a verdict").good
}

#[test]
fn actions_of_nine_actuators_fall_into_343_groups_and_none_is_harmful() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let audit = audit(tiny::trained(&NINE, out.path()).path());
    assert_eq!(value(&audit, "effects/distinct"), 343.0);
    assert_eq!(value(&audit, "g/near_duplicates/harmful"), 0.0, "{audit}");
    assert!(value(&audit, "g/rank_correlation") > 0.9, "{audit}");
    assert!(value(&audit, "transition/gain") > 0.2, "{audit}");
    assert!(value(&audit, "transition/oracle_loss") < value(&audit, "transition/loss"), "{audit}");
    assert_eq!(audit.problems().count(), 0, "{audit}");
}

#[test]
fn a_collapsed_embedding_is_told() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let collapsed = ["pretrain.samples=0", "training.n_epochs=0", "embedding.jsae.table_std=1e-9"];
    let folder = tiny::trained(&collapsed, out.path());
    let audit = audit(folder.path());
    assert!(value(&audit, "g/near_duplicates/harmful") > 300.0, "{audit}");
    for key in [
        "g/rms_distance",
        "g/near_duplicates/harmful",
        "g/rank_correlation",
        "phi/rms_distance",
        "transition/gain",
    ] {
        assert!(is_bad(&audit, key), "{key}\n{audit}");
    }
    let Ran { code, stdout, stderr } = run(folder.path(), &["inspect", "."]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains("collapsed: all actions lie within the policy's noise"), "{stdout}");
}

#[test]
fn page_json_and_pictures_say_the_same() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let folder = tiny::trained(&["training.n_epochs=1"], out.path());
    let (json, pictures) = (out.path().join("audit.json"), out.path().join("pictures"));
    let json_argument = format!("--json={}", json.display());
    let arguments =
        ["inspect", ".", "--seed", "5", &json_argument, "--pictures", &pictures.to_string_lossy()];
    let Ran { code, stdout, stderr } = run(folder.path(), &arguments);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let text = std::fs::read_to_string(json).expect("the JSON file");
    let audit: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let figures = audit["sections"].as_array().expect("sections").iter();
    let figures: Vec<_> =
        figures.flat_map(|section| section["figures"].as_array().expect("figures")).collect();
    assert!(figures.len() > 20, "{figures:?}");
    for figure in figures {
        let (key, meaning) =
            (figure["key"].as_str().expect("a key"), figure["meaning"].as_str().expect("words"));
        assert!(stdout.contains(key) && stdout.contains(meaning), "{key}\n{stdout}");
    }
    for name in ["actions.svg", "states.svg"] {
        let svg = std::fs::read_to_string(pictures.join(name)).expect("a picture");
        assert!(svg.contains("embeddings</text>") && !svg.contains("NaN"), "{name}");
    }
    let layout = std::fs::read_to_string(pictures.join("layout.svg")).expect("a picture");
    assert_eq!(layout.matches("fill=\"#808080\"").count(), 2, "the two walls of the L: {layout}");
    let again = run(folder.path(), &["inspect", ".", "--seed", "5", "--json"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&again.stdout).expect("JSON"), audit);
}

#[test]
fn baselines_are_inspected_as_far_as_they_have_something_learnt() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let short = ["training.n_epochs=0", "pretrain.passes=1", "embedding_update.passes=0"];
    let ra = tiny::trained(&[&short[..], &["embedding.ra={}", "name=\"ra\""]].concat(), out.path());
    let ra = audit(ra.path());
    assert!(ra.figure("transition/loss").is_some() && ra.figure("transition/oracle_loss").is_none(), "{ra}");
    assert!(ra.figure("phi/rms_distance").is_none(), "RA has no state embedding:\n{ra}");
    let plain =
        tiny::trained(&[&short[..], &["embedding.identity={}", "name=\"plain\""]].concat(), out.path());
    let plain = audit(plain.path());
    assert!(plain.sections.is_empty() && plain.to_string().contains("there is no embedding"), "{plain}");
}

#[test]
fn options_of_the_embedding_are_judged_by_what_they_predict() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let short = ["training.n_epochs=0", "pretrain.passes=20", "name=\"options\""];
    let options = [
        "embedding.jsae.decoder=\"softmax\"",
        "embedding.jsae.target=\"latent\"",
        "embedding.jsae.reward_weight=1e6",
    ];
    let audit = audit(tiny::trained(&[&short[..], &options].concat(), out.path()).path());
    assert_eq!(value(&audit, "effects/distinct"), 31.0, "a table that f does not search is looked at, too");
    assert!(audit.figure("transition/oracle_loss").is_none(), "nobody knows the best embedding:\n{audit}");
    assert!(
        value(&audit, "transition/loss") < 5.0,
        "the reward's loss, times a million, is not counted:\n{audit}"
    );
    assert!(value(&audit, "f/never_chosen") < 32.0, "f is asked, not the table:\n{audit}");
}

#[test]
fn a_policy_that_acts_beyond_what_f_has_learnt_is_told() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let boxed = [
        "env.gridworld.action=\"box2\"",
        "algorithm.vpg.initial_std=5.0",
        "pretrain.samples=6000",
        "pretrain.passes=20",
        "training.n_epochs=0",
    ];
    let beyond = audit(tiny::trained(&[&boxed[..], &["name=\"beyond\""]].concat(), out.path()).path());
    assert!(value(&beyond, "f/error") < 0.2 && value(&beyond, "g/std") < 1.0, "{beyond}");
    assert!(is_bad(&beyond, "policy/outside_box") && value(&beyond, "policy/at_bounds") > 0.3, "{beyond}");
    let scaled = ["embedding.jsae.action_embedding_scale=10.0", "name=\"within\""];
    let within = audit(tiny::trained(&[&boxed[..], &scaled].concat(), out.path()).path());
    assert!((value(&within, "g/std") - 10.0).abs() < 0.2, "{within}");
    assert!(!is_bad(&within, "policy/outside_box"), "{within}");
    assert!(value(&within, "policy/at_bounds") < value(&beyond, "policy/at_bounds"), "{within}");
}

#[test]
fn what_is_no_run_is_bad_input() {
    let Ran { code, stderr, .. } = run(Path::new("."), &["inspect", "nowhere"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("nowhere: is not the folder of a run"), "{stderr}");
}
