//! Instants and lengths of time inside expressions: ranges, parts, and how they are written.

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::error::Fault;
use super::functions::TimePart;
use super::value::{Val, with_article};
use crate::zone;

/// Years 0001 to 9999 in seconds: what RFC 3339 can write.
const TIMESTAMP_SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// About ten thousand years, as CEL has it.
const DURATION_SECONDS_MAX: i64 = 315_576_000_000;

pub(super) fn timestamp<'a>(value: Result<Timestamp, jiff::Error>) -> Result<Val<'a>, Fault> {
    value
        .ok()
        .filter(|value| TIMESTAMP_SECONDS.contains(&value.as_second()))
        .map(Val::Timestamp)
        .ok_or_else(|| Fault::overflow("the timestamp is out of range (years 1 to 9999)"))
}

pub(super) fn duration<'a>(value: Option<SignedDuration>) -> Result<Val<'a>, Fault> {
    value
        .filter(|value| value.as_secs().unsigned_abs() <= DURATION_SECONDS_MAX.unsigned_abs())
        .map(Val::Duration)
        .ok_or_else(|| Fault::overflow("the duration is out of range (10,000 years)"))
}

/// `days(n)` and its like.
pub(super) fn seconds_times<'a>(count: i64, seconds: i64) -> Result<Val<'a>, Fault> {
    duration(count.checked_mul(seconds).map(SignedDuration::from_secs))
}

/// A part of a timestamp in a zone (UTC if none is named), or of a duration in whole units.
pub(super) fn part<'a>(
    part: TimePart,
    value: &Val<'_>,
    zone: Option<&str>,
) -> Result<Val<'a>, Fault> {
    match (value, zone) {
        (Val::Timestamp(timestamp), zone) => {
            let zone = zone.map_or(Ok(TimeZone::UTC), time_zone)?;
            Ok(Val::Int(part_of_timestamp(part, *timestamp, zone)))
        }
        (Val::Duration(duration), None) => part_of_duration(part, *duration).map(Val::Int),
        (Val::Duration(_), Some(_)) => Err(Fault::wrong_type("a duration has no time zone")),
        (other, _) => Err(Fault::wrong_type(format!(
            "{} has no parts of time; timestamp(x) reads one from text",
            with_article(other.type_name())
        ))),
    }
}

fn part_of_timestamp(part: TimePart, timestamp: Timestamp, zone: TimeZone) -> i64 {
    let at = timestamp.to_zoned_datetime(zone);
    match part {
        TimePart::FullYear => at.year().into(),
        // Months and days count from zero in CEL, but for `getDate`.
        TimePart::Month => i64::from(at.month()) - 1,
        TimePart::Date => at.day().into(),
        TimePart::DayOfMonth => i64::from(at.day()) - 1,
        TimePart::DayOfWeek => at.weekday().to_sunday_zero_offset().into(),
        TimePart::DayOfYear => i64::from(at.day_of_year()) - 1,
        TimePart::Hours => at.hour().into(),
        TimePart::Minutes => at.minute().into(),
        TimePart::Seconds => at.second().into(),
        TimePart::Milliseconds => i64::from(at.subsec_nanosecond()) / 1_000_000,
    }
}

fn part_of_duration(part: TimePart, duration: SignedDuration) -> Result<i64, Fault> {
    match part {
        TimePart::Hours => Ok(duration.as_hours()),
        TimePart::Minutes => Ok(duration.as_mins()),
        TimePart::Seconds => Ok(duration.as_secs()),
        TimePart::Milliseconds => i64::try_from(duration.as_millis())
            .map_err(|_| Fault::overflow("the milliseconds do not fit 64 bits")),
        _ => Err(Fault::wrong_type(
            "a duration has hours, minutes, seconds and milliseconds only",
        )),
    }
}

/// A zone by name (`Europe/Berlin`) or fixed offset (`+01:00`).
fn time_zone(name: &str) -> Result<TimeZone, Fault> {
    if let Some(offset) = fixed_offset(name) {
        return Ok(offset.to_time_zone());
    }
    zone::named(name).ok_or_else(|| Fault::other("unknown time zone"))
}

fn fixed_offset(name: &str) -> Option<Offset> {
    let (sign, digits) = match name.as_bytes().first()? {
        b'-' => (-1, &name[1..]),
        b'+' => (1, &name[1..]),
        _ => (1, name),
    };
    let (hours, minutes) = digits.split_once(':')?;
    let hours: i32 = hours.parse().ok().filter(|hours| (0..24).contains(hours))?;
    let minutes: i32 = minutes
        .parse()
        .ok()
        .filter(|minutes| (0..60).contains(minutes))?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// RFC 3339 in UTC, cut to the microsecond: what the store keeps.
pub(super) fn timestamp_text(timestamp: Timestamp) -> String {
    let micros = timestamp.as_nanosecond().div_euclid(1_000);
    let cut = i64::try_from(micros)
        .ok()
        .and_then(|micros| Timestamp::from_microsecond(micros).ok());
    cut.unwrap_or(timestamp).to_string()
}

/// ISO 8601, e.g. `PT48H`.
pub(super) fn duration_text(duration: SignedDuration) -> String {
    duration.to_string()
}

/// Seconds with a fraction and `s`, as CEL's `string(duration)` has it.
pub(super) fn duration_seconds_text(duration: SignedDuration) -> String {
    let sign = if duration.is_negative() { "-" } else { "" };
    let total = duration.as_nanos().unsigned_abs();
    let (seconds, nanos) = (total / 1_000_000_000, total % 1_000_000_000);
    if nanos == 0 {
        return format!("{sign}{seconds}s");
    }
    let fraction = format!("{nanos:09}");
    format!("{sign}{seconds}.{}s", fraction.trim_end_matches('0'))
}
