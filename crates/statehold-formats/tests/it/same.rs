//! Whether two machines do the same: their whole content is compared, but for places in files.

use regex::Regex;
use statehold_core::Machine;

/// Everything a machine holds, without its text and the places that refer to it.
pub(crate) fn content_of(machine: &Machine) -> String {
    let places = Regex::new(r"\bspan: \d+\.\.\d+").expect("a pattern");
    let debug = format!("{machine:#?}");
    let mut lines = Vec::new();
    let mut is_index = false;
    for line in debug.lines() {
        // The definition's own fields stand two levels deep.
        let field = line
            .strip_prefix("        ")
            .filter(|rest| !rest.starts_with(' '));
        let is_text =
            field.is_some_and(|rest| rest.starts_with("source: ") || rest.starts_with("hash: "));
        // A map without order, of what the states say as well.
        is_index |= field.is_some_and(|rest| rest.starts_with("by_path: {"));
        if !is_text && !is_index {
            lines.push(places.replace_all(line, "span").into_owned());
        }
        if field.is_some_and(|rest| rest.starts_with('}')) {
            is_index = false;
        }
    }
    lines.join("\n")
}

/// The first lines that differ, or nothing.
pub(crate) fn difference(one: &Machine, other: &Machine) -> Option<String> {
    let (one, other) = (content_of(one), content_of(other));
    if one == other {
        return None;
    }
    let pairs = one.lines().zip(other.lines()).enumerate();
    let at = pairs
        .into_iter()
        .find(|(_, (a, b))| a != b)
        .map_or(0, |(at, _)| at);
    let part = |text: &str| {
        let lines: Vec<&str> = text.lines().skip(at.saturating_sub(12)).take(24).collect();
        lines.join("\n")
    };
    Some(format!(
        "--- before\n{}\n--- after\n{}",
        part(&one),
        part(&other)
    ))
}
