//! Ten thousand damaged logs: each is read or refused with its line, in little memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jsae_envs::recommender::log::{Fault, LogError, Options, Report, load_log};
use jsae_envs::recommender::{Filters, Model};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const N_MUTATIONS: usize = 10_000;
/// A block, a few small tables; a whole number of them for every file, whatever it says.
const MOST_BYTES: u64 = 1 << 20;

const TOKENS: [&[u8]; 20] = [
    b"\"",
    b"\"\"",
    b"\",\"",
    b",",
    b",,",
    b"\n",
    b"\n\n",
    b"\xff",
    b"\0",
    b"\xef\xbb\xbf",
    b"purchase",
    b"view",
    b"NaN",
    b"-1",
    b"1e999",
    b"9999999999999999999999",
    b"1.00E+07",
    b"2019-02-30 00:00:00 UTC",
    b"<html>",
    b"\xc3\xa9",
];

fn sound(quotes: bool) -> Vec<u8> {
    let mut text =
        b"event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
            .to_vec();
    for i in 0..24 {
        let event = ["view", "purchase", "purchase", "\"cart\""][i % 4];
        let brands = ["", "oak", "\"oak, \"\"red\"\"\"", "\"two\nlines\""];
        let brand = brands[i / 4 % if quotes { 4 } else { 2 }];
        let (item, user) = (i % 5, i % 3);
        text.extend(
            format!("2019-10-01 00:{i:02}:00 UTC,{event},{item},205301355563,a.b,{brand},{i}.50,{user},s\n")
                .bytes(),
        );
    }
    if !quotes {
        text.retain(|&byte| byte != b'"');
    }
    text
}

fn mutate(text: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..5) {
        let at = if rng.random_range(0..30) == 0 { 0 } else { rng.random_range(0..=text.len()) };
        let end = (at + rng.random_range(0..40)).min(text.len());
        match rng.random_range(0..7) {
            0 if at < text.len() => text[at] ^= 1 << rng.random_range(0..8),
            1 => drop(text.drain(at..end)),
            2 => {
                let piece = text[at..end].to_vec();
                let to = rng.random_range(0..=text.len());
                text.splice(to..to, piece);
            }
            3 => text.truncate(at.max(1)),
            4 => {
                let long = rng.next_u32() as u8;
                text.splice(at..at, std::iter::repeat_n(long, 700));
            }
            _ => {
                let token = TOKENS[rng.random_range(0..TOKENS.len())];
                text.splice(at..at, token.iter().copied());
            }
        }
    }
    // The csv crate ends a record at a lone carriage return, this loader does not.
    text.retain(|&byte| byte != b'\r');
}

fn load(path: &Path, text: &[u8], max_bad_rows: u64) -> Result<(Model, Report), LogError> {
    write(path, text);
    let filters = Filters { min_item_purchases: 1, min_user_purchases: 1, ..Filters::default() };
    let options = Options { filters, max_bad_rows, ..Options::default() };
    let mut result = None;
    let used = allocation_counter::measure(|| {
        result = Some(load_log(&[path.to_owned()], &options, &mut |_| {}));
    });
    assert!(used.bytes_max < MOST_BYTES, "{} bytes for {} bytes of text", used.bytes_max, text.len());
    result.unwrap()
}

/// A new file each time: some file systems wait for the disk when one is written over.
fn write(path: &Path, bytes: &[u8]) {
    let _ = fs::remove_file(path);
    fs::write(path, bytes).unwrap();
}

/// Where line `line` (from 1) begins.
fn line_start(text: &[u8], line: u64) -> usize {
    let ends = text.iter().enumerate().filter(|&(_, &byte)| byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).nth(line as usize - 1).expect("the line exists")
}

/// The fault stands in the line it is told for: without the rows from there on there is none.
fn check_line(path: &Path, text: &[u8], error: &LogError) {
    let LogError::BadRow { row, allowed: 0 } = error else { return };
    assert!(error.to_string().starts_with(&format!("{}:{}: ", path.display(), row.line)), "{error}");
    let start = line_start(text, row.line);
    assert!(start < text.len(), "{error}");
    let before = load(path, &text[..start], 0);
    assert!(!matches!(before, Err(LogError::BadRow { .. })), "{error}, but also {before:?}");
}

/// Rows by the csv crate.
fn n_records(text: &[u8]) -> u64 {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    reader.byte_records().map(|record| record.map(|_| 1).expect("bytes are always records")).sum()
}

#[test]
fn mutated_logs_are_read_or_refused_with_their_line() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("recommender_mutated.csv");
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for i in 0..N_MUTATIONS {
        let mut text = sound(i % 2 == 0);
        mutate(&mut text, &mut rng);
        let strict = load(&path, &text, 0);
        if let Err(error) = &strict {
            check_line(&path, &text, error);
        }
        let lenient = load(&path, &text, u64::MAX);
        match &lenient {
            Ok((_, report)) => {
                let open = report.bad_rows.iter().any(|bad| bad.fault == Fault::OpenQuote);
                assert!(open || report.n_rows == n_records(&text), "{}", String::from_utf8_lossy(&text));
                assert_eq!(strict.is_ok(), report.n_bad_rows() == 0);
            }
            Err(error) => assert!(!matches!(error, LogError::BadRow { .. }), "{error}"),
        }
        *outcomes.entry(outcome(&strict)).or_default() += 1;
    }
    // The mutations reach every way out.
    for (name, at_least) in [("read", 1_000), ("header", 100), ("format", 20), ("no purchases", 20)] {
        assert!(outcomes.get(name).is_some_and(|&n| n >= at_least), "{name}: {outcomes:?}");
    }
    assert!(outcomes.keys().filter(|name| name.starts_with("row: ")).count() >= 7, "{outcomes:?}");
}

fn outcome(result: &Result<(Model, Report), LogError>) -> String {
    match result {
        Ok(_) => "read".to_owned(),
        Err(LogError::BadRow { row, .. }) => format!("row: {:?}", row.fault),
        Err(LogError::Header { .. }) => "header".to_owned(),
        Err(LogError::Format { .. }) => "format".to_owned(),
        Err(LogError::NoPurchases { .. }) => "no purchases".to_owned(),
        Err(other) => other.to_string(),
    }
}

#[test]
fn mutated_compressed_logs_never_panic() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("recommender_mutated.csv.gz");
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let gzip = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, &sound(true)).unwrap();
        encoder.finish().unwrap()
    };
    for sound in [gzip, zstd::encode_all(&sound(true)[..], 1).unwrap()] {
        let mut n_read = 0;
        for _ in 0..1_000 {
            let mut bytes = sound.clone();
            let at = rng.random_range(4..bytes.len());
            bytes[at] ^= 1 << rng.random_range(0..8);
            write(&path, &bytes);
            n_read +=
                usize::from(load_log(std::slice::from_ref(&path), &Options::default(), &mut |_| {}).is_ok());
        }
        assert_eq!(n_read, 0, "damage that is not noticed");
    }
}
