use super::scatter::{Point, Scatter};

/// Rounds of the power iteration: two directions whose variances differ by a tenth are told apart in a hundred.
const ROUNDS: usize = 300;

impl Scatter {
    /// A cloud of vectors, `[n][dim]`, painted by what `paint` says of the i-th: its colour and label.
    ///
    /// One or two dimensions are shown as they are; of more, the two directions in which the vectors differ most
    /// (principal components), each axis saying its share of the variance. A row with a coordinate that is no
    /// finite number is left out.
    pub fn of_vectors(
        title: &str,
        vectors: &[Vec<f64>],
        mut paint: impl FnMut(usize) -> ([u8; 3], String),
    ) -> Self {
        let finite: Vec<(usize, &Vec<f64>)> =
            vectors.iter().enumerate().filter(|(_, row)| row.iter().all(|x| x.is_finite())).collect();
        let rows: Vec<&[f64]> = finite.iter().map(|(_, row)| row.as_slice()).collect();
        let (places, axes) = match rows.first().map_or(0, |row| row.len()) {
            0..=2 => {
                let place = |row: &&[f64]| [0, 1].map(|i| row.get(i).copied().unwrap_or_default());
                (rows.iter().map(place).collect(), [1, 2].map(|i| format!("dimension {i}")))
            }
            _ => projected(&rows),
        };
        let points = finite.iter().zip(places).map(|(&(i, _), at)| {
            let (color, label) = paint(i);
            Point { at, color, label }
        });
        Self { title: title.to_owned(), axes, points: points.collect() }
    }
}

/// Coordinates along the two directions of most variance, and names of the axes.
fn projected(rows: &[&[f64]]) -> (Vec<[f64; 2]>, [String; 2]) {
    let (n, dim) = (rows.len() as f64, rows[0].len());
    let mean: Vec<f64> = (0..dim).map(|i| rows.iter().map(|row| row[i]).sum::<f64>() / n).collect();
    let centered: Vec<Vec<f64>> =
        rows.iter().map(|row| row.iter().zip(&mean).map(|(x, mean)| x - mean).collect()).collect();
    let entry = |i: usize, j: usize| centered.iter().map(|row| row[i] * row[j]).sum::<f64>() / n;
    let mut covariance: Vec<Vec<f64>> = (0..dim).map(|i| (0..dim).map(|j| entry(i, j)).collect()).collect();
    let total: f64 = (0..dim).map(|i| covariance[i][i]).sum();
    let directions = [(); 2].map(|()| {
        let (direction, variance) = leading(&covariance);
        for (row, x) in covariance.iter_mut().zip(&direction) {
            for (entry, y) in row.iter_mut().zip(&direction) {
                *entry -= variance * x * y;
            }
        }
        (direction, variance)
    });
    let at = |row: &Vec<f64>| [0, 1].map(|i: usize| dot(row, &directions[i].0));
    let name = |i: usize| {
        let share = if total > 0.0 { 100.0 * directions[i].1 / total } else { 0.0 };
        format!("component {} ({share:.0} % of the variance)", i + 1)
    };
    (centered.iter().map(at).collect(), [0, 1].map(name))
}

/// The direction of most variance and that variance: from any one row the iteration may never leave a direction of less.
fn leading(covariance: &[Vec<f64>]) -> (Vec<f64>, f64) {
    let found = covariance.iter().map(|row| iterated(covariance, row.clone()));
    found.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
}

/// Where the power iteration leads to from `direction`, and the variance there.
fn iterated(covariance: &[Vec<f64>], mut direction: Vec<f64>) -> (Vec<f64>, f64) {
    let mut variance = 0.0;
    for _ in 0..ROUNDS {
        let length = dot(&direction, &direction).sqrt();
        if length == 0.0 {
            break;
        }
        direction.iter_mut().for_each(|x| *x /= length);
        let next: Vec<f64> = covariance.iter().map(|row| dot(row, &direction)).collect();
        variance = dot(&direction, &next);
        direction = next;
    }
    let length = dot(&direction, &direction).sqrt();
    direction.iter_mut().for_each(|x| *x /= length.max(f64::MIN_POSITIVE));
    (direction, variance)
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paint(i: usize) -> ([u8; 3], String) {
        ([0; 3], i.to_string())
    }

    #[test]
    fn two_dimensions_are_shown_as_they_are() {
        let cloud = Scatter::of_vectors("", &[vec![1.0, 2.0], vec![f64::NAN, 0.0], vec![3.0, -4.0]], paint);
        let points: Vec<([f64; 2], &str)> = cloud.points.iter().map(|p| (p.at, p.label.as_str())).collect();
        assert_eq!(points, [([1.0, 2.0], "0"), ([3.0, -4.0], "2")]);
        assert_eq!(cloud.axes, ["dimension 1", "dimension 2"]);
        assert_eq!(Scatter::of_vectors("", &[vec![5.0]], paint).points[0].at, [5.0, 0.0]);
        assert!(Scatter::of_vectors("", &[], paint).points.is_empty());
    }

    #[test]
    fn more_are_projected_on_the_two_of_most_variance() {
        // Four by two corners of a rectangle in the plane of (1, 1, 0, 0) and (0, 0, 1, -1).
        let corner = |a: f64, b: f64| vec![7.0 + 3.0 * a, 3.0 * a, b, 1.0 - b];
        let rows: Vec<_> =
            [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)].map(|(a, b)| corner(a, b)).into();
        let cloud = Scatter::of_vectors("", &rows, paint);
        let root = 2.0_f64.sqrt();
        for point in &cloud.points {
            assert!((point.at[0].abs() - 3.0 * root).abs() < 1e-9, "{:?}", point.at);
            assert!((point.at[1].abs() - root).abs() < 1e-9, "{:?}", point.at);
        }
        assert_eq!(cloud.axes[0], "component 1 (90 % of the variance)");
        assert_eq!(cloud.axes[1], "component 2 (10 % of the variance)");
    }

    #[test]
    fn the_longest_row_may_be_at_right_angles_to_the_first_direction() {
        // Variances 1, 1.28 (of the second and third coordinate together) and 0.95; the first row is the longest.
        let signs = |i: usize| [0, 1, 2].map(|bit| if i >> bit & 1 == 0 { 1.0 } else { -1.0 });
        let row = |i: usize| {
            let [a, b, c] = signs(i);
            vec![a, 0.8 * b, 0.8 * b, 0.95_f64.sqrt() * c]
        };
        let cloud = Scatter::of_vectors("", &(0..8).map(row).collect::<Vec<_>>(), paint);
        assert_eq!(cloud.axes[0], "component 1 (40 % of the variance)");
        assert_eq!(cloud.axes[1], "component 2 (31 % of the variance)");
    }

    #[test]
    fn equal_vectors_lie_on_one_point() {
        let cloud = Scatter::of_vectors("", &vec![vec![0.5; 5]; 3], paint);
        assert!(cloud.points.iter().all(|point| point.at == [0.0, 0.0]), "{:?}", cloud.points);
    }
}
