//! Lengths of time as people write them in files: `48h`, `1m30s`, `250ms`, `P14D`, and ranges `2s..5m`.
//!
//! A number without a unit is refused: half of its readers would take it for seconds, the other half for
//! milliseconds. Days are 24 hours; months and years have no fixed length and are refused.

use std::time::Duration;

/// Longest delay, 100 years: longer than anything a business entity waits for, and far from every overflow.
pub const MAX: Duration = Duration::from_secs(36_525 * 24 * 60 * 60);

/// Units from large to small, with their length in microseconds (the resolution of stored time).
const UNITS: [(&str, u64); 7] = [
    ("w", 7 * 24 * 60 * 60 * 1_000_000),
    ("d", 24 * 60 * 60 * 1_000_000),
    ("h", 60 * 60 * 1_000_000),
    ("m", 60 * 1_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

const EXAMPLES: &str = "write it like 30s, 48h, 14d, 1h30m, 250ms or P14D";

/// Reads a length of time.
///
/// # Errors
/// Says what is wrong and how to write it.
pub fn parse(text: &str) -> Result<Duration, String> {
    let micros = if text.starts_with('P') {
        parse_iso(text)?
    } else {
        parse_units(text)?
    };
    let duration = Duration::from_micros(micros);
    if duration > MAX {
        return Err(too_long(text));
    }
    Ok(duration)
}

/// Reads a range `FROM..TO`, or one length of time that is both.
///
/// # Errors
/// Says what is wrong and how to write it.
pub fn parse_range(text: &str) -> Result<(Duration, Duration), String> {
    let Some((from, to)) = text.split_once("..") else {
        let both = parse(text)?;
        return Ok((both, both));
    };
    let (from, to) = (parse(from)?, parse(to)?);
    if from > to {
        return Err(format!(
            "`{text}` runs backwards: the shorter length stands first"
        ));
    }
    Ok((from, to))
}

/// The shortest text that [`parse`] reads back; less than a microsecond is dropped.
#[must_use]
pub fn format(duration: Duration) -> String {
    let mut rest = duration.as_micros();
    let mut out = String::new();
    // Weeks are left out: `14d` is what people write.
    for (unit, micros) in &UNITS[1..] {
        let count = rest / u128::from(*micros);
        if count > 0 {
            out.push_str(&format!("{count}{unit}"));
            rest %= u128::from(*micros);
        }
    }
    if out.is_empty() {
        out.push_str("0s");
    }
    out
}

/// `1h30m`: whole numbers with units, large to small.
fn parse_units(text: &str) -> Result<u64, String> {
    let mut rest = text;
    let mut total = 0u64;
    let mut smallest = None;
    while !rest.is_empty() {
        let (count, after) = take_number(rest).ok_or_else(|| unreadable(text))?;
        let length = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(length);
        if unit.is_empty() {
            return Err(without_unit(text, after));
        }
        let position = UNITS.iter().position(|(name, _)| *name == unit);
        let position = position.ok_or_else(|| unknown_unit(unit))?;
        if smallest.is_some_and(|smallest| position <= smallest) {
            return Err(format!("the units of `{text}` must go from large to small"));
        }
        smallest = Some(position);
        total = add(total, count, UNITS[position].1).ok_or_else(|| too_long(text))?;
        rest = after;
    }
    if smallest.is_none() {
        return Err(unreadable(text));
    }
    Ok(total)
}

/// `P14D`, `PT1H30M`, `P2W`, `PT0.5S`.
fn parse_iso(text: &str) -> Result<u64, String> {
    let mut rest = &text[1..];
    let mut total = 0u64;
    let mut in_time = false;
    let mut last: Option<u8> = None;
    while !rest.is_empty() {
        if !in_time && let Some(after) = rest.strip_prefix('T').filter(|after| !after.is_empty()) {
            in_time = true;
            rest = after;
            continue;
        }
        let (count, after) = take_number(rest).ok_or_else(|| unreadable(text))?;
        let (fraction, after) = take_fraction(after).ok_or_else(|| unreadable(text))?;
        let mut letters = after.chars();
        let (rank, micros) = match (in_time, letters.next()) {
            (false, Some('W')) => (0, UNITS[0].1),
            (false, Some('D')) => (1, UNITS[1].1),
            (true, Some('H')) => (2, UNITS[2].1),
            (true, Some('M')) => (3, UNITS[3].1),
            (true, Some('S')) => (4, UNITS[4].1),
            (false, Some('Y' | 'M')) => {
                return Err(format!(
                    "`{text}`: years and months have no fixed length; write days"
                ));
            }
            _ => return Err(unreadable(text)),
        };
        if last.is_some_and(|last| rank <= last) || (fraction > 0 && rank != 4) {
            return Err(unreadable(text));
        }
        last = Some(rank);
        total = add(total, count, micros)
            .and_then(|total| total.checked_add(fraction))
            .ok_or_else(|| too_long(text))?;
        rest = letters.as_str();
    }
    if last.is_none() {
        return Err(unreadable(text));
    }
    Ok(total)
}

fn take_number(text: &str) -> Option<(u64, &str)> {
    let length = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(length);
    if digits.is_empty() {
        return None;
    }
    // A number too long to read is a delay too long to wait for: the sum overflows and says so.
    Some((digits.parse().unwrap_or(u64::MAX), rest))
}

/// `.5` as microseconds; nothing is zero. At most six digits.
fn take_fraction(text: &str) -> Option<(u64, &str)> {
    let Some(rest) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let length = rest.find(|c: char| !c.is_ascii_digit())?;
    let digits = &rest[..length];
    if digits.is_empty() || digits.len() > 6 {
        return None;
    }
    let micros: u64 = format!("{digits:0<6}").parse().ok()?;
    Some((micros, &rest[length..]))
}

fn add(total: u64, count: u64, micros: u64) -> Option<u64> {
    count
        .checked_mul(micros)
        .and_then(|length| total.checked_add(length))
}

fn unreadable(text: &str) -> String {
    format!("`{}` is not a length of time; {EXAMPLES}", shown(text))
}

fn without_unit(text: &str, after: &str) -> String {
    if after.starts_with('.') {
        return format!(
            "`{}` has a fraction; write it in smaller units, like 1h30m for one and a half hours",
            shown(text)
        );
    }
    format!("`{}` has no unit; {EXAMPLES}", shown(text))
}

fn unknown_unit(unit: &str) -> String {
    format!(
        "`{}` is not a unit of time; units are w, d, h, m (minutes), s, ms and us",
        shown(unit)
    )
}

fn too_long(text: &str) -> String {
    format!("`{}` is longer than 100 years", shown(text))
}

/// The text as far as a message should repeat it.
fn shown(text: &str) -> String {
    const MAX_SHOWN: usize = 40;
    if text.chars().count() <= MAX_SHOWN {
        return text.to_owned();
    }
    let start: String = text.chars().take(MAX_SHOWN).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds(text: &str) -> f64 {
        parse(text).expect(text).as_secs_f64()
    }

    #[test]
    fn people_and_machines_are_understood() {
        assert_eq!(seconds("48h"), 172_800.0);
        assert_eq!(seconds("30d"), 2_592_000.0);
        assert_eq!(seconds("2w"), 1_209_600.0);
        assert_eq!(seconds("250ms"), 0.25);
        assert_eq!(seconds("1m30s"), 90.0);
        assert_eq!(seconds("2h30m"), 9_000.0);
        assert_eq!(seconds("0s"), 0.0);
        assert_eq!(seconds("P14D"), 1_209_600.0);
        assert_eq!(seconds("PT1H30M"), 5_400.0);
        assert_eq!(seconds("P1DT12H"), 129_600.0);
        assert_eq!(seconds("PT0.5S"), 0.5);
        assert_eq!(seconds("P2W"), 1_209_600.0);
    }

    #[test]
    fn what_could_mean_two_things_is_refused_with_help() {
        let error = |text: &str| parse(text).expect_err(text);
        assert!(error("30").contains("has no unit"));
        assert!(error("1.5h").contains("1h30m"));
        assert!(error("48H").contains("not a unit"));
        assert!(error("3min").contains("not a unit"));
        assert!(error("30s1m").contains("large to small"));
        assert!(error("1m1m").contains("large to small"));
        assert!(error("P1M").contains("no fixed length"));
        for text in [
            "", "-5s", "5 s", "h", "P", "PT", "P1H", "PT1D", "P1.5D", "PT1.S", "5s ", "PT1S1H",
        ] {
            error(text);
        }
    }

    #[test]
    fn a_hundred_years_is_the_limit() {
        assert_eq!(parse("36525d"), Ok(MAX));
        assert!(parse("36525d1us").is_err());
        assert!(parse("99999999999999999999d").is_err());
        assert!(parse("18446744073709551615us").is_err());
        assert!(parse("P99999999999999999999D").is_err());
    }

    #[test]
    fn ranges_run_forwards() {
        let s = Duration::from_secs;
        assert_eq!(parse_range("2s..5m"), Ok((s(2), s(300))));
        assert_eq!(parse_range("2s"), Ok((s(2), s(2))));
        assert!(parse_range("5m..2s").is_err());
        assert!(parse_range("2..5m").is_err());
        assert!(parse_range("2s..").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(micros in 0..=u64::try_from(MAX.as_micros()).unwrap()) {
            let duration = Duration::from_micros(micros);
            prop_assert_eq!(parse(&format(duration)), Ok(duration));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,20}|P?[0-9TWDHMSwdhmsu.]{0,24}") {
            if let Ok(duration) = parse(&text) {
                prop_assert!(duration <= MAX);
            }
        }
    }
}
