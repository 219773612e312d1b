//! What a model counts, and that its file comes back whole or is refused.

use std::fs;
use std::path::PathBuf;

use jsae_envs::recommender::{Filters, Item, Model, ModelError};

fn items(n: u32) -> Vec<Item> {
    (0..n).map(|i| Item { id: format!("é{i}"), price: f64::from(i) / 3.0 }).collect()
}

fn model(sequences: &[Vec<u32>], max_skip: u32) -> Result<Model, ModelError> {
    let n = sequences.iter().flatten().max().map_or(0, |&item| item + 1);
    Model::from_sequences(items(n), sequences, Filters { max_skip, ..Filters::default() })
}

/// A folder of one test; the system clears it away.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn followers_are_counted_within_each_user() {
    let model = model(&[vec![0, 1, 2, 0, 1, 2, 2], vec![1, 0, 1]], 0).unwrap();
    assert_eq!(model.purchases(), [3, 4, 3]);
    assert_eq!(model.n_purchases(), 10);
    assert_eq!(model.followers(0).collect::<Vec<_>>(), [(1, 3)]);
    assert_eq!(model.followers(1).collect::<Vec<_>>(), [(0, 1), (2, 2)]);
    assert_eq!(model.followers(2).collect::<Vec<_>>(), [(0, 1), (2, 1)]);
    assert_eq!(model.pair_followers([0, 1]).collect::<Vec<_>>(), [(2, 2)], "the last pair is not followed");
    assert_eq!(model.pair_followers([1, 2]).collect::<Vec<_>>(), [(0, 1), (2, 1)]);
    assert_eq!(model.pair_followers([2, 2]).count() + model.pair_followers([0, 2]).count(), 0);
}

#[test]
fn skipping_halves_the_weight_of_each_item_between() {
    let model = model(&[vec![0, 1, 2, 3]], 2).unwrap();
    assert_eq!(model.followers(0).collect::<Vec<_>>(), [(1, 4), (2, 2), (3, 1)]);
    assert_eq!(model.followers(2).collect::<Vec<_>>(), [(3, 4)]);
    assert_eq!(model.pair_followers([0, 1]).collect::<Vec<_>>(), [(2, 4), (3, 2)]);
    assert_eq!(model.pair_followers([0, 2]).count(), 0, "the pair itself is never skipped over");
    assert_eq!(model.purchases(), [1; 4]);
}

#[test]
fn what_is_no_model_is_refused() {
    let refused = |items: Vec<Item>, sequences: &[Vec<u32>]| {
        Model::from_sequences(items, sequences, Filters::default()).unwrap_err().to_string()
    };
    assert_eq!(refused(items(2), &[vec![0, 2]]), "no model: a purchase of an item that does not exist");
    assert_eq!(refused(items(2), &[vec![0, 0]]), "no model: an item without a purchase");
    assert_eq!(refused(Vec::new(), &[]), "no model: no item");
    for price in [-1.0, f64::NAN, f64::INFINITY] {
        let item = Item { id: "a".into(), price };
        assert_eq!(refused(vec![item], &[vec![0]]), "no model: a price that is negative or not finite");
    }
    let twice = vec![Item { id: "a".into(), price: 1.0 }, Item { id: "a".into(), price: 2.0 }];
    assert_eq!(refused(twice, &[vec![0, 1]]), "no model: an identifier that stands twice");
    assert_eq!(model(&[vec![0]], 9).unwrap_err().to_string(), "no model: max_skip is above 8");
}

#[test]
fn file_comes_back_equal_and_replaces_an_older_one() {
    let path = folder("recommender_equal").join("a.model");
    for max_skip in [0, 3] {
        let model = model(&[vec![0, 1, 2, 0, 1, 2, 2], vec![1, 0, 1]], max_skip).unwrap();
        model.write(&path).unwrap();
        assert_eq!(Model::read(&path).unwrap(), model);
    }
    let names: Vec<_> =
        fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["a.model"], "nothing else is left");
}

#[test]
fn every_damaged_file_is_refused() {
    let path = folder("recommender_damaged").join("a.model");
    model(&[vec![0, 1, 2, 0, 1, 2, 2], vec![1, 0, 1]], 0).unwrap().write(&path).unwrap();
    let sound = fs::read(&path).unwrap();
    let refused = |bytes: &[u8]| {
        // A new file each time: some file systems wait for the disk when one is written over.
        fs::remove_file(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        Model::read(&path).expect_err("a damaged file was read")
    };
    for length in 0..sound.len() {
        refused(&sound[..length]);
    }
    for at in 0..sound.len() {
        for bit in [1, 0x80] {
            let mut bytes = sound.clone();
            bytes[at] ^= bit;
            refused(&bytes);
        }
    }
    let longer = refused(&[&sound[..], &[0]].concat()).to_string();
    assert!(
        longer.contains(&format!("damaged: {} bytes, expected {}", sound.len() + 1, sound.len())),
        "{longer}"
    );
    assert!(matches!(refused(b"event_time,event_type"), ModelError::NotAModel { .. }));
    let mut next = sound.clone();
    next[8] = 2;
    assert!(matches!(refused(&next), ModelError::Version { found: 2, expected: 1, .. }));
}

#[test]
fn lengths_beyond_the_file_are_refused_before_anything_is_made() {
    let path = folder("recommender_lengths").join("a.model");
    let mut bytes = b"jsae-rec".to_vec();
    bytes.extend([1, u32::MAX, u32::MAX, u32::MAX, u32::MAX, u32::MAX].iter().flat_map(|n| n.to_le_bytes()));
    fs::write(&path, &bytes).unwrap();
    let error = Model::read(&path).unwrap_err().to_string();
    assert!(error.contains("damaged: 32 bytes, expected 180388626438"), "{error}");
}

#[test]
fn contradictions_under_a_right_checksum_are_refused() {
    let path = folder("recommender_contradictions").join("a.model");
    model(&[vec![0, 1, 2, 0, 1, 2, 2], vec![1, 0, 1]], 0).unwrap().write(&path).unwrap();
    let sound = fs::read(&path).unwrap();
    let content = sound.len() - 4;
    let mut n_refused = 0;
    for at in 32..content {
        let mut bytes = sound[..content].to_vec();
        bytes[at] = 0xff;
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        fs::remove_file(&path).unwrap();
        fs::write(&path, &bytes).unwrap();
        n_refused += usize::from(Model::read(&path).is_err());
    }
    assert!(
        n_refused > 60,
        "{n_refused} of {} changes refused; counts and prices may be anything",
        content - 32
    );
}

#[test]
fn failed_write_leaves_nothing_behind() {
    let folder = folder("recommender_failed");
    let path = folder.join("taken.model");
    fs::create_dir_all(path.join("by a folder")).unwrap();
    let error = model(&[vec![0, 0]], 0).unwrap().write(&path).unwrap_err();
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    assert!(model(&[vec![0, 0]], 0).unwrap().write(&folder.join("no/such/folder.model")).is_err());
}
