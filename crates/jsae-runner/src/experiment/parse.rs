use std::ops::Range;
use std::path::Path;

use jsae_embed::{PretrainConfig, UpdateConfig};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::mapping::MappingConfig;
use super::problem::{Place, Problem, Problems};
use super::registry::{EnvChoice, Registry};
use super::source::Sources;
use super::training::{Device, Training};
use super::transfer::Transfer;
use super::tree::{Misfit, owner_of, remove, span_of, too_large, value_at};
use super::validate::Finding;
use super::wording::{at_most, headers, unknown};
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
    mapping: Option<MappingConfig>,
    transfer: Option<Transfer>,
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
            mapping: None,
            transfer: None,
            algorithm: None,
        }
    }
}

impl Document {
    /// The experiment, named after the file at `path` where it says no name; none without an algorithm.
    fn with(self, env: EnvChoice, path: &Path) -> Option<Experiment> {
        let stem = || path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Some(Experiment {
            name: self.name.unwrap_or_else(stem),
            seeds: self.seeds,
            device: self.device,
            env,
            training: self.training,
            embedding: self.embedding,
            pretrain: self.pretrain,
            embedding_update: self.embedding_update,
            mapping: self.mapping,
            transfer: self.transfer,
            algorithm: self.algorithm?,
        })
    }
}

/// Reads the merged tree and finds everything that is wrong with it.
pub(super) fn parse(sources: &Sources, path: &Path, registry: &Registry) -> Result<Experiment, Problems> {
    let mut reader = Reader { sources, registry, problems: Vec::new() };
    let mut root = sources.merged();
    root.remove("extends");
    let whole = root.clone();
    reader.too_large(&mut root);
    for (table, choices) in [("embedding", EMBEDDINGS), ("mapping", MAPPINGS), ("algorithm", ALGORITHMS)] {
        reader.strays(table, choices);
        reader.one_choice(&mut root, table, choices);
    }
    reader.strays("env", &registry.iter().map(|(name, _)| name).collect::<Vec<_>>());
    let env = reader.environment(&mut root);
    if !whole.contains_key("algorithm") {
        let expected = headers("algorithm", ALGORITHMS);
        reader.report(None, format!("[algorithm.*] is missing, expected one of {expected}"));
    }
    let document: Option<Document> =
        reader.read(root, &[], |value| Document::deserialize(ValueDeserializer::from(value)));
    if let Some(experiment) = document.zip(env).and_then(|(document, env)| document.with(env, path)) {
        for finding in validate::findings(&experiment) {
            reader.finding(&whole, &finding);
        }
        if reader.problems.is_empty() {
            return Ok(experiment);
        }
    }
    Err(Problems(reader.sorted()))
}

const EMBEDDINGS: &[&str] = &["identity", "jsae", "ra", "rounding"];
const MAPPINGS: &[&str] = &["nearest"];
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

    /// Reports a value that is out of range or does not go with another, as `whole` has it written.
    fn finding(&mut self, whole: &DeTable<'_>, finding: &Finding) {
        let value = value_at(whole, &finding.path);
        let single = value.is_some_and(|value| !value.get_ref().is_table() && !value.get_ref().is_array());
        let written = value.filter(|_| single).map(|value| self.sources.written(&value.span()));
        let unnamed = finding.path == ["name"] && value.is_none();
        let message = match finding.message(written.as_deref()) {
            message if unnamed => format!("{message}; without the key it is the file's name"),
            message => message,
        };
        self.report(span_of(whole, &finding.path), message);
    }

    /// Reports and drops whole numbers that a resolved file could not hold.
    fn too_large(&mut self, root: &mut DeTable<'_>) {
        for (path, span) in too_large(root) {
            let verb = if span_of(root, &path).as_ref() == Some(&span) { "is" } else { "holds" };
            let (key, found) = (path.join("."), self.sources.written(&span));
            self.report(Some(span), format!("{key} {verb} {found}, expected a whole number below 2^63"));
            remove(root, &path);
        }
    }

    fn sorted(mut self) -> Vec<Problem> {
        let rank = |problem: &Problem| match &problem.place {
            Place::Path(path) => (0, path.clone(), 0, 0),
            Place::File { path, line, column } => (1, path.clone(), *line, *column),
            Place::Override(text) => (2, text.into(), 0, 0),
            Place::Variable(name) => (3, name.into(), 0, 0),
        };
        self.problems.sort_by_key(rank);
        self.problems
    }

    /// Reports overrides that would choose another variant by the way; what is no variant is told elsewhere.
    fn strays(&mut self, table: &str, choices: &[&str]) {
        let known = |name: &String| choices.contains(&name.as_str());
        for stray in self.sources.strays().iter().filter(|s| s.table == table && known(&s.variant)) {
            let (variant, present) = (&stray.variant, &stray.present);
            let message = format!(
                "is a key of [{table}.{variant}], and {} chooses [{table}.{present}]; \
                 {table}.{variant}={{}} before it replaces that as a whole",
                stray.place
            );
            self.problems.push(Problem { place: Place::Override(stray.text.clone()), message });
        }
    }

    /// Reports a table of choices that does not hold exactly one known choice, and drops it.
    fn one_choice(&mut self, root: &mut DeTable<'_>, table: &str, choices: &[&str]) -> bool {
        let Some(value) = root.get(table) else { return true };
        let span = value.span();
        let complaint = match value.get_ref() {
            DeValue::Table(variants) => self.choice_complaint(span, variants, table, choices),
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
        whole: Range<usize>,
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
        let mut keys: Vec<_> = variants.keys().map(|key| (key.span().start, key)).collect();
        keys.sort_unstable_by_key(|(start, _)| *start);
        match keys[..] {
            [] => Some((whole, format!("[{table}] is empty, expected one of {}", headers(table, choices)))),
            [_] => None,
            [(_, first), (_, second), ..] => Some((
                second.span(),
                format!(
                    "[{table}.{}] stands beside [{table}.{}], expected one of them",
                    second.get_ref(),
                    first.get_ref()
                ),
            )),
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
            let Some(misfit) = error.span().and_then(|span| owner_of(&table, &span)) else {
                self.report(error.span(), error.message().to_owned());
                return None;
            };
            let full: Vec<String> = path.iter().chain(&misfit.path).cloned().collect();
            let message = self.reworded(&full, &misfit, error.message());
            self.report(Some(misfit.span), message);
            remove(&mut table, &misfit.path);
        }
    }

    /// serde's words for a misfit, in ours: key, found, expected.
    fn reworded(&self, path: &[String], misfit: &Misfit, message: &str) -> String {
        let key = path.join(".");
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        if message.starts_with("unknown field") {
            return match keys::owners(self.registry, path) {
                owners if owners.is_empty() && path.len() == 1 => unknown(&key, quoted[0], keys::TOP_NAMES),
                owners if owners.is_empty() => unknown(&key, quoted[0], &quoted[1..]),
                owners => format!("{key} is unknown here, {} belongs to {}", quoted[0], owners.join(", ")),
            };
        }
        let found = self.sources.written(&misfit.span);
        if message.starts_with("unknown variant") {
            let choices: Vec<String> = quoted[1..].iter().map(|choice| format!("\"{choice}\"")).collect();
            return format!("{key} is {found}, expected {}", choices.join(" or "));
        }
        let theirs = message.rsplit_once("expected ").map_or(message, |(_, expected)| expected);
        let expected = match keys::expected(self.registry, path) {
            Some(expected) => expected,
            None if theirs.starts_with("struct ") => "a table",
            None => theirs,
        };
        let verb = if misfit.inside { "holds" } else { "is" };
        format!("{key} {verb} {found}, expected {expected}{}", at_most(theirs, &found))
    }
}
