use jsae_envs::Key;

use super::mapping::Nearest;
use super::registry::Registry;
use super::training::Training;
use super::transfer::Transfer;

/// A table of experiment files: its name, what it is, its keys, its defaults.
#[derive(Clone, Debug)]
pub struct Section {
    /// Dotted name, `algorithm.ppo`; empty for the top of the file.
    pub name: String,
    /// One line.
    pub about: String,
    /// Its keys.
    pub keys: Vec<Key>,
    /// Its defaults.
    pub defaults: toml::Table,
}

const TOP: &[Key] = &[
    Key {
        name: "extends",
        about: "a file, relative to this one, that holds what is not said here",
        expected: "a path",
    },
    Key { name: "name", about: "folder of the runs; the file's name if absent", expected: NAME },
    Key {
        name: "seeds",
        about: "one run for each",
        expected: "a list of different whole numbers of at least 0",
    },
    Key { name: "device", about: "where tensors live", expected: "\"cpu\" or \"cuda\"" },
];

/// Every table that a file may hold, in the order of the data.
pub fn sections(registry: &Registry) -> Vec<Section> {
    let mut sections = vec![
        section("", "top of the file", TOP, top_defaults()),
        section("training", "sizes of the run", Training::KEYS, defaults::<Training>()),
    ];
    for (name, entry) in registry.iter() {
        let table = (entry.defaults)().ok().and_then(|value| value.as_table().cloned()).unwrap_or_default();
        sections.push(section(&format!("env.{name}"), entry.about, entry.keys, table));
    }
    use jsae_embed::{PretrainConfig, UpdateConfig, identity, jsae, ra, rounding};
    let embed = |name, about, keys: &[jsae_embed::Key], defaults| {
        let keys: Vec<Key> =
            keys.iter().map(|k| Key { name: k.name, about: k.about, expected: k.expected }).collect();
        section(name, about, &keys, defaults)
    };
    sections.extend([
        embed(
            "embedding.jsae",
            "jointly learned state-action embedding (the paper)",
            jsae::Config::KEYS,
            defaults::<jsae::Config>(),
        ),
        embed(
            "embedding.ra",
            "representations for actions (Chandak et al. 2019)",
            ra::Config::KEYS,
            defaults::<ra::Config>(),
        ),
        embed(
            "embedding.rounding",
            "actions on a fixed grid, and rounding (Van Hasselt and Wiering 2009)",
            rounding::Config::KEYS,
            defaults::<rounding::Config>(),
        ),
        embed(
            "embedding.identity",
            "none: the plain algorithm",
            identity::Config::KEYS,
            defaults::<identity::Config>(),
        ),
        embed(
            "pretrain",
            "the embedding before the first epoch",
            PretrainConfig::KEYS,
            defaults::<PretrainConfig>(),
        ),
        embed(
            "embedding_update",
            "continuous updating of the embedding",
            UpdateConfig::KEYS,
            defaults::<UpdateConfig>(),
        ),
    ]);
    sections.push(section(
        "mapping.nearest",
        "f chooses among several of the nearest actions",
        Nearest::KEYS,
        defaults::<Nearest>(),
    ));
    sections.push(section(
        "transfer",
        "begin with what another run has learnt (the paper, section 5.4)",
        Transfer::KEYS,
        defaults::<Transfer>(),
    ));
    use jsae_rl::{discrete_sac, ppo, sac, vpg};
    let rl = |name, about, keys: &[jsae_rl::Key], defaults| {
        let keys: Vec<Key> =
            keys.iter().map(|k| Key { name: k.name, about: k.about, expected: k.expected }).collect();
        section(name, about, &keys, defaults)
    };
    sections.extend([
        rl("algorithm.vpg", "vanilla policy gradient", vpg::Config::KEYS, defaults::<vpg::Config>()),
        rl("algorithm.ppo", "proximal policy optimisation", ppo::Config::KEYS, defaults::<ppo::Config>()),
        rl("algorithm.sac", "soft actor-critic", sac::Config::KEYS, defaults::<sac::Config>()),
        rl(
            "algorithm.discrete_sac",
            "soft actor-critic on a finite action set (Christodoulou 2019)",
            discrete_sac::Config::KEYS,
            defaults::<discrete_sac::Config>(),
        ),
    ]);
    sections
}

fn top_defaults() -> toml::Table {
    let mut table = toml::Table::new();
    table.insert("seeds".to_owned(), vec![0].into());
    table.insert("device".to_owned(), "cpu".into());
    table
}

fn section(name: &str, about: &str, keys: &[Key], defaults: toml::Table) -> Section {
    Section { name: name.to_owned(), about: about.to_owned(), keys: keys.to_vec(), defaults }
}

fn defaults<C: Default + serde::Serialize>() -> toml::Table {
    toml::Table::try_from(C::default()).unwrap_or_default()
}

/// What `path` accepts, where a key says so.
pub(super) fn expected(registry: &Registry, path: &[String]) -> Option<&'static str> {
    let table = path[..path.len().saturating_sub(1)].join(".");
    let name = path.last()?;
    let sections = sections(registry);
    // A key of a nested table is listed dotted under its section.
    sections.iter().find_map(|section| {
        let full = path.join(".");
        let within = if section.name.is_empty() {
            full.as_str()
        } else {
            full.strip_prefix(&section.name)?.strip_prefix('.')?
        };
        let direct = section.name == table && !name.is_empty();
        section
            .keys
            .iter()
            .find(|key| key.name == within && (direct || within.contains('.')))
            .map(|key| key.expected)
    })
}

/// Everything that may stand at the top of a file.
pub(super) const TOP_NAMES: &[&str] = &[
    "extends",
    "name",
    "seeds",
    "device",
    "env",
    "training",
    "embedding",
    "pretrain",
    "embedding_update",
    "mapping",
    "transfer",
    "algorithm",
];

/// The tables that hold a key of the last name in `path`, as their headers; empty where `path` names a table.
pub(super) fn owners(registry: &Registry, path: &[String]) -> Vec<String> {
    let Some(name) = path.last() else { return Vec::new() };
    let owner = |section: &Section, key: &Key| {
        let full = format!("{}.{}", section.name, key.name);
        let (table, last) = full.rsplit_once('.')?;
        (last == name && !section.name.is_empty()).then(|| format!("[{table}]"))
    };
    let sections = sections(registry);
    sections.iter().flat_map(|section| section.keys.iter().filter_map(|key| owner(section, key))).collect()
}

/// What the name of a run may be; also the check for it.
pub(crate) fn name_problem(name: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let fine = !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.chars().all(plain);
    (!fine).then_some(NAME)
}

const NAME: &str = "a plain folder name: letters, digits, '.', '_' and '-', not beginning with '.'";
