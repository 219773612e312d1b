/// A return in a few digits: three decimals below 1, two below 100, one below 10,000.
pub(crate) fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        size if size < 0.9995 => 3,
        size if size < 99.995 => 2,
        size if size < 9999.95 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|c| c == '0' || c == '.') => digits.to_owned(),
        _ => text,
    }
}

/// Steps in three digits: `950`, `60k`, `1.05M`.
pub(crate) fn steps(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        size if size >= 999_500_000.0 => (value / 1e9, "G"),
        size if size >= 999_500.0 => (value / 1e6, "M"),
        size if size >= 1e3 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let decimals = match scaled.abs() {
        size if size >= 99.95 || unit.is_empty() => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{scaled:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_as_many_decimals_as_they_need() {
        let texts = [0.8894, -0.68, 13.333, 443.2, 9999.9, 12345.6, -0.0001, 1.0].map(figure);
        assert_eq!(texts, ["0.889", "-0.680", "13.33", "443.2", "9999.9", "12346", "0.000", "1.00"]);
    }

    #[test]
    fn steps_have_three_digits_and_a_unit() {
        let texts = [0.0, 950.0, 1500.0, 60_000.0, 1_050_000.0, 999_600.0, 123_456.0, 2e9, 200.0].map(steps);
        assert_eq!(texts, ["0", "950", "1.5k", "60k", "1.05M", "1M", "123k", "2G", "200"]);
    }
}
