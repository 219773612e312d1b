use jsae_report::html::{Page, html};
use jsae_report::statistics::Interval;
use jsae_report::table::Format;
use jsae_report::{Options, Report, read};

use crate::synthetic::{
    GRIDWORLD, GRIDWORLD_11, JSAE, RA, SLOT_MACHINE, Synthetic, VPG, folder, three_methods,
};

#[test]
fn figures_of_an_experiment_are_those_derived_by_hand() {
    let out = folder();
    for (seed, end) in [(0, 1.0), (1, 2.0), (2, 4.0), (3, 5.0)] {
        let returns = [vec![0.0; 10], vec![end; 10]].concat();
        Synthetic::new("a", seed, returns).write(out.path());
    }
    let options = Options { thresholds: vec![4.5], ..Options::default() };
    let report = Report::new(read(&[out.path()]), &options);
    let summary = &report.experiments[0].summary;
    assert_eq!((summary.n_runs, summary.final_return.mean), (4, Some(3.0)));
    let sd = (10.0_f64 / 3.0).sqrt();
    assert!((summary.final_return.sd.unwrap() - sd).abs() < 1e-12);
    assert_eq!(summary.final_return.iqm, Some(3.0));
    let Interval { low, high } = summary.final_return.interval.unwrap();
    assert!((1.0..2.0).contains(&low) && (4.0..=5.0).contains(&high), "{low} {high}");
    assert_eq!(summary.evaluation.mean, Some(3.0));
    // Trapezoids over epochs 1 to 20: nine at 0, half of one step up, nine at the end's value.
    assert!((summary.area.mean.unwrap() - 3.0 * 9.5 / 19.0).abs() < 1e-12);
    // Half of the best mean (3.0) is 1.5, which the mean of ten epochs reaches after 8, 4 and 3 epochs at 2, 4 and 5.
    let [half, most, asked] = summary.steps_to.as_slice() else { panic!("three thresholds") };
    assert_eq!((half.threshold, half.reached, half.of), (Some(1.5), 3, 4));
    assert_eq!(half.median, Some(1500.0 * (18.0 + 14.0) / 2.0));
    let interval = half.interval.expect("four runs");
    assert!(interval.low <= half.median.unwrap() && interval.high == f64::INFINITY, "{interval:?}");
    assert_eq!((most.reached, most.median), (2, None));
    assert_eq!((asked.reached, asked.median), (1, None));
}

#[test]
fn share_of_optimal_is_that_of_the_way_from_random_to_best() {
    let out = folder();
    for (seed, end) in [(0, 100.0), (1, 300.0)] {
        let run = Synthetic::new("slot", seed, vec![end; 10]).with(&[SLOT_MACHINE, VPG]);
        Synthetic { reference: Some([-100.0, 300.0]), ..run }.write(out.path());
    }
    Synthetic::new("grid", 0, vec![1.0; 10]).write(out.path());
    let report = Report::new(read(&[out.path()]), &Options::default());
    assert!(report.knows_optimum() && report.warnings.is_empty(), "{:?}", report.warnings);
    let of = |name: &str| report.experiments.iter().find(|e| e.name == name).unwrap().summary.of_optimal;
    assert_eq!(of("slot").mean, Some(75.0));
    assert!((of("slot").sd.unwrap() - 1250.0_f64.sqrt()).abs() < 1e-9);
    assert_eq!(of("grid").mean, None);
    for (format, wanted) in [
        (Format::Terminal, "75.00 ± 35.36"),
        (Format::Markdown, "| % of optimal |"),
        (Format::Latex, "& \\% of optimal &"),
        (Format::Csv, ",pc_of_optimal_mean,pc_of_optimal_sd,"),
    ] {
        let text = report.table().render(format);
        assert!(text.contains(wanted), "{text}");
    }
    assert!(html(&report, &Page::default()).contains("\"% of optimal\""));
}

#[test]
fn a_run_without_the_optimum_takes_that_of_its_task() {
    let out = folder();
    let run = |name, seed, end| Synthetic::new(name, seed, vec![end; 10]).with(&[SLOT_MACHINE, VPG]);
    Synthetic { reference: Some([0.0, 100.0]), ..run("a", 0, 20.0) }.write(out.path());
    run("a", 1, 60.0).write(out.path());
    run("b", 0, 50.0).write(out.path());
    Synthetic::new("grid", 0, vec![1.0; 10]).write(out.path());
    let report = Report::new(read(&[out.path()]), &Options::default());
    let shares: Vec<_> = report.experiments.iter().map(|e| e.summary.of_optimal.mean).collect();
    assert_eq!(shares, [Some(40.0), Some(50.0), None]);
}

#[test]
fn column_of_the_optimum_stands_where_one_is_known_alone() {
    let out = folder();
    Synthetic::new("grid", 0, vec![1.0; 10]).write(out.path());
    let report = Report::new(read(&[out.path()]), &Options::default());
    assert!(!report.table().render(Format::Markdown).contains("optimal"));
    let folder = Synthetic { reference: Some([0.0, 0.0]), ..Synthetic::new("equal", 0, vec![1.0]) };
    let folder = folder.write(out.path());
    let reading = read(&[&folder]);
    assert_eq!(reading.runs[0].share_of_optimal(), None, "nothing is better than random");
    std::fs::write(folder.join("reference.json"), "{\"random\": 1").unwrap();
    let reading = read(&[&folder]);
    assert_eq!(reading.runs[0].reference, None);
    assert!(reading.warnings[0].to_string().contains("reference.json: damaged"), "{:?}", reading.warnings);
}

#[test]
fn start_and_best_are_those_of_the_task() {
    let out = folder();
    Synthetic::new("low", 0, [vec![-2.0; 10], vec![0.0; 10]].concat()).write(out.path());
    Synthetic::new("high", 0, [vec![-2.0; 10], vec![2.0; 10]].concat()).write(out.path());
    Synthetic::new("slot", 0, vec![100.0; 20]).with(&[SLOT_MACHINE, VPG]).write(out.path());
    let report = Report::new(read(&[out.path()]), &Options::default());
    let half = |name: &str| {
        let experiment = report.experiments.iter().find(|experiment| experiment.name == name).unwrap();
        experiment.summary.steps_to[0].clone()
    };
    assert_eq!((half("low").threshold, half("low").median), (Some(0.0), Some(30_000.0)));
    assert_eq!((half("high").threshold, half("high").median), (Some(0.0), Some(22_500.0)));
    assert_eq!((half("slot").threshold, half("slot").median), (None, None));
}

#[test]
fn only_experiments_of_one_task_are_compared() {
    let out = folder();
    three_methods(out.path(), 40);
    Synthetic::rising("slot_vpg", 0, 40, 9.0, 0.1).with(&[SLOT_MACHINE, VPG]).write(out.path());
    Synthetic::rising("eleven", 0, 40, 9.0, 0.1).with(&[GRIDWORLD_11, JSAE]).write(out.path());
    let report = Report::new(read(&[out.path()]), &Options::default());
    let titles: Vec<&str> = report.tasks.iter().map(|task| task.title.as_str()).collect();
    assert_eq!(titles, ["gridworld, 11 actuators", "gridworld, 9 actuators", "slot machine"]);
    assert_eq!(report.comparisons.len(), 3);
    let names =
        report.comparisons.iter().map(|c| (&*report.experiments[c.x].name, &*report.experiments[c.y].name));
    let names: Vec<_> = names.collect();
    assert_eq!(
        names,
        [("grid_vpg_jsae", "grid_vpg_ra"), ("grid_vpg_jsae", "grid_vpg"), ("grid_vpg_ra", "grid_vpg")]
    );
    assert!(report.comparisons.iter().all(|comparison| comparison.probability == 1.0));
    let methods: Vec<&str> = report.of_task(1).map(|(_, experiment)| experiment.method.as_str()).collect();
    assert_eq!(methods, ["VPG", "VPG-JSAE", "VPG-RA"]);
}

#[test]
fn equal_names_in_different_folders_stay_apart() {
    let out = folder();
    for (place, value) in [("x", 1.0), ("y", 2.0)] {
        Synthetic::new("a", 0, vec![value]).write(&out.path().join(place));
    }
    let report = Report::new(read(&[out.path()]), &Options::default());
    let names: Vec<String> = report.experiments.iter().map(|experiment| experiment.name.clone()).collect();
    assert_eq!(names, ["x/a", "y/a"].map(|name| out.path().join(name).display().to_string()));
}

#[test]
fn seeds_that_begin_with_runs_of_their_own_have_the_same_settings() {
    let out = folder();
    for seed in [0, 1] {
        let transfer = format!("[transfer]\nfrom = \"source/seed-{{seed}}\"\nsha256 = \"{seed}\"\n");
        Synthetic::new("a", seed, vec![1.0]).with(&[GRIDWORLD, JSAE, &transfer]).write(out.path());
    }
    let report = Report::new(read(&[out.path()]), &Options::default());
    assert!(
        report.warnings.iter().all(|warning| !warning.to_string().contains("differ")),
        "{:?}",
        report.warnings
    );
}

#[test]
fn different_settings_in_one_experiment_are_told() {
    let out = folder();
    Synthetic::new("a", 0, vec![1.0]).with(&[GRIDWORLD, JSAE]).write(out.path());
    Synthetic::new("a", 1, vec![1.0]).with(&[GRIDWORLD, RA]).write(out.path());
    let report = Report::new(read(&[out.path()]), &Options::default());
    let messages: Vec<String> = report.warnings.iter().map(ToString::to_string).collect();
    let wanted = "2 runs of one experiment differ in embedding.jsae.state_dim, embedding.ra.action_dim";
    assert!(messages.iter().any(|message| message.contains(wanted)), "{messages:?}");
}

#[test]
fn same_runs_give_the_same_report() {
    let out = folder();
    three_methods(out.path(), 40);
    let text = || {
        let report = Report::new(read(&[out.path()]), &Options::default());
        format!("{}{}", report.table(), report.comparison_table())
    };
    assert_eq!(text(), text());
}
