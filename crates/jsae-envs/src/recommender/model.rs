use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::rows::Rows;

/// How often items followed one another in a purchase log, and what they cost.
///
/// Items are numbered `0..n_items`. Everything is a count, so that probabilities are made where
/// they are used and a model file holds no setting of the environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(super) items: Vec<Item>,
    pub(super) purchases: Vec<u32>,
    /// Row: an item; entries: those bought next.
    pub(super) order1: Rows,
    /// Row: an entry of `order1`, that is a pair; entries: the items bought after the pair.
    pub(super) order2: Rows,
    pub(super) filters: Filters,
}

/// One item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Identifier in the log.
    pub id: String,
    /// Mean price of its purchases, in the log's currency.
    pub price: f64,
}

/// What was dropped from the log and how followers were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filters {
    /// Drops items bought less often; default 100.
    pub min_item_purchases: u32,
    /// Then drops users with fewer purchases; default 3.
    pub min_user_purchases: u32,
    /// Repeats both until nothing is dropped; default false.
    pub to_fixpoint: bool,
    /// Shani et al.'s skipping: also counts what is bought after up to this many other items,
    /// each halving its weight; default 0, at most 8.
    pub max_skip: u32,
}

impl Default for Filters {
    fn default() -> Self {
        Self { min_item_purchases: 100, min_user_purchases: 3, to_fixpoint: false, max_skip: 0 }
    }
}

/// The largest [`Filters::max_skip`].
pub const MAX_SKIP: u32 = 8;

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another kind of file.
    #[error("{}: not a recommender model (it does not begin like one)", path.display())]
    NotAModel {
        /// The file.
        path: PathBuf,
    },
    /// A model of another version of this library.
    #[error("{}: version {found} of the format, expected {expected}: make it anew from the log", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version that is read.
        expected: u32,
    },
    /// A model file that was cut or changed.
    #[error("{}: damaged: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Items and sequences that do not make a model.
    #[error("no model: {0}")]
    Content(&'static str),
    /// A count that does not fit in 32 bits.
    #[error("no model: two items follow one another too often for a 32-bit count")]
    TooManyPurchases,
}

impl Model {
    /// Counts the `sequences` of purchases, one for each user in the order of time, each
    /// purchase an index into `items`.
    ///
    /// # Errors
    /// [`ModelError::Content`] where an index has no item, an item no purchase, a price is
    /// negative or not finite, an identifier stands twice, or `max_skip` is above [`MAX_SKIP`];
    /// [`ModelError::TooManyPurchases`].
    pub fn from_sequences<S: AsRef<[u32]>>(
        items: Vec<Item>,
        sequences: &[S],
        filters: Filters,
    ) -> Result<Self, ModelError> {
        if filters.max_skip > MAX_SKIP {
            return Err(ModelError::Content("max_skip is above 8"));
        }
        let sequences: Vec<&[u32]> = sequences.iter().map(AsRef::as_ref).collect();
        let n_items = u32::try_from(items.len()).map_err(|_| ModelError::TooManyPurchases)?;
        if sequences.iter().copied().flatten().any(|&item| item >= n_items) {
            return Err(ModelError::Content("a purchase of an item that does not exist"));
        }
        let purchases = count_purchases(items.len(), &sequences)?;
        let order1 = count_order1(items.len(), &sequences, filters.max_skip)?;
        let order2 = count_order2(&order1, &sequences, filters.max_skip)?;
        let model = Self { items, purchases, order1, order2, filters };
        model.problem().map_or(Ok(model), |problem| Err(ModelError::Content(problem)))
    }

    /// Number of items.
    pub fn n_items(&self) -> usize {
        self.items.len()
    }

    /// The items by index, `[n_items]`.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Purchases of each item, `[n_items]`.
    pub fn purchases(&self) -> &[u32] {
        &self.purchases
    }

    /// All purchases counted: the rows that the filters left.
    pub fn n_purchases(&self) -> u64 {
        self.purchases.iter().map(|&n| u64::from(n)).sum()
    }

    /// How it was made.
    pub fn filters(&self) -> Filters {
        self.filters
    }

    /// Items bought right after `item`, ascending, each with its count.
    ///
    /// Counts are in units of one purchase over 2^`max_skip`.
    pub fn followers(&self, item: usize) -> impl Iterator<Item = (usize, u32)> + '_ {
        entries(&self.order1, self.order1.range(item))
    }

    /// Items bought right after `items` in this order, ascending, each with its count in the
    /// units of [`Model::followers`].
    pub fn pair_followers(&self, items: [usize; 2]) -> impl Iterator<Item = (usize, u32)> + '_ {
        let pair = self.order1.find(items[0], items[1]);
        entries(&self.order2, pair.map_or(0..0, |pair| self.order2.range(pair)))
    }

    /// What makes this no model, if anything.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let n_items = self.n_items();
        if n_items == 0 {
            return Some("no item");
        }
        if self.purchases.contains(&0) {
            return Some("an item without a purchase");
        }
        if self.items.iter().any(|item| !(item.price >= 0.0 && item.price.is_finite())) {
            return Some("a price that is negative or not finite");
        }
        let ids: std::collections::HashSet<_> = self.items.iter().map(|item| &item.id).collect();
        if ids.len() < n_items {
            return Some("an identifier that stands twice");
        }
        self.order1.problem(n_items).or_else(|| self.order2.problem(n_items))
    }
}

fn entries(rows: &Rows, range: std::ops::Range<usize>) -> impl Iterator<Item = (usize, u32)> + '_ {
    rows.items[range.clone()].iter().map(|&item| item as usize).zip(rows.counts[range].iter().copied())
}

fn count_purchases(n_items: usize, sequences: &[&[u32]]) -> Result<Vec<u32>, ModelError> {
    let mut purchases = vec![0u32; n_items];
    for &item in sequences.iter().copied().flatten() {
        let count = &mut purchases[item as usize];
        *count = count.checked_add(1).ok_or(ModelError::TooManyPurchases)?;
    }
    Ok(purchases)
}

fn count_order1(n_items: usize, sequences: &[&[u32]], max_skip: u32) -> Result<Rows, ModelError> {
    let mut counts = Vec::new();
    for sequence in sequences {
        for (at, &item) in sequence.iter().enumerate() {
            counts.extend(followers(sequence, at + 1, max_skip).map(|(next, weight)| (item, next, weight)));
        }
    }
    Rows::sum(n_items, counts)
}

fn count_order2(order1: &Rows, sequences: &[&[u32]], max_skip: u32) -> Result<Rows, ModelError> {
    let mut counts = Vec::new();
    for sequence in sequences {
        for (at, pair) in sequence.windows(2).enumerate() {
            let entry = order1.find(pair[0] as usize, pair[1] as usize);
            let entry = entry.expect("neighbours were counted") as u32;
            counts.extend(followers(sequence, at + 2, max_skip).map(|(next, weight)| (entry, next, weight)));
        }
    }
    Rows::sum(order1.items.len(), counts)
}

/// What stands in `sequence` from position `from` on, with weights 2^`max_skip`, half of it, …, 1.
fn followers(sequence: &[u32], from: usize, max_skip: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
    let followers = sequence.get(from..).unwrap_or_default();
    followers.iter().copied().zip((0..=max_skip).map(move |skip| 1 << (max_skip - skip)))
}
