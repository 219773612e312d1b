use std::collections::BTreeMap;
use std::f64::consts::TAU;

/// Motion of every action, `[2^n_actuators, 2]`; the longest has norm 1.
pub fn motions(n_actuators: usize) -> Vec<[f64; 2]> {
    let sums = sums(n_actuators);
    let largest = sums.iter().map(|&sum| norm(sum)).fold(0.0, f64::max);
    sums.iter().map(|sum| sum.map(|thousandths| thousandths as f64 / 1000.0 / largest)).collect()
}

/// For every action the class of those with the same motion, `[2^n_actuators]`; classes count
/// from 0 in the order in which they first appear.
pub fn motion_classes(n_actuators: usize) -> Vec<usize> {
    let mut classes = BTreeMap::new();
    sums(n_actuators)
        .into_iter()
        .map(|sum| {
            let next = classes.len();
            *classes.entry(sum).or_insert(next)
        })
        .collect()
}

/// Distinct motions among the `2^n_actuators` actions: 31, 343 and 2,047 for 5, 9 and 11.
pub fn n_distinct_motions(n_actuators: usize) -> usize {
    motion_classes(n_actuators).into_iter().max().map_or(0, |last| last + 1)
}

/// Sum of the active actuators' vectors for every action, in whole thousandths, so that equal
/// motions are equal exactly.
fn sums(n_actuators: usize) -> Vec<[i64; 2]> {
    let actuators: Vec<[i64; 2]> = (0..n_actuators)
        .map(|k| {
            let (sin, cos) = (TAU * k as f64 / n_actuators as f64).sin_cos();
            [cos, sin].map(|component| (component * 1000.0).round() as i64)
        })
        .collect();
    (0..1_usize << n_actuators)
        .map(|action| {
            let active =
                actuators.iter().enumerate().filter(|(k, _)| action >> (n_actuators - 1 - k) & 1 == 1);
            active.fold([0, 0], |[x, y], (_, [dx, dy])| [x + dx, y + dy])
        })
        .collect()
}

fn norm([x, y]: [i64; 2]) -> f64 {
    (x as f64 / 1000.0).hypot(y as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_motions_are_31_and_343_and_2047() {
        assert_eq!([5, 9, 11].map(n_distinct_motions), [31, 343, 2047]);
    }

    #[test]
    fn longest_motion_has_norm_one_and_none_is_longer() {
        for n in 1..=16 {
            let longest = motions(n).iter().map(|[x, y]| x.hypot(*y)).fold(0.0, f64::max);
            assert!((longest - 1.0).abs() < 1e-15, "{n} actuators: {longest}");
        }
    }

    #[test]
    fn most_significant_bit_is_actuator_zero_along_x() {
        let motions = motions(4);
        assert_eq!(motions[0], [0.0, 0.0]);
        assert_eq!(motions[0b1010], [0.0, 0.0], "opposite actuators cancel");
        assert!(motions[0b1000][0] > 0.0 && motions[0b1000][1] == 0.0);
        assert!(motions[0b0100][1] > 0.0 && motions[0b0100][0] == 0.0);
    }

    #[test]
    fn components_are_rounded_before_they_are_summed() {
        let [x, y] = motions(5)[0b01000];
        assert!((x / y - 0.309 / 0.951).abs() < 1e-15, "({x}, {y})");
    }
}
