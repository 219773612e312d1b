use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// An entry that does not fit.
pub(super) struct Misfit {
    /// Its keys.
    pub(super) path: Vec<String>,
    /// Where it stands.
    pub(super) span: Range<usize>,
    /// Is the span that of an item within the value?
    pub(super) inside: bool,
}

/// The entry whose key or value has `span`, or whose list holds it.
pub(super) fn owner_of(table: &DeTable<'_>, span: &Range<usize>) -> Option<Misfit> {
    for (key, value) in table {
        let name = key.get_ref().to_string();
        let whole = value.span();
        if key.span() == *span || whole == *span {
            return Some(Misfit { path: vec![name], span: span.clone(), inside: false });
        }
        let inner = match value.get_ref() {
            DeValue::Table(inner) => owner_of(inner, span).map(|mut misfit| {
                misfit.path.insert(0, name);
                misfit
            }),
            DeValue::Array(_) if whole.start <= span.start && span.end <= whole.end => {
                Some(Misfit { path: vec![name], span: span.clone(), inside: true })
            }
            _ => None,
        };
        if inner.is_some() {
            return inner;
        }
    }
    None
}

/// Whole numbers of 2^63 and more, with the path of their entry.
pub(super) fn too_large(table: &DeTable<'_>) -> Vec<(Vec<String>, Range<usize>)> {
    let mut found = Vec::new();
    for (key, value) in table {
        let name = key.get_ref().to_string();
        match value.get_ref() {
            DeValue::Table(inner) => found.extend(too_large(inner).into_iter().map(|(mut path, span)| {
                path.insert(0, name.clone());
                (path, span)
            })),
            DeValue::Array(items) => {
                let items = items.iter().filter(|item| is_too_large(item.get_ref()));
                found.extend(items.map(|item| (vec![name.clone()], item.span())));
            }
            number if is_too_large(number) => found.push((vec![name], value.span())),
            _ => {}
        }
    }
    found
}

fn is_too_large(value: &DeValue<'_>) -> bool {
    value.as_integer().is_some_and(|number| i64::from_str_radix(number.as_str(), number.radix()).is_err())
}

/// Takes the entry at `path` out.
pub(super) fn remove(table: &mut DeTable<'_>, path: &[String]) {
    match path {
        [name] => drop(table.remove(name.as_str())),
        [name, rest @ ..] => {
            if let Some(DeValue::Table(inner)) = table.get_mut(name.as_str()).map(Spanned::get_mut) {
                remove(inner, rest);
            }
        }
        [] => {}
    }
}

/// Span of the value at `path`, or of the innermost table on the way that the files do mention.
pub(super) fn span_of(table: &DeTable<'_>, path: &[String]) -> Option<Range<usize>> {
    let (name, rest) = path.split_first()?;
    let value = table.get(name.as_str())?;
    match value.get_ref() {
        DeValue::Table(inner) if !rest.is_empty() => span_of(inner, rest).or(Some(value.span())),
        _ => Some(value.span()),
    }
}

/// The value at `path`, where the files mention it.
pub(super) fn value_at<'t, 'i>(table: &'t DeTable<'i>, path: &[String]) -> Option<&'t Spanned<DeValue<'i>>> {
    let (name, rest) = path.split_first()?;
    let value = table.get(name.as_str())?;
    match value.get_ref() {
        DeValue::Table(inner) if !rest.is_empty() => value_at(inner, rest),
        _ => rest.is_empty().then_some(value),
    }
}
