use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use jsae_envs::recommender::log::{LogError, Options, load_log};
use jsae_envs::recommender::{Filters, synthetic};

use super::arguments::{DataCommand, RecommenderLog, SyntheticLog};
use super::output::say;
use crate::exit::Exit;
use crate::experiment::{Place, Problems};

/// `jsae-run data ...`
pub(super) fn data(command: &DataCommand) -> Result<Exit> {
    match command {
        DataCommand::Recommender(arguments) => recommender(arguments),
        DataCommand::Synthetic(arguments) => synthetic_log(arguments),
    }
}

/// `jsae-run data recommender INPUT... --out FILE`
fn recommender(arguments: &RecommenderLog) -> Result<Exit> {
    check_out(&arguments.out, &arguments.inputs)?;
    let options = Options {
        columns: arguments.columns.parse().map_err(|error| refused(&error, Path::new("--columns")))?,
        delimiter: delimiter(arguments.delimiter)?,
        purchase_event: arguments.event.clone(),
        filters: Filters {
            min_item_purchases: arguments.min_item_purchases,
            min_user_purchases: arguments.min_user_purchases,
            to_fixpoint: arguments.to_fixpoint,
            max_skip: arguments.max_skip,
        },
        max_bad_rows: arguments.max_bad_rows,
    };
    let bar = ProgressBar::new(0)
        .with_style(ProgressStyle::with_template("{bar:24} {bytes}/{total_bytes}  {msg}  {eta} left")?);
    let (model, report) = load_log(&arguments.inputs, &options, &mut |now| {
        bar.set_length(now.total_bytes);
        bar.set_position(now.bytes);
        let rate = now.rows as f64 / bar.elapsed().as_secs_f64().max(1e-9) / 1e6;
        bar.set_message(format!("{} rows, {} purchases, {rate:.1} million rows/s", now.rows, now.purchases));
    })
    .map_err(|error| refused(&error, &arguments.inputs[0]))?;
    bar.finish_and_clear();
    say!("{report}");
    model.write(&arguments.out).map_err(|error| anyhow::anyhow!("{error}"))?;
    say!("{} items, {} purchases: {}", model.n_items(), model.n_purchases(), arguments.out.display());
    Ok(Exit::Done)
}

/// Looks at where a file is to go before it is made, which may take minutes.
fn check_out(out: &Path, inputs: &[PathBuf]) -> Result<(), Problems> {
    let refuse = |message: &str| Err(Problems::one(Place::Path(out.to_owned()), message));
    if out.is_dir() {
        return refuse("is a folder, expected a file");
    }
    if out.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        return refuse("its folder does not exist");
    }
    let is_out = |input: &PathBuf| {
        input.canonicalize().is_ok_and(|input| out.canonicalize().is_ok_and(|out| out == input))
    };
    if inputs.iter().any(is_out) {
        return refuse("is a log to be read, expected another file for the model");
    }
    Ok(())
}

fn delimiter(delimiter: char) -> Result<u8, Problems> {
    let byte = u8::try_from(delimiter).ok().filter(|byte| byte.is_ascii() && !b"\"\r\n".contains(byte));
    byte.ok_or_else(|| {
        let message = format!("is {delimiter:?}, expected an ASCII character, no quote and no line end");
        Problems::one(Place::Path("--delimiter".into()), message)
    })
}

/// What is wrong with a log is bad input; an error that names no file itself is of `place`.
fn refused(error: &LogError, place: &Path) -> Problems {
    let text = error.to_string();
    let nowhere =
        matches!(error, LogError::Options(_) | LogError::NoPurchases { .. } | LogError::NothingLeft(_));
    match text.split_once(": ") {
        Some((file, message)) if !nowhere => Problems::one(Place::Path(file.into()), message),
        _ => Problems::one(Place::Path(place.to_owned()), text),
    }
}

/// `jsae-run data synthetic --out FILE`
fn synthetic_log(arguments: &SyntheticLog) -> Result<Exit> {
    let config = synthetic::Config {
        seed: arguments.seed,
        n_rows: arguments.rows,
        n_purchases: arguments.purchases,
        n_items: arguments.items,
    };
    let part = arguments.out.with_added_extension("part");
    check_out(&arguments.out, &[])?;
    let file = File::create(&part).with_context(|| format!("{} cannot be written", part.display()))?;
    let mut out = BufWriter::new(file);
    let bar = ProgressBar::new(config.n_rows)
        .with_style(ProgressStyle::with_template("{bar:24} {human_pos}/{human_len} rows  {eta} left")?);
    let written = synthetic::write_log(&config, &mut out, &mut |rows| bar.set_position(rows));
    bar.finish_and_clear();
    if let Err(error) = written {
        std::fs::remove_file(&part)?;
        return match error {
            synthetic::SyntheticError::Write(error) => {
                Err(error).context(format!("{} cannot be written", arguments.out.display()))
            }
            error => Err(Problems::one(Place::Path("data synthetic".into()), error.to_string()).into()),
        };
    }
    out.flush()
        .and_then(|()| std::fs::rename(&part, &arguments.out))
        .with_context(|| format!("{} cannot be written", arguments.out.display()))?;
    say!("{} rows: {}", config.n_rows, arguments.out.display());
    Ok(Exit::Done)
}
