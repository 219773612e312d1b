//! The page as text, and in a real browser where one is installed.

use std::path::Path;
use std::process::Command;

use jsae_report::html::{Page, html};
use jsae_report::picture::{Gridworld, Point, Scatter, gridworld};
use jsae_report::{Options, Report, read};

use crate::synthetic::{SLOT_MACHINE, Synthetic, VPG, folder, three_methods};

/// What a reader does with the page; writes what goes wrong into an element of its own.
const VISIT: &str = include_str!("../browser/visit.js");

fn page() -> String {
    let out = folder();
    three_methods(out.path(), 100);
    Synthetic::rising("slot </script><b>", 0, 100, 14.0, 2.0).with(&[SLOT_MACHINE, VPG]).write(out.path());
    let unfinished = Synthetic { n_epochs: 200, ..Synthetic::rising("grid_vpg", 7, 90, -1.45, 0.03) };
    std::fs::remove_file(unfinished.write(out.path()).join("evaluation.json")).unwrap();
    let report = Report::new(read(&[out.path()]), &Options::default());
    let points = (0..64).map(|i| Point {
        at: [f64::from(i % 8), f64::from(i / 8)],
        color: [30 * (i % 8) as u8, 30 * (i / 8) as u8, 128],
        label: format!("action {i}"),
    });
    let scatter = Scatter {
        title: "Action embeddings".to_owned(),
        axes: ["dimension 1", "dimension 2"].map(str::to_owned),
        points: points.collect(),
    };
    let world =
        Gridworld { title: "Gridworld".to_owned(), goal: [0.1, 0.6, 0.2, 0.7], ..Gridworld::default() };
    let page = Page { title: String::new(), scatters: vec![scatter], drawings: vec![gridworld(&world)] };
    html(&report, &page)
}

#[test]
fn page_needs_nothing_but_itself() {
    let page = page();
    for word in ["src=", "href=", "@import", "url(", "fetch(", "XMLHttpRequest", "https://"] {
        assert!(!page.contains(word), "{word}");
    }
    let namespaces = page.matches("http://www.w3.org/2000/svg").count();
    assert_eq!(page.matches("http://").count(), namespaces);
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("<b>"), "names are escaped");
    assert!(page.contains("unfinished: 90 of 200 epochs"));
}

#[test]
fn page_of_a_hundred_runs_stays_below_three_megabytes() {
    let out = folder();
    for i in 0..10 {
        let name = Box::leak(format!("trial_{i}").into_boxed_str());
        for seed in 0..10 {
            Synthetic::rising(name, seed, 700, 0.1 * f64::from(i), 0.1).write(out.path());
        }
    }
    let report = Report::new(read(&[out.path()]), &Options::default());
    let page = html(&report, &Page::default());
    assert!(page.len() < 3_000_000, "{}", page.len());
    keep("page_100", &page);
    if let Some(seen) = visit(&page, &["--window-size=1400,900"], "\"none\"") {
        assert!(ready(&seen) < 2000, "{} ms", ready(&seen));
    }
}

#[test]
fn page_of_nothing_is_a_page() {
    let page = html(&Report::new(read(&["nowhere"]), &Options::default()), &Page::default());
    assert!(page.contains("nowhere: does not exist"));
}

#[test]
fn reader_zooms_toggles_sorts_and_filters() {
    let page = page();
    keep("page", &page);
    let dark = "--blink-settings=preferredColorScheme=0";
    let light = "--blink-settings=preferredColorScheme=1";
    for (flags, scheme) in
        [(["--window-size=1400,900", light], "\"light\""), (["--window-size=500,800", dark], "\"dark\"")]
    {
        let Some(seen) = visit(&page, &flags, scheme) else { return };
        let verdict = between(&seen, "<pre id=\"visit\">", "</pre>");
        assert_eq!(verdict, "all well", "{flags:?}");
    }
}

/// Keeps a page where `JSAE_PICTURES` says, for people to look at.
fn keep(name: &str, page: &str) {
    if let Some(folder) = std::env::var_os("JSAE_PICTURES") {
        std::fs::write(Path::new(&folder).join(format!("{name}.html")), page).unwrap();
    }
}

/// The document after a visit; `None` without a browser, with the reason printed.
fn visit(page: &str, flags: &[&str], scheme: &str) -> Option<String> {
    let out = folder();
    let file = out.path().join("page.html");
    let visit = format!("<script>const scheme = {scheme};\n{VISIT}</script></body>");
    let end = page.rfind("</body>").unwrap();
    std::fs::write(&file, format!("{}{visit}{}", &page[..end], &page[end + 7..])).unwrap();
    let quiet = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--dump-dom",
    ];
    for browser in ["chromium", "chromium-browser", "google-chrome"] {
        let mut command = Command::new(browser);
        command
            .args(quiet)
            .args(flags)
            .arg(format!("--user-data-dir={}", out.path().join("profile").display()));
        if let Ok(output) = command.arg(format!("file://{}", file.display())).output() {
            return Some(String::from_utf8_lossy(&output.stdout).into_owned());
        }
    }
    eprintln!("skipped: no Chromium is installed (apt-get install chromium)");
    None
}

fn ready(seen: &str) -> u32 {
    between(seen, "data-ready=\"", "\"").parse().unwrap()
}

#[track_caller]
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let start =
        text.find(before).unwrap_or_else(|| panic!("no {before} in {} bytes", text.len())) + before.len();
    &text[start..start + text[start..].find(after).unwrap()]
}
