//! From a chart to a configuration of XState 5 that its visual tools open.
//!
//! The graph, the names and the delays are XState's own; expressions are CEL and stand where a reader looks for them
//! (the type of a guard, the title of an action) and, whole, under `params.statehold` and `meta.statehold`.

mod edges;
mod losses;
mod states;

use serde_json::{Map, Value, json};
use statehold_core::Machine;

use super::{OWN, OWN_FORMAT};
use crate::Exported;
use crate::draft::{Draft, Piece, outline, read};
use crate::losses::Losses;

/// Writes a machine.
pub(crate) fn export(machine: &Machine) -> Exported {
    let mut losses = Losses::default();
    let draft = read(machine).unwrap_or_else(|| {
        losses
            .say("the machine was not read from a chart: only its states and targets are written");
        outline(machine)
    });
    let writer = Writer {
        draft: &draft,
        losses: &mut losses,
    };
    let document = writer.document();
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    Exported {
        text,
        losses: losses.into_sentences(),
    }
}

/// A configuration under construction.
struct Writer<'d> {
    draft: &'d Draft,
    losses: &'d mut Losses,
}

impl Writer<'_> {
    fn document(mut self) -> Value {
        let draft = self.draft;
        let mut root = Map::new();
        root.insert("id".to_owned(), draft.machine.as_str().into());
        root.insert("version".to_owned(), draft.version.to_string().into());
        if let Some(description) = &draft.description {
            root.insert("description".to_owned(), description.as_str().into());
        }
        let defaults = defaults(draft);
        if !defaults.is_empty() {
            root.insert("context".to_owned(), Value::Object(defaults));
        }
        let meta = self.root_meta();
        self.losses.head(draft);
        let state = self.state(&draft.root, "");
        let mut meta_all = match state.get("meta") {
            Some(Value::Object(meta)) => meta.clone(),
            _ => Map::new(),
        };
        let mut own = match meta_all.shift_remove(OWN) {
            Some(Value::Object(own)) => own,
            _ => Map::new(),
        };
        own.extend(meta);
        meta_all.insert(OWN.to_owned(), Value::Object(own));
        root.insert("meta".to_owned(), Value::Object(meta_all));
        root.extend(state.into_iter().filter(|(key, _)| key != "meta"));
        Value::Object(root)
    }

    /// What a configuration has no words for.
    fn root_meta(&self) -> Map<String, Value> {
        let draft = self.draft;
        let mut own = Map::new();
        own.insert("format".to_owned(), OWN_FORMAT.into());
        own.insert("version".to_owned(), draft.version.into());
        if let Some(label) = &draft.label {
            own.insert("label".to_owned(), label.as_str().into());
        }
        if !draft.head.is_empty() {
            own.insert("head".to_owned(), Value::Object(draft.head.clone()));
        }
        for (key, pieces) in [
            ("context", &draft.context),
            ("events", &draft.events),
            ("guards", &draft.guards),
            ("effects", &draft.effects),
        ] {
            if !pieces.is_empty() {
                own.insert(key.to_owned(), values(pieces));
            }
        }
        own
    }
}

fn values(pieces: &indexmap::IndexMap<String, Piece>) -> Value {
    let entries = pieces
        .iter()
        .map(|(name, piece)| (name.clone(), piece.value.clone()));
    Value::Object(entries.collect())
}

/// First values of the fields that have one.
fn defaults(draft: &Draft) -> Map<String, Value> {
    let fields = draft.context.iter();
    fields
        .filter_map(|(name, field)| {
            let default = field.value.get("default")?;
            Some((name.trim_end_matches('?').to_owned(), default.clone()))
        })
        .collect()
}

/// Puts something of ours under `meta`.
fn own_meta(entries: &mut Map<String, Value>, key: &str, value: Value) {
    let meta = entries.entry("meta").or_insert_with(|| json!({}));
    if !meta[OWN].is_object() {
        meta[OWN] = json!({});
    }
    meta[OWN][key] = value;
}
