//! Declared events.

use indexmap::IndexMap;

use super::chart::{Loader, unhandled, words};
use super::exprs::View;
use super::fields;
use super::keys::EVENT;
use super::names::{self, check_event, refuse_reserved};
use crate::machine::EventDef;
use crate::schema::Record;
use crate::source::{Item, MapReader, NodeValue};

/// Inputs of the declared events: none given means that none is taken.
pub(super) fn inputs(chart: &MapReader<'_>) -> IndexMap<String, Record> {
    let mut inputs = IndexMap::new();
    for (name, map) in declared(chart) {
        let input = map.optional("input").map(|item| fields::record(&item));
        inputs.insert(name, input.unwrap_or_default());
    }
    inputs
}

/// Name and content of each declared event. Keys were looked at by [`Loader::read_events`].
fn declared<'n>(chart: &MapReader<'n>) -> Vec<(String, MapReader<'n>)> {
    let entries = chart.optional("events").map(|item| names::declared(&item));
    (entries.unwrap_or_default().into_iter())
        .filter_map(|(key, item)| Some((key.text.clone(), item.map(EVENT)?)))
        .collect()
}

impl<'n> Loader<'n> {
    /// The declared events.
    pub(super) fn read_events(&self, chart: &MapReader<'n>) -> IndexMap<String, EventDef> {
        let mut events = IndexMap::new();
        for (name, map) in declared(chart) {
            let map = map.checked();
            self.check_declaration(&map.item, &name);
            let input = self.inputs.get(&name).cloned().unwrap_or_default();
            let view = View {
                input: Some(&input),
                event: Some(&name),
                ..View::default()
            };
            let authorize = map
                .optional("authorize")
                .and_then(|item| self.condition(&item, view));
            let definition = EventDef {
                label: words(&map, "label"),
                description: words(&map, "description"),
                input: map.optional("input").map(|_| input.clone()),
                authorize,
                deprecated: self.deprecated(&map, |other| self.mentions_event(other)),
                unhandled: unhandled(&map),
            };
            events.insert(name, definition);
        }
        events
    }

    fn check_declaration(&self, item: &Item<'n>, name: &str) {
        match name.strip_suffix(".*") {
            _ if name == "*" => {}
            Some(prefix) => {
                let _ = check_event(item, prefix) && !refuse_reserved(item, name);
            }
            None => {
                let _ = check_event(item, name) && !refuse_reserved(item, name);
            }
        }
    }

    /// Whether the event is declared, or some state waits for it.
    fn mentions_event(&self, event: &str) -> bool {
        let awaited = self.awaited.get_or_init(|| {
            let all = self
                .outline
                .drafts
                .iter()
                .filter_map(|draft| draft.map.as_ref()?.optional("on"));
            let keys = all.filter_map(|on| match &on.node.value {
                NodeValue::Map(entries) => Some(entries),
                _ => None,
            });
            keys.flatten().map(|(key, _)| key.text.as_str()).collect()
        });
        self.inputs.contains_key(event) || awaited.contains(event)
    }

    /// The declared input of an event; none if the event is not declared, or is a descriptor of several.
    pub(super) fn input_of(&self, event: &str) -> Option<&Record> {
        if event == "*" || event.ends_with(".*") {
            return None;
        }
        if let Some(input) = self.inputs.get(event) {
            return Some(input);
        }
        let prefixes = std::iter::successors(Some(event), |prefix| {
            prefix.rfind('.').map(|dot| &prefix[..dot])
        });
        let by_prefix = prefixes
            .filter_map(|prefix| self.inputs.get(&format!("{prefix}.*")))
            .next();
        by_prefix.or_else(|| self.inputs.get("*"))
    }
}
