use std::ops::Range;
use std::path::Path;

use jsae_embed::{PretrainConfig, UpdateConfig};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::problem::{Place, Problem, Problems};
use super::registry::{EnvChoice, Registry};
use super::source::Sources;
use super::training::{Device, Training};
use super::{AlgorithmConfig, EmbeddingConfig, Experiment, keys, validate};

/// All of a file but its environment, whose table the registry reads.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Document {
    name: Option<String>,
    seeds: Vec<u64>,
    device: Device,
    training: Training,
    embedding: EmbeddingConfig,
    pretrain: PretrainConfig,
    embedding_update: UpdateConfig,
    algorithm: Option<AlgorithmConfig>,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            name: None,
            seeds: vec![0],
            device: Device::default(),
            training: Training::default(),
            embedding: EmbeddingConfig::Identity(jsae_embed::identity::Config::default()),
            pretrain: PretrainConfig::default(),
            embedding_update: UpdateConfig::default(),
            algorithm: None,
        }
    }
}

/// Reads the merged tree and finds everything that is wrong with it.
pub(super) fn parse(sources: &Sources, path: &Path, registry: &Registry) -> Result<Experiment, Problems> {
    let mut reader = Reader { sources, registry, problems: Vec::new() };
    let mut root = sources.merged();
    root.remove("extends");
    let whole = root.clone();
    for (table, choices) in [("embedding", EMBEDDINGS), ("algorithm", ALGORITHMS)] {
        reader.one_choice(&mut root, table, choices);
    }
    let env = reader.environment(&mut root);
    let document: Option<Document> =
        reader.read(root, &[], |value| Document::deserialize(ValueDeserializer::from(value)));
    if let (Some(document), Some(env)) = (document, env) {
        let missing = document.algorithm.is_none();
        if missing && !reader.problems.iter().any(|p| p.message.contains("algorithm")) {
            reader.report(
                None,
                format!("[algorithm.*] is missing, expected one of {}", headers("algorithm", ALGORITHMS)),
            );
        }
        if let Some(algorithm) = document.algorithm {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let experiment = Experiment {
                name: document.name.unwrap_or(stem),
                seeds: document.seeds,
                device: document.device,
                env,
                training: document.training,
                embedding: document.embedding,
                pretrain: document.pretrain,
                embedding_update: document.embedding_update,
                algorithm,
            };
            for finding in validate::findings(&experiment) {
                let span = span_of(&whole, &finding.path);
                let message = finding.message();
                reader.report(span, message);
            }
            if reader.problems.is_empty() {
                return Ok(experiment);
            }
        }
    }
    Err(Problems(reader.sorted()))
}

const EMBEDDINGS: &[&str] = &["identity", "jsae", "ra"];
const ALGORITHMS: &[&str] = &["discrete_sac", "ppo", "sac", "vpg"];

struct Reader<'a> {
    sources: &'a Sources,
    registry: &'a Registry,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn report(&mut self, span: Option<Range<usize>>, message: String) {
        let place = if span.is_some() { self.sources.place(span) } else { self.sources.whole() };
        self.problems.push(Problem { place, message });
    }

    fn sorted(mut self) -> Vec<Problem> {
        let rank = |problem: &Problem| match &problem.place {
            Place::Path(path) => (0, path.clone(), 0, 0),
            Place::File { path, line, column } => (1, path.clone(), *line, *column),
            Place::Override(text) => (2, text.into(), 0, 0),
        };
        self.problems.sort_by_key(rank);
        self.problems
    }

    /// Reports a table of choices that does not hold exactly one known choice, and drops it.
    fn one_choice(&mut self, root: &mut DeTable<'_>, table: &str, choices: &[&str]) -> bool {
        let Some(value) = root.get(table) else { return true };
        let span = value.span();
        let complaint = match value.get_ref() {
            DeValue::Table(variants) => self.choice_complaint(variants, table, choices),
            _ => {
                let found = self.sources.written(&span);
                Some((span, format!("{table} is {found}, expected one table of {}", headers(table, choices))))
            }
        };
        let fine = complaint.is_none();
        if let Some((span, message)) = complaint {
            self.report(Some(span), message);
            root.remove(table);
        }
        fine
    }

    fn choice_complaint(
        &self,
        variants: &DeTable<'_>,
        table: &str,
        choices: &[&str],
    ) -> Option<(Range<usize>, String)> {
        if let Some((key, _)) = variants.iter().find(|(key, _)| !choices.contains(&key.get_ref().as_ref())) {
            let name = key.get_ref();
            return Some((key.span(), unknown(&format!("{table}.{name}"), name, choices)));
        }
        if let Some((key, value)) = variants.iter().find(|(_, value)| !value.get_ref().is_table()) {
            let found = self.sources.written(&value.span());
            return Some((value.span(), format!("{table}.{} is {found}, expected a table", key.get_ref())));
        }
        let mut keys = variants.keys();
        match (keys.next(), keys.next()) {
            (Some(_), None) => None,
            (Some(first), Some(second)) => Some((
                second.span(),
                format!(
                    "[{table}.{}] stands beside [{table}.{}], expected one of them",
                    second.get_ref(),
                    first.get_ref()
                ),
            )),
            _ => None,
        }
    }

    fn environment(&mut self, root: &mut DeTable<'_>) -> Option<EnvChoice> {
        let names: Vec<&str> = self.registry.iter().map(|(name, _)| name).collect();
        if root.get("env").is_none() {
            self.report(None, format!("[env.*] is missing, expected one of {}", headers("env", &names)));
            return None;
        }
        #[cfg(not(feature = "mujoco"))]
        if let Some(DeValue::Table(env)) = root.get("env").map(Spanned::get_ref)
            && let Some((key, _)) =
                env.iter().find(|(key, _)| ["ant", "half_cheetah"].contains(&key.get_ref().as_ref()))
        {
            let message = format!(
                "env.{} needs MuJoCo, which this build leaves out: build with --features mujoco",
                key.get_ref()
            );
            self.report(Some(key.span()), message);
            return None;
        }
        if !self.one_choice(root, "env", &names) {
            return None;
        }
        let DeValue::Table(env) = root.remove("env")?.into_inner() else { return None };
        let (key, value) = env.into_iter().next()?;
        let name = key.get_ref().to_string();
        let entry = self.registry.get(&name)?.clone();
        let DeValue::Table(table) = value.into_inner() else { return None };
        self.read(table, &["env".to_owned(), name], |value| entry.parse(value))
    }

    /// Parses `table`; every value that does not fit is reported and left out until the rest fits.
    fn read<T>(
        &mut self,
        mut table: DeTable<'_>,
        path: &[String],
        parse: impl Fn(Spanned<DeValue<'_>>) -> Result<T, toml::de::Error>,
    ) -> Option<T> {
        loop {
            let error = match parse(Spanned::new(0..0, DeValue::Table(table.clone()))) {
                Ok(value) => return Some(value),
                Err(error) => error,
            };
            let Some((within, span)) = error.span().and_then(|span| owner_of(&table, &span)) else {
                self.report(error.span(), error.message().to_owned());
                return None;
            };
            let full: Vec<String> = path.iter().chain(&within).cloned().collect();
            let message = self.reworded(&full, &span, error.message());
            self.report(Some(span), message);
            remove(&mut table, &within);
        }
    }

    /// serde's words for a misfit, in ours: key, found, expected.
    fn reworded(&self, path: &[String], span: &Range<usize>, message: &str) -> String {
        let key = path.join(".");
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        if message.starts_with("unknown field") {
            return unknown(&key, quoted[0], &quoted[1..]);
        }
        let found = self.sources.written(span);
        if message.starts_with("unknown variant") {
            let choices: Vec<String> = quoted[1..].iter().map(|choice| format!("\"{choice}\"")).collect();
            return format!("{key} is {found}, expected {}", choices.join(" or "));
        }
        let theirs = message.rsplit_once("expected ").map_or(message, |(_, expected)| expected);
        let expected = keys::expected(self.registry, path).unwrap_or(theirs);
        format!("{key} is {found}, expected {expected}")
    }
}

fn headers(table: &str, choices: &[&str]) -> String {
    choices.iter().map(|choice| format!("[{table}.{choice}]")).collect::<Vec<_>>().join(", ")
}

/// `algorithm.ppo.clip_rang is unknown, did you mean clip_range?`
fn unknown(key: &str, name: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .min()
        .filter(|(distance, _)| *distance <= 1 + name.len() / 3);
    match nearest {
        Some((_, candidate)) => format!("{key} is unknown, did you mean {candidate}?"),
        None if known.is_empty() => format!("{key} is unknown, expected no key here"),
        None => format!("{key} is unknown, expected one of {}", known.join(", ")),
    }
}

/// The path of the entry whose key or value has `span`, with the span to report.
fn owner_of(table: &DeTable<'_>, span: &Range<usize>) -> Option<(Vec<String>, Range<usize>)> {
    for (key, value) in table.iter() {
        let name = key.get_ref().to_string();
        if key.span() == *span || value.span() == *span {
            return Some((vec![name], span.clone()));
        }
        let inner = match value.get_ref() {
            DeValue::Table(inner) => owner_of(inner, span).map(|(mut path, span)| {
                path.insert(0, name);
                (path, span)
            }),
            DeValue::Array(_) if value.span().start <= span.start && span.end <= value.span().end => {
                Some((vec![name], span.clone()))
            }
            _ => None,
        };
        if inner.is_some() {
            return inner;
        }
    }
    None
}

fn remove(table: &mut DeTable<'_>, path: &[String]) {
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
fn span_of(table: &DeTable<'_>, path: &[String]) -> Option<Range<usize>> {
    let (name, rest) = path.split_first()?;
    let value = table.get(name.as_str())?;
    match value.get_ref() {
        DeValue::Table(inner) if !rest.is_empty() => span_of(inner, rest).or(Some(value.span())),
        _ => Some(value.span()),
    }
}
