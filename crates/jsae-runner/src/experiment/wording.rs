/// `[env.ant], [env.gridworld]`
pub(super) fn headers(table: &str, choices: &[&str]) -> String {
    choices.iter().map(|choice| format!("[{table}.{choice}]")).collect::<Vec<_>>().join(", ")
}

/// `algorithm.ppo.clip_rang is unknown, did you mean clip_range?`
pub(crate) fn unknown(key: &str, name: &str, known: &[&str]) -> String {
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

/// Ends the range of a key whose type holds less than a whole number may be.
pub(super) fn at_most(expected_type: &str, found: &str) -> String {
    let largest = match expected_type {
        "u8" => u64::from(u8::MAX),
        "u16" => u64::from(u16::MAX),
        "u32" => u64::from(u32::MAX),
        _ => return String::new(),
    };
    if found.parse().is_ok_and(|found: u64| found > largest) {
        format!(" and at most {largest}")
    } else {
        String::new()
    }
}
