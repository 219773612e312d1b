use std::path::PathBuf;

use anyhow::Result;

use super::output::say;
use crate::exit::Exit;
use crate::experiment::{Place, Problem, Problems, Registry, Section, sections};

/// `jsae-run list [TABLE]`
pub(super) fn list(table: Option<&str>, registry: &Registry) -> Result<Exit> {
    let sections = sections(registry);
    let chosen: Vec<&Section> = match table {
        None => sections.iter().collect(),
        Some(table) => {
            sections.iter().filter(|s| s.name == table || s.name.starts_with(&format!("{table}."))).collect()
        }
    };
    if chosen.is_empty() {
        let names: Vec<&str> = sections.iter().skip(1).map(|section| section.name.as_str()).collect();
        let message =
            format!("{} is no table, expected one of {}", table.unwrap_or_default(), names.join(", "));
        return Err(Problems(vec![Problem { place: Place::Path(PathBuf::from("list")), message }]).into());
    }
    for section in chosen {
        print_section(section);
    }
    Ok(Exit::Done)
}

fn print_section(section: &Section) {
    if section.name.is_empty() {
        say!("# {}", section.about);
    } else {
        say!("[{}]  # {}", section.name, section.about);
    }
    for key in &section.keys {
        let default = key.name.split('.').try_fold(None, |table: Option<&toml::Value>, name| {
            table.map_or_else(|| section.defaults.get(name), |table| table.get(name)).map(Some)
        });
        let default = default.flatten().map_or("none".to_owned(), ToString::to_string);
        say!("  {} = {default}", key.name);
        say!("      {}; {}", key.about, key.expected);
    }
    say!();
}
