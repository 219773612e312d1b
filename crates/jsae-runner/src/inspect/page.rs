use std::fmt;

use super::{Audit, Figure, Section, Verdict};

impl fmt::Display for Audit {
    /// A page of text: a figure a line, and below it why where its verdict is bad.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} with {}", self.experiment, self.environment, self.embedding)?;
        if self.sections.is_empty() {
            writeln!(f, "\nNothing was learnt here but the policy: there is no embedding to look at.")?;
        }
        for Section { title, figures } in &self.sections {
            writeln!(f, "\n{title}")?;
            figures.iter().try_for_each(|figure| line(f, figure))?;
        }
        let problems = self.problems().count();
        match (self.sections.is_empty(), problems) {
            (true, _) => Ok(()),
            (false, 0) => writeln!(f, "\nNo verdict is bad."),
            (false, 1) => writeln!(f, "\n1 verdict is bad."),
            (false, n) => writeln!(f, "\n{n} verdicts are bad."),
        }
    }
}

fn line(f: &mut fmt::Formatter<'_>, figure: &Figure) -> fmt::Result {
    let Figure { key, value, meaning, verdict } = figure;
    let mark = verdict.as_ref().map_or("", |verdict| if verdict.good { "ok" } else { "BAD" });
    writeln!(f, "  {key:<25} {:>9}  {mark:<4} {meaning}", short(*value))?;
    match verdict {
        Some(Verdict { good: false, why }) => writeln!(f, "{:43}{why}", ""),
        _ => Ok(()),
    }
}

/// Whole numbers as they are, others in four digits.
fn short(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e9 {
        return format!("{value:.0}");
    }
    match value.abs() {
        size if size >= 1000.0 => format!("{value:.0}"),
        size if size >= 0.001 => {
            let digits = 3 - (size.log10().floor() as i32);
            format!("{value:.*}", digits.clamp(0, 6) as usize)
        }
        _ => format!("{value:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits_unless_they_are_whole() {
        let texts = [343.0, 0.86409, 12.3456, 0.0019632, 0.000_019_6, 54321.5, -0.25, 0.0].map(short);
        assert_eq!(texts, ["343", "0.8641", "12.35", "0.001963", "1.96e-5", "54322", "-0.2500", "0"]);
    }
}
