//! Equality with the package `rliable` on exported numbers.

use std::collections::BTreeMap;

use jsae_report::statistics::{
    Bootstrap, Interval, aggregate_interquartile_mean, performance_profile, probability_of_improvement,
    standard_deviation,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    x: Vec<Vec<f64>>,
    y: Vec<Vec<f64>>,
    mean: f64,
    sd_ddof1: f64,
    iqm: f64,
    iqm_interval: [f64; 2],
    improvement: f64,
    improvement_interval: [f64; 2],
    thresholds: Vec<f64>,
    profile: Vec<f64>,
    profile_interval: [Vec<f64>; 2],
    resampled: Resampled,
}

/// Resamples by index, `indices[resample][run][task]`.
#[derive(Deserialize)]
struct Resampled {
    indices: Vec<Vec<Vec<usize>>>,
    iqm: Vec<f64>,
    interval: [f64; 2],
}

fn cases() -> BTreeMap<String, Case> {
    serde_json::from_str(include_str!("../parity/rliable.json")).expect("the exported file")
}

#[track_caller]
fn assert_close(ours: f64, theirs: f64, tolerance: f64, what: &str) {
    assert!(
        (ours - theirs).abs() <= tolerance * theirs.abs().max(1.0),
        "{what}: ours {ours}, theirs {theirs}"
    );
}

#[test]
fn point_estimates_equal_rliables() {
    for (name, case) in cases() {
        let all = case.x.concat();
        assert_close(jsae_report::statistics::mean(&all).unwrap(), case.mean, 1e-12, &name);
        assert_close(standard_deviation(&all).unwrap(), case.sd_ddof1, 1e-12, &name);
        assert_close(aggregate_interquartile_mean(&case.x).unwrap(), case.iqm, 1e-12, &name);
        assert_close(probability_of_improvement(&case.x, &case.y).unwrap(), case.improvement, 1e-12, &name);
        assert_eq!(performance_profile(&case.x, &case.thresholds).len(), 9);
        for (ours, theirs) in performance_profile(&case.x, &case.thresholds).iter().zip(&case.profile) {
            assert_close(*ours, *theirs, 1e-12, &name);
        }
    }
}

#[test]
fn interval_of_the_same_resamples_equals_rliables() {
    for (name, case) in cases() {
        let drawn = |indices: &Vec<Vec<usize>>| -> Vec<Vec<f64>> {
            let task = |task: usize| indices.iter().map(|run| case.x[task][run[task]]).collect();
            (0..case.x.len()).map(task).collect()
        };
        let resampled = &case.resampled;
        let estimates: Vec<f64> = resampled
            .indices
            .iter()
            .map(|indices| aggregate_interquartile_mean(&drawn(indices)).unwrap())
            .collect();
        for (ours, theirs) in estimates.iter().zip(&resampled.iqm) {
            assert_close(*ours, *theirs, 1e-12, &name);
        }
        let interval = Bootstrap::default().of_estimates(estimates).unwrap();
        assert_close(interval.low, resampled.interval[0], 1e-12, &name);
        assert_close(interval.high, resampled.interval[1], 1e-12, &name);
    }
}

/// Different draws: the ends agree as far as thousands of resamples tell them, in widths of the interval.
#[track_caller]
fn assert_interval(ours: Interval, theirs: [f64; 2], what: &str) {
    let tolerance = 0.04 * (theirs[1] - theirs[0]) + 1e-12;
    let far = (ours.low - theirs[0]).abs().max((ours.high - theirs[1]).abs());
    assert!(far <= tolerance, "{what}: ours {ours:?}, theirs {theirs:?}");
}

#[test]
fn bootstrap_intervals_agree_with_rliables() {
    let bootstrap = Bootstrap { reps: 20_000, ..Bootstrap::default() };
    for (name, case) in cases() {
        assert_interval(bootstrap.interquartile_mean(&case.x).unwrap(), case.iqm_interval, &name);
        let improvement = bootstrap.probability_of_improvement(&case.x, &case.y).unwrap();
        assert_interval(improvement, case.improvement_interval, &name);
        let profile = bootstrap.performance_profile(&case.x, &case.thresholds);
        for (i, interval) in profile.into_iter().enumerate() {
            assert_interval(interval, [case.profile_interval[0][i], case.profile_interval[1][i]], &name);
        }
    }
}
