use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use super::series::{cell, file_name};
use crate::run::Run;

const COLUMNS: [&str; 8] =
    ["experiment", "seed", "epochs", "steps", "final_return", "evaluation", "average_return", "seconds"];

/// How a run ended, of a row of [`Report::finals_csv`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeptEnd {
    /// Average over the last 10 % of epochs.
    pub final_return: f64,
    /// Seconds of training, where they were recorded.
    pub seconds: Option<f64>,
}

impl KeptEnd {
    /// The rows that [`Report::finals_csv`] wrote, by the name that the experiment's series has as a file; runs
    /// without a final return are left out.
    ///
    /// # Errors
    /// Another table, or a run that is there twice, with the line that is wrong.
    pub fn parse(text: &str) -> Result<BTreeMap<String, Vec<Self>>, String> {
        let mut ends: BTreeMap<String, Vec<Self>> = BTreeMap::new();
        for Row { cells, numbers } in rows(text)? {
            if let Some(final_return) = numbers[3] {
                let end = Self { final_return, seconds: numbers[6] };
                ends.entry(file_name(&cells[0])).or_default().push(end);
            }
        }
        Ok(ends)
    }
}

impl Report {
    /// How each counted run ended, by experiment and seed, as CSV with a row of names first: experiment, seed,
    /// epochs, steps, final return, evaluation, average return while learning, seconds. Rows in `kept`, which is an
    /// earlier such table or empty, stand among them as they are where none of their experiment's runs is counted.
    ///
    /// # Errors
    /// `kept` is another table or has a run twice, with the line that is wrong.
    pub fn finals_csv(&self, kept: &str) -> Result<String, String> {
        let counted = self.experiments.iter().filter(|experiment| experiment.summary.n_runs > 0);
        let reported: BTreeSet<&str> = counted.map(|experiment| experiment.name.as_str()).collect();
        let mut table = if kept.is_empty() { Vec::new() } else { rows(kept)? };
        table.retain(|row| !reported.contains(&row.cells[0]));
        let mut table: Vec<[String; COLUMNS.len()]> =
            table.iter().map(|row| std::array::from_fn(|column| row.cells[column].to_owned())).collect();
        for experiment in &self.experiments {
            table.extend(experiment.counted_runs().map(|run| row(&experiment.name, run)));
        }
        table.sort_by_cached_key(|row| (row[0].clone(), row[1].parse::<u64>().ok()));
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(COLUMNS).expect("memory takes every row");
        for row in table {
            writer.write_record(row).expect("rows of one length");
        }
        let bytes = writer.into_inner().expect("memory takes every row");
        Ok(String::from_utf8(bytes).expect("names and numbers are text"))
    }
}

/// A row of the table: its cells, and all but the experiment as numbers.
struct Row {
    cells: csv::StringRecord,
    numbers: [Option<f64>; COLUMNS.len() - 1],
}

fn rows(text: &str) -> Result<Vec<Row>, String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut seen = BTreeSet::new();
    let mut records = reader.records();
    let head = records.next().and_then(Result::ok).unwrap_or_default();
    if !head.iter().eq(COLUMNS) {
        let (head, expected) = (head.iter().collect::<Vec<_>>().join(","), COLUMNS.join(","));
        return Err(format!("line 1 is {head:?}, expected {expected:?}"));
    }
    let mut rows = Vec::new();
    for cells in records {
        let cells = cells.map_err(|error| error.to_string())?;
        let line = cells.position().map_or(0, csv::Position::line);
        let found = || cells.iter().collect::<Vec<_>>().join(",");
        let wrong = || format!("line {line} is {:?}, expected an experiment and seven numbers", found());
        if cells.len() != COLUMNS.len() {
            return Err(wrong());
        }
        let mut numbers = [None; COLUMNS.len() - 1];
        for (number, cell) in numbers.iter_mut().zip(cells.iter().skip(1)) {
            *number = match cell {
                "" => None,
                _ => Some(cell.parse::<f64>().ok().filter(|value| value.is_finite()).ok_or_else(wrong)?),
            };
        }
        if !seen.insert((cells[0].to_owned(), cells[1].to_owned())) {
            return Err(format!("line {line} is seed {} of {} for the second time", &cells[1], &cells[0]));
        }
        rows.push(Row { cells, numbers });
    }
    Ok(rows)
}

fn row(experiment: &str, run: &Run) -> [String; COLUMNS.len()] {
    let curve = &run.curve;
    let [final_return, evaluation, average] = [curve.final_return(), run.evaluation, curve.area()].map(cell);
    [
        experiment.to_owned(),
        run.seed.map(|seed| seed.to_string()).unwrap_or_default(),
        curve.len().to_string(),
        curve.steps.last().map(f64::to_string).unwrap_or_default(),
        final_return,
        evaluation,
        average,
        curve.seconds.last().map(|seconds| format!("{seconds:.1}")).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let head = COLUMNS.join(",");
        let text = format!("{head}\na,0,10,100,-1.5,-1,0.5,2.5\na,1,10,100,,,,\n\"b,c\",0,10,100,2,,,\n");
        let ends = KeptEnd::parse(&text).expect("finals");
        assert_eq!(ends["a"], [KeptEnd { final_return: -1.5, seconds: Some(2.5) }]);
        assert_eq!(ends["b,c"], [KeptEnd { final_return: 2.0, seconds: None }]);
        assert_eq!(ends.len(), 2);
    }

    #[test]
    fn another_table_is_told_by_its_line() {
        assert!(
            KeptEnd::parse("a,b\n")
                .is_err_and(|error| error.starts_with("line 1 is \"a,b\", expected \"exp"))
        );
        assert!(KeptEnd::parse("").is_err_and(|error| error.starts_with("line 1 is \"\", expected")));
        for row in ["a,0,10,100,NaN,1,1,1", "a,0,10", "a,0,10,100,x,1,1,1"] {
            let error =
                KeptEnd::parse(&format!("{}\na,0,1,1,1,1,1,1\n{row}\n", COLUMNS.join(","))).expect_err(row);
            assert_eq!(error, format!("line 3 is {row:?}, expected an experiment and seven numbers"));
        }
        let twice = format!("{}\na,0,1,1,1,1,1,1\na,0,1,1,2,1,1,1\n", COLUMNS.join(","));
        assert_eq!(KeptEnd::parse(&twice), Err("line 3 is seed 0 of a for the second time".to_owned()));
    }
}
