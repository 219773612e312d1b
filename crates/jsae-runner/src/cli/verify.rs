use anyhow::Result;
use jsae_theory::{Example, Figure, Must};

use super::arguments::Verify;
use super::output::say;
use crate::exit::Exit;

/// `jsae-run verify`
pub(super) fn verify(arguments: &Verify) -> Result<Exit> {
    let alone = arguments.example.as_deref().and_then(jsae_theory::example);
    let passes = if alone.is_some() { Example::holds } else { Example::behaves };
    let examples = alone.map_or_else(jsae_theory::examples, |example| vec![example]);
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&examples)?);
    } else {
        examples.iter().for_each(print);
        say!("{}", conclusion(&examples));
    }
    Ok(if examples.iter().all(passes) { Exit::Done } else { Exit::Failed })
}

fn print(example: &Example) {
    say!("{}  {}", example.name, example.about);
    for figure in &example.figures {
        let (value, tolerance, verdict) = (figure.value, figure.tolerance, verdict(figure));
        say!("    {value:<8.1e} tolerance {tolerance:<6.0e} {verdict:<35} {}", figure.what);
    }
}

fn verdict(figure: &Figure) -> String {
    match (figure.must, figure.within()) {
        (Must::Hold, true) => "holds".to_owned(),
        (Must::Hold, false) => "FAILS, but must hold".to_owned(),
        (Must::Exceed(least), _) if figure.behaves() => format!("fails, as it must (at least {least:.0e})"),
        (Must::Exceed(least), within) => {
            format!("{}, BUT MUST EXCEED {least:.0e}", if within { "holds" } else { "fails" })
        }
    }
}

fn conclusion(examples: &[Example]) -> String {
    let wrong: Vec<&str> = examples.iter().filter(|e| !e.behaves()).map(|e| e.name).collect();
    if !wrong.is_empty() {
        return format!("not as theory says: {}", wrong.join(", "));
    }
    match examples {
        [example] if example.is_counter_example() => "the statement fails here, as theory says".to_owned(),
        [_] => "the statement holds here".to_owned(),
        _ => {
            let counter = examples.iter().filter(|example| example.is_counter_example()).count();
            let held = examples.len() - counter;
            format!("as theory says: {held} examples hold, {counter} counter-examples fail")
        }
    }
}
