use std::ops::Range;
use std::path::Path;

use memchr::{memchr, memchr_iter};

use super::columns::Places;
use super::fields::{check_id, parse_price, parse_time};
use super::input::Blocks;
use super::masks::{WIDTH, mask};
use super::purchases::Purchases;
use super::record::{self, End};
use super::{BadRow, Fault, LogError, Options, Progress, Report};

const SHOWN: usize = 60;
const PROGRESS_EVERY: u64 = 4 << 20;

/// Goes through the rows of one file.
pub(super) struct Scanner<'a> {
    path: &'a Path,
    options: &'a Options,
    places: Places,
    purchases: &'a mut Purchases,
    report: &'a mut Report,
    /// Lines passed.
    line: u64,
    fields: Vec<Range<usize>>,
    /// The first event that is no purchase.
    other_event: Option<String>,
}

impl<'a> Scanner<'a> {
    /// Reads the header of `blocks`.
    pub(super) fn new(
        path: &'a Path,
        options: &'a Options,
        blocks: &mut Blocks,
        purchases: &'a mut Purchases,
        report: &'a mut Report,
    ) -> Result<Self, LogError> {
        let (header, line) = read_header(path, options, blocks)?;
        let places = Places::find(options, &header)
            .map_err(|problem| LogError::Header { path: path.to_owned(), problem })?;
        let fields = Vec::new();
        Ok(Self { path, options, places, purchases, report, line, fields, other_event: None })
    }

    /// Goes through all rows.
    pub(super) fn run(
        &mut self,
        blocks: &mut Blocks,
        now: &mut Progress,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<(), LogError> {
        let bytes_before = now.bytes;
        let mut told = now.bytes;
        loop {
            let consumed = self.scan(blocks.data(), blocks.at_end(), blocks.is_full())?;
            blocks.consume(consumed);
            now.bytes = bytes_before + blocks.bytes();
            (now.rows, now.purchases) = (self.report.n_rows, self.purchases.len() as u64);
            if now.bytes >= told + PROGRESS_EVERY || blocks.at_end() {
                told = now.bytes;
                progress(now);
            }
            if blocks.at_end() {
                return Ok(());
            }
            if blocks.is_full() {
                self.pass_long_row(blocks)?;
            }
            blocks.fill(self.line)?;
        }
    }

    pub(super) fn into_other_event(self) -> Option<String> {
        self.other_event
    }

    /// Goes through the whole rows in `data` and returns their length. `at_end`: the last line
    /// needs no line end; `full`: there will never be more of the last row.
    fn scan(&mut self, data: &[u8], at_end: bool, full: bool) -> Result<usize, LogError> {
        let quotes = memchr(b'"', data).is_some();
        let mut start = if quotes { 0 } else { self.plain_rows(data)? };
        while start < data.len() {
            let rest = &data[start..];
            let Some(end) = memchr(b'\n', rest).or(at_end.then_some(rest.len())) else { break };
            if quotes && memchr(b'"', &rest[..end]).is_some() {
                // A full buffer says that there is no more of its first row, and nothing of the others.
                let last = at_end || (full && start == 0);
                let Some(length) = self.quoted_row(rest, end, at_end, last)? else { break };
                start += length;
            } else {
                self.plain_row(&rest[..end])?;
                start += end + 1;
            }
        }
        Ok(start.min(data.len()))
    }

    /// Goes through the rows of `data`, which has no quotes, but for some at its end; their length.
    ///
    /// One pass finds the line ends and counts the delimiters between them.
    fn plain_rows(&mut self, data: &[u8]) -> Result<usize, LogError> {
        let (mut start, mut n_delimiters) = (0, 0);
        for (block, at) in data.as_chunks::<WIDTH>().0.iter().zip((0..).step_by(WIDTH)) {
            let (mut line_ends, mut delimiters) = (mask(block, b'\n'), mask(block, self.options.delimiter));
            while line_ends != 0 {
                let end = line_ends.trailing_zeros();
                let before = (1 << end) - 1;
                n_delimiters += (delimiters & before).count_ones() as usize;
                self.counted_row(&data[start..at + end as usize], n_delimiters)?;
                start = at + end as usize + 1;
                n_delimiters = 0;
                delimiters &= !before;
                line_ends &= line_ends - 1;
            }
            n_delimiters += delimiters.count_ones() as usize;
        }
        Ok(start)
    }

    /// A row without quotes.
    fn plain_row(&mut self, row: &[u8]) -> Result<(), LogError> {
        self.counted_row(row, memchr_iter(self.options.delimiter, row).count())
    }

    /// A row without quotes, its line end not included.
    fn counted_row(&mut self, row: &[u8], n_delimiters: usize) -> Result<(), LogError> {
        let row = row.strip_suffix(b"\r").unwrap_or(row);
        self.line += 1;
        if row.is_empty() {
            return Ok(());
        }
        self.report.n_rows += 1;
        let delimiter = self.options.delimiter;
        if n_delimiters + 1 != self.places.n_columns {
            return self.wrong_count(self.line, n_delimiters + 1);
        }
        if let Some(event) = self.places.event {
            let event = field(row, event, delimiter);
            if event != self.options.purchase_event.as_bytes() {
                if self.other_event.is_none() {
                    self.other_event = Some(shown(event));
                }
                return Ok(());
            }
        }
        let mut fields = std::mem::take(&mut self.fields);
        record::split_plain(row, delimiter, &mut fields);
        let result = self.purchase(row, &fields, self.line);
        self.fields = fields;
        result
    }

    /// A row whose first line, up to `end`, has quotes; its length, `None` where more is to be
    /// read first.
    fn quoted_row(
        &mut self,
        rest: &[u8],
        end: usize,
        at_end: bool,
        last: bool,
    ) -> Result<Option<usize>, LogError> {
        let mut fields = std::mem::take(&mut self.fields);
        let found = record::split(rest, self.options.delimiter, &mut fields);
        let length = match found {
            End::Line(at) => at + 1,
            End::Data if at_end => rest.len(),
            _ if !last => {
                self.fields = fields;
                return Ok(None);
            }
            // Only the line with the quote is lost.
            _ => {
                self.fields = fields;
                (self.line, self.report.n_rows) = (self.line + 1, self.report.n_rows + 1);
                self.bad_row(self.line, None, "an open quote".to_owned(), Fault::OpenQuote)?;
                return Ok(Some(end + 1));
            }
        };
        let first_line = self.line + 1;
        self.line += memchr_iter(b'\n', &rest[..length]).count() as u64;
        self.line += u64::from(rest[length - 1] != b'\n');
        self.report.n_rows += 1;
        let result = self.fields_row(rest, &fields, first_line);
        self.fields = fields;
        result.map(|()| Some(length))
    }

    fn fields_row(&mut self, row: &[u8], fields: &[Range<usize>], line: u64) -> Result<(), LogError> {
        if fields.len() != self.places.n_columns {
            return self.wrong_count(line, fields.len());
        }
        if let Some(event) = self.places.event {
            let event = record::unquote(&row[fields[event].clone()]);
            if *event != *self.options.purchase_event.as_bytes() {
                if self.other_event.is_none() {
                    self.other_event = Some(shown(&event));
                }
                return Ok(());
            }
        }
        self.purchase(row, fields, line)
    }

    fn purchase(&mut self, row: &[u8], fields: &[Range<usize>], line: u64) -> Result<(), LogError> {
        let Places { user, item, time, price, .. } = self.places;
        let text = |place: usize| record::unquote(&row[fields[place].clone()]);
        let (user_id, item_id) = (text(user), text(item));
        for (place, id) in [(user, &user_id), (item, &item_id)] {
            if let Err(fault) = check_id(id) {
                return self.bad_field(line, place, id, fault);
            }
        }
        let Some(when) = parse_time(&text(time)) else {
            return self.bad_field(line, time, &text(time), Fault::NotATime);
        };
        let paid = match price {
            None => 1.0,
            Some(place) => match parse_price(&text(place)) {
                Ok(paid) => paid,
                Err(fault) => return self.bad_field(line, place, &text(place), fault),
            },
        };
        self.purchases.add(&user_id, &item_id, when, paid);
        Ok(())
    }

    /// Passes over a row that fills the longest buffer without an end.
    fn pass_long_row(&mut self, blocks: &mut Blocks) -> Result<(), LogError> {
        self.line += 1;
        self.report.n_rows += 1;
        self.bad_row(self.line, None, "more than 8 MiB".to_owned(), Fault::RowTooLong)?;
        loop {
            let end = memchr(b'\n', blocks.data());
            blocks.consume(end.map_or(blocks.data().len(), |end| end + 1));
            if end.is_some() || blocks.at_end() {
                return Ok(());
            }
            blocks.fill(self.line)?;
        }
    }

    fn wrong_count(&mut self, line: u64, n_columns: usize) -> Result<(), LogError> {
        let columns = if n_columns == 1 { "column" } else { "columns" };
        let value = format!("{n_columns} {columns}, not {}", self.places.n_columns);
        self.bad_row(line, None, value, Fault::ColumnCount)
    }

    fn bad_field(&mut self, line: u64, place: usize, value: &[u8], fault: Fault) -> Result<(), LogError> {
        let Places { user, item, time, .. } = self.places;
        let columns = &self.options.columns;
        let named = [(user, &columns.user), (item, &columns.item), (time, &columns.time)];
        let name = named.into_iter().find(|&(at, _)| at == place).map(|(_, name)| name.clone());
        self.bad_row(line, name.or_else(|| columns.price.clone()), shown(value), fault)
    }

    fn bad_row(
        &mut self,
        line: u64,
        column: Option<String>,
        value: String,
        fault: Fault,
    ) -> Result<(), LogError> {
        let row = BadRow { path: self.path.to_owned(), line, column, value, fault };
        self.report.add_bad_row(row.clone());
        let allowed = self.options.max_bad_rows;
        if self.report.n_bad_rows() > allowed { Err(LogError::BadRow { row, allowed }) } else { Ok(()) }
    }
}

/// Field `place` of a row without quotes that has it.
fn field(row: &[u8], place: usize, delimiter: u8) -> &[u8] {
    let mut rest = row;
    for _ in 0..place {
        rest = memchr(delimiter, rest).map_or(&[], |at| &rest[at + 1..]);
    }
    memchr(delimiter, rest).map_or(rest, |at| &rest[..at])
}

/// The beginning of a value, for a message.
fn shown(value: &[u8]) -> String {
    let start = &value[..value.len().min(4 * SHOWN)];
    let text: String = String::from_utf8_lossy(start).chars().take(SHOWN).collect();
    if text.len() < value.len() && value.len() > SHOWN { text + "…" } else { text }
}

/// The names in the header and its number of lines.
fn read_header(path: &Path, options: &Options, blocks: &mut Blocks) -> Result<(Vec<String>, u64), LogError> {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    let not_csv = |problem| LogError::Format { path: path.to_owned(), problem };
    let bad = |problem: &str| LogError::Header { path: path.to_owned(), problem: problem.to_owned() };
    blocks.fill(0)?;
    if blocks.data().starts_with(BYTE_ORDER_MARK) {
        blocks.consume(BYTE_ORDER_MARK.len());
    }
    match blocks.data().trim_ascii_start() {
        [] => return Err(not_csv("an empty file")),
        [b'<', ..] => return Err(not_csv("an HTML or XML page")),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(not_csv("text in UTF-16")),
        [b'{' | b'[', ..] => return Err(not_csv("a JSON file")),
        _ => {}
    }
    let mut fields = Vec::new();
    let length = loop {
        match record::split(blocks.data(), options.delimiter, &mut fields) {
            End::Line(at) => break at + 1,
            End::Data if blocks.at_end() => break blocks.data().len(),
            End::OpenQuote if blocks.at_end() => return Err(bad("a quote in the first line is not closed")),
            _ if blocks.is_full() => return Err(bad("the first line is longer than 8 MiB")),
            _ => blocks.fill(0)?,
        }
    };
    let name = |field: &Range<usize>| {
        let text = String::from_utf8(record::unquote(&blocks.data()[field.clone()]).into_owned());
        text.map(|text| text.trim().to_owned()).map_err(|_| bad("the first line is not UTF-8"))
    };
    let header = fields.iter().map(name).collect::<Result<_, _>>()?;
    let n_lines = memchr_iter(b'\n', &blocks.data()[..length]).count().max(1) as u64;
    blocks.consume(length);
    Ok((header, n_lines))
}
