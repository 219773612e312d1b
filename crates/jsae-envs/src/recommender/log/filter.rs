use super::purchases::{Purchase, Purchases};
use super::{LogError, Report, Stage};
use crate::recommender::{Filters, Item, Model};

/// The model of `purchases` after the filters; the counts of each stage go into `report`.
pub(super) fn model(purchases: Purchases, filters: Filters, report: &mut Report) -> Result<Model, LogError> {
    let (mut rows, ids) = purchases.into_rows();
    report.stages.push(stage("all purchases", &rows));
    let Filters { min_item_purchases: per_item, min_user_purchases: per_user, .. } = filters;
    loop {
        let before = rows.len();
        let most = keep_frequent(&mut rows, per_item, |row| row.item);
        report.stages.push(stage(&format!("of items bought at least {per_item} times"), &rows));
        require(!rows.is_empty(), || {
            format!("the most bought item was bought {most} times, below {per_item}")
        })?;
        let most = keep_frequent(&mut rows, per_user, |row| row.user);
        report.stages.push(stage(&format!("of users with at least {per_user} purchases"), &rows));
        require(!rows.is_empty(), || format!("no user has {per_user} purchases, the most are {most}"))?;
        if !filters.to_fixpoint || rows.len() == before {
            break;
        }
    }
    let items = number_items(&mut rows, &ids);
    Ok(Model::from_sequences(items, &sequences(rows), filters)?)
}

fn require(holds: bool, problem: impl FnOnce() -> String) -> Result<(), LogError> {
    if holds { Ok(()) } else { Err(LogError::NothingLeft(problem())) }
}

/// Keeps the rows whose key stands in at least `min` of them; the largest such number.
fn keep_frequent(rows: &mut Vec<Purchase>, min: u32, key: impl Fn(&Purchase) -> u32) -> u32 {
    let counts = count(rows, &key);
    rows.retain(|row| counts[key(row) as usize] >= min);
    counts.into_iter().max().unwrap_or(0)
}

fn count(rows: &[Purchase], key: impl Fn(&Purchase) -> u32) -> Vec<u32> {
    let n = rows.iter().map(|row| key(row) as usize + 1).max().unwrap_or(0);
    let mut counts = vec![0u32; n];
    for row in rows {
        let count = &mut counts[key(row) as usize];
        *count = count.saturating_add(1);
    }
    counts
}

fn stage(name: &str, rows: &[Purchase]) -> Stage {
    let distinct = |counts: Vec<u32>| counts.into_iter().filter(|&count| count > 0).count() as u64;
    Stage {
        name: name.to_owned(),
        n_purchases: rows.len() as u64,
        n_items: distinct(count(rows, |row| row.item)),
        n_users: distinct(count(rows, |row| row.user)),
    }
}

/// Numbers the items that are left anew, by identifier, shorter ones first: numbers ascend.
fn number_items(rows: &mut [Purchase], ids: &[String]) -> Vec<Item> {
    let mut sums = vec![(0u32, 0.0); ids.len()];
    for row in &*rows {
        let (n, sum) = &mut sums[row.item as usize];
        (*n, *sum) = (*n + 1, *sum + row.price);
    }
    let mut left: Vec<usize> = (0..ids.len()).filter(|&item| sums[item].0 > 0).collect();
    left.sort_by_key(|&item| (ids[item].len(), &ids[item]));
    let mut numbers = vec![0; ids.len()];
    for (number, &item) in left.iter().enumerate() {
        numbers[item] = number as u32;
    }
    for row in rows {
        row.item = numbers[row.item as usize];
    }
    left.into_iter()
        .map(|item| Item { id: ids[item].clone(), price: sums[item].1 / f64::from(sums[item].0) })
        .collect()
}

/// Each user's items in the order of time, equal times in the order of the files.
fn sequences(mut rows: Vec<Purchase>) -> Vec<Vec<u32>> {
    rows.sort_by_key(|row| (row.user, row.time));
    let users = rows.chunk_by(|left, right| left.user == right.user);
    users.map(|rows| rows.iter().map(|row| row.item).collect()).collect()
}
