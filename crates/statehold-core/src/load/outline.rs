//! The first pass: which states there are, in document order, with their paths and kinds.

use std::collections::HashMap;

use super::keys::STATE;
use super::names::{at_key, check_identifier};
use super::{MAX_NESTING, MAX_STATES};
use crate::codes;
use crate::machine::{StateId, StateKind};
use crate::source::{Item, MapReader, NodeValue};

/// A state before its content is read.
pub(super) struct Draft<'n> {
    pub(super) id: StateId,
    pub(super) parent: Option<StateId>,
    pub(super) last: StateId,
    pub(super) depth: u16,
    pub(super) name: String,
    pub(super) path: String,
    pub(super) kind: StateKind,
    pub(super) children: Vec<StateId>,
    /// Children were left out because of a limit, which has been noted.
    pub(super) is_cut: bool,
    pub(super) item: Item<'n>,
    /// None if the state is not written as a mapping, which has been noted.
    pub(super) map: Option<MapReader<'n>>,
}

/// All states of a chart, in document order, the root first.
pub(super) struct Outline<'n> {
    pub(super) drafts: Vec<Draft<'n>>,
    pub(super) by_path: HashMap<String, StateId>,
}

impl<'n> Outline<'n> {
    /// Reads the states of a chart, noting bad names, kinds and counts.
    pub(super) fn of(root: &MapReader<'n>) -> Self {
        let mut outline = Self {
            drafts: Vec::new(),
            by_path: HashMap::new(),
        };
        let kind = root_kind(root);
        outline.add(root.item.clone(), Some(root.clone()), kind, None, "");
        outline
    }

    pub(super) fn draft(&self, id: StateId) -> &Draft<'n> {
        &self.drafts[id.index()]
    }

    /// Whether `inner` is `outer` or stands below it.
    pub(super) fn is_within(&self, inner: StateId, outer: StateId) -> bool {
        inner >= outer && inner <= self.draft(outer).last
    }

    /// The child of `parent` with this name.
    pub(super) fn child(&self, parent: StateId, name: &str) -> Option<StateId> {
        let children = &self.draft(parent).children;
        (children.iter().copied()).find(|child| self.draft(*child).name == name)
    }

    /// The states above `id`, from its parent to the root.
    pub(super) fn ancestors(&self, id: StateId) -> impl Iterator<Item = StateId> {
        std::iter::successors(self.draft(id).parent, |id| self.draft(*id).parent)
    }

    /// The innermost state that holds both (or is one of them).
    pub(super) fn common_ancestor(&self, a: StateId, b: StateId) -> StateId {
        std::iter::once(a)
            .chain(self.ancestors(a))
            .find(|outer| self.is_within(b, *outer))
            .unwrap_or(StateId::ROOT)
    }

    fn add(
        &mut self,
        item: Item<'n>,
        map: Option<MapReader<'n>>,
        kind: StateKind,
        parent: Option<StateId>,
        name: &str,
    ) {
        // The count is checked before every call, so the id fits.
        let id = StateId(u16::try_from(self.drafts.len()).unwrap_or(u16::MAX));
        let (depth, path) = match parent.map(|parent| self.draft(parent)) {
            None => (0, String::new()),
            Some(parent) if parent.path.is_empty() => (1, name.to_owned()),
            Some(parent) => (parent.depth + 1, format!("{}.{name}", parent.path)),
        };
        if parent.is_some() {
            self.by_path.insert(path.clone(), id);
        }
        let states = map.as_ref().and_then(|map| map.optional("states"));
        self.drafts.push(Draft {
            id,
            parent,
            last: id,
            depth,
            name: name.to_owned(),
            path,
            kind,
            children: Vec::new(),
            is_cut: false,
            item,
            map,
        });
        for (key, child) in states
            .and_then(|states| states.entries())
            .unwrap_or_default()
        {
            if self.is_full(&child, depth) {
                self.drafts[id.index()].is_cut = true;
                break;
            }
            self.add_child(id, &key.text, child);
        }
        let last = StateId(u16::try_from(self.drafts.len() - 1).unwrap_or(u16::MAX));
        self.drafts[id.index()].last = last;
    }

    fn add_child(&mut self, parent: StateId, name: &str, item: Item<'n>) {
        check_state_name(&item, name);
        let map = if item.node.value == NodeValue::Null {
            let message = format!("state `{name}` must be a mapping, not nothing");
            let problem = at_key(&item, codes::WRONG_TYPE, message);
            item.reader.report(problem.help(format!(
                "a state without anything is written `{name}: {{}}`"
            )));
            None
        } else {
            item.map(STATE).map(MapReader::checked)
        };
        let kind = map.as_ref().map_or(StateKind::Atomic, state_kind);
        let child = StateId(u16::try_from(self.drafts.len()).unwrap_or(u16::MAX));
        self.drafts[parent.index()].children.push(child);
        self.add(item, map, kind, Some(parent), name);
    }

    fn is_full(&self, child: &Item<'n>, depth: u16) -> bool {
        let problem = if self.drafts.len() > MAX_STATES {
            format!("a chart has at most {MAX_STATES} states")
        } else if usize::from(depth) >= MAX_NESTING {
            format!("states nest at most {MAX_NESTING} levels deep")
        } else {
            return false;
        };
        let problem = at_key(child, codes::LIMIT, problem);
        child
            .reader
            .report(problem.help("split the machine, or use context fields for what only counts"));
        true
    }
}

fn check_state_name(item: &Item<'_>, name: &str) {
    if name == "any" {
        let problem = at_key(item, codes::RESERVED_NAME, "a state cannot be called `any`");
        item.reader.report(problem.help("it reads as every state; a transition from every state belongs under the chart's own `on`"));
        return;
    }
    check_identifier(item, name, "a state");
}

/// The root is compound unless it says `parallel`.
fn root_kind(root: &MapReader<'_>) -> StateKind {
    let _ = root.required("states");
    root.optional("type")
        .and_then(|item| {
            item.choice(&[
                ("compound", StateKind::Compound),
                ("parallel", StateKind::Parallel),
            ])
        })
        .unwrap_or(StateKind::Compound)
}

/// What a state says it is, or what its children make it.
fn state_kind(map: &MapReader<'_>) -> StateKind {
    let has_states = map.optional("states").is_some();
    let inferred = if has_states {
        StateKind::Compound
    } else {
        StateKind::Atomic
    };
    let deep = map
        .optional("history")
        .and_then(|item| item.choice(&[("shallow", false), ("deep", true)]));
    let stated = map.optional("type").and_then(|item| {
        item.choice(&[
            ("atomic", StateKind::Atomic),
            ("compound", StateKind::Compound),
            ("parallel", StateKind::Parallel),
            ("final", StateKind::Final),
            (
                "history",
                StateKind::History {
                    deep: deep.unwrap_or(false),
                },
            ),
        ])
    });
    stated.unwrap_or(inferred)
}
