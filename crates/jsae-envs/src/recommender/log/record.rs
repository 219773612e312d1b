//! Quoted fields, by the rules of the csv crate: a field is quoted if its first byte is a quote,
//! a doubled quote stands for one, and what follows the closing quote is taken as it is.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};

/// Where a record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// At this line end.
    Line(usize),
    /// Not in these data.
    Data,
    /// Nowhere: a quote stays open to the end of the data.
    OpenQuote,
}

/// Finds the end of the record that begins `data` and the `fields` before it.
pub(super) fn split(data: &[u8], delimiter: u8, fields: &mut Vec<Range<usize>>) -> End {
    fields.clear();
    let mut start = 0;
    loop {
        let Some(plain) = after_quotes(data, start) else { return End::OpenQuote };
        match memchr2(delimiter, b'\n', &data[plain..]).map(|length| plain + length) {
            Some(at) if data[at] == delimiter => {
                fields.push(start..at);
                start = at + 1;
            }
            end => {
                let at = end.unwrap_or(data.len());
                let carriage_return = at > plain && data[at - 1] == b'\r';
                fields.push(start..at - usize::from(carriage_return));
                return end.map_or(End::Data, End::Line);
            }
        }
    }
}

/// The `fields` of a row without quotes.
pub(super) fn split_plain(row: &[u8], delimiter: u8, fields: &mut Vec<Range<usize>>) {
    fields.clear();
    let mut start = 0;
    for at in memchr_iter(delimiter, row) {
        fields.push(start..at);
        start = at + 1;
    }
    fields.push(start..row.len());
}

/// What a field says.
pub(super) fn unquote(field: &[u8]) -> Cow<'_, [u8]> {
    let Some(mut rest) = field.strip_prefix(b"\"") else { return Cow::Borrowed(field) };
    let mut text = Vec::new();
    while let Some(at) = memchr(b'"', rest) {
        text.extend(&rest[..at]);
        rest = &rest[at + 1..];
        if rest.first() != Some(&b'"') {
            break;
        }
        text.push(b'"');
        rest = &rest[1..];
    }
    text.extend(rest);
    Cow::Owned(text)
}

/// Where the quoted part of the field that begins at `start` ends; `None` where it does not.
fn after_quotes(data: &[u8], start: usize) -> Option<usize> {
    if data.get(start) != Some(&b'"') {
        return Some(start);
    }
    let mut at = start + 1;
    loop {
        at += memchr(b'"', &data[at..])? + 1;
        if data.get(at) != Some(&b'"') {
            return Some(at);
        }
        at += 1;
    }
}
