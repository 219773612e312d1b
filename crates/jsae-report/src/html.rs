//! One page that holds a whole report: no network, no other file, opens from the disk.

mod data;

use std::fmt::Write as _;

use crate::picture::{Drawing, Scatter};
use crate::report::Report;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: [&str; 4] = [
    include_str!("html/format.js"),
    include_str!("html/tables.js"),
    include_str!("html/curves.js"),
    include_str!("html/page.js"),
];

/// What a page shows besides its report.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its title; the names of the tasks where empty.
    pub title: String,
    /// Embeddings, whose points say their labels when pointed at.
    pub scatters: Vec<Scatter>,
    /// Other pictures.
    pub drawings: Vec<Drawing>,
}

/// Writes the page: curves to zoom and toggle, tables to sort and filter, configurations and their differences.
pub fn html(report: &Report, page: &Page) -> String {
    let tasks: Vec<&str> = report.tasks.iter().map(|task| task.title.as_str()).collect();
    let title =
        if page.title.is_empty() { format!("Runs: {}", tasks.join("; ")) } else { page.title.clone() };
    let title = escaped(&title);
    let data = data::json(report, &page.scatters);
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    text.push_str(&warnings(report));
    text.push_str("<section id=\"curves\"></section>\n<section id=\"tables\"></section>\n");
    text.push_str("<section id=\"scatters\"></section>\n");
    text.push_str(&drawings(&page.drawings));
    text.push_str(&configurations(report));
    let _ = write!(
        text,
        "</main>\n<script type=\"application/json\" id=\"data\">{data}</script>\n<script>\n\"use strict\";\n"
    );
    text.extend(SCRIPT);
    text.push_str("</script>\n</body>\n</html>\n");
    text
}

fn warnings(report: &Report) -> String {
    if report.warnings.is_empty() {
        return String::new();
    }
    let items: String =
        report.warnings.iter().map(|w| format!("<li>{}</li>\n", escaped(&w.to_string()))).collect();
    let n = report.warnings.len();
    let noun = if n == 1 { "warning" } else { "warnings" };
    let open = if n <= 3 { " open" } else { "" };
    format!("<details class=\"warnings\"{open}><summary>{n} {noun}</summary><ul>\n{items}</ul></details>\n")
}

fn drawings(drawings: &[Drawing]) -> String {
    if drawings.is_empty() {
        return String::new();
    }
    let figures: String =
        drawings.iter().map(|drawing| format!("<figure>{}</figure>\n", drawing.to_svg())).collect();
    format!("<section><h2>Pictures</h2>\n<div class=\"figures\">{figures}</div></section>\n")
}

fn configurations(report: &Report) -> String {
    let mut text = "<section><h2>Configurations</h2>\n<div id=\"differences\"></div>\n".to_owned();
    for experiment in &report.experiments {
        if let Some(run) = experiment.runs.first() {
            let (name, config) = (escaped(&experiment.name), escaped(run.config_text.trim()));
            let _ = writeln!(text, "<details><summary>{name}</summary><pre>{config}</pre></details>");
        }
    }
    text + "</section>\n"
}

fn escaped(text: &str) -> String {
    crate::picture::escaped(text)
}
