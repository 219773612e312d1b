//! f: the nearest row of g, and the cell from which each action is reached.

/// Action embeddings on a line.
#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    rows: Vec<f64>,
}

impl Mapping {
    pub(crate) fn new(rows: Vec<f64>) -> Self {
        Self { rows }
    }

    /// f(e): the action whose embedding is nearest; ties go to the lowest.
    pub(crate) fn nearest(&self, e: f64) -> usize {
        let mut nearest = 0;
        for (action, row) in self.rows.iter().enumerate() {
            if (row - e).abs() < (self.rows[nearest] - e).abs() {
                nearest = action;
            }
        }
        nearest
    }

    /// f⁻¹(a), from end to end; `None` where another action of the same embedding shadows it.
    pub(crate) fn cell(&self, action: usize) -> Option<(f64, f64)> {
        let here = self.rows[action];
        if self.rows[..action].contains(&here) {
            return None;
        }
        let others = || self.rows.iter().copied();
        let low = others().filter(|&row| row < here).fold(f64::NEG_INFINITY, f64::max);
        let high = others().filter(|&row| row > here).fold(f64::INFINITY, f64::min);
        Some((f64::midpoint(low, here), f64::midpoint(here, high)))
    }

    /// Where f changes.
    pub(crate) fn borders(&self) -> Vec<f64> {
        let ends = (0..self.rows.len()).filter_map(|action| self.cell(action)).map(|(low, _)| low);
        let mut borders: Vec<f64> = ends.filter(|end| end.is_finite()).collect();
        borders.sort_by(f64::total_cmp);
        borders
    }

    /// The part of f⁻¹(a) within `reach` of the embeddings.
    pub(crate) fn bounded_cell(&self, action: usize, reach: f64) -> Option<(f64, f64)> {
        let (low, high) = self.cell(action)?;
        let (least, most) = self.range(reach);
        Some((low.max(least), high.min(most)))
    }

    /// Everything within `reach` of the embeddings, from end to end.
    pub(crate) fn range(&self, reach: f64) -> (f64, f64) {
        let rows = || self.rows.iter().copied();
        (rows().fold(f64::INFINITY, f64::min) - reach, rows().fold(f64::NEG_INFINITY, f64::max) + reach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_hold_what_is_nearest() {
        let mapping = Mapping::new(vec![0.5, -1.0, 0.5, 0.0]);
        assert_eq!(mapping.cell(0), Some((0.25, f64::INFINITY)));
        assert_eq!(mapping.cell(1), Some((f64::NEG_INFINITY, -0.5)));
        assert_eq!(mapping.cell(2), None, "the first of two equal rows has the cell");
        assert_eq!(mapping.borders(), [-0.5, 0.25]);
        for i in -200..200 {
            let e = f64::from(i) / 100.0 + 0.001;
            let (low, high) = mapping.cell(mapping.nearest(e)).expect("the nearest has a cell");
            assert!(low <= e && e <= high, "{e}");
        }
    }
}
