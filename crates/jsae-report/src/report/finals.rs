use super::Report;
use super::series::cell;
use crate::run::Run;

const COLUMNS: [&str; 8] =
    ["experiment", "seed", "epochs", "steps", "final_return", "evaluation", "average_return", "seconds"];

impl Report {
    /// How each counted run ended, by experiment and seed, as CSV with a row of names first: experiment, seed,
    /// epochs, steps, final return, evaluation, average return while learning, seconds.
    pub fn finals_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(COLUMNS).expect("memory takes every row");
        for experiment in &self.experiments {
            let mut runs: Vec<&Run> = experiment.counted_runs().collect();
            runs.sort_by_key(|run| run.seed);
            for run in runs {
                writer.write_record(row(&experiment.name, run)).expect("rows of one length");
            }
        }
        let bytes = writer.into_inner().expect("memory takes every row");
        String::from_utf8(bytes).expect("names and numbers are text")
    }
}

fn row(experiment: &str, run: &Run) -> [String; 8] {
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
