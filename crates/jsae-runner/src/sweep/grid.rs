use std::collections::BTreeSet;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

use super::axis::{AxisKey, AxisValue};
use super::file::{Random, Sweep};
use crate::experiment::{Place, Problems};

/// More trials than this are run on request alone.
pub(super) const MOST_UNFORCED: u64 = 100_000;

/// More than this cannot be listed in memory.
const MOST: u64 = 1_000_000_000;

/// Grids up to this size are sampled by shuffling them.
const MOST_SHUFFLED: u64 = 1_000_000;

impl Sweep {
    /// Points of the whole grid, exclusions not taken off.
    pub(super) fn grid_size(&self) -> u128 {
        self.axes.iter().fold(1, |size: u128, axis| size.saturating_mul(axis.len() as u128))
    }

    /// The points to be tried, by their place in the grid; the first axis moves slowest.
    ///
    /// # Errors
    /// More of them than anyone wants, unless `force`; none at all.
    pub(super) fn points(&self, force: bool) -> Result<Vec<u64>, Problems> {
        let size = self.grid_size();
        let planned = self.random.map_or(size, |random| size.min(u128::from(random.budget)));
        let refuse = |message: String| Err(Problems::one(Place::Path(self.path.clone()), message));
        if planned > u128::from(MOST) || size > u128::from(u64::MAX) {
            return refuse(format!("{size} trials: that is more than can be listed"));
        }
        if planned > u128::from(MOST_UNFORCED) && !force {
            let seeds = self.search_seeds.len();
            return refuse(format!(
                "{planned} trials with {seeds} seeds each, more than {MOST_UNFORCED} trials: \
                 [random] budget draws a sample, --force runs all of them"
            ));
        }
        let points = match self.random {
            None => (0..size as u64).filter(|&point| !self.is_excluded(point)).collect(),
            Some(random) => self.sample(size as u64, random),
        };
        if points.is_empty() { refuse("the exclusions leave no trial".to_owned()) } else { Ok(points) }
    }

    /// The value of every key at a point of the grid.
    pub(super) fn values_at(&self, mut point: u64) -> Vec<(&AxisKey, &AxisValue)> {
        let mut values = Vec::new();
        for axis in self.axes.iter().rev() {
            let at = (point % axis.len() as u64) as usize;
            point /= axis.len() as u64;
            values.extend(axis.keys.iter().map(|key| (key, &key.values[at])));
        }
        values.sort_by(|a, b| a.0.key.cmp(&b.0.key));
        values
    }

    fn is_excluded(&self, point: u64) -> bool {
        if self.exclusions.is_empty() {
            return false;
        }
        let values = self.values_at(point);
        let value_of =
            |name: &str| values.iter().find(|(key, _)| key.key == name).map(|(_, value)| &value.value);
        self.exclusions.iter().any(|exclusion| exclusion.holds(value_of))
    }

    /// Different points that are not excluded, in the order of the grid.
    fn sample(&self, size: u64, random: Random) -> Vec<u64> {
        let mut rng = ChaCha8Rng::seed_from_u64(random.seed);
        let mut drawn = BTreeSet::new();
        if size <= MOST_SHUFFLED {
            let mut points: Vec<u64> = (0..size).filter(|&point| !self.is_excluded(point)).collect();
            while (drawn.len() as u64) < random.budget && !points.is_empty() {
                let at = rng.random_range(0..points.len());
                drawn.insert(points.swap_remove(at));
            }
        } else {
            // The exclusions may leave next to nothing: the search has an end.
            let tries = random.budget.saturating_mul(1_000);
            for _ in 0..tries {
                if drawn.len() as u64 == random.budget {
                    break;
                }
                let point = rng.random_range(0..size);
                if !self.is_excluded(point) {
                    drawn.insert(point);
                }
            }
        }
        drawn.into_iter().collect()
    }
}
