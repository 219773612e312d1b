use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Place, Problems};

/// Largest experiment file that is read: anything longer is not one.
const LARGEST_FILE: u64 = 4 << 20;

const EXPECTED_OVERRIDE: &str = "expected KEY=VALUE, as in algorithm.ppo.clip_range=0.1";

/// Tables of which exactly one variant is chosen: a child's choice replaces its base's.
const CHOICES: [&str; 3] = ["env", "algorithm", "embedding"];

/// The texts of an experiment: its file, the files it extends (nearest first), the overrides.
///
/// Spans index the concatenation of all texts, so that every value of the merged tree still knows its place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    texts: Vec<Text>,
    strays: Vec<Stray>,
}

/// An override of a key within one variant where the files chose another.
#[derive(Clone, Debug)]
pub(super) struct Stray {
    /// Table of the choice, as in `algorithm`.
    pub(super) table: String,
    /// The variant that the override's key belongs to.
    pub(super) variant: String,
    /// The override as written.
    pub(super) text: String,
    /// The variant that stands there.
    pub(super) present: String,
    /// Where.
    pub(super) place: Place,
}

#[derive(Clone, Debug)]
struct Text {
    origin: Origin,
    content: String,
    start: usize,
}

#[derive(Clone, Debug)]
enum Origin {
    File(PathBuf),
    Override(String),
}

/// A file to be read, and where another one names it.
struct Extends {
    path: PathBuf,
    span: Option<Range<usize>>,
}

impl Sources {
    /// Reads `path`, what it extends, and `overrides` (`a.b=value`).
    pub(crate) fn load(path: &Path, overrides: &[String]) -> Result<Self, Problems> {
        let mut sources = Self::default();
        let mut next = Some(Extends { path: path.to_owned(), span: None });
        let mut chain = Vec::new();
        while let Some(file) = next {
            next = sources.add_file(&file, &mut chain)?;
        }
        for text in overrides {
            sources.add_override(text)?;
        }
        Ok(sources)
    }

    /// One tree: each file over the one it extends, the overrides over all.
    pub(crate) fn merged(&self) -> DeTable<'_> {
        let (files, overrides): (Vec<_>, Vec<_>) =
            self.texts.iter().partition(|text| matches!(text.origin, Origin::File(_)));
        let layers = files.into_iter().rev().chain(overrides);
        layers.fold(DeTable::new(), |below, text| match DeTable::parse(&text.content) {
            Ok(table) => merge(below, shifted(table.into_inner(), text.start), true),
            Err(_) => below,
        })
    }

    /// Overrides that would choose another variant by the way.
    pub(super) fn strays(&self) -> &[Stray] {
        &self.strays
    }

    /// The place of `span`, or of the first file where the span is unknown.
    pub(crate) fn place(&self, span: Option<Range<usize>>) -> Place {
        let Some(span) = span else { return self.whole() };
        let Some(text) = self.texts.iter().rev().find(|text| text.start <= span.start) else {
            return self.whole();
        };
        match &text.origin {
            Origin::Override(text) => Place::Override(text.clone()),
            Origin::File(path) => {
                let (line, column) = line_and_column(&text.content, span.start - text.start);
                Place::File { path: path.clone(), line, column }
            }
        }
    }

    /// The experiment file as a whole.
    pub(crate) fn whole(&self) -> Place {
        match self.texts.first().map(|text| &text.origin) {
            Some(Origin::File(path)) => Place::Path(path.clone()),
            _ => Place::Path(PathBuf::new()),
        }
    }

    /// The folder of the file that holds `span`: paths in it are relative to that.
    pub(crate) fn folder(&self, span: &Range<usize>) -> PathBuf {
        let text = self.texts.iter().rev().find(|text| text.start <= span.start);
        match text.map(|text| &text.origin) {
            Some(Origin::File(path)) => path.parent().unwrap_or(Path::new("")).to_owned(),
            _ => PathBuf::new(),
        }
    }

    /// The text as written at `span`, shortened where long.
    pub(crate) fn written(&self, span: &Range<usize>) -> String {
        let text = self.texts.iter().rev().find(|text| text.start <= span.start);
        let written =
            text.and_then(|t| t.content.get(span.start - t.start..span.end - t.start)).unwrap_or("?");
        let line = written.lines().next().unwrap_or_default();
        if line.chars().count() > 60 || line.len() < written.len() {
            format!("{}…", line.chars().take(60).collect::<String>())
        } else {
            line.to_owned()
        }
    }

    /// Reads a file; returns the one that it extends.
    fn add_file(&mut self, file: &Extends, chain: &mut Vec<PathBuf>) -> Result<Option<Extends>, Problems> {
        let path = &file.path;
        let refuse = |what: String| match &file.span {
            Some(span) => {
                Problems::one(self.place(Some(span.clone())), format!("extends {}: {what}", path.display()))
            }
            None => Problems::one(Place::Path(path.clone()), what),
        };
        let canonical = path.canonicalize().map_err(|e| refuse(reading_error(&e)))?;
        if chain.contains(&canonical) {
            return Err(refuse("a cycle: that file leads back to this one".to_owned()));
        }
        let content = read(path).map_err(refuse)?;
        chain.push(canonical);
        let start = self.push(Origin::File(path.clone()), content);
        let table = self.parsed_last()?;
        let Some(base) = table.get("extends") else { return Ok(None) };
        let span = base.span().start + start..base.span().end + start;
        let DeValue::String(base) = base.get_ref() else {
            let found = self.written(&span);
            let message = format!("extends is {found}, expected the path of a file, relative to this one");
            return Err(Problems::one(self.place(Some(span)), message));
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        Ok(Some(Extends { path: folder.join(base.as_ref()), span: Some(span) }))
    }

    fn add_override(&mut self, text: &str) -> Result<(), Problems> {
        let refuse = |what: &str| Err(Problems::one(Place::Override(text.to_owned()), what));
        let Some((key, value)) = text.split_once('=') else {
            return refuse(EXPECTED_OVERRIDE);
        };
        // A bare word is a string: quotes rarely survive a shell.
        let value = match DeValue::parse(value.trim()) {
            Ok(_) => value.to_owned(),
            Err(_) => toml::Value::String(value.to_owned()).to_string(),
        };
        let content = format!("{} = {value}", key.trim());
        if content.contains('\n') || key.trim().is_empty() {
            return refuse(EXPECTED_OVERRIDE);
        }
        if key.trim() == "extends" {
            return refuse("extends stands in files alone");
        }
        self.strays.extend(self.stray(text, key.trim()));
        self.push(Origin::Override(text.to_owned()), content);
        self.parsed_last().map(drop)
    }

    /// Does `key` lie within a variant (`algorithm.ppo.clip_range`) that is not the one chosen so far?
    ///
    /// The whole of a variant (`algorithm.ppo={}`) replaces another on purpose.
    fn stray(&self, text: &str, key: &str) -> Option<Stray> {
        let key = format!("{key} = 0");
        let (path, _) = DeTable::parse(&key).ok()?.into_inner().into_iter().next()?;
        let table = path.get_ref().as_ref();
        let variants = CHOICES.contains(&table).then(|| DeTable::parse(&key).ok())??;
        let DeValue::Table(variants) = variants.get_ref().get(table)?.get_ref() else { return None };
        let (variant, within) = variants.iter().next()?;
        let merged = self.merged();
        let DeValue::Table(chosen) = merged.get(table)?.get_ref() else { return None };
        let (present, _) = chosen.iter().next()?;
        let astray = within.get_ref().is_table() && !chosen.contains_key(variant.get_ref().as_ref());
        astray.then(|| Stray {
            table: table.to_owned(),
            variant: variant.get_ref().to_string(),
            text: text.to_owned(),
            present: present.get_ref().to_string(),
            place: self.place(Some(present.span())),
        })
    }

    fn push(&mut self, origin: Origin, content: String) -> usize {
        let start = self.texts.last().map_or(0, |text| text.start + text.content.len() + 1);
        self.texts.push(Text { origin, content, start });
        start
    }

    fn parsed_last(&self) -> Result<DeTable<'_>, Problems> {
        let Some(text) = self.texts.last() else { return Ok(DeTable::new()) };
        DeTable::parse(&text.content).map(Spanned::into_inner).map_err(|error| {
            let span = error.span().map(|span| span.start + text.start..span.end + text.start);
            if let Origin::Override(written) = &text.origin {
                return Problems::one(Place::Override(written.clone()), EXPECTED_OVERRIDE);
            }
            let message = Self::syntax_error(text, &error);
            Problems::one(self.place(span), format!("not TOML: {message}"))
        })
    }

    /// The parser's words, with what they leave out.
    fn syntax_error(text: &Text, error: &toml::de::Error) -> String {
        let span = error.span().unwrap_or(0..0);
        let rest = text.content.get(span.start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        match error.message() {
            "duplicate key" => {
                let key = text.content.get(span).unwrap_or_default();
                format!("{key} stands here a second time")
            }
            _ if rest.trim().is_empty() && text.content[..span.start].trim_end().ends_with('=') => {
                "a value is missing".to_owned()
            }
            message => message.replace('\n', " "),
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let metadata = std::fs::metadata(path).map_err(|e| reading_error(&e))?;
    if metadata.is_dir() {
        return Err("is a directory, expected an experiment file (.toml)".to_owned());
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| reading_error(&e))?;
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(|e| reading_error(&e))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(format!(
            "is larger than {} MiB, expected an experiment file (.toml)",
            LARGEST_FILE >> 20
        ));
    }
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        format!("is not UTF-8 (byte {at}), expected an experiment file (.toml)")
    })
}

fn reading_error(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "may not be read (permission denied)".to_owned(),
        _ => format!("cannot be read ({error})"),
    }
}

/// `child` over `base`, table by table.
fn merge<'t>(mut base: DeTable<'t>, child: DeTable<'t>, top: bool) -> DeTable<'t> {
    for (key, value) in child {
        let span = value.span();
        let merged = match (base.remove(key.get_ref().as_ref()).map(Spanned::into_inner), value.into_inner())
        {
            (Some(DeValue::Table(mut old)), DeValue::Table(new)) => {
                if top && CHOICES.contains(&key.get_ref().as_ref()) {
                    old = old
                        .into_iter()
                        .filter(|(chosen, _)| new.contains_key(chosen.get_ref().as_ref()))
                        .collect();
                }
                DeValue::Table(merge(old, new, false))
            }
            (_, new) => new,
        };
        base.insert(key, Spanned::new(span, merged));
    }
    base
}

fn shifted(table: DeTable<'_>, by: usize) -> DeTable<'_> {
    let entries = table.into_iter().map(|(key, value)| {
        let span = key.span();
        (Spanned::new(span.start + by..span.end + by, key.into_inner()), shifted_value(value, by))
    });
    entries.collect()
}

fn shifted_value(value: Spanned<DeValue<'_>>, by: usize) -> Spanned<DeValue<'_>> {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::Table(table) => DeValue::Table(shifted(table, by)),
        DeValue::Array(mut array) => {
            for item in array.iter_mut() {
                let old = std::mem::replace(item, Spanned::new(0..0, DeValue::Boolean(false)));
                *item = shifted_value(old, by);
            }
            DeValue::Array(array)
        }
        other => other,
    };
    Spanned::new(span.start + by..span.end + by, value)
}

fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    (line, String::from_utf8_lossy(&before[start..]).chars().count() + 1)
}
