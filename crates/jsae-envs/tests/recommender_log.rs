//! The log loader: equal to an independent count, and clear about everything that is wrong.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use jsae_envs::recommender::log::{Columns, Fault, LogError, Options, Progress, Report, load_log};
use jsae_envs::recommender::{Filters, Model, synthetic};
use serde_json::Value;

const HEADER: &str =
    "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n";
const SALES: &str = "user=who,item=what,time=when,price=paid,event=event";
const RATINGS: &str = "user=user,item=item,time=at,price=,event=";

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recommender").join(name)
}

/// Writes `content` as a file of one test.
fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("recommender_log");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

/// Keeps everything.
fn keep_all() -> Options {
    let filters = Filters { min_item_purchases: 1, min_user_purchases: 1, ..Filters::default() };
    Options { filters, ..Options::default() }
}

fn load(path: &Path, options: &Options) -> Result<(Model, Report), LogError> {
    load_log(&[path.to_owned()], options, &mut |_| {})
}

/// A purchase of item 1 by user 7, with `price`.
fn row(price: &str) -> String {
    format!("2019-10-01 00:00:00 UTC,purchase,1,2053013555631882655,,oak,{price},7,s\n")
}

fn options_of(expected: &Value, columns: &str, delimiter: u8, purchase_event: &str) -> Options {
    let number = |key: &str| expected[key].as_u64().unwrap() as u32;
    let filters = Filters {
        min_item_purchases: number("min_item"),
        min_user_purchases: number("min_user"),
        to_fixpoint: expected["fixpoint"].as_bool().unwrap(),
        max_skip: 0,
    };
    let columns = if columns.is_empty() { Columns::default() } else { columns.parse().unwrap() };
    Options { columns, delimiter, purchase_event: purchase_event.to_owned(), filters, max_bad_rows: 0 }
}

fn followers(model: &Model, n_before: u32) -> Vec<Vec<usize>> {
    let n = model.n_items();
    let pairs = (0..n).flat_map(|a| (0..n).map(move |b| [a, b]));
    match n_before {
        1 => (0..n).flat_map(|a| model.followers(a).map(move |(b, k)| vec![a, b, k as usize])).collect(),
        _ => pairs
            .flat_map(|[a, b]| model.pair_followers([a, b]).map(move |(c, k)| vec![a, b, c, k as usize]))
            .collect(),
    }
}

#[test]
fn models_equal_those_that_pandas_counted() {
    for (name, columns, delimiter, event) in [
        ("kaggle.csv", "", b',', "purchase"),
        ("quoted.csv", SALES, b',', "sale"),
        ("tabs.tsv", RATINGS, b'\t', "purchase"),
    ] {
        let path = data(name);
        let text = fs::read_to_string(path.with_extension("json")).unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        let options = options_of(&expected, columns, delimiter, event);
        let (model, report) = load(&path, &options).unwrap();
        let stages = report.stages.iter().map(|stage| [stage.n_purchases, stage.n_items, stage.n_users]);
        assert_eq!(serde_json::json!(stages.collect::<Vec<_>>()), expected["stages"], "{name}");
        let ids: Vec<_> = model.items().iter().map(|item| &item.id).collect();
        assert_eq!(serde_json::json!(ids), expected["items"], "{name}");
        for (item, price) in model.items().iter().zip(expected["prices"].as_array().unwrap()) {
            assert!((item.price / price.as_f64().unwrap() - 1.0).abs() < 1e-12, "{name}: {item:?} {price}");
        }
        assert_eq!(serde_json::json!(model.purchases()), expected["purchases"], "{name}");
        for (key, n_before) in [("order1", 1), ("order2", 2)] {
            assert_eq!(serde_json::json!(followers(&model, n_before)), expected[key], "{name} {key}");
        }
    }
}

#[test]
fn compression_and_cutting_into_files_change_nothing() {
    let text = fs::read(data("kaggle.csv")).unwrap();
    let (plain, report) = load(&data("kaggle.csv"), &keep_all()).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&text).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(&text[..], 1).unwrap();
    for (name, bytes) in [("a.csv.gz", &gzip), ("misnamed.csv", &gzip), ("a.csv.zst", &zstd)] {
        assert_eq!(load(&file(name, bytes), &keep_all()).unwrap(), (plain.clone(), report.clone()), "{name}");
    }

    let middle = text.len() / 2 + text[text.len() / 2..].iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let first = file("first.csv", &text[..middle]);
    let second = file("second.csv", [HEADER.as_bytes(), &text[middle..]].concat());
    let mut told = Vec::new();
    let (model, both) = load_log(&[first, second], &keep_all(), &mut |now| told.push(*now)).unwrap();
    assert_eq!((model, both.n_rows, both.n_files), (plain, report.n_rows, 2));
    let total_bytes = (text.len() + HEADER.len()) as u64;
    let (rows, purchases) = (report.n_rows, report.n_purchases);
    assert_eq!(told.last(), Some(&Progress { rows, purchases, bytes: total_bytes, total_bytes }));
}

#[test]
fn cut_or_damaged_compressed_files_are_refused() {
    let text = [HEADER.to_owned(), row("1.5").repeat(200_000)].concat();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    for (name, bytes) in [("cut.csv.gz", gzip), ("cut.csv.zst", zstd)] {
        let error = load(&file(name, &bytes[..bytes.len() / 2]), &keep_all()).unwrap_err();
        assert!(matches!(error, LogError::Compressed { line, .. } if line > 1_000), "{error}");
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 0x55;
        assert!(load(&file(name, &flipped), &keep_all()).is_err());
    }
}

#[test]
fn what_is_no_csv_is_named() {
    let refusals: [(&str, &[u8], &str); 8] = [
        ("empty.csv", b"", "an empty file"),
        ("blank.csv", b"\xef\xbb\xbf\r\n\n ", "an empty file"),
        ("page.csv", b"\n <!DOCTYPE html><html><body>Sign in</body></html>", "an HTML or XML page"),
        ("archive.csv", b"PK\x03\x04rest", "a zip archive: unpack it first"),
        ("table.csv", b"PAR1....", "a parquet file"),
        ("wide.csv", b"\xff\xfee\x00v\x00", "text in UTF-16"),
        ("error.csv", b"{\"code\": 401}", "a JSON file"),
        ("gone.csv", b"\n", "an empty file"),
    ];
    for (name, content, problem) in refusals {
        let path = file(name, content);
        let error = load(&path, &keep_all()).unwrap_err().to_string();
        let expected = "expected a CSV file, plain or compressed with gzip or zstd";
        assert_eq!(error, format!("{}: {problem}, {expected}", path.display()));
    }
    assert!(matches!(load(Path::new("no/such.csv"), &keep_all()), Err(LogError::File { .. })));
    assert!(load(Path::new(env!("CARGO_MANIFEST_DIR")), &keep_all()).is_err());
    assert!(load_log(&[], &keep_all(), &mut |_| {}).is_err());
}

#[test]
fn headers_without_the_columns_are_refused() {
    let refusals = [
        (
            "none.csv",
            row("1"),
            "no column \"user_id\" in the first line, which looks like data: is the header missing?",
        ),
        ("other.csv", "a,b\n1,2\n".into(), "no column \"user_id\" in the first line; it has \"a\", \"b\""),
        ("twice.csv", HEADER.replace("brand", "price"), "column \"price\" stands 2 times in the first line"),
        ("open.csv", "\"event_time,\n".into(), "a quote in the first line is not closed"),
        (
            "tab.csv",
            HEADER.replace(',', "\t"),
            "no column \"user_id\" in the first line; it has \"event_time\\tevent_typ",
        ),
    ];
    for (name, content, problem) in refusals {
        let path = file(name, content);
        let error = load(&path, &keep_all()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}:1: {problem}", path.display())), "{error}");
    }
    let bytes = file("latin1.csv", b"event_time,event_type,product_id,price,user_id,caf\xe9\n");
    assert!(load(&bytes, &keep_all()).unwrap_err().to_string().ends_with("the first line is not UTF-8"));
}

#[test]
fn other_orders_of_columns_and_rounded_categories_are_read() {
    let text = "event_time,event_type,product_id,user_id,price,category\n\
                2019-10-01 00:00:01 UTC,purchase,1,7,2.5,2.05301E+18\n\
                2019-10-01 00:00:00 UTC,purchase,2,7,3.5,2.05301E+18\n";
    let (model, report) = load(&file("reordered.csv", text), &keep_all()).unwrap();
    assert_eq!(model.followers(1).collect::<Vec<_>>(), [(0, 1)], "by time, not by row");
    assert_eq!(report.n_out_of_order, 1);
    assert_eq!(model.items()[0].price, 2.5);
}

#[test]
fn each_fault_is_told_with_line_column_and_value() {
    let with = |from: &str, to: &str| row("35.79").replace(from, to);
    let long = "9".repeat(1_000_000);
    let faults = [
        (with(",oak", ""), Fault::ColumnCount, None, "8 columns, not 9"),
        (with(",s\n", ",s,t\n"), Fault::ColumnCount, None, "10 columns, not 9"),
        ("half a row".into(), Fault::ColumnCount, None, "1 column, not 9"),
        (with("oak", "\"oak"), Fault::OpenQuote, None, "an open quote"),
        (with(",7,", ",,"), Fault::EmptyId, Some("user_id"), ""),
        (with(",1,2053", ", ,2053"), Fault::EmptyId, Some("product_id"), " "),
        (with(",7,", &format!(",{long},")), Fault::LongId, Some("user_id"), &format!("{}…", &long[..60])),
        (with(",1,2053", ",1.00E+07,2053"), Fault::RoundedId, Some("product_id"), "1.00E+07"),
        (with("2019-10-01", "01.10.2019"), Fault::NotATime, Some("event_time"), "01.10.2019 00:00:00 UTC"),
        (with("2019-10", "2019-13"), Fault::NotATime, Some("event_time"), "2019-13-01 00:00:00 UTC"),
        (with("35.79", "NaN"), Fault::NotAPrice, Some("price"), "NaN"),
        (with("35.79", ""), Fault::NotAPrice, Some("price"), ""),
        (with("35.79", "\"35,79\""), Fault::NotAPrice, Some("price"), "35,79"),
        (with("35.79", "-3"), Fault::NegativePrice, Some("price"), "-3"),
    ];
    for (bad, fault, column, value) in faults {
        let view = row("x").replace("purchase", "view");
        let path = file("fault.csv", format!("{HEADER}{}{view}{bad}", row("1")));
        let Err(LogError::BadRow { row: found, allowed: 0 }) = load(&path, &keep_all()) else {
            panic!("{fault:?}")
        };
        assert_eq!((found.line, found.fault, found.column.as_deref()), (4, fault, column), "{found}");
        assert_eq!(found.value, value);
        let options = Options { max_bad_rows: 1, ..keep_all() };
        let (_, report) = load(&path, &options).unwrap();
        assert_eq!((report.n_rows, report.n_purchases, report.n_bad_rows()), (3, 1, 1), "{fault:?}");
        assert_eq!(report.bad_rows[0].first, found);
    }
}

#[test]
fn identifiers_that_are_not_utf8_are_refused() {
    let mut bytes = [HEADER, &row("1")].concat().into_bytes();
    let at = bytes.windows(3).rposition(|window| window == b",7,").unwrap() + 1;
    bytes[at] = 0xff;
    let error = load(&file("bytes.csv", &bytes), &keep_all()).unwrap_err().to_string();
    assert!(error.contains(":2: user_id is \"\u{fffd}\", expected text in UTF-8"), "{error}");
}

#[test]
fn message_names_file_line_column_value_and_what_is_expected() {
    let path = file("message.csv", [HEADER, &row("free")].concat());
    let error = load(&path, &keep_all()).unwrap_err().to_string();
    let expected = "price is \"free\", expected a finite number (malformed rows allowed: 0)";
    assert_eq!(error, format!("{}:2: {expected}", path.display()));
}

#[test]
fn bad_rows_are_counted_by_kind_up_to_the_limit() {
    let text = [HEADER, "a,b\n", &row("-1"), "c\n", &row("2"), &row("-1"), &row("4")].concat();
    let path = file("counted.csv", text);
    let (model, report) = load(&path, &Options { max_bad_rows: 4, ..keep_all() }).unwrap();
    let kinds: Vec<_> = report.bad_rows.iter().map(|bad| (bad.fault, bad.n, bad.first.line)).collect();
    assert_eq!(kinds, [(Fault::ColumnCount, 2, 2), (Fault::NegativePrice, 2, 3)]);
    assert_eq!((model.n_purchases(), model.items()[0].price), (2, 3.0));
    let Err(LogError::BadRow { row, .. }) = load(&path, &Options { max_bad_rows: 3, ..keep_all() }) else {
        panic!("four bad rows and three allowed")
    };
    assert_eq!(row.line, 6);
}

#[test]
fn quoted_rows_count_their_lines() {
    let two_lines = row("1").replace("oak", "\"o\r\n\"\"a\"\"\nk\"");
    let text = [HEADER, &two_lines, "\r\n", "\n", &two_lines.replace("purchase", "view"), &row("x")].concat();
    let Err(LogError::BadRow { row, .. }) = load(&file("lines.csv", text), &keep_all()) else {
        panic!("x is a price")
    };
    assert_eq!(row.line, 10);
}

#[test]
fn long_fields_are_read_and_longer_rows_refused() {
    let long = row("3").replace("oak", &"o".repeat(1_000_000));
    let quoted = row("4").replace("oak", &format!("\"{}\"", "o,\n".repeat(300_000)));
    let path = file("long.csv", [HEADER, &long, &quoted, &row("5")].concat());
    assert_eq!(load(&path, &keep_all()).unwrap().0.items()[0].price, 4.0);

    let endless = row("6").replace("oak", &"o".repeat(9 << 20));
    let path = file("endless.csv", [HEADER, &row("1"), &endless, &row("2")].concat());
    let options = Options { max_bad_rows: 1, ..keep_all() };
    let (model, report) = load(&path, &options).unwrap();
    assert_eq!((model.n_purchases(), report.bad_rows[0].fault), (2, Fault::RowTooLong));
    assert_eq!((report.bad_rows[0].first.line, report.n_rows), (3, 3));

    let open = row("6").replace("oak", &format!("\"{}", "o\n".repeat(5 << 20)));
    let path = file("open.csv", [HEADER, &row("1"), &open].concat());
    let Err(LogError::BadRow { row: found, .. }) = load(&path, &keep_all()) else { panic!("an open quote") };
    assert_eq!((found.line, found.fault), (3, Fault::OpenQuote));
}

#[test]
fn last_row_needs_no_line_end() {
    let text = [HEADER, &row("1"), row("3").trim_end()].concat();
    assert_eq!(load(&file("unended.csv", &text), &keep_all()).unwrap().0.items()[0].price, 2.0);
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(load(&file("crlf.csv", crlf), &keep_all()).unwrap().0.items()[0].price, 2.0);
}

#[test]
fn logs_with_nothing_to_keep_say_why() {
    let views = [HEADER, &row("1").replace("purchase", "view")].concat();
    let error = load(&file("views.csv", views), &keep_all()).unwrap_err().to_string();
    assert_eq!(error, "no row is a purchase: no event is \"purchase\", the first one is \"view\"");
    let path = file("few.csv", [HEADER, &row("1"), &row("1")].concat());
    let error = load(&path, &Options::default()).unwrap_err().to_string();
    assert!(error.ends_with("the most bought item was bought 2 times, below 100"), "{error}");
    let mut users = keep_all();
    users.filters.min_user_purchases = 3;
    let error = load(&path, &users).unwrap_err().to_string();
    assert!(error.ends_with("no user has 3 purchases, the most are 2"), "{error}");
}

#[test]
fn column_mappings_that_say_nothing_are_refused() {
    for text in ["", "user", "user=", "item=,time=t", "shop=a"] {
        let error = text.parse::<Columns>().unwrap_err().to_string();
        assert!(error.starts_with("columns: found \"") && error.contains("expected user=NAME"), "{error}");
    }
    let columns: Columns = "item=sku,price=".parse().unwrap();
    assert_eq!((columns.item.as_str(), columns.price, columns.event.is_some()), ("sku", None, true));
    for delimiter in [b'"', b'\n', 0xe9] {
        let options = Options { delimiter, ..keep_all() };
        assert!(matches!(load(&data("kaggle.csv"), &options), Err(LogError::Options(_))));
    }
}

#[test]
fn synthetic_log_has_the_papers_shape() {
    let config = synthetic::Config { n_rows: 700_000, ..synthetic::Config::default() };
    let mut log = Vec::new();
    synthetic::write_log(&config, &mut log, &mut |_| {}).unwrap();
    let (model, report) = load(&file("synthetic.csv", &log), &Options::default()).unwrap();
    assert_eq!((model.n_items(), report.n_rows, report.n_out_of_order), (835, 700_000, 0));
    assert!((240_000..260_000).contains(&model.n_purchases()), "{}", model.n_purchases());
    let mut purchases = model.purchases().to_vec();
    purchases.sort_unstable();
    assert!(purchases[834] > 20 * purchases[417], "a heavy tail");
    let logs: Vec<f64> = model.items().iter().map(|item| item.price.ln()).collect();
    let mean = logs.iter().sum::<f64>() / 835.0;
    let deviation = (logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 835.0).sqrt();
    assert!((mean - 120f64.ln()).abs() < 0.15 && (deviation - 1.1).abs() < 0.15, "{mean} {deviation}");
    let top = |item| model.followers(item).map(|(_, count)| count).max().unwrap_or(0);
    let n_tight =
        (0..835).filter(|&item| f64::from(top(item)) > 0.1 * f64::from(model.purchases()[item])).count();
    assert!(n_tight > 400, "items follow items: {n_tight}");
}

#[test]
fn synthetic_logs_are_a_function_of_their_seed() {
    let log = |seed| {
        let config = synthetic::Config { seed, n_rows: 9_000, n_purchases: 3_000, n_items: 12 };
        let mut log = Vec::new();
        synthetic::write_log(&config, &mut log, &mut |_| {}).unwrap();
        log
    };
    assert_eq!(log(1), log(1));
    assert_ne!(log(1), log(2));
    let few = synthetic::Config { n_items: 5_000, ..synthetic::Config::default() };
    let error = synthetic::write_log(&few, &mut Vec::new(), &mut |_| {}).unwrap_err().to_string();
    assert_eq!(error, "n_purchases is 250000, expected at least 250 for each item");
}
