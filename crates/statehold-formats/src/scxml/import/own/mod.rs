//! A document that we exported: read by its marks, expression by expression as it stands. What somebody added to it
//! since without marks is read as CEL and as names of a chart.

mod edges;

use std::collections::HashMap;

use indexmap::IndexMap;
use roxmltree::Node;
use serde_json::{Map, Value};
use statehold_core::machine::StateKind;

use super::super::own::{FORMAT, NAMESPACE};
use super::super::read::is_ours;
use crate::draft::{Draft, InitialDraft, Piece, StateDraft, finish, join, slug};
use crate::notes::Notes;
use crate::{FormatError, ImportOptions, Imported, NESTING_MAX};

/// Whether the document is an export of ours.
pub(super) fn is_marked(root: Node<'_, '_>) -> bool {
    root.attribute((NAMESPACE, "format")) == Some(FORMAT)
}

/// Makes a chart of it.
///
/// # Errors
/// What was changed into something that is no chart.
pub(super) fn import(
    text: &str,
    root: Node<'_, '_>,
    options: &ImportOptions,
) -> Result<Imported, FormatError> {
    let mut reader = Reader {
        draft: Draft::new(root.attribute("name").unwrap_or("machine")),
        notes: Notes::new(text),
        paths: HashMap::new(),
    };
    reader.head(root);
    let wrapper = elements(root, "state")
        .chain(elements(root, "parallel"))
        .find(|node| mark(*node, "root") == Some("all"));
    let top = wrapper.unwrap_or(root);
    reader.name_states(top, "", 0);
    if reader.notes.is_refused() {
        reader.notes.into_losses()?;
        return Err(FormatError {
            problems: Vec::new(),
        });
    }
    let mut state = reader.state(top, "", "");
    // What stands in the head says more of the root than the element does.
    state.tags = std::mem::take(&mut reader.draft.root.tags);
    state.output = reader.draft.root.output.take();
    reader.draft.root = state;
    finish(reader.draft, reader.notes, options)
}

struct Reader<'t> {
    draft: Draft,
    notes: Notes<'t>,
    /// Paths of states by their ids.
    paths: HashMap<String, String>,
}

impl Reader<'_> {
    fn head(&mut self, root: Node<'_, '_>) {
        let chart = root
            .children()
            .find(|child| child.has_tag_name((NAMESPACE, "chart")));
        let chart = chart.and_then(|chart| {
            let value: Option<Value> = serde_json::from_str(chart.text()?).ok();
            value
        });
        let Some(Value::Object(mut head)) = chart else {
            let message = "the element `chart` that our exports have is missing or not readable";
            self.notes.refuse(root.range().start, message);
            return;
        };
        let version = head.get("version").and_then(Value::as_u64).unwrap_or(1);
        self.draft.version = u32::try_from(version).unwrap_or(1).max(1);
        self.draft.label = text_in(&head, "label");
        self.draft.description = text_in(&head, "description");
        self.draft.context = pieces(&mut head, "context");
        self.draft.events = pieces(&mut head, "events");
        self.draft.guards = pieces(&mut head, "guards");
        self.draft.effects = pieces(&mut head, "effects");
        self.draft.head = object(head.remove("head"));
        let root = object(head.remove("root"));
        fill_own(&mut self.draft.root, &root);
    }

    /// Gives every state a name: the last part of its id if that is the path, else what the id becomes.
    fn name_states(&mut self, node: Node<'_, '_>, path: &str, depth: usize) {
        if depth > NESTING_MAX {
            self.notes
                .refuse(node.range().start, "states are nested too deep");
            return;
        }
        let mut names: Vec<String> = Vec::new();
        for child in states_of(node) {
            let id = child.attribute("id").unwrap_or("state");
            let last = id.rsplit('.').next().unwrap_or(id);
            let is_path = join(path, last) == id;
            let wanted = slug(if is_path { last } else { id }, "state");
            let name = crate::draft::free(&wanted, |name| names.iter().any(|known| known == name));
            let inner = join(path, &name);
            if self.paths.insert(id.to_owned(), inner.clone()).is_some() {
                let message = format!("two states have the id `{id}`");
                self.notes.refuse(child.range().start, message);
            }
            names.push(name);
            self.name_states(child, &inner, depth + 1);
        }
    }

    /// Nesting was bounded when the states got their names.
    fn state(&mut self, node: Node<'_, '_>, name: &str, path: &str) -> StateDraft {
        let children: Vec<Node<'_, '_>> = states_of(node).collect();
        let kind = match node.tag_name().name() {
            "parallel" => StateKind::Parallel,
            "final" => StateKind::Final,
            "history" => StateKind::History {
                deep: node.attribute("type") == Some("deep"),
            },
            _ if children.is_empty() => StateKind::Atomic,
            _ => StateKind::Compound,
        };
        let mut state = StateDraft::with_kind("", kind, node.range().start);
        name.clone_into(&mut state.name);
        fill_own(&mut state, &json_mark(node, "state"));
        state.initial = self.initial(node);
        if state.is_history() {
            state.initial = self.default_of(node);
            return state;
        }
        let mut timers = IndexMap::new();
        for block in elements(node, "onentry") {
            self.block(block, &mut state.entry, &mut timers);
        }
        for block in elements(node, "onexit") {
            self.block(block, &mut state.exit, &mut IndexMap::new());
        }
        self.invokes(node, &mut state);
        self.transitions(node, path, &mut state, &mut timers);
        state.after = timers.into_values().collect();
        for child in children {
            let id = child.attribute("id").unwrap_or("state");
            let inner = self.paths.get(id).cloned().unwrap_or_default();
            let name = inner.rsplit('.').next().unwrap_or_default().to_owned();
            state.states.push(self.state(child, &name, &inner));
        }
        state
    }

    fn initial(&mut self, node: Node<'_, '_>) -> Option<InitialDraft> {
        if let Some(targets) = node.attribute("initial") {
            return Some(InitialDraft {
                targets: self.targets(node, targets),
                actions: Vec::new(),
            });
        }
        let transition = elements(elements(node, "initial").next()?, "transition").next()?;
        let mut actions = Vec::new();
        self.block(transition, &mut actions, &mut IndexMap::new());
        Some(InitialDraft {
            targets: self.targets(node, transition.attribute("target")?),
            actions,
        })
    }

    fn default_of(&mut self, node: Node<'_, '_>) -> Option<InitialDraft> {
        let transition = elements(node, "transition").next()?;
        if mark(transition, "default").is_some() {
            return None;
        }
        Some(InitialDraft {
            targets: self.targets(node, transition.attribute("target")?),
            actions: Vec::new(),
        })
    }

    fn targets(&mut self, node: Node<'_, '_>, ids: &str) -> Vec<String> {
        let mut paths = Vec::new();
        for id in ids.split_whitespace() {
            match self.paths.get(id) {
                Some(path) => paths.push(path.clone()),
                None => {
                    let message = format!("there is no state `{id}`");
                    self.notes.refuse(node.range().start, message);
                }
            }
        }
        paths
    }
}

fn fill_own(state: &mut StateDraft, own: &Map<String, Value>) {
    state.label = text_in(own, "label");
    state.description = text_in(own, "description");
    let tags = own.get("tags").and_then(Value::as_array);
    state.tags = (tags.into_iter().flatten())
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    state.output = own.get("output").cloned();
    state.more = object(own.get("more").cloned());
}

fn states_of<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(|child| {
        child.is_element()
            && is_ours(*child)
            && matches!(
                child.tag_name().name(),
                "state" | "parallel" | "final" | "history"
            )
            && mark(*child, "root").is_none()
    })
}

fn elements<'a, 'i>(node: Node<'a, 'i>, name: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| {
        child.is_element() && is_ours(*child) && child.tag_name().name() == name
    })
}

fn mark<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attribute((NAMESPACE, name))
}

fn json_mark(node: Node<'_, '_>, name: &str) -> Map<String, Value> {
    object(mark(node, name).and_then(|text| serde_json::from_str(text).ok()))
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    }
}

fn text_in(entries: &Map<String, Value>, key: &str) -> Option<String> {
    entries.get(key)?.as_str().map(str::to_owned)
}

fn pieces(head: &mut Map<String, Value>, key: &str) -> IndexMap<String, Piece> {
    object(head.remove(key))
        .into_iter()
        .map(|(name, value)| (name, Piece::new(value)))
        .collect()
}
