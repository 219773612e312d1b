use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::alias::{Row, Tables};
use super::model::Model;
use super::rows::Rows;

/// What is bought next when nothing is recommended.
///
/// With λ for the smoothing, the state (a, b) and P0 for popularity,
/// p(j) = (1 − λ) (½ P1(j given b) + ½ P2(j given a, b)) + λ P0(j). A pair that was never
/// followed takes P1 for P2, an item that was never followed P0 for P1. (Shani et al. 2005,
/// mixture of orders with equal weights.)
#[derive(Clone, Debug)]
pub struct Dynamics {
    n_items: usize,
    smoothing: f64,
    order0: Tables,
    /// Row: an item.
    order1: Tables,
    /// Row: an entry of `order1`.
    order2: Tables,
    similar: Option<Similar>,
}

/// Shani et al.'s similarity: pairs that share an item share their followers.
///
/// sim((a, b), (c, d)) = 2 · 1{a = c} + 3 · 1{b = d}, and half of the order-2 distribution
/// becomes Σ over pairs q of sim(s, q) P2(j given q), normalised.
#[derive(Clone, Debug)]
struct Similar {
    /// Row a: mean of P2 over the pairs that begin with a, and their number.
    first: Tables,
    n_first: Vec<f64>,
    /// Row b: mean of P2 over the pairs that end with b, and their number.
    second: Tables,
    n_second: Vec<f64>,
}

/// The sparse parts of the distribution in one state; popularity takes the rest of the weight.
pub(super) struct Mixture<'a>([(f64, Option<Row<'a>>); 4]);

impl Dynamics {
    /// The probabilities of `model`, mixed with `smoothing` of popularity.
    pub fn new(model: &Model, smoothing: f64, similarity: bool) -> Self {
        let n_items = model.n_items();
        let weights = |counts: &[u32]| counts.iter().map(|&count| f64::from(count)).collect::<Vec<_>>();
        let table = |rows: &Rows| Tables::new(rows.starts.clone(), &rows.items, &weights(&rows.counts));
        let all: Vec<u32> = (0..n_items as u32).collect();
        let order2 = table(&model.order2);
        Self {
            n_items,
            smoothing,
            similar: similarity.then(|| Similar::new(n_items, &model.order1, &order2)),
            order0: Tables::new(vec![0, n_items as u32], &all, &weights(&model.purchases)),
            order1: table(&model.order1),
            order2,
        }
    }

    /// Number of items.
    pub fn n_items(&self) -> usize {
        self.n_items
    }

    /// Probability that `item` is bought after the last two items, `state`.
    pub fn probability(&self, state: [usize; 2], item: usize) -> f64 {
        self.mixed_probability(&self.mixture(state), item)
    }

    /// The probabilities of all items, `[n_items]`, in `state`.
    pub fn distribution(&self, state: [usize; 2], probabilities: &mut [f64]) {
        let mixture = self.mixture(state);
        let rest = mixture.rest();
        for (out, entry) in probabilities.iter_mut().zip(self.popularity().0) {
            *out = rest * entry.probability;
        }
        for (weight, row) in mixture.parts() {
            for entry in row.0 {
                probabilities[entry.item as usize] += weight * entry.probability;
            }
        }
    }

    /// Has `state` a distribution that the last item alone does not decide?
    pub(super) fn depends_on_first(&self, state: [usize; 2]) -> bool {
        self.similar.is_some() || self.pair_row(state).is_some()
    }

    pub(super) fn mixed_probability(&self, mixture: &Mixture<'_>, item: usize) -> f64 {
        let sparse: f64 = mixture.parts().map(|(weight, row)| weight * row.probability(item)).sum();
        mixture.rest() * self.popularity().0[item].probability + sparse
    }

    /// Draws from [`Dynamics::distribution`], in a time that the number of items does not change.
    pub(super) fn sample(&self, mixture: &Mixture<'_>, rng: &mut ChaCha8Rng) -> usize {
        let mut left = rng.random::<f64>();
        for (weight, row) in mixture.parts() {
            if left < weight {
                return row.sample(rng);
            }
            left -= weight;
        }
        self.popularity().sample(rng)
    }

    pub(super) fn mixture(&self, state: [usize; 2]) -> Mixture<'_> {
        let rest = 1.0 - self.smoothing;
        let order1 = self.order1.row(state[1]);
        let order2 = self.pair_row(state);
        let Some((first, n_first, second, n_second)) = self.similar_rows(state) else {
            return match order2 {
                Some(_) => Mixture([(rest / 2.0, order1), (rest / 2.0, order2), (0.0, None), (0.0, None)]),
                None => Mixture([(rest, order1), (0.0, None), (0.0, None), (0.0, None)]),
            };
        };
        let own = if order2.is_some() { rest / 4.0 } else { 0.0 };
        let share = (rest / 2.0 - own) / (2.0 * n_first + 3.0 * n_second);
        Mixture([
            (rest / 2.0, order1),
            (own, order2),
            (share * 2.0 * n_first, first),
            (share * 3.0 * n_second, second),
        ])
    }

    fn pair_row(&self, [first, second]: [usize; 2]) -> Option<Row<'_>> {
        self.order2.row(self.order1.find(first, second)?)
    }

    /// The rows of similar pairs and how many pairs each is the mean of; `None` without any.
    fn similar_rows(&self, [a, b]: [usize; 2]) -> Option<(Option<Row<'_>>, f64, Option<Row<'_>>, f64)> {
        let similar = self.similar.as_ref()?;
        let (n_first, n_second) = (similar.n_first[a], similar.n_second[b]);
        (n_first + n_second > 0.0).then(|| (similar.first.row(a), n_first, similar.second.row(b), n_second))
    }

    /// The row of all items.
    fn popularity(&self) -> Row<'_> {
        self.order0.row(0).expect("a model has items")
    }
}

impl<'a> Mixture<'a> {
    /// The rows that there are, with their weights.
    fn parts(&self) -> impl Iterator<Item = (f64, Row<'a>)> + '_ {
        self.0.iter().filter_map(|&(weight, row)| Some((weight, row?)))
    }

    /// Weight of popularity.
    fn rest(&self) -> f64 {
        1.0 - self.parts().map(|(weight, _)| weight).sum::<f64>()
    }
}

impl Similar {
    fn new(n_items: usize, pairs: &Rows, order2: &Tables) -> Self {
        let mut first = Sums::new(n_items);
        let mut second = Sums::new(n_items);
        for a in 0..n_items {
            for pair in pairs.range(a) {
                if let Some(row) = order2.row(pair) {
                    first.add(a, row);
                    second.add(pairs.items[pair] as usize, row);
                }
            }
        }
        let ((first, n_first), (second, n_second)) = (first.into_tables(), second.into_tables());
        Self { first, n_first, second, n_second }
    }
}

/// Sums of rows, by item.
struct Sums {
    rows: Vec<BTreeMap<u32, f64>>,
    n: Vec<f64>,
}

impl Sums {
    fn new(n_items: usize) -> Self {
        Self { rows: vec![BTreeMap::new(); n_items], n: vec![0.0; n_items] }
    }

    fn add(&mut self, to: usize, row: Row<'_>) {
        for entry in row.0 {
            *self.rows[to].entry(entry.item).or_insert(0.0) += entry.probability;
        }
        self.n[to] += 1.0;
    }

    fn into_tables(self) -> (Tables, Vec<f64>) {
        let mut starts = vec![0];
        let (mut items, mut weights) = (Vec::new(), Vec::new());
        for row in self.rows {
            items.extend(row.keys().copied());
            weights.extend(row.into_values());
            starts.push(items.len() as u32);
        }
        (Tables::new(starts, &items, &weights), self.n)
    }
}
