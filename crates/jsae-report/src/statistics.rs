//! Figures over runs: rows of numbers in, numbers out.
//!
//! Scores of several tasks stand as one list of runs per task; the definitions are those of
//! Agarwal et al. 2021 ("Deep reinforcement learning at the edge of the statistical precipice")
//! and of their package `rliable`.

mod bootstrap;

pub use bootstrap::{Bootstrap, Interval};

/// Arithmetic mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Sample standard deviation (ddof = 1: the sum of squares is divided by n − 1); `None` below two values.
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// Median, the mean of the two middle values of an even number; `None` of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    quantile(&sorted, 0.5)
}

/// Interquartile mean: a quarter of the values (rounded down) is cut from each end; `None` of nothing.
pub fn interquartile_mean(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    trimmed_mean(&mut sorted)
}

/// Interquartile mean over all runs of all tasks together.
pub fn aggregate_interquartile_mean(tasks: &[Vec<f64>]) -> Option<f64> {
    trimmed_mean(&mut tasks.concat())
}

/// Like [`interquartile_mean`], sorting in place.
pub(crate) fn trimmed_mean(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let cut = values.len() / 4;
    mean(&values[cut..values.len() - cut])
}

/// Probability that a run of `x` does better than a run of `y`, ties counting half, averaged over tasks.
///
/// `None` where the numbers of tasks differ or a task has no run.
pub fn probability_of_improvement(x: &[Vec<f64>], y: &[Vec<f64>]) -> Option<f64> {
    if x.len() != y.len() || x.iter().chain(y).any(Vec::is_empty) {
        return None;
    }
    let tasks: Vec<f64> = x.iter().zip(y).map(|(x, y)| share_of_wins(x, y)).collect();
    mean(&tasks)
}

fn share_of_wins(x: &[f64], y: &[f64]) -> f64 {
    let points: f64 = x.iter().flat_map(|x| y.iter().map(move |y| wins(*x, *y))).sum();
    points / (x.len() * y.len()) as f64
}

fn wins(x: f64, y: f64) -> f64 {
    match x.total_cmp(&y) {
        _ if x == y => 0.5,
        std::cmp::Ordering::Greater => 1.0,
        _ => 0.0,
    }
}

/// Performance profile: for each threshold the share of runs (over all tasks) that end above it, `[n_thresholds]`.
pub fn performance_profile(tasks: &[Vec<f64>], thresholds: &[f64]) -> Vec<f64> {
    let n_runs: usize = tasks.iter().map(Vec::len).sum();
    let above = |threshold: f64| tasks.iter().flatten().filter(|score| **score > threshold).count();
    thresholds.iter().map(|&threshold| above(threshold) as f64 / n_runs.max(1) as f64).collect()
}

/// Quantile of sorted values, linear between neighbours; `None` of nothing.
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let place = q.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    let share = place - low as f64;
    if share == 0.0 || sorted[low] == sorted[high] {
        return Some(sorted[low]); // of endless values too, whose difference is no number
    }
    Some(sorted[low] + share * (sorted[high] - sorted[low]))
}

/// Spearman's rank correlation of paired values, ties sharing the mean of their ranks.
///
/// `None` where the numbers of values differ or all values of one side are equal.
pub fn rank_correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() {
        return None;
    }
    let (x, y) = (ranks(x), ranks(y));
    let middle = (x.len() as f64 - 1.0) / 2.0;
    let product =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let scale = (product(&x, &x) * product(&y, &y)).sqrt();
    (scale > 0.0).then(|| product(&x, &y) / scale)
}

/// Ranks from 0; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for group in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let mean = first as f64 + (group.len() - 1) as f64 / 2.0;
        group.iter().for_each(|&i| ranks[i] = mean);
        first += group.len();
    }
    ranks
}

/// exp of the entropy of how often each of several things happened: as many equally frequent things would
/// be as hard to guess. `None` where nothing happened.
pub fn effective_number(counts: &[u64]) -> Option<f64> {
    let total = counts.iter().sum::<u64>() as f64;
    let surprise = |&count: &u64| {
        let share = count as f64 / total;
        if count == 0 { 0.0 } else { -share * share.ln() }
    };
    (total > 0.0).then(|| counts.iter().map(surprise).sum::<f64>().exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_correlation_sees_order_alone() {
        assert_eq!(rank_correlation(&[1.0, 2.0, 30.0], &[-5.0, 0.0, 0.1]), Some(1.0));
        assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), Some(-1.0));
        // Ranks 0, 1½, 1½, 3 against 0, 1, 2, 3.
        let tied = rank_correlation(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((tied - 4.5 / (4.5_f64 * 5.0).sqrt()).abs() < 1e-15);
        assert_eq!(rank_correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(rank_correlation(&[1.0], &[1.0, 2.0]), None);
    }

    #[test]
    fn equally_frequent_things_are_as_many_as_they_are() {
        assert!((effective_number(&[7, 0, 7, 7]).unwrap() - 3.0).abs() < 1e-12);
        assert_eq!(effective_number(&[0, 9]), Some(1.0));
        assert_eq!(effective_number(&[0, 0]), None);
    }

    #[test]
    fn deviation_divides_by_one_less_than_the_count() {
        assert_eq!(standard_deviation(&[1.0, 3.0]), Some(2.0_f64.sqrt()));
        assert_eq!(
            standard_deviation(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]),
            Some((32.0_f64 / 7.0).sqrt())
        );
        assert_eq!(standard_deviation(&[1.0]), None);
    }

    #[test]
    fn quarter_of_the_values_is_cut_from_each_end() {
        assert_eq!(interquartile_mean(&[100.0, 1.0, 2.0, -50.0]), Some(1.5));
        assert_eq!(interquartile_mean(&[9.0, 0.0, 3.0]), Some(4.0));
        assert_eq!(
            interquartile_mean(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 70.0, 80.0, 90.0]),
            Some(27.0 / 6.0 + 10.5)
        );
        assert_eq!(interquartile_mean(&[]), None);
    }

    #[test]
    fn aggregate_mixes_the_runs_of_all_tasks() {
        assert_eq!(aggregate_interquartile_mean(&[vec![0.0, 10.0], vec![2.0, 4.0]]), Some(3.0));
    }

    #[test]
    fn ties_count_half_in_the_probability_of_improvement() {
        assert_eq!(probability_of_improvement(&[vec![1.0, 2.0]], &[vec![1.0, 0.0]]), Some(0.875));
        let (x, y) = ([vec![5.0], vec![0.0]], [vec![1.0, 2.0], vec![1.0, -1.0]]);
        assert_eq!(probability_of_improvement(&x, &y), Some(0.75));
        assert_eq!(probability_of_improvement(&x, &y[..1]), None);
        assert_eq!(probability_of_improvement(&[vec![]], &[vec![1.0]]), None);
    }

    #[test]
    fn zeros_of_either_sign_tie() {
        assert_eq!(probability_of_improvement(&[vec![0.0]], &[vec![-0.0]]), Some(0.5));
    }

    #[test]
    fn profile_is_the_share_strictly_above() {
        let tasks = [vec![0.0, 1.0], vec![1.0, 3.0]];
        assert_eq!(performance_profile(&tasks, &[-1.0, 0.0, 1.0, 3.0]), [1.0, 0.75, 0.25, 0.0]);
    }

    #[test]
    fn quantile_is_linear_between_neighbours() {
        assert_eq!(quantile(&[0.0, 10.0, 20.0], 0.25), Some(5.0));
        assert_eq!(quantile(&[0.0, 10.0, 20.0], 1.0), Some(20.0));
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
    }
}
