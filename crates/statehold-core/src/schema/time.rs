//! Instants and lengths of time as text: one reading for schemas, expressions and stored data.

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// Longest text read as a time, in bytes: well above any real one, so that hostile text costs nothing.
const TEXT_BYTES_MAX: usize = 64;

/// Reads an RFC 3339 instant such as `2026-11-25T09:30:00Z` or `2026-11-25T10:30:00.5+01:00`.
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    if !has_rfc3339_shape(text.as_bytes()) {
        return None;
    }
    text.parse().ok()
}

/// `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`: the time crate reads more than that, and what it reads besides is
/// not what other readers of the same data would.
fn has_rfc3339_shape(text: &[u8]) -> bool {
    if text.len() < 20 || text.len() > TEXT_BYTES_MAX {
        return false;
    }
    let (head, tail) = text.split_at(19);
    let digits_and_marks = head.iter().zip(b"0000-00-00T00:00:00");
    let head_fits = digits_and_marks.into_iter().all(|(byte, mark)| match mark {
        b'0' => byte.is_ascii_digit(),
        b'T' => byte.eq_ignore_ascii_case(&b'T'),
        mark => byte == mark,
    });
    let zone = match tail.strip_prefix(b".") {
        None => tail,
        Some(fraction) => {
            let digits = fraction
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            if digits == 0 {
                return false;
            }
            &fraction[digits..]
        }
    };
    head_fits
        && match zone {
            b"Z" | b"z" => true,
            [b'+' | b'-', hour @ .., b':', m1, m2] => {
                hour.len() == 2 && hour.iter().chain([m1, m2]).all(u8::is_ascii_digit)
            }
            _ => false,
        }
}

/// Reads a length of time: ISO 8601 (`PT48H`, `P14D`, `-PT5M`) or short (`48h`, `1h 30m`, `1.5h`, `250ms`). A day has 24
/// hours and a week seven days; months and years have no fixed length and are refused.
#[must_use]
pub fn parse_duration(text: &str) -> Option<SignedDuration> {
    if text.is_empty() || text.len() > TEXT_BYTES_MAX {
        return None;
    }
    if let Ok(duration) = text.parse::<SignedDuration>() {
        return Some(duration);
    }
    let span: Span = text.parse().ok()?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}
