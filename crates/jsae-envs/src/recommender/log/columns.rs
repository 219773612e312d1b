use std::fmt::Write as _;
use std::str::FromStr;

use super::fields::parse_time;
use super::{LogError, Options};

/// Names of the columns that are read; others are passed over, in any order.
///
/// As text: `user=household,item=product,time=day,price=,event=`, where what is left out keeps
/// its default and an empty name says that the log has no such column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Who bought; default `user_id`.
    pub user: String,
    /// What was bought; default `product_id`.
    pub item: String,
    /// When; default `event_time`.
    pub time: String,
    /// For how much; default `price`, `None` prices everything at 1.
    pub price: Option<String>,
    /// What happened; default `event_type`, `None` takes every row for a purchase.
    pub event: Option<String>,
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            user: "user_id".to_owned(),
            item: "product_id".to_owned(),
            time: "event_time".to_owned(),
            price: Some("price".to_owned()),
            event: Some("event_type".to_owned()),
        }
    }
}

impl FromStr for Columns {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, LogError> {
        let mut columns = Self::default();
        for part in text.split(',') {
            let expected = "expected user=NAME, item=NAME, time=NAME, price=NAME or event=NAME";
            let refuse = || LogError::Options(format!("columns: found {part:?}, {expected}"));
            let (key, name) = part.split_once('=').ok_or_else(refuse)?;
            let optional = (!name.is_empty()).then(|| name.to_owned());
            let needed = optional.clone().ok_or_else(refuse);
            match key.trim() {
                "user" => columns.user = needed?,
                "item" => columns.item = needed?,
                "time" => columns.time = needed?,
                "price" => columns.price = optional,
                "event" => columns.event = optional,
                _ => return Err(refuse()),
            }
        }
        Ok(columns)
    }
}

/// Where the columns stand in one file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) user: usize,
    pub(super) item: usize,
    pub(super) time: usize,
    pub(super) price: Option<usize>,
    pub(super) event: Option<usize>,
    pub(super) n_columns: usize,
}

impl Places {
    /// Finds the columns in a `header`; otherwise what is wrong with it.
    pub(super) fn find(options: &Options, header: &[String]) -> Result<Self, String> {
        let columns = &options.columns;
        let place = |name: &String| match header.iter().filter(|found| *found == name).count() {
            1 => Ok(header.iter().position(|found| found == name).unwrap_or_default()),
            0 => Err(missing(name, options, header)),
            n => Err(format!("column {name:?} stands {n} times in the first line")),
        };
        Ok(Self {
            user: place(&columns.user)?,
            item: place(&columns.item)?,
            time: place(&columns.time)?,
            price: columns.price.as_ref().map(place).transpose()?,
            event: columns.event.as_ref().map(place).transpose()?,
            n_columns: header.len(),
        })
    }
}

fn missing(name: &str, options: &Options, header: &[String]) -> String {
    let mut text = format!("no column {name:?} in the first line");
    let is_data = |field: &String| {
        *field == options.purchase_event || (field.len() > 4 && parse_time(field.as_bytes()).is_some())
    };
    if header.iter().any(is_data) {
        text += ", which looks like data: is the header missing?";
        return text;
    }
    text += "; it has";
    for (i, field) in header.iter().take(20).enumerate() {
        let field: String = field.chars().take(60).collect();
        let _ = write!(text, "{} {field:?}", if i == 0 { "" } else { "," });
    }
    if header.len() > 20 {
        let _ = write!(text, " and {} more", header.len() - 20);
    }
    text
}
