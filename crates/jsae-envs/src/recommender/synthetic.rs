//! A purchase log that nobody made, in the shape of the paper's.
//!
//! The file has the columns of "eCommerce behavior data from multi category store" (Kechinov
//! 2019) and one month of events in the order of time, most of them views. The paper's filters
//! leave `n_items` items and about `n_purchases` purchases of it.
//!
//! - **Popularity** has a heavy tail: among the items kept, 60 % of the purchases follow Zipf's
//!   law, 40 % spread evenly. A long tail of other items, each bought fewer than 100 times,
//!   takes 30 % of all purchases and falls to the item filter.
//! - **Items follow items**: they stand in groups of 3 within shelves of 12. The next purchase is
//!   from the group of the last one (25 %), from its shelf (20 %), from the shelf of the one
//!   before (15 %), or from anywhere, always by popularity.
//! - **Users** buy 1 + ⌊lognormal⌋ times; most fall to the user filter.
//! - **Prices** are lognormal with median 120 and σ = 1.1, an item's own varying by 5 %.
//!
//! ```
//! use jsae_envs::recommender::synthetic::{Config, write_log};
//!
//! let config = Config { n_items: 8, n_purchases: 2_000, n_rows: 10_000, ..Config::default() };
//! let mut log = Vec::new();
//! write_log(&config, &mut log, &mut |_rows| {})?;
//! assert!(log.starts_with(b"event_time,event_type,product_id,"));
//! assert_eq!(log.iter().filter(|&&byte| byte == b'\n').count(), 10_001);
//! # Ok::<(), jsae_envs::recommender::synthetic::SyntheticError>(())
//! ```

use std::io::Write;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

mod catalog;
mod customers;
mod rows;

use catalog::Catalog;
use rows::Rows;

/// What log to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Decides everything that is random; default 0.
    pub seed: u64,
    /// Rows, header not counted; default 40,000,000 (5.4 GB), at least 2.6 times `n_purchases`.
    pub n_rows: u64,
    /// Purchases that the paper's filters leave, within a few percent; default 250,000, at least
    /// 250 for each item.
    pub n_purchases: u32,
    /// Items that the paper's filters leave; default 835, at least 2.
    pub n_items: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { seed: 0, n_rows: 40_000_000, n_purchases: 250_000, n_items: 835 }
    }
}

/// Why no log was written.
#[derive(Debug, thiserror::Error)]
pub enum SyntheticError {
    /// A configuration that cannot give a log of this shape.
    #[error("{key} is {found}, expected {expected}")]
    Config {
        /// Field of [`Config`].
        key: &'static str,
        /// Its value.
        found: u64,
        /// What would do.
        expected: &'static str,
    },
    /// The writer's error.
    #[error("the log could not be written: {0}")]
    Write(#[from] std::io::Error),
}

/// All purchases for one that the filters leave.
const ALL_PER_KEPT: f64 = 2.59;

/// Writes a log to `out`, in the order of time; memory is bounded by the purchases.
///
/// `progress` is called every 65,536 rows with the rows written so far.
///
/// # Errors
/// [`SyntheticError`].
pub fn write_log(
    config: &Config,
    out: &mut impl Write,
    progress: &mut dyn FnMut(u64),
) -> Result<(), SyntheticError> {
    config.check()?;
    let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
    let n_all = config.n_all_purchases();
    let catalog = Catalog::draw(config.n_items as usize, n_all as usize, &mut rng);
    let purchases = customers::draw(&catalog, n_all as usize, config.n_rows, &mut rng);
    let mut rows = Rows::new(&catalog, config.n_rows);
    let mut purchases = purchases.into_iter().peekable();
    out.write_all(rows::HEADER)?;
    for row in 0..config.n_rows {
        match purchases.next_if(|purchase| purchase.row == row) {
            Some(purchase) => rows.purchase(row, purchase.user, purchase.item as usize, &mut rng),
            None => rows.other(row, &mut rng),
        }
        if row % 65_536 == 65_535 || row + 1 == config.n_rows {
            out.write_all(rows.text())?;
            rows.clear();
            progress(row + 1);
        }
    }
    Ok(())
}

impl Config {
    fn n_all_purchases(&self) -> u64 {
        (f64::from(self.n_purchases) * ALL_PER_KEPT) as u64
    }

    fn check(&self) -> Result<(), SyntheticError> {
        let require = |holds, key, found, expected| {
            if holds { Ok(()) } else { Err(SyntheticError::Config { key, found, expected }) }
        };
        let (n_items, n_purchases) = (u64::from(self.n_items), u64::from(self.n_purchases));
        require(n_items >= 2, "n_items", n_items, "at least 2")?;
        require(n_purchases >= 250 * n_items, "n_purchases", n_purchases, "at least 250 for each item")?;
        let enough = self.n_rows >= self.n_all_purchases();
        require(enough, "n_rows", self.n_rows, "at least 2.6 times n_purchases")
    }
}
