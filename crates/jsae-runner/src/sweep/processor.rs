/// Clock ticks of a second in `/proc`, the same on every Linux.
const TICKS: f64 = 100.0;

/// What this process has used and what its runs have: one line.
pub(crate) fn processor_time() -> String {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field, a name in brackets, may hold blanks.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let seconds = |field: usize| fields.get(field).and_then(|text| text.parse().ok()).unwrap_or(0.0) / TICKS;
    let (own, runs) = (seconds(11) + seconds(12), seconds(13) + seconds(14));
    let share = if runs > 0.0 { own / runs * 100.0 } else { 0.0 };
    format!("processor time: {runs:.2} s by the runs, {own:.2} s by this process ({share:.2} %)")
}
