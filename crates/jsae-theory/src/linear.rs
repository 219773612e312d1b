//! Small systems of linear equations.

/// x with `matrix` x = `right`, by elimination with the largest pivot of each column.
///
/// The matrix of every system here is I − γP, which is never singular.
pub(crate) fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for column in 0..n {
        let largest = |&i: &usize, &j: &usize| matrix[i][column].abs().total_cmp(&matrix[j][column].abs());
        let pivot = (column..n).max_by(largest).unwrap_or(column);
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in column + 1..n {
            let factor = matrix[row][column] / matrix[column][column];
            let (above, below) = matrix.split_at_mut(row);
            for (value, pivot) in below[0][column..].iter_mut().zip(&above[column][column..]) {
                *value -= factor * pivot;
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|column| matrix[row][column] * right[column]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solution_fulfils_the_equations_where_a_pivot_is_zero() {
        let matrix = vec![vec![0.0, 2.0, 1.0], vec![1.0, 1.0, 0.0], vec![3.0, 0.0, -1.0]];
        let solution = solve(matrix.clone(), vec![7.0, 3.0, 0.0]);
        for (row, right) in matrix.iter().zip([7.0, 3.0, 0.0]) {
            let left: f64 = row.iter().zip(&solution).map(|(a, x)| a * x).sum();
            assert!((left - right).abs() < 1e-14, "{left} {right}");
        }
    }
}
