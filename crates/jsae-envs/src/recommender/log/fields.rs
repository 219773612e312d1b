use super::Fault;

const MAX_ID: usize = 256;

/// A time in microseconds since 1970; only its order matters.
pub(super) fn parse_time(field: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(field).ok()?.trim();
    if let Ok(number) = text.parse::<i64>() {
        return number.checked_mul(1_000_000);
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds.abs() < 1e12).then_some((seconds * 1e6) as i64);
    }
    let day = parse_day(text.get(..10)?)?;
    let rest = &text[10..];
    if rest.is_empty() {
        return Some(day * 86_400_000_000);
    }
    let clock = rest.strip_prefix([' ', 'T', 't'])?;
    let zone_at = clock.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'));
    let (clock, zone) = clock.split_at(zone_at.unwrap_or(clock.len()));
    Some(day * 86_400_000_000 + parse_clock(clock)? - parse_zone(zone.trim_start())? * 60_000_000)
}

/// A price, or what is wrong with it.
pub(super) fn parse_price(field: &[u8]) -> Result<f64, Fault> {
    let text = std::str::from_utf8(field).map_err(|_| Fault::NotAPrice)?;
    let price: f64 = text.trim().parse().map_err(|_| Fault::NotAPrice)?;
    if !price.is_finite() {
        return Err(Fault::NotAPrice);
    }
    if price < 0.0 { Err(Fault::NegativePrice) } else { Ok(price) }
}

/// What is wrong with an identifier, if anything.
pub(super) fn check_id(field: &[u8]) -> Result<(), Fault> {
    if field.trim_ascii().is_empty() {
        return Err(Fault::EmptyId);
    }
    if field.len() > MAX_ID {
        return Err(Fault::LongId);
    }
    if std::str::from_utf8(field).is_err() {
        return Err(Fault::IdNotUtf8);
    }
    if is_rounded(field) { Err(Fault::RoundedId) } else { Ok(()) }
}

/// Is it written like `2.05301E+18`?
fn is_rounded(field: &[u8]) -> bool {
    let Some(at) = memchr::memmem::find(field, b"E+") else { return false };
    let (mantissa, exponent) = (&field[..at], &field[at + 2..]);
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let dots = mantissa.iter().filter(|&&byte| byte == b'.').count();
    let mantissa: Vec<u8> = mantissa.iter().copied().filter(|&byte| byte != b'.').collect();
    dots <= 1 && digits(&mantissa) && digits(exponent)
}

/// Days since 1970-01-01 of `2019-10-01` (proleptic Gregorian calendar).
fn parse_day(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (number(&bytes[..4])?, number(&bytes[5..7])?, number(&bytes[8..])?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if leap { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month).ok()?.checked_sub(1)?;
    if !(1..=*lengths.get(month)?).contains(&day) {
        return None;
    }
    let before: i64 = lengths[..month].iter().sum();
    let leaps = |years: i64| years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    Some((year - 1970) * 365 + leaps(year - 1) - leaps(1969) + before + day - 1)
}

/// Microseconds of `00:00`, `00:00:00` or `00:00:00.123`.
fn parse_clock(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let bytes = whole.as_bytes();
    let seconds = match bytes.len() {
        5 => 0,
        8 if bytes[5] == b':' => number(&bytes[6..])?,
        _ => return None,
    };
    let (hours, minutes) = (number(&bytes[..2])?, number(&bytes[3..5])?);
    if bytes[2] != b':' || hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let micros: i64 =
        fraction.bytes().chain(*b"000000").take(6).fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros)
}

/// Minutes east of Greenwich of nothing, `Z`, `UTC`, `GMT`, `+02:00`, `+0200` or `+02`.
fn parse_zone(text: &str) -> Option<i64> {
    if ["", "Z", "z", "UTC", "GMT"].contains(&text) {
        return Some(0);
    }
    let sign = match text.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: Vec<u8> = text[1..].bytes().filter(|&byte| byte != b':').collect();
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits)?, 0),
        4 => (number(&digits[..2])?, number(&digits[2..])?),
        _ => return None,
    };
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_form_agree() {
        let second = |text: &str| parse_time(text.as_bytes()).map(|micros| micros / 1_000_000);
        for text in [
            "2019-10-01 00:00:00 UTC",
            "2019-10-01T00:00:00Z",
            "2019-10-01 00:00:00",
            "2019-10-01",
            "2019-10-01T02:00:00.000+02:00",
            "2019-09-30T22:30-0130",
            "1569888000",
            "1569888000.25",
        ] {
            assert_eq!(second(text), Some(1_569_888_000), "{text}");
        }
        assert_eq!(second("2000-03-01"), Some(951_868_800));
        assert_eq!((second("12345.0"), parse_time(b"7.5")), (Some(12_345), Some(7_500_000)));
        assert_eq!(second("1969-12-31 23:59:59"), Some(-1));
        assert_eq!(parse_time(b"1970-01-01 00:00:00.5"), Some(500_000));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "today",
            "2019-02-29",
            "2019-13-01",
            "2019-00-01",
            "2019-10-00",
            "2019/10/01",
            "2019-10-01 24:00:00",
            "2019-10-01 00:00:00 MESZ",
            "2019-10-01x",
            "2019-10-01 ",
            "NaN",
            "inf",
            "2019-10-01T00:00:00.Z",
            "+-2019-10",
            "99999999999999999999",
            "2019-10-\u{e9}1 ",
            "9223372036854775807",
        ] {
            // The trailing space of one of these is trimmed and leaves a bare date.
            let expected = (text == "2019-10-01 ").then_some(1_569_888_000_000_000);
            assert_eq!(parse_time(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn prices_are_finite_and_not_negative() {
        assert_eq!(parse_price(b"35.79"), Ok(35.79));
        assert_eq!(parse_price(b"0"), Ok(0.0));
        assert_eq!(parse_price(b"-0.01"), Err(Fault::NegativePrice));
        for text in ["", "NaN", "inf", "-inf", "1,5", "$3", "1e999"] {
            assert_eq!(parse_price(text.as_bytes()), Err(Fault::NotAPrice), "{text}");
        }
    }

    #[test]
    fn identifiers_rounded_by_a_spreadsheet_are_refused() {
        assert_eq!(check_id(b"2.05301E+18"), Err(Fault::RoundedId));
        assert_eq!(check_id(b"1E+07"), Err(Fault::RoundedId));
        for id in ["44600062", "E+18", "A1E+18", "1.2.3E+4", "1E+"] {
            assert_eq!(check_id(id.as_bytes()), Ok(()), "{id}");
        }
    }
}
