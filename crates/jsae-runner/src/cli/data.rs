use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

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
    let options = Options {
        columns: arguments.columns.parse().map_err(|error| refused(&error, Path::new("--columns")))?,
        delimiter: u8::try_from(arguments.delimiter).unwrap_or(b'"'),
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
    model.write(&arguments.out)?;
    say!("{} items, {} purchases: {}", model.n_items(), model.n_purchases(), arguments.out.display());
    Ok(Exit::Done)
}

/// What is wrong with a log is bad input: one line, and it names the place itself.
fn refused(error: &LogError, place: &Path) -> Problems {
    Problems::one(Place::Path(place.to_owned()), error.to_string())
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
    out.flush()?;
    std::fs::rename(&part, &arguments.out)?;
    say!("{} rows: {}", config.n_rows, arguments.out.display());
    Ok(Exit::Done)
}
