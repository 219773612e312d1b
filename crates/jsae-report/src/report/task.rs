use std::collections::BTreeMap;

use super::experiment::{Group, differing_keys};

/// An environment with its settings: only experiments of the same task are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its name, with the settings that tell it from the other tasks of a report.
    pub title: String,
    /// Its settings, keys without `env.`.
    pub settings: BTreeMap<String, String>,
}

/// Finds the tasks and sorts the groups by them.
pub(super) fn tasks(mut groups: Vec<Group>) -> (Vec<Task>, Vec<Group>) {
    let settings: Vec<BTreeMap<String, String>> = groups.iter().map(settings).collect();
    let mut tasks: Vec<BTreeMap<String, String>> = Vec::new();
    for (group, settings) in groups.iter_mut().zip(settings) {
        group.task = tasks.iter().position(|task| *task == settings).unwrap_or(tasks.len());
        if group.task == tasks.len() {
            tasks.push(settings);
        }
    }
    groups.sort_by_key(|group| group.task);
    let title = |settings: &BTreeMap<String, String>| {
        let name = environment(settings);
        let alike = tasks.iter().filter(|other| environment(other) == name);
        let differing = differing_keys(alike);
        let settings = settings.iter().filter(|(key, _)| differing.contains(*key));
        let parts = settings.map(|(key, value)| setting(key, value));
        std::iter::once(name.replace('_', " ")).chain(parts).collect::<Vec<_>>().join(", ")
    };
    let tasks = tasks.iter().map(|settings| Task { title: title(settings), settings: settings.clone() });
    (tasks.collect(), groups)
}

fn settings(group: &Group) -> BTreeMap<String, String> {
    let config = group.runs.first().map(|run| &run.config).into_iter().flatten();
    config.filter_map(|(key, value)| Some((key.strip_prefix("env.")?.to_owned(), value.clone()))).collect()
}

fn environment(settings: &BTreeMap<String, String>) -> String {
    settings.keys().next().and_then(|key| key.split('.').next()).unwrap_or("environment").to_owned()
}

/// A word speaks for itself; a number needs its key: `n_actuators = 9` is "9 actuators".
fn setting(key: &str, value: &str) -> String {
    let name = key.rsplit('.').next().unwrap_or(key).replace('_', " ");
    match (value.strip_prefix('"').and_then(|value| value.strip_suffix('"')), name.strip_prefix("n ")) {
        (Some(word), _) => word.to_owned(),
        (None, Some(counted)) => format!("{value} {counted}"),
        (None, None) => format!("{name} {value}"),
    }
}
