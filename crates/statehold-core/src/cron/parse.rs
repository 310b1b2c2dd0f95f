//! From the text of a pattern to the values that its fields allow.

use super::Fields;

/// Longest pattern, in bytes: a list of every minute of an hour fits.
const PATTERN_BYTES_MAX: usize = 250;

/// What one field can hold.
struct Spec {
    name: &'static str,
    min: u32,
    max: u32,
    /// Words for the values, the first one for `min`.
    words: &'static [&'static str],
}

const MINUTE: Spec = number("minute", 0, 59);
const HOUR: Spec = number("hour", 0, 23);
const DAY: Spec = number("day", 1, 31);
const MONTH: Spec = Spec {
    words: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
    ..number("month", 1, 12)
};
/// Sunday has two numbers.
const WEEKDAY: Spec = Spec {
    words: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    ..number("weekday", 0, 7)
};

const fn number(name: &'static str, min: u32, max: u32) -> Spec {
    Spec {
        name,
        min,
        max,
        words: &[],
    }
}

/// Reads the five fields, or says what is wrong.
pub(super) fn fields(pattern: &str) -> Result<Fields, String> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(format!(
            "a cron pattern has at most {PATTERN_BYTES_MAX} bytes"
        ));
    }
    let texts: Vec<&str> = pattern.split_ascii_whitespace().collect();
    let [minute, hour, day, month, weekday] = texts[..] else {
        return Err(miscounted(pattern, texts.len()));
    };
    let weekdays = field(&WEEKDAY, weekday)?;
    let is_restricted = |text: &str| !text.starts_with('*');
    Ok(Fields {
        minutes: field(&MINUTE, minute)?,
        hours: field(&HOUR, hour)?,
        days: field(&DAY, day)?,
        months: field(&MONTH, month)?,
        weekdays: (weekdays | weekdays >> 7) & 0x7f,
        either_day: is_restricted(day) && is_restricted(weekday),
    })
}

fn miscounted(pattern: &str, count: usize) -> String {
    if pattern.trim_start().starts_with('@') {
        return format!("`{pattern}` is a short form; write its five fields, like `0 9 * * *`");
    }
    let seconds = if count == 6 {
        "; seconds are not part of it"
    } else {
        ""
    };
    format!(
        "a cron pattern has five fields (minute, hour, day, month, weekday), not {count}{seconds}"
    )
}

fn field(spec: &Spec, text: &str) -> Result<u64, String> {
    text.split(',')
        .try_fold(0, |bits, part| Ok(bits | part_of(spec, text, part)?))
}

/// `*`, `*/15`, `5`, `1-5` or `1-5/2`.
fn part_of(spec: &Spec, text: &str, part: &str) -> Result<u64, String> {
    let (range, step) = match part.split_once('/') {
        None => (part, None),
        Some((range, step)) => (range, Some(step)),
    };
    let (from, to) = if range == "*" {
        (spec.min, spec.max)
    } else if let Some((from, to)) = range.split_once('-') {
        (value(spec, text, from)?, value(spec, text, to)?)
    } else {
        let only = value(spec, text, range)?;
        if step.is_some() {
            let hint = format!(
                "steps go over a range: `{range}-{}/...` or `*/...`",
                spec.max
            );
            return Err(wrong(spec, text, &hint));
        }
        (only, only)
    };
    if from > to {
        return Err(wrong(
            spec,
            text,
            "a range goes from the smaller to the greater",
        ));
    }
    let step = match step {
        None => 1,
        Some(step) => (digits(step).filter(|step| (1..=spec.max).contains(step)))
            .ok_or_else(|| wrong(spec, text, &format!("a step is from 1 to {}", spec.max)))?,
    };
    let values = (from..=to).step_by(step as usize);
    Ok(values.fold(0, |bits, value| bits | 1 << value))
}

fn value(spec: &Spec, text: &str, part: &str) -> Result<u32, String> {
    let word = spec
        .words
        .iter()
        .position(|word| word.eq_ignore_ascii_case(part));
    if let Some(at) = word.and_then(|at| u32::try_from(at).ok()) {
        return Ok(spec.min + at);
    }
    digits(part)
        .filter(|value| (spec.min..=spec.max).contains(value))
        .ok_or_else(|| {
            let words = match spec.words {
                [first, .., last] => format!(" or {first} to {last}"),
                _ => String::new(),
            };
            let expected = format!("a value is from {} to {}{words}", spec.min, spec.max);
            wrong(spec, text, &expected)
        })
}

/// A plain number: no sign, no more than two digits.
fn digits(text: &str) -> Option<u32> {
    let is_plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

fn wrong(spec: &Spec, text: &str, why: &str) -> String {
    format!("the {} `{text}` is not readable: {why}", spec.name)
}
