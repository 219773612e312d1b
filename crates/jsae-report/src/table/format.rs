use super::{Cell, Table, figure, steps};

/// Aligned columns, words to the left and numbers to the right.
pub(super) fn terminal(table: &Table) -> String {
    let (columns, cells) = without_repeats(table);
    let widths: Vec<usize> = (0..columns.len())
        .map(|i| cells.iter().map(|row| width(&row[i])).chain([width(&columns[i])]).max().unwrap_or(0))
        .collect();
    let line = |row: &[String]| {
        let parts: Vec<String> = row
            .iter()
            .zip(&widths)
            .zip(word_columns(table, columns.len()))
            .map(|((text, &width), words)| pad(text, width, words))
            .collect();
        format!("{}\n", parts.join("  ").trim_end())
    };
    let rule: Vec<String> = widths.iter().map(|&width| "─".repeat(width)).collect();
    let head = line(&columns) + &line(&rule);
    cells.iter().fold(head, |text, row| text + &line(row))
}

/// A pipe table and its caption.
pub(super) fn markdown(table: &Table) -> String {
    let (columns, cells) = without_repeats(table);
    let line = |row: &[String]| {
        let cells: Vec<String> = row.iter().map(|text| text.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let words = word_columns(table, columns.len());
    let rule: Vec<String> =
        words.iter().map(|&words| if words { "---" } else { "---:" }.to_owned()).collect();
    let head = line(&columns) + &line(&rule);
    cells.iter().fold(head, |text, row| text + &line(row)) + &format!("\n{}\n", table.caption)
}

/// A `table` environment with rules of the package `booktabs`.
pub(super) fn latex(table: &Table) -> String {
    let (columns, cells) = without_repeats(table);
    let words = word_columns(table, columns.len());
    let alignment: String = words.iter().map(|&words| if words { 'l' } else { 'r' }).collect();
    let line = |row: &[String]| {
        let cells: Vec<String> = row.iter().map(|text| escaped(text)).collect();
        format!("    {} \\\\\n", cells.join(" & "))
    };
    let body: String = cells.iter().map(|row| line(row)).collect();
    format!(
        "\\begin{{table}}\n  \\centering\n  \\caption{{{}}}\n  \\begin{{tabular}}{{{alignment}}}\n    \\toprule\n{}    \
         \\midrule\n{body}    \\bottomrule\n  \\end{{tabular}}\n\\end{{table}}\n",
        escaped(&table.caption),
        line(&columns),
    )
}

/// Every number in full precision; columns of several numbers become several.
pub(super) fn csv(table: &Table) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let name = |name: &str| {
        name.to_lowercase()
            .replace(" % ", "pc_")
            .replace("% ", "pc_")
            .replace([' ', '(', ')'], "_")
            .replace('>', "over")
    };
    let parts = |i: usize| table.rows.first().map_or(&[""][..], |row| names(&row[i]));
    let columns = table.columns.iter().enumerate().flat_map(|(i, column)| {
        let column = name(column);
        parts(i).iter().map(move |part| format!("{column}{part}"))
    });
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let values = |cell: &Cell| match cell {
        Cell::Text(text) => vec![text.clone()],
        Cell::Runs(counted, all) => vec![counted.to_string(), all.to_string()],
        Cell::Spread(mean, sd) => vec![number(*mean), number(*sd)],
        Cell::Interval(value, interval) => {
            vec![number(*value), number(interval.map(|i| i.low)), number(interval.map(|i| i.high))]
        }
        Cell::Steps(median, interval, reached, of) => {
            let end = |end: Option<f64>| number(end.filter(|end| end.is_finite()));
            let (low, high) = (interval.map(|i| i.low), interval.map(|i| i.high));
            vec![number(*median), end(low), end(high), reached.to_string(), of.to_string()]
        }
        Cell::Count(count) => vec![number(*count)],
    };
    let columns: Vec<String> = columns.collect();
    let rows = table.rows.iter().map(|row| row.iter().flat_map(values).collect::<Vec<_>>());
    for row in std::iter::once(columns).chain(rows) {
        writer.write_record(row).expect("rows as long as the columns, written to memory");
    }
    String::from_utf8(writer.into_inner().expect("memory takes all")).expect("only text was written")
}

fn names(cell: &Cell) -> &'static [&'static str] {
    match cell {
        Cell::Text(_) | Cell::Count(_) => &[""],
        Cell::Runs(..) => &["", "_found"],
        Cell::Spread(..) => &["_mean", "_sd"],
        Cell::Interval(..) => &["", "_low", "_high"],
        Cell::Steps(..) => &["_median", "_low", "_high", "_reached", "_of"],
    }
}

/// Columns and cells as text, without a first column that says the same in every row.
fn without_repeats(table: &Table) -> (Vec<String>, Vec<Vec<String>>) {
    let skip = usize::from(has_one_task(table));
    let columns = table.columns[skip..].to_vec();
    let cells = table.rows.iter().map(|row| row[skip..].iter().map(text).collect());
    (columns, cells.collect())
}

fn has_one_task(table: &Table) -> bool {
    table.rows.windows(2).all(|rows| rows[0].first() == rows[1].first())
}

fn word_columns(table: &Table, shown: usize) -> Vec<bool> {
    let skip = table.columns.len() - shown;
    let words = |i: usize| table.rows.first().is_none_or(|row| matches!(row[i], Cell::Text(_)));
    (skip..table.columns.len()).map(words).collect()
}

/// A cell in a few digits.
pub(super) fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Runs(counted, all) if counted == all => counted.to_string(),
        Cell::Runs(counted, all) => format!("{counted} of {all}"),
        Cell::Spread(None, _) | Cell::Interval(None, _) | Cell::Steps(.., 0) | Cell::Count(None) => {
            "–".to_owned()
        }
        Cell::Count(Some(count)) => steps(*count),
        Cell::Spread(Some(mean), None) => figure(*mean),
        Cell::Spread(Some(mean), Some(sd)) => format!("{} ± {}", figure(*mean), figure(*sd)),
        Cell::Interval(Some(value), None) => figure(*value),
        Cell::Interval(Some(value), Some(interval)) => {
            format!("{} [{}, {}]", figure(*value), figure(interval.low), figure(interval.high))
        }
        Cell::Steps(median, interval, reached, of) => {
            let end = |end: f64| if end.is_finite() { steps(end) } else { "∞".to_owned() };
            let mut text = median.map_or(if interval.is_some() { "∞" } else { "–" }.to_owned(), steps);
            if let Some(interval) = interval {
                text += &format!(" [{}, {}]", end(interval.low), end(interval.high));
            }
            if reached == of { text } else { format!("{text} ({reached} of {of})") }
        }
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn pad(text: &str, width: usize, words: bool) -> String {
    if words { format!("{text:<width$}") } else { format!("{text:>width$}") }
}

/// Minus signs and ± in mathematics; LaTeX's own characters escaped.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    let mut before = ' ';
    for character in text.chars() {
        match character {
            '-' if matches!(before, ' ' | '[') => escaped.push_str("$-$"),
            '±' => escaped.push_str("$\\pm$"),
            '–' => escaped.push_str("--"),
            '∞' => escaped.push_str("$\\infty$"),
            '<' | '>' => escaped.extend(['$', character, '$']),
            '_' | '%' | '&' | '#' | '$' | '{' | '}' => escaped.extend(['\\', character]),
            '\\' => escaped.push_str("\\textbackslash{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            _ => escaped.push(character),
        }
        before = character;
    }
    escaped
}
