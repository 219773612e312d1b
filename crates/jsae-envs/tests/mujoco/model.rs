//! The models, written from parameter tables, compile to what gymnasium's compile to.

use std::collections::BTreeMap;

use jsae_envs::mujoco::{ant, compile, half_cheetah};
use serde_json::Value;

use crate::golden;

mod fields;

/// Names of the fields in which `mjcf` differs from `robot`'s reference.
fn differences(robot: &str, mjcf: &str) -> Vec<String> {
    let found = fields::fields(&compile(mjcf).expect("the model compiles"));
    let expected: BTreeMap<String, Value> = golden::read(&format!("{robot}_model"));
    let mut names = Vec::new();
    for (name, tolerance) in compared(&expected) {
        let found = found.get(&name.to_lowercase()).unwrap_or_else(|| panic!("{name} is not read"));
        if !equal(found, &numbers(value_of(&expected, &name)), tolerance) {
            names.push(name);
        }
    }
    names
}

/// Every field that counts, with its relative tolerance.
fn compared(model: &BTreeMap<String, Value>) -> Vec<(String, f64)> {
    let lists: BTreeMap<String, Value> = golden::read("compare_fields");
    let list = |key: &str, tolerance: f64| {
        let names = lists[key].as_array().expect("a list of names").iter();
        names.map(move |name| (name.as_str().expect("a name").to_owned(), tolerance)).collect::<Vec<_>>()
    };
    let options = model["opt"].as_object().expect("options").keys().map(|name| (format!("opt.{name}"), 0.0));
    let mut all =
        [list("exact", 0.0), list("declared_bit_exact", 0.0), list("derived_rtol_1e_12", 1e-12)].concat();
    all.extend(options);
    all.push(("stat.meaninertia".to_owned(), 1e-12));
    all
}

fn value_of<'a>(model: &'a BTreeMap<String, Value>, name: &str) -> &'a Value {
    match name.split_once('.') {
        Some((group, name)) => &model[group][name],
        None => model[name].get("data").unwrap_or(&model[name]),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        Value::Bool(flag) => vec![f64::from(*flag)],
        number => vec![number.as_f64().expect("a number")],
    }
}

fn equal(found: &[f64], expected: &[f64], tolerance: f64) -> bool {
    found.len() == expected.len()
        && found.iter().zip(expected).all(|(&a, &b)| a == b || (a - b).abs() <= tolerance * b.abs())
}

#[test]
fn ant_compiles_to_the_reference() {
    assert_eq!(differences("ant", ant::MJCF), [""; 0]);
}

#[test]
fn half_cheetah_compiles_to_the_reference() {
    assert_eq!(differences("half_cheetah", half_cheetah::MJCF), [""; 0]);
}

#[test]
fn all_listed_fields_are_compared() {
    let model = golden::read("ant_model");
    assert_eq!(compared(&model).len(), 83 + 45 + 14 + 29 + 1);
}

#[test]
fn wrong_parameters_are_caught() {
    let cases = [
        ("ant", ant::MJCF, "damping=\"1\"", "damping=\"1.01\"", "dof_damping"),
        ("ant", ant::MJCF, "gear=\"150\"", "gear=\"120\"", "actuator_gear"),
        ("ant", ant::MJCF, "integrator=\"RK4\"", "integrator=\"Euler\"", "opt.integrator"),
        ("ant", ant::MJCF, "margin=\"0.01\" condim", "condim", "geom_margin"),
        ("ant", ant::MJCF, "range=\"30 70\"", "range=\"30 71\"", "jnt_range"),
        ("half_cheetah", half_cheetah::MJCF, "stiffness=\"240\"", "stiffness=\"239\"", "jnt_stiffness"),
        ("half_cheetah", half_cheetah::MJCF, " solimplimit=\"0 0.8 0.03\"", "", "jnt_solimp"),
        ("half_cheetah", half_cheetah::MJCF, "totalmass=\"14\"", "totalmass=\"14.001\"", "body_mass"),
    ];
    for (robot, mjcf, right, wrong, field) in cases {
        assert!(mjcf.contains(right), "{right} stands in the model");
        let found = differences(robot, &mjcf.replacen(right, wrong, 1));
        assert!(found.iter().any(|name| name == field), "{robot} with {wrong}: {found:?}");
    }
}
