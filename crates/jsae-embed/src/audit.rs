//! Figures by which an embedding is judged: what its table looks like, whatever it was learnt for.
//!
//! Tables are `[n, dim]`, one embedding a row.

use std::collections::BTreeMap;

use tch::{Device, Kind, Tensor};

/// Rows at most this far apart are near-duplicates: the least standard deviation of a Gaussian policy
/// here, so that no policy can keep them apart.
pub const NEAR: f64 = 0.01;

/// Beyond this, tanh is flat: a gradient is less than a fiftieth of what arrives.
pub const SATURATED: f64 = 0.99;

/// How a table lies in its space.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// Rows.
    pub n: usize,
    /// Numbers in a row.
    pub dim: usize,
    /// Root of the mean squared distance of two rows; 0 of a single one.
    pub rms_distance: f64,
    /// Smallest distance of two rows; infinite of a single one.
    pub smallest_distance: f64,
    /// Rows that equal an earlier one exactly.
    pub n_duplicates: usize,
    /// exp of the entropy of the singular values' shares, centred rows (Roy and Vetterli 2007): from 1 to
    /// `dim`; 0 where all rows are equal.
    pub effective_rank: f64,
    /// Share of the numbers beyond [`SATURATED`].
    pub saturated: f64,
}

/// Pairs of rows at most [`NEAR`] apart, by how different the effects of what they stand for are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NearDuplicates {
    /// The same effect: harmless.
    pub same: usize,
    /// At most half the root mean square of all effects' distances: as close as they should be.
    pub similar: usize,
    /// More than that: whoever means one may get the other.
    pub different: usize,
    /// The pair of rows with the most different effects, where any are different.
    pub worst: Option<(usize, usize)>,
    /// Mean distance of rows with the same effect, relative to the rms distance; `None` without such rows.
    pub same_effect_distance: Option<f64>,
    /// Of the rows that share their effect with another: the share whose nearest row is such a one.
    pub nearest_is_same: Option<f64>,
}

/// The figures of `table`, `[n, dim]`.
pub fn geometry(table: &Tensor) -> Geometry {
    let rows = Rows::of(table);
    let n_numbers = rows.values.len().max(1) as f64;
    let beyond = rows.values.iter().filter(|value| value.abs() > SATURATED).count();
    Geometry {
        n: rows.n,
        dim: rows.dim,
        rms_distance: rows.rms_distance(),
        smallest_distance: rows
            .pairs()
            .map(|(i, j)| rows.squared_distance(i, j))
            .fold(f64::INFINITY, f64::min)
            .sqrt(),
        n_duplicates: rows.n_duplicates(),
        effective_rank: effective_rank(table),
        saturated: beyond as f64 / n_numbers,
    }
}

/// Counts near-duplicates among the rows of `table`; `effect` gives how different two rows' effects are.
pub fn near_duplicates(table: &Tensor, effect: &dyn Fn(usize, usize) -> f64) -> NearDuplicates {
    let rows = Rows::of(table);
    let mut found = NearDuplicates::default();
    let (mut squares, mut n_same, mut same_distance) = (0.0, 0_usize, 0.0);
    let mut near = Vec::new();
    let mut nearest = vec![(f64::INFINITY, f64::INFINITY); rows.n];
    let mut has_same = vec![false; rows.n];
    for (i, j) in rows.pairs() {
        let (distance, effect) = (rows.squared_distance(i, j).sqrt(), effect(i, j));
        squares += effect * effect;
        if effect == 0.0 {
            n_same += 1;
            same_distance += distance;
            (has_same[i], has_same[j]) = (true, true);
        }
        for row in [i, j] {
            if distance < nearest[row].0 {
                nearest[row] = (distance, effect);
            }
        }
        if distance <= NEAR {
            near.push((i as u32, j as u32, effect));
        }
    }
    let half = 0.5 * (squares / rows.n_pairs().max(1) as f64).sqrt();
    for &(_, _, effect) in &near {
        *(if effect == 0.0 {
            &mut found.same
        } else if effect <= half {
            &mut found.similar
        } else {
            &mut found.different
        }) += 1;
    }
    let worst = near.iter().max_by(|a, b| a.2.total_cmp(&b.2)).filter(|worst| worst.2 > half);
    found.worst = worst.map(|&(i, j, _)| (i as usize, j as usize));
    let rms = rows.rms_distance();
    found.same_effect_distance = (n_same > 0 && rms > 0.0).then(|| same_distance / n_same as f64 / rms);
    let with_same = has_same.iter().filter(|&&has| has).count();
    let hits = has_same.iter().zip(&nearest).filter(|&(&has, &(_, effect))| has && effect == 0.0).count();
    found.nearest_is_same = (with_same > 0).then(|| hits as f64 / with_same as f64);
    found
}

/// Distances of all pairs of the given rows, in the order (1, 0), (2, 0), (2, 1), (3, 0), …
pub fn distances(table: &Tensor, rows: &[usize]) -> Vec<f64> {
    let table = Rows::of(table);
    let pairs = (0..rows.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    pairs.map(|(i, j)| table.squared_distance(rows[i], rows[j]).sqrt()).collect()
}

/// Smallest and largest number of each dimension, `[dim]`: the box that the rows span.
pub fn bounds(table: &Tensor) -> Vec<(f64, f64)> {
    let rows = Rows::of(table);
    let of_dim = |k: usize| {
        let values = || (0..rows.n).map(|i| rows.row(i)[k]);
        (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
    };
    (0..rows.dim).map(of_dim).collect()
}

fn effective_rank(table: &Tensor) -> f64 {
    let (_, singular_values, _) = centred(table).svd(true, false);
    let sum = singular_values.sum(Kind::Double);
    if sum.double_value(&[]) <= 0.0 {
        return 0.0;
    }
    let shares = singular_values / sum;
    (-shares.xlogy(&shares).sum(Kind::Double).double_value(&[])).exp()
}

fn centred(table: &Tensor) -> Tensor {
    let rows = table.to_device(Device::Cpu).to_kind(Kind::Double);
    &rows - rows.mean_dim([0].as_slice(), true, Kind::Double)
}

/// A table outside of tensors.
struct Rows {
    values: Vec<f64>,
    n: usize,
    dim: usize,
}

impl Rows {
    fn of(table: &Tensor) -> Self {
        let (n, dim) = (table.size()[0] as usize, table.size()[1] as usize);
        let flat = table.to_device(Device::Cpu).to_kind(Kind::Double).contiguous().view(-1);
        let mut values = vec![0.0; n * dim];
        flat.copy_data(&mut values, n * dim);
        Self { values, n, dim }
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.dim..(i + 1) * self.dim]
    }

    fn squared_distance(&self, i: usize, j: usize) -> f64 {
        self.row(i).iter().zip(self.row(j)).map(|(a, b)| (a - b) * (a - b)).sum()
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.n).flat_map(|i| (0..i).map(move |j| (i, j)))
    }

    fn n_pairs(&self) -> usize {
        self.n * self.n.saturating_sub(1) / 2
    }

    /// From the variances: no pair need be looked at.
    fn rms_distance(&self) -> f64 {
        let n = self.n as f64;
        if self.n < 2 {
            return 0.0;
        }
        let variance = |k: usize| {
            let mean = (0..self.n).map(|i| self.row(i)[k]).sum::<f64>() / n;
            (0..self.n).map(|i| (self.row(i)[k] - mean).powi(2)).sum::<f64>() / (n - 1.0)
        };
        (2.0 * (0..self.dim).map(variance).sum::<f64>()).sqrt()
    }

    fn n_duplicates(&self) -> usize {
        let mut seen: BTreeMap<Vec<u64>, ()> = BTreeMap::new();
        let key = |i: usize| self.row(i).iter().map(|value| (value + 0.0).to_bits()).collect();
        (0..self.n).filter(|&i| seen.insert(key(i), ()).is_some()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[f32; 2]]) -> Tensor {
        Tensor::from_slice(rows.as_flattened()).view([-1, 2])
    }

    #[test]
    fn geometry_of_a_square_with_a_doubled_corner() {
        let square = table(&[[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]);
        let found = geometry(&square);
        assert_eq!((found.n, found.dim, found.n_duplicates), (4, 2, 0));
        // Four sides of length 2 and two diagonals of √8.
        assert!((found.rms_distance - (32.0_f64 / 6.0).sqrt()).abs() < 1e-12);
        assert_eq!((found.smallest_distance, found.saturated), (2.0, 1.0));
        assert!((found.effective_rank - 2.0).abs() < 1e-12);
        let doubled = geometry(&table(&[[0.5, 0.0], [0.5, -0.0], [-0.5, 0.0]]));
        assert_eq!((doubled.n_duplicates, doubled.smallest_distance, doubled.saturated), (1, 0.0, 0.0));
        assert!((doubled.effective_rank - 1.0).abs() < 1e-9, "a line has rank one");
    }

    #[test]
    fn equal_rows_have_neither_extent_nor_rank() {
        let found = geometry(&table(&[[0.25, 0.5]; 5]));
        assert_eq!((found.rms_distance, found.effective_rank, found.n_duplicates), (0.0, 0.0, 4));
    }

    #[test]
    fn near_duplicates_are_told_apart_by_their_effects() {
        let rows = table(&[[0.0, 0.0], [0.005, 0.0], [0.0, 0.005], [1.0, 0.0], [1.0, 0.001]]);
        // 0 and 1 do the same, 2 nearly the same, 3 and 4 the opposite of each other.
        let effects: [f64; 5] = [0.0, 0.0, 0.1, 1.0, -1.0];
        let found = near_duplicates(&rows, &|i, j| (effects[i] - effects[j]).abs());
        assert_eq!((found.same, found.similar, found.different), (1, 2, 1));
        assert_eq!(found.worst, Some((4, 3)));
        let relative = 0.005 / geometry(&rows).rms_distance;
        assert!((found.same_effect_distance.expect("a pair") - relative).abs() < 1e-6);
        assert_eq!(found.nearest_is_same, Some(1.0), "0 and 1 have each other");
    }

    #[test]
    fn bounds_are_those_of_each_dimension() {
        assert_eq!(bounds(&table(&[[0.5, -1.0], [-0.5, 0.25]])), [(-0.5, 0.5), (-1.0, 0.25)]);
    }
}
