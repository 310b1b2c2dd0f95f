//! Small pieces of documents for people: texts, instants, JSON values, indented blocks.

use serde_json::Value;

use super::style::{STRONG, WEAK, clean, paint};

/// Characters of a JSON value on one line; a longer one is cut, and `--json` shows it whole.
const VALUE_CHARS_MAX: usize = 160;

/// A member as text, harmless; empty if it is not there.
pub(crate) fn text(document: &Value, key: &str) -> String {
    match &document[key] {
        Value::Null => String::new(),
        Value::String(text) => clean(text),
        other => clean(&other.to_string()),
    }
}

/// A member that is an instant, to the second.
pub(crate) fn instant(document: &Value, key: &str) -> String {
    let full = text(document, key);
    match full.parse::<jiff::Timestamp>() {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        Err(_) => full,
    }
}

/// A JSON value on one line.
pub(crate) fn compact(value: &Value) -> String {
    let full = clean(&value.to_string());
    if full.chars().count() <= VALUE_CHARS_MAX {
        return full;
    }
    full.chars().take(VALUE_CHARS_MAX).chain(['…']).collect()
}

/// Who did it: the id, and the kind where it is not a person.
pub(crate) fn actor(value: &Value) -> String {
    let id = text(value, "id");
    match value["kind"].as_str() {
        None | Some("user") => id,
        Some(kind) => format!("{id} ({})", clean(kind)),
    }
}

/// `name  value` lines under a heading; lines without a value are left out.
pub(crate) fn block(heading: &str, lines: &[(&str, String)]) -> String {
    let given: Vec<&(&str, String)> = lines
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let width = given
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let mut out = vec![paint(STRONG, heading)];
    for (name, value) in given {
        let pad = " ".repeat(width - name.chars().count());
        out.push(format!("  {}{pad}  {value}", paint(WEAK, name)));
    }
    out.join("\n")
}

/// Members of an object as `name  value` lines under a heading; nothing for an empty one.
pub(crate) fn members(heading: &str, object: &Value) -> Option<String> {
    let object = object.as_object().filter(|object| !object.is_empty())?;
    let names: Vec<String> = object.keys().map(|name| clean(name)).collect();
    let lines: Vec<(&str, String)> = names
        .iter()
        .map(String::as_str)
        .zip(object.values().map(compact))
        .collect();
    Some(block(heading, &lines))
}

/// Items of a list, each drawn, or nothing.
pub(crate) fn items(list: &Value, draw: impl FnMut(&Value) -> String) -> Vec<String> {
    list.as_array()
        .map(|items| items.iter().map(draw).collect())
        .unwrap_or_default()
}

/// Names of a list, with commas between.
pub(crate) fn names(list: &Value) -> String {
    items(list, |name| clean(name.as_str().unwrap_or_default())).join(", ")
}
