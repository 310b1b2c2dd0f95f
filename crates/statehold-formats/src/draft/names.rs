//! Names: from whatever another tool allows to what a chart does.

use std::collections::{HashMap, HashSet};

use statehold_core::is_reserved;

use super::latin::latin_lower;

/// Longest name of a state, machine, guard, effect or field, in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 63;

/// Longest type of an event, in bytes.
const EVENT_BYTES_MAX: usize = 200;

/// A name as ours are: letters, digits and `_`, not beginning with a digit. Usable names stay as they are; `fallback`
/// stands for one that has no usable character.
pub(crate) fn slug(original: &str, fallback: &str) -> String {
    let mut name: String = if original.chars().all(is_usable) {
        original.to_owned()
    } else {
        let lower = latin_lower(original);
        let words = lower
            .split(|c| !is_usable(c))
            .filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("_")
    };
    if name.is_empty() {
        fallback.clone_into(&mut name);
    }
    if name == "any" {
        name.push_str("state");
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name.truncate(NAME_BYTES_MAX);
    name
}

/// An event's type as ours are: words of letters, digits, `_` and `-`, separated by dots, none of them the engine's.
pub(crate) fn event_slug(original: &str) -> String {
    let token = |token: &str| {
        let is_usable = |c: char| is_usable(c) || c == '-';
        if token.chars().all(is_usable) {
            return token.to_owned();
        }
        let lower = latin_lower(token);
        let words = lower
            .split(|c| !is_usable(c))
            .filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("_")
    };
    let tokens: Vec<String> = original.split('.').map(token).collect();
    let mut name = (tokens.into_iter().filter(|token| !token.is_empty()))
        .collect::<Vec<_>>()
        .join(".");
    if name.is_empty() {
        name.push_str("event");
    }
    if is_reserved(&name) || is_reserved(&format!("{name}.")) {
        name = format!("event_{}", name.replace('.', "_"));
    }
    name.truncate(EVENT_BYTES_MAX);
    name.truncate(name.trim_end_matches('.').len());
    name
}

fn is_usable(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Gives every original one name, and different originals different ones.
#[derive(Debug, Default)]
pub(crate) struct Slugs {
    given: HashMap<String, String>,
    taken: HashSet<String>,
    /// The number that the next of many with the same wanted name gets, so that they cost no search.
    numbers: HashMap<String, usize>,
}

impl Slugs {
    /// Keeps a name from being given.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }

    /// The name of an original, made by `slug` when it is first asked for.
    pub(crate) fn name(&mut self, original: &str, slug: impl FnOnce(&str) -> String) -> String {
        if let Some(name) = self.given.get(original) {
            return name.clone();
        }
        let wanted = slug(original);
        let mut name = wanted.clone();
        let number = self.numbers.entry(wanted.clone()).or_insert(2);
        while self.taken.contains(&name) {
            name = numbered(&wanted, *number);
            *number += 1;
        }
        self.taken.insert(name.clone());
        self.given.insert(original.to_owned(), name.clone());
        name
    }
}

/// The name itself, or the first of `name_2`, `name_3`, ... that is not taken.
pub(crate) fn free(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut free = name.to_owned();
    let mut number = 2;
    while is_taken(&free) {
        free = numbered(name, number);
        number += 1;
    }
    free
}

/// `name_2`, cut so that it is not too long for a name.
pub(crate) fn numbered(name: &str, number: usize) -> String {
    let suffix = format!("_{number}");
    let kept = name.len().min(NAME_BYTES_MAX - suffix.len());
    format!("{}{suffix}", &name[..kept])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_usable() {
        for (original, name) in [
            ("idle", "idle"),
            ("With Artists", "with_artists"),
            ("2nd try", "_2nd_try"),
            ("any", "anystate"),
            ("…", "state"),
            ("Ünï côde", "ueni_code"),
            ("Оплата прошла", "oplata_proshla"),
            ("支付", "state"),
        ] {
            assert_eq!(slug(original, "state"), name, "{original}");
        }
    }

    #[test]
    fn events_keep_their_dots_and_leave_the_engines_names_alone() {
        for (original, name) in [
            ("PAY", "PAY"),
            ("user.checkout", "user.checkout"),
            ("Submit Order!", "submit_order"),
            ("done.state.x", "event_done_state_x"),
            ("error", "event_error"),
            ("a..b", "a.b"),
            ("...", "event"),
        ] {
            assert_eq!(event_slug(original), name, "{original}");
        }
        assert!(event_slug(&"x.".repeat(200)).len() <= EVENT_BYTES_MAX);
    }

    #[test]
    fn different_originals_get_different_names() {
        let mut slugs = Slugs::default();
        let mut name = |original: &str| slugs.name(original, |text| slug(text, "state"));
        assert_eq!(name("a b"), "a_b");
        assert_eq!(name("a-b"), "a_b_2");
        assert_eq!(name("a b"), "a_b");
    }
}
