//! The words of an arrow: `event [guard] / action, action`, with the marks that our own exports add.

use statehold_core::cron::Cron;
use statehold_core::delay;
use statehold_core::expr::{Expr, Names, check};
use statehold_core::schema::Record;

use crate::draft::event_slug;

/// Most actions of one label; what comes behind is one text with the last.
const ACTIONS_MAX: usize = 50;

/// An arrow's words in parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Label {
    /// What it waits for; empty for nothing.
    pub(super) trigger: String,
    /// `(re-enters)`
    pub(super) reenters: bool,
    /// `(deprecated)`
    pub(super) deprecated: bool,
    pub(super) guard: Option<String>,
    pub(super) actions: Vec<String>,
}

/// What a trigger means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Trigger {
    /// Nothing is written.
    None,
    /// A length of time after entering, as a chart writes it.
    After(String),
    /// An instant, as an expression.
    At(String),
    /// Recurring times, with their zone.
    Cron(String, String),
    /// The state is done, or the effect or state of this name.
    Done(String),
    /// The effect of this name failed.
    Error(String),
    /// An event, in its own words.
    Event(String),
}

impl Label {
    /// Takes words apart. Whatever is not in the pattern is the trigger.
    pub(super) fn parse(text: &str) -> Self {
        let mut label = Self::default();
        let mut text = text.trim();
        if let Some(rest) = without_mark(text, "(deprecated)") {
            label.deprecated = true;
            text = rest;
        }
        let action = (text.starts_with('/').then_some(0)).or_else(|| text.find(" / "));
        let guard = text
            .find('[')
            .filter(|at| action.is_none_or(|action| *at < action));
        let (head, rest) = match guard.and_then(|at| Some((at, guard_end(&text[at..])?))) {
            Some((at, length)) => {
                let inner = text[at + 1..at + length].trim_end_matches(']').trim();
                label.guard = (!inner.is_empty()).then(|| inner.to_owned());
                (&text[..at], text[at + length..].trim_start())
            }
            None => text.split_at(action.unwrap_or(text.len())),
        };
        let rest = rest.trim_start().strip_prefix('/').unwrap_or_default();
        label.actions = (rest.splitn(ACTIONS_MAX, ", "))
            .map(|action| action.trim().to_owned())
            .filter(|action| !action.is_empty())
            .collect();
        let mut head = head.trim();
        if let Some(rest) = without_mark(head, "(re-enters)") {
            label.reenters = true;
            head = rest;
        }
        head.clone_into(&mut label.trigger);
        label
    }

    /// Whether the words are such as our own exports write: the trigger is one that a chart can have.
    pub(super) fn is_strict(&self) -> bool {
        match self.kind() {
            Trigger::None => self.guard.is_some(),
            Trigger::Event(name) => is_descriptor(&name),
            _ => true,
        }
    }

    /// What the trigger means.
    pub(super) fn kind(&self) -> Trigger {
        let text = self.trigger.as_str();
        if text.is_empty() {
            return Trigger::None;
        }
        if text == "done" {
            return Trigger::Done(String::new());
        }
        let after = |word: &str| {
            text.strip_prefix(word)
                .map(str::trim)
                .filter(|rest| !rest.is_empty())
        };
        if let Some(delay) = after("after ").and_then(length_of_time) {
            return Trigger::After(delay);
        }
        if let Some(instant) = after("at ").filter(|text| is_instant(text)) {
            return Trigger::At(instant.to_owned());
        }
        if let Some((pattern, zone)) = after("cron ").and_then(recurring) {
            return Trigger::Cron(pattern, zone);
        }
        if let Some(name) = after("done: ").filter(|name| is_path(name)) {
            return Trigger::Done(name.to_owned());
        }
        if let Some(name) = after("error: ").filter(|name| is_path(name)) {
            return Trigger::Error(name.to_owned());
        }
        Trigger::Event(text.to_owned())
    }
}

fn without_mark<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let rest = text.strip_suffix(mark)?;
    (rest.is_empty() || rest.ends_with(' ')).then(|| rest.trim_end())
}

/// Length of the guard at the beginning of the text, brackets included; none if the bracket is no guard.
fn guard_end(text: &str) -> Option<usize> {
    let ends_well = |at: usize| {
        let rest = text[at..].trim_start();
        rest.is_empty() || rest.starts_with('/')
    };
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 && ends_well(at + 1) {
            return Some(at + 1);
        }
    }
    if let Some((at, _)) = text.rmatch_indices(']').find(|(at, _)| ends_well(at + 1)) {
        return Some(at + 1);
    }
    // Our own exports cut long labels off.
    text.ends_with('…').then_some(text.len())
}

/// A name that `on` of a chart can have: an event, `a.*` or `*`.
pub(super) fn is_descriptor(name: &str) -> bool {
    name == "*" || is_event(name.strip_suffix(".*").unwrap_or(name))
}

/// A name that an event can have.
pub(super) fn is_event(name: &str) -> bool {
    !name.is_empty() && event_slug(name) == name
}

fn is_path(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
}

/// `5m` as it is, `5 minutes` as `5m`.
fn length_of_time(text: &str) -> Option<String> {
    let usable = |text: &str| delay::parse(text).is_ok_and(|length| !length.is_zero());
    if usable(text) {
        return Some(text.to_owned());
    }
    let (number, unit) = text.split_once(' ')?;
    let number: u32 = number.parse().ok()?;
    let unit = match unit.trim().trim_end_matches('s') {
        "m" | "millisecond" => "ms",
        "sec" | "second" => "s",
        "min" | "minute" => "m",
        "h" | "hour" => "h",
        "d" | "day" => "d",
        "w" | "week" => "w",
        _ => return None,
    };
    let text = format!("{number}{unit}");
    usable(&text).then_some(text)
}

/// Five fields, and perhaps a time zone.
fn recurring(text: &str) -> Option<(String, String)> {
    const FIELDS: usize = 5;
    let words: Vec<&str> = text.split_whitespace().collect();
    let zone = match words.len().checked_sub(FIELDS)? {
        0 => "UTC",
        1 => words[FIELDS],
        _ => return None,
    };
    let pattern = words[..FIELDS].join(" ");
    Cron::new(&pattern, zone)
        .is_ok()
        .then(|| (pattern, zone.to_owned()))
}

/// An instant that needs nothing from the context but a field: `ctx.due`, `timestamp('...')`, `now + days(2)`.
fn is_instant(text: &str) -> bool {
    if field_of(text).is_some() {
        return true;
    }
    if !text.starts_with("now") && !text.starts_with("timestamp(") {
        return false;
    }
    let no_fields = Record::default();
    let names = Names {
        ctx: Some(&no_fields),
        input: Some(&no_fields),
        ..Names::default()
    };
    Expr::compile(text).is_ok_and(|expr| check(&expr, &names).is_empty())
}

/// The field of the context that is all of an expression.
pub(super) fn field_of(text: &str) -> Option<&str> {
    let field = text.strip_prefix("ctx.")?;
    (is_path(field) && !field.contains('.') && !field.starts_with(|c: char| c.is_ascii_digit()))
        .then_some(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn parts(text: &str) -> (String, Option<String>, Vec<String>) {
        let label = Label::parse(text);
        (label.trigger, label.guard, label.actions)
    }

    fn expected(
        trigger: &str,
        guard: &str,
        actions: &[&str],
    ) -> (String, Option<String>, Vec<String>) {
        let guard = (!guard.is_empty()).then(|| guard.to_owned());
        (
            trigger.to_owned(),
            guard,
            actions.iter().map(|text| (*text).to_owned()).collect(),
        )
    }

    #[test]
    fn labels_come_apart() {
        for (text, trigger, guard, actions) in [
            ("pay", "pay", "", &[][..]),
            (
                "pay [ok] / charge, notify",
                "pay",
                "ok",
                &["charge", "notify"],
            ),
            ("pay[ok]", "pay", "ok", &[]),
            ("[a[0] > 1] / x", "", "a[0] > 1", &["x"]),
            ("/ x", "", "", &["x"]),
            ("a / b [c]", "a", "", &["b [c]"]),
            ("Response/task timeout", "Response/task timeout", "", &[]),
            ("send [x] now", "send [x] now", "", &[]),
            ("e [a ']' b] / c", "e", "a ']' b", &["c"]),
            ("done(false) > 5", "done(false) > 5", "", &[]),
            ("e [cut off…", "e", "cut off…", &[]),
        ] {
            assert_eq!(parts(text), expected(trigger, guard, actions), "{text}");
        }
        let label = Label::parse("pay (re-enters) [x] / y (deprecated)");
        assert!(label.reenters && label.deprecated);
        assert_eq!(label.trigger, "pay");
    }

    #[test]
    fn triggers_are_told_apart() {
        let kind = |text: &str| Label::parse(text).kind();
        assert_eq!(kind("after 5m"), Trigger::After("5m".to_owned()));
        assert_eq!(kind("after 30 seconds"), Trigger::After("30s".to_owned()));
        assert_eq!(
            kind("after lunch"),
            Trigger::Event("after lunch".to_owned())
        );
        assert_eq!(kind("at ctx.due"), Trigger::At("ctx.due".to_owned()));
        assert_eq!(
            kind("at now + hours(2)"),
            Trigger::At("now + hours(2)".to_owned())
        );
        let cron = |zone: &str| Trigger::Cron("0 9 1 * *".to_owned(), zone.to_owned());
        assert_eq!(kind("cron 0 9 1 * *"), cron("UTC"));
        assert_eq!(kind("cron 0 9 1 * * Europe/Berlin"), cron("Europe/Berlin"));
        assert_eq!(
            kind("cron is down"),
            Trigger::Event("cron is down".to_owned())
        );
        assert_eq!(
            kind("at capacity"),
            Trigger::Event("at capacity".to_owned())
        );
        assert_eq!(kind("done: charge"), Trigger::Done("charge".to_owned()));
        assert_eq!(kind("error: charge"), Trigger::Error("charge".to_owned()));
        assert_eq!(kind("done"), Trigger::Done(String::new()));
        assert_eq!(kind(""), Trigger::None);
    }
}
