use jsae_report::statistics::Interval;
use jsae_report::table::{Cell, Format, Table};
use jsae_report::{Options, Report, read};

use crate::synthetic::{Synthetic, folder, three_methods};

fn table() -> Table {
    let interval = Interval { low: -0.75, high: 0.25 };
    Table {
        caption: "50 % & more.".to_owned(),
        columns: ["task", "name", "runs", "final return", "IQM", "steps to 50 % of the best"]
            .map(str::to_owned)
            .into(),
        rows: vec![
            vec![
                Cell::Text("t".to_owned()),
                Cell::Text("a_b|c".to_owned()),
                Cell::Runs(2, 3),
                Cell::Spread(Some(-0.5), Some(0.25)),
                Cell::Interval(Some(-0.5), Some(interval)),
                Cell::Steps(Some(45_000.0), Some(Interval { low: 40_000.0, high: f64::INFINITY }), 1, 2),
            ],
            vec![
                Cell::Text("t".to_owned()),
                Cell::Text("long name".to_owned()),
                Cell::Runs(0, 0),
                Cell::Spread(None, None),
                Cell::Interval(None, None),
                Cell::Steps(None, None, 0, 0),
            ],
        ],
    }
}

#[test]
fn terminal_table_is_aligned() {
    let expected = "\
name         runs     final return                      IQM  steps to 50 % of the best
─────────  ──────  ───────────────  ───────────────────────  ─────────────────────────
a_b|c      2 of 3  -0.500 ± 0.250  -0.500 [-0.750, 0.250]      45k [40k, ∞] (1 of 2)
long name       0                –                        –                          –
";
    let collapsed = |text: &str| {
        text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let text = table().render(Format::Terminal);
    assert_eq!(collapsed(&text)[2..], collapsed(expected)[2..]);
    let widths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
    assert!(widths.iter().all(|&width| width == widths[0]), "{text}");
}

#[test]
fn markdown_escapes_its_own_separator() {
    let expected = "\
| name | runs | final return | IQM | steps to 50 % of the best |
| --- | ---: | ---: | ---: | ---: |
| a_b\\|c | 2 of 3 | -0.500 ± 0.250 | -0.500 [-0.750, 0.250] | 45k [40k, ∞] (1 of 2) |
| long name | 0 | – | – | – |

50 % & more.
";
    assert_eq!(table().render(Format::Markdown), expected);
}

#[test]
fn latex_is_escaped_and_has_rules() {
    let text = table().render(Format::Latex);
    assert!(text.contains("\\begin{tabular}{lrrrr}\n    \\toprule\n    name & runs"), "{text}");
    let row = "a\\_b|c & 2 of 3 & $-$0.500 $\\pm$ 0.250 & $-$0.500 [$-$0.750, 0.250] & 45k [40k, $\\infty$] (1 of 2) \\\\\n";
    assert!(text.contains(row), "{text}");
    assert!(text.contains("\\caption{50 \\% \\& more.}"));
}

#[test]
fn csv_has_every_number_in_a_column_of_its_own() {
    let expected = "\
task,name,runs,runs_found,final_return_mean,final_return_sd,iqm,iqm_low,iqm_high,\
steps_to_50pc_of_the_best_median,steps_to_50pc_of_the_best_low,steps_to_50pc_of_the_best_high,\
steps_to_50pc_of_the_best_reached,steps_to_50pc_of_the_best_of
t,a_b|c,2,3,-0.5,0.25,-0.5,-0.75,0.25,45000,40000,,1,2
t,long name,0,0,,,,,,,,,0,0
";
    assert_eq!(table().render(Format::Csv), expected);
}

#[test]
fn csv_of_a_report_is_read_back_by_a_csv_reader() {
    let out = folder();
    three_methods(out.path(), 30);
    let report = Report::new(read(&[out.path()]), &Options::default());
    for table in [report.table(), report.comparison_table()] {
        let text = table.render(Format::Csv);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.records().map(Result::unwrap).count(), 3);
    }
}

#[test]
fn format_names_are_those_of_the_command_line() {
    assert_eq!("latex".parse(), Ok(Format::Latex));
    assert_eq!(
        "pdf".parse::<Format>().unwrap_err(),
        "format is pdf, expected terminal, csv, markdown or latex"
    );
}

#[test]
fn finals_hold_a_row_for_each_seed_in_order() {
    let out = folder();
    Synthetic::new("b", 10, vec![2.0, 4.0]).write(out.path());
    Synthetic::new("b", 2, vec![0.0, 1.0]).write(out.path());
    let head = "experiment,seed,epochs,steps,final_return,evaluation,average_return,seconds\n";
    let expected = "b,2,2,3000,1,1,0.5,0.0\nb,10,2,3000,4,4,3,0.0\n";
    let report = Report::new(read(&[out.path().to_owned()]), &Options::default());
    assert_eq!(report.finals_csv(""), Ok(format!("{head}{expected}")));
    let (before, after) = ("a,10,2,3000,0.5,,,\n", "c,,2,3000,,,,\n");
    let kept = format!("{head}{after}{before}b,3,9,9,9,9,9,9\n");
    assert_eq!(report.finals_csv(&kept), Ok(format!("{head}{before}{expected}{after}")));
    assert!(
        report.finals_csv("other\n").is_err_and(|error| error.starts_with("line 1 is \"other\", expected"))
    );
}
