use std::f64::consts::TAU;

use jsae_report::picture::{
    Band, CurveOptions, Drawing, Gridworld, Point, Scatter, displacement_color, gridworld, learning_curves,
    performance_profiles, position_color, scatter, sensitivity, side_by_side,
};
use jsae_report::statistics::Bootstrap;
use jsae_report::{Metric, Options, Report, XAxis, read};

use crate::synthetic::{GRIDWORLD, GRIDWORLD_11, JSAE, SLOT_MACHINE, Synthetic, VPG, folder, three_methods};

const LARGEST: usize = 60_000;

/// Keeps a picture where `JSAE_PICTURES` says, for people to look at, and checks what holds of all.
#[track_caller]
fn checked(name: &str, drawing: &Drawing) -> String {
    let svg = drawing.to_svg();
    if let Some(folder) = std::env::var_os("JSAE_PICTURES") {
        let file = std::path::Path::new(&folder).join(format!("{name}.svg"));
        std::fs::write(&file, &svg).unwrap();
        #[cfg(feature = "png")]
        std::fs::write(file.with_extension("png"), jsae_report::picture::to_png(drawing, 1.5).unwrap())
            .unwrap();
    }
    assert!(svg.len() < LARGEST, "{name} has {} bytes", svg.len());
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name} has numbers that are none");
    assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count(), "{name}");
    svg
}

fn tasks(n_epochs: usize) -> Report {
    let out = folder();
    three_methods(out.path(), n_epochs);
    for seed in 0..5 {
        Synthetic::rising("slot_vpg", seed, n_epochs, 14.0, 2.0).with(&[SLOT_MACHINE, VPG]).write(out.path());
        let end = 440.0 - 50.0 * seed as f64;
        Synthetic::rising("slot_vpg_jsae", seed, n_epochs, end, 25.0)
            .with(&[SLOT_MACHINE, JSAE])
            .write(out.path());
        Synthetic::rising("eleven", seed, n_epochs, 0.7, 0.2).with(&[GRIDWORLD_11, JSAE]).write(out.path());
    }
    Report::new(read(&[out.path()]), &Options::default())
}

#[test]
fn learning_curves_of_three_tasks_stay_small() {
    let report = tasks(700);
    for (name, band) in [("both", Band::Both), ("deviation", Band::Deviation), ("interval", Band::Interval)] {
        let svg = checked(
            &format!("curves_{name}"),
            &learning_curves(&report, &CurveOptions { band, ..Default::default() }),
        );
        assert_eq!(svg.matches("stroke-width=\"1.8\"").count(), 2 * 6, "a line and its legend");
        assert!(svg.contains(">gridworld, 9 actuators</text>") && svg.contains(">VPG-JSAE</text>"));
        assert_eq!(svg.matches(">5 seeds: mean").count(), 3);
        let bands = if band == Band::Both { 12 } else { 6 };
        assert_eq!(svg.matches("z\" fill=").count(), bands);
    }
    let bootstrap = Bootstrap { level: 0.8, ..Options::default().bootstrap };
    let narrower = Report { options: Options { bootstrap, ..report.options.clone() }, ..tasks(20) };
    let svg = checked("curves_narrower", &learning_curves(&narrower, &CurveOptions::default()));
    assert!(svg.contains("80 % interval") && !svg.contains("95 %"));
    let options =
        CurveOptions { axis: XAxis::WallTime, metric: Metric::Evaluation, columns: 2, ..Default::default() };
    let svg = checked("curves_wall_time", &learning_curves(&report, &options));
    assert!(
        svg.contains(">seconds of training</text>")
            && svg.contains(">return (deterministic evaluation)</text>")
    );
}

#[test]
fn runs_without_a_curve_still_make_a_picture() {
    let out = folder();
    Synthetic::new("one_epoch", 0, vec![1.0]).write(out.path());
    let report = Report::new(read(&[out.path()]), &Options::default());
    for metric in [Metric::RecentReturn, Metric::Evaluation] {
        checked("one_epoch", &learning_curves(&report, &CurveOptions { metric, ..Default::default() }));
    }
    checked("one_epoch", &performance_profiles(&report, 2));
    let nothing = Report::new(read::<&str>(&[]), &Options::default());
    checked("nothing", &learning_curves(&nothing, &CurveOptions::default()));
}

#[test]
fn many_experiments_are_told_apart_by_dashes() {
    let out = folder();
    for i in 0..9 {
        let name = Box::leak(format!("learning_rate_{i}").into_boxed_str());
        Synthetic::rising(name, 0, 60, 0.1 * f64::from(i), 0.02).write(out.path());
    }
    let report = Report::new(read(&[out.path()]), &Options::default());
    let svg = checked("many", &learning_curves(&report, &CurveOptions::default()));
    assert_eq!(svg.matches("stroke-dasharray").count(), 4);
    assert!(svg.contains(">learning_rate_8</text>"));
}

#[test]
fn experiments_without_a_finished_run_are_not_drawn() {
    let out = folder();
    three_methods(out.path(), 40);
    let path =
        Synthetic { n_epochs: 80, ..Synthetic::rising("under_way", 0, 40, 0.5, 0.1) }.write(out.path());
    std::fs::remove_file(path.join("evaluation.json")).unwrap();
    let report = Report::new(read(&[out.path()]), &Options::default());
    let svg = checked("under_way", &learning_curves(&report, &CurveOptions::default()));
    assert_eq!(svg.matches("stroke-width=\"1.8\"").count(), 2 * 3);
    assert!(!svg.contains("under_way") && svg.contains(">5 seeds: mean"));
}

#[test]
fn performance_profiles_fall_from_one_to_nothing() {
    checked("profiles", &performance_profiles(&tasks(60), 3));
}

#[test]
fn sweep_shows_each_key_against_the_return() {
    let out = folder();
    for (i, (rate, dim)) in
        [1e-4, 3e-4, 1e-3].iter().flat_map(|rate| [2, 4].map(|dim| (rate, dim))).enumerate()
    {
        let name = Box::leak(format!("trial-{i}").into_boxed_str());
        let tables = format!(
            "\n[algorithm.vpg]\nactor_learning_rate = {rate:e}\n[embedding.jsae]\nstate_dim = 8\naction_dim = {dim}\n"
        );
        let end = 0.2 * i as f64 - 0.3;
        Synthetic::rising(name, 0, 40, end, 0.02).with(&[GRIDWORLD, &tables]).write(out.path());
    }
    let report = Report::new(read(&[out.path()]), &Options::default());
    let svg = checked("sensitivity", &sensitivity(&report, 0, 3));
    assert_eq!(svg.matches("h0").count(), 12, "six trials for each of two keys");
    assert!(
        svg.contains(">algorithm.vpg.actor_learning_rate</text>")
            && svg.contains(">embedding.jsae.action_dim</text>")
    );
    assert!(!svg.contains("state_dim"), "it is the same everywhere");
    let alone = Report::new(read(&[out.path().join("trial-0")]), &Options::default());
    checked("sensitivity_of_one", &sensitivity(&alone, 0, 3));
}

#[test]
fn embeddings_stand_beside_the_world_they_embed() {
    let world = Gridworld {
        title: "(a) Discrete gridworld".to_owned(),
        walls: vec![[0.0, 0.375, 0.5, 0.4], [0.5, 0.375, 0.525, 0.75]],
        goal: [0.125, 0.625, 0.175, 0.675],
        start: [0.3, 0.1],
        n_bins: 40,
        paths: Vec::new(),
    };
    let bins = (0..1600).map(|i| [f64::from(i % 40) / 39.0, f64::from(i / 40) / 39.0]);
    let states = bins.map(|c| Point {
        at: [c[0] + 0.3 * c[1] * c[1], c[1] - 0.2 * c[0]],
        color: position_color(c),
        label: String::new(),
    });
    let displacements = (0..512u32).map(|action| {
        let on = (0..9).filter(|bit| action & (1 << bit) != 0).map(|bit| TAU * f64::from(bit) / 9.0);
        on.fold([0.0, 0.0], |sum, angle| [sum[0] + 0.045 * angle.cos(), sum[1] + 0.045 * angle.sin()])
    });
    let actions =
        displacements.map(|d| Point { at: d, color: displacement_color(d, 0.13), label: String::new() });
    let cloud = |title: &str, axes: [&str; 2], points| Scatter {
        title: title.to_owned(),
        axes: axes.map(str::to_owned),
        points,
    };
    let all = [
        gridworld(&world),
        scatter(&cloud("(b) State embeddings", ["dimension 1", "dimension 2"], states.collect())),
        scatter(&cloud("(c) Displacements", ["Δc1", "Δc2"], actions.collect())),
    ];
    let svg = checked("embeddings", &side_by_side(&all, 3));
    assert!(svg.contains("(b) State embeddings"));
    let way = vec![vec![[0.3, 0.1], [0.7, 0.3], [0.6, 0.85], [0.15, 0.65]]];
    checked("gridworld", &gridworld(&Gridworld { title: String::new(), n_bins: 0, paths: way, ..world }));
}
