//! Cases: one scenario written once and run with several sets of values.
//!
//! `${case.NAME}` stands for the value of the case. Where it is the whole text, the value keeps its type; inside a text
//! it becomes text. Values are put in before anything else looks at the steps, so that every place takes them.

use std::collections::BTreeMap;

use statehold_core::codes;
use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::{Item, Key, Node, NodeValue};

/// The values of one case by name.
pub(super) type Case<'n> = BTreeMap<&'n str, &'n Node>;

/// The values of a case.
pub(super) fn values<'n>(item: &Item<'n>) -> Option<Case<'n>> {
    let entries = item.entries()?;
    Some(
        entries
            .into_iter()
            .map(|(key, item)| (key.text.as_str(), item.node))
            .collect(),
    )
}

/// The same node with the values of the case in it. Names that the case does not have are noted.
pub(super) fn fill(item: &Item<'_>, node: &Node, case: &Case<'_>) -> Node {
    let value = match &node.value {
        NodeValue::Str(text) => match whole(text) {
            Some(name) => match case.get(name) {
                Some(found) => found.value.clone(),
                None => {
                    unknown(item, node, name, case);
                    NodeValue::Null
                }
            },
            None => NodeValue::Str(inside(item, node, text, case)),
        },
        NodeValue::Seq(items) => {
            NodeValue::Seq(items.iter().map(|n| fill(item, n, case)).collect())
        }
        NodeValue::Map(entries) => {
            let entry = |(key, node): &(Key, Node)| (key.clone(), fill(item, node, case));
            NodeValue::Map(entries.iter().map(entry).collect())
        }
        other => other.clone(),
    };
    Node {
        value,
        span: node.span.clone(),
        style: node.style,
    }
}

const OPEN: &str = "${case.";

/// The name in a text that is nothing but `${case.NAME}`.
fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix(OPEN)?.strip_suffix('}')?;
    (!name.contains(['{', '}'])).then_some(name)
}

fn inside(item: &Item<'_>, node: &Node, text: &str, case: &Case<'_>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        let after = &rest[at + OPEN.len()..];
        let Some(end) = after.find('}') else { break };
        let name = &after[..end];
        filled.push_str(&rest[..at]);
        match case.get(name).map(|found| found.to_json()) {
            Some(serde_json::Value::String(value)) => filled.push_str(&value),
            Some(value) => filled.push_str(&value.to_string()),
            None => unknown(item, node, name, case),
        }
        rest = &after[end + 1..];
    }
    filled.push_str(rest);
    filled
}

fn unknown(item: &Item<'_>, node: &Node, name: &str, case: &Case<'_>) {
    let message = format!("the case has no value `{name}`");
    let names: Vec<&str> = case.keys().copied().collect();
    let help = format!("it has: {}", names.join(", "));
    let problem = Diagnostic::error(codes::BAD_SCENARIO, node.span.clone(), message);
    item.reader
        .report(problem.help(help).at(item.pointer.clone()));
}
