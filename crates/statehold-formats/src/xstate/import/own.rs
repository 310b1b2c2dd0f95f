//! What our own export says beside the configuration: `meta.statehold` of the machine, of states and of transitions,
//! and `params.statehold` of actions and guards.

use serde_json::{Map, Value};
use statehold_core::source::{Node, NodeValue};

use super::Importer;
use crate::draft::{Draft, Piece};
use crate::xstate::{OWN, OWN_FORMAT};

/// The marker of the machine, if the configuration is an export of ours.
pub(super) fn marker(root: &Node) -> Option<&Node> {
    let own = root.get("meta")?.get(OWN)?;
    let format = own.get("format").map(Node::to_json);
    (format == Some(OWN_FORMAT.into())).then_some(own)
}

impl Importer<'_> {
    /// What the export says beside a state or a transition.
    pub(super) fn own_meta<'n>(&self, node: &'n Node, key: &str) -> Option<&'n Node> {
        self.own?;
        node.get("meta")?.get(OWN)?.get(key)
    }

    /// What the export says an action or a guard is.
    pub(super) fn own_params<'n>(&self, node: &'n Node) -> Option<&'n Node> {
        self.own?;
        node.get("params")?.get(OWN)
    }

    /// `meta` without what is ours, and the keys that were put beside it.
    pub(super) fn more_of(&self, node: &Node) -> Map<String, Value> {
        let mut more = Map::new();
        if let Some(own) = self.own_meta(node, "more").and_then(object) {
            more.extend(own);
        }
        let Some(meta) = node.get("meta") else {
            return more;
        };
        let mut meta = meta.to_json();
        if self.own.is_some()
            && let Value::Object(entries) = &mut meta
        {
            entries.shift_remove(OWN);
        }
        // An empty `meta` is what editors write where there is none.
        if meta.as_object().is_none_or(|entries| !entries.is_empty()) {
            more.insert("meta".to_owned(), meta);
        }
        more
    }
}

/// Fills the head of a draft from the marker.
pub(super) fn fill_head(draft: &mut Draft, own: &Node) {
    let number = |key: &str| match own.get(key).map(|node| &node.value) {
        Some(NodeValue::Int(number)) => u32::try_from(*number).ok(),
        _ => None,
    };
    draft.version = number("version").unwrap_or(1).max(1);
    draft.label = own.get("label").and_then(Node::as_str).map(str::to_owned);
    draft.head = own.get("head").and_then(object).unwrap_or_default();
    let pieces = |key: &str| {
        let entries = own.get(key).and_then(object).unwrap_or_default();
        entries
            .into_iter()
            .map(|(name, value)| (name, Piece::new(value)))
            .collect()
    };
    draft.context = pieces("context");
    draft.events = pieces("events");
    draft.guards = pieces("guards");
    draft.effects = pieces("effects");
}

/// The entries of a mapping.
pub(super) fn object(node: &Node) -> Option<Map<String, Value>> {
    match node.to_json() {
        Value::Object(entries) => Some(entries),
        _ => None,
    }
}
