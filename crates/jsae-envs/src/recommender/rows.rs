use super::ModelError;

/// Sparse rows of counts: for each row the items that follow, ascending, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    /// Where each row begins, `[n_rows + 1]`.
    pub(super) starts: Vec<u32>,
    /// Items, row after row, `[n_entries]`.
    pub(super) items: Vec<u32>,
    /// Their counts, `[n_entries]`.
    pub(super) counts: Vec<u32>,
}

impl Rows {
    /// Adds up `entries` of (row, item, weight), in any order.
    pub(super) fn sum(n_rows: usize, mut entries: Vec<(u32, u32, u32)>) -> Result<Self, ModelError> {
        entries.sort_unstable_by_key(|&(row, item, _)| (row, item));
        let mut rows = Self { starts: vec![0; n_rows + 1], items: Vec::new(), counts: Vec::new() };
        let mut last = None;
        for (row, item, weight) in entries {
            if last == Some((row, item)) {
                let count = rows.counts.last_mut().expect("an entry was just added");
                *count = count.checked_add(weight).ok_or(ModelError::TooManyPurchases)?;
            } else {
                rows.items.push(item);
                rows.counts.push(weight);
                rows.starts[row as usize + 1] += 1;
                last = Some((row, item));
            }
        }
        for row in 0..n_rows {
            rows.starts[row + 1] += rows.starts[row];
        }
        Ok(rows)
    }

    pub(super) fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn range(&self, row: usize) -> std::ops::Range<usize> {
        self.starts[row] as usize..self.starts[row + 1] as usize
    }

    /// The entry of `item` in `row`.
    pub(super) fn find(&self, row: usize, item: usize) -> Option<usize> {
        let range = self.range(row);
        let item = u32::try_from(item).ok()?;
        let position = self.items[range.clone()].binary_search(&item).ok()?;
        Some(range.start + position)
    }

    /// What makes these no rows over `n_items`, if anything.
    pub(super) fn problem(&self, n_items: usize) -> Option<&'static str> {
        let ends = (self.starts.first(), self.starts.last().map(|&end| end as usize));
        if ends != (Some(&0), Some(self.items.len())) || self.starts.windows(2).any(|pair| pair[0] > pair[1])
        {
            return Some("rows that do not follow one another");
        }
        let ascends = |row| self.items[self.range(row)].windows(2).all(|pair| pair[0] < pair[1]);
        if !(0..self.n_rows()).all(ascends) {
            return Some("a row whose items do not ascend");
        }
        if self.items.iter().any(|&item| item as usize >= n_items) {
            return Some("an item that does not exist");
        }
        self.counts.contains(&0).then_some("a count of 0")
    }
}
