//! From a chart to an SCXML document.
//!
//! Ids are paths, so every state has one; events, targets, order and delays are SCXML's own. Expressions are CEL, which
//! `datamodel="cel"` says. What SCXML has no words for stands in attributes and one element of a namespace of ours,
//! which other tools skip. A chart whose root has transitions or actions of its own gets one more state around all
//! others, because `scxml` itself can have none.

mod actions;
mod edges;
mod losses;
mod states;
mod xml;

use serde_json::{Map, Value};
use statehold_core::Machine;

use super::own;
use crate::Exported;
use crate::draft::{Draft, Piece, outline, read};
use crate::losses::Losses;
use xml::{Attributes, Xml, json_lines};

/// Writes a machine.
pub(crate) fn export(machine: &Machine) -> Exported {
    let mut losses = Losses::default();
    let draft = read(machine).unwrap_or_else(|| {
        losses
            .say("the machine was not read from a chart: only its states and targets are written");
        outline(machine)
    });
    losses.head(&draft);
    let mut writer = Writer {
        machine,
        draft: &draft,
        losses,
        xml: Xml::new(),
        root_id: root_id(machine),
    };
    writer.document();
    Exported {
        text: writer.xml.finish(),
        losses: writer.losses.into_sentences(),
    }
}

/// A document under construction.
struct Writer<'m> {
    machine: &'m Machine,
    draft: &'m Draft,
    losses: Losses,
    xml: Xml,
    /// Id of the state around all others, if there is one.
    root_id: String,
}

/// An id that no state has.
fn root_id(machine: &Machine) -> String {
    let mut id = machine.name.clone();
    while machine.by_path.contains_key(&id) {
        id.push('_');
    }
    id
}

impl Writer<'_> {
    fn document(&mut self) {
        let draft = self.draft;
        let is_wrapped = states::needs_state(&draft.root);
        let initial = match is_wrapped {
            true => Some(self.root_id.clone()),
            false => self.plain_initial(draft.root.initial.as_ref()),
        };
        let attributes = Attributes::default()
            .with("xmlns", super::read::SCXML)
            .with("xmlns:statehold", own::NAMESPACE)
            .with("version", "1.0")
            .with("datamodel", "cel")
            .with("name", draft.machine.as_str())
            .maybe("initial", initial)
            .with("statehold:format", own::FORMAT);
        self.xml.begin("scxml", &attributes);
        self.xml.text("statehold:chart", &json_lines(&self.head()));
        self.datamodel();
        if is_wrapped {
            self.root_state();
        } else {
            self.initial_element(draft.root.initial.as_ref());
            for child in &draft.root.states {
                self.state(child, &child.name, &draft.root, "");
            }
        }
        self.xml.end();
    }

    /// Everything above the states.
    fn head(&self) -> Value {
        let draft = self.draft;
        let mut head = Map::new();
        head.insert("version".to_owned(), draft.version.into());
        for (key, text) in [("label", &draft.label), ("description", &draft.description)] {
            if let Some(text) = text {
                head.insert(key.to_owned(), text.as_str().into());
            }
        }
        if !draft.head.is_empty() {
            head.insert("head".to_owned(), Value::Object(draft.head.clone()));
        }
        for (key, pieces) in [
            ("context", &draft.context),
            ("events", &draft.events),
            ("guards", &draft.guards),
            ("effects", &draft.effects),
        ] {
            if !pieces.is_empty() {
                head.insert(key.to_owned(), values(pieces));
            }
        }
        let root = states::own_of(&draft.root, false);
        if !root.is_empty() {
            head.insert("root".to_owned(), Value::Object(root));
        }
        Value::Object(head)
    }

    fn datamodel(&mut self) {
        let draft = self.draft;
        if draft.context.is_empty() {
            return;
        }
        self.xml.begin("datamodel", &Attributes::default());
        for (name, field) in &draft.context {
            let default = field
                .value
                .get("default")
                .map(|value| actions::cel_of(&crate::draft::literal(value)));
            let attributes = Attributes::default()
                .with("id", name.trim_end_matches('?'))
                .maybe("expr", default);
            self.xml.empty("data", &attributes);
        }
        self.xml.end();
    }
}

fn values(pieces: &indexmap::IndexMap<String, Piece>) -> Value {
    let entries = pieces
        .iter()
        .map(|(name, piece)| (name.clone(), piece.value.clone()));
    Value::Object(entries.collect())
}
