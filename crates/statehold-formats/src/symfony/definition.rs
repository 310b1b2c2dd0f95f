//! One workflow as it is written: places, transitions and what is said about them.

use statehold_core::source::{Node, NodeValue};

use super::entries;
use super::place::Name;
use crate::notes::Notes;

/// Most places that are read: no chart has more states.
const PLACES_MAX: usize = 1_000;

/// Most transitions that are read, each way from a place counted.
const TRANSITIONS_MAX: usize = 10_000;

/// Keys without a counterpart, with what they are about.
const LOST: [(&str, &str); 7] = [
    ("audit_trail", "every step is logged anyway"),
    (
        "marking_store",
        "the state is kept with the entity, in a column of its own",
    ),
    ("supports", "what a chart is for is up to its callers"),
    (
        "support_strategy",
        "what a chart is for is up to its callers",
    ),
    (
        "events_to_dispatch",
        "listeners are code elsewhere; an effect can tell them",
    ),
    (
        "definition_validators",
        "charts are checked when they are loaded",
    ),
    ("enabled", "a chart that is not wanted is not published"),
];

/// A workflow.
pub(super) struct Workflow<'n> {
    pub(super) is_net: bool,
    pub(super) places: Vec<Place<'n>>,
    /// Numbers of places with a token at the beginning.
    pub(super) initial: Vec<usize>,
    pub(super) transitions: Vec<Transition<'n>>,
    pub(super) metadata: Option<&'n Node>,
}

/// A place.
pub(super) struct Place<'n> {
    pub(super) name: Name,
    pub(super) metadata: Option<&'n Node>,
}

/// A transition: it takes from all of these places and puts into all of those.
#[derive(Debug)]
pub(super) struct Transition<'n> {
    pub(super) name: Name,
    pub(super) from: Vec<usize>,
    pub(super) to: Vec<usize>,
    pub(super) guard: Option<&'n Node>,
    pub(super) metadata: Option<&'n Node>,
    pub(super) at: usize,
}

/// Reads a workflow. What it returns is whole only if nothing was refused.
pub(super) fn read<'n>(node: &'n Node, notes: &mut Notes<'_>) -> Workflow<'n> {
    let mut reader = Reader {
        notes,
        workflow: Workflow {
            is_net: node.get("type").and_then(Node::as_str) == Some("workflow"),
            places: Vec::new(),
            initial: Vec::new(),
            transitions: Vec::new(),
            metadata: node.get("metadata"),
        },
        derives_places: node.get("places").is_none_or(is_nothing),
    };
    reader.keys(node);
    reader.places(node.get("places"));
    reader.transitions(node.get("transitions"));
    reader.initial(node);
    reader.workflow
}

struct Reader<'n, 'r, 't> {
    notes: &'r mut Notes<'t>,
    workflow: Workflow<'n>,
    /// There is no list of places: those of the transitions are all.
    derives_places: bool,
}

impl<'n> Reader<'n, '_, '_> {
    fn keys(&mut self, node: &'n Node) {
        for (key, value) in entries(node) {
            let at = key.span.start;
            match key.text.as_str() {
                "type" if !matches!(value.as_str(), Some("workflow" | "state_machine")) => {
                    self.notes
                        .refuse(value.span.start, "a type is `state_machine` or `workflow`");
                }
                "type" | "name" | "places" | "transitions" | "metadata" => {}
                "initial_marking" | "initial_place" | "initial_places" => {}
                other => match LOST.iter().find(|(lost, _)| *lost == other) {
                    Some((lost, message)) => self.notes.loss(at, *lost, *message),
                    None => self
                        .notes
                        .loss(at, format!("key `{other}`"), "it has no counterpart"),
                },
            }
        }
        if !matches!(node.value, NodeValue::Map(_)) {
            self.notes.refuse(
                node.span.start,
                format!("a workflow is a mapping, not {}", node.kind()),
            );
        }
    }

    fn places(&mut self, node: Option<&'n Node>) {
        let Some(node) = node.filter(|node| !is_nothing(node)) else {
            return;
        };
        match &node.value {
            NodeValue::Seq(items) => {
                for item in items {
                    match item.get("name") {
                        Some(name) => self.place(name, item.get("metadata")),
                        None => self.place(item, None),
                    }
                }
            }
            NodeValue::Map(entries) => {
                for (key, item) in entries {
                    let name = Name::at(&key.text, key.span.start);
                    self.add_place(name, item.get("metadata"));
                }
            }
            _ => {
                let message = "places that a constant or an enum lists are not known here; write them as a list";
                self.notes.refuse(node.span.start, message);
            }
        }
    }

    fn place(&mut self, node: &'n Node, metadata: Option<&'n Node>) {
        match Name::of(node) {
            Some(name) => {
                self.add_place(name, metadata);
            }
            None => self.notes.refuse(
                node.span.start,
                format!("a place has a name, not {}", node.kind()),
            ),
        }
    }

    fn add_place(&mut self, name: Name, metadata: Option<&'n Node>) -> usize {
        let number = self.workflow.places.len();
        if self.number(&name).is_some() {
            let message = format!("the place `{}` stands twice", name.written);
            self.notes.refuse(name.at, message);
        } else if number == PLACES_MAX {
            self.notes
                .refuse(name.at, format!("a chart has at most {PLACES_MAX} states"));
        }
        if number <= PLACES_MAX {
            self.workflow.places.push(Place { name, metadata });
        }
        number
    }

    fn number(&self, name: &Name) -> Option<usize> {
        let mut places = self.workflow.places.iter();
        places.position(|place| place.name.written == name.written)
    }

    /// The places that one node names.
    fn places_of(&mut self, node: Option<&'n Node>, what: &str, at: usize) -> Vec<usize> {
        let nodes: Vec<&Node> = match node.map(|node| &node.value) {
            Some(NodeValue::Seq(items)) => items.iter().collect(),
            Some(_) => node.into_iter().collect(),
            None => Vec::new(),
        };
        if nodes.is_empty() {
            self.notes
                .refuse(at, format!("a transition needs `{what}`"));
        }
        nodes
            .into_iter()
            .filter_map(|node| self.place_of(node))
            .collect()
    }

    fn place_of(&mut self, node: &'n Node) -> Option<usize> {
        let at = node.span.start;
        if node
            .get("weight")
            .is_some_and(|weight| weight.value != NodeValue::Int(1))
        {
            self.notes.refuse(
                at,
                "a place with more than one token is no state; weights are not known here",
            );
            return None;
        }
        let named = node.get("place").unwrap_or(node);
        let Some(name) = Name::of(named) else {
            self.notes
                .refuse(at, format!("a place has a name, not {}", node.kind()));
            return None;
        };
        match self.number(&name) {
            Some(number) => Some(number),
            None if self.derives_places => {
                Some(self.add_place(name, None)).filter(|number| *number < PLACES_MAX)
            }
            None => {
                self.notes
                    .refuse(at, format!("`{}` is not among the places", name.written));
                None
            }
        }
    }

    fn transitions(&mut self, node: Option<&'n Node>) {
        match node.map(|node| (&node.value, node)) {
            Some((NodeValue::Map(entries), _)) => {
                for (key, item) in entries {
                    let name = match item.get("name") {
                        Some(name) => Name::of(name),
                        None => Some(Name::at(&key.text, key.span.start)),
                    };
                    self.transition(name, item, key.span.start);
                }
            }
            Some((NodeValue::Seq(items), _)) => {
                for item in items {
                    let name = item.get("name").and_then(Name::of);
                    self.transition(name, item, item.span.start);
                }
            }
            Some((_, node)) => self
                .notes
                .refuse(node.span.start, "transitions are a mapping or a list"),
            None => {}
        }
    }

    fn transition(&mut self, name: Option<Name>, node: &'n Node, at: usize) {
        let Some(name) = name else {
            self.notes.refuse(at, "a transition needs a `name`");
            return;
        };
        for (key, _) in entries(node) {
            if !["name", "from", "to", "guard", "metadata"].contains(&key.text.as_str()) {
                self.notes.loss(
                    key.span.start,
                    format!("key `{}`", key.text),
                    "it has no counterpart",
                );
            }
        }
        let from = self.places_of(node.get("from"), "from", at);
        let to = self.places_of(node.get("to"), "to", at);
        // In a machine any of the places will do, in a net all of them have to have a token.
        let ways: Vec<Vec<usize>> = match self.workflow.is_net {
            true => vec![from],
            false => from.into_iter().map(|place| vec![place]).collect(),
        };
        if !self.workflow.is_net && to.len() > 1 {
            let message = format!(
                "`{}` leads to several places, and a state machine is in one",
                name.written
            );
            self.notes.refuse(at, message);
        }
        for from in ways {
            if self.workflow.transitions.len() == TRANSITIONS_MAX {
                self.notes.refuse(
                    at,
                    format!("a chart has at most {TRANSITIONS_MAX} transitions"),
                );
            }
            if self.workflow.transitions.len() <= TRANSITIONS_MAX {
                self.workflow.transitions.push(Transition {
                    name: name.clone(),
                    from,
                    to: to.clone(),
                    guard: node.get("guard").filter(|guard| !is_nothing(guard)),
                    metadata: node.get("metadata"),
                    at,
                });
            }
        }
    }

    fn initial(&mut self, node: &'n Node) {
        let keys = ["initial_marking", "initial_places", "initial_place"];
        let initial = keys
            .iter()
            .find_map(|key| node.get(key))
            .filter(|node| !is_nothing(node));
        if initial.is_some() {
            self.workflow.initial = self.places_of(initial, "an initial place", node.span.start);
        }
        if self.workflow.initial.is_empty() {
            // Symfony begins in the first place, too.
            self.workflow.initial = self
                .workflow
                .places
                .first()
                .map(|_| 0)
                .into_iter()
                .collect();
        }
        if self.workflow.places.is_empty() {
            self.notes
                .refuse(node.span.start, "a workflow without places has no states");
        }
        if !self.workflow.is_net && self.workflow.initial.len() > 1 {
            self.notes
                .refuse(node.span.start, "a state machine begins in one place");
        }
    }
}

/// Whether there is nothing to read.
fn is_nothing(node: &Node) -> bool {
    match &node.value {
        NodeValue::Null => true,
        NodeValue::Seq(items) => items.is_empty(),
        NodeValue::Map(entries) => entries.is_empty(),
        _ => false,
    }
}
