//! From a machine to a [`Picture`].

use statehold_core::machine::{Action, Definition, State, StateId, StateKind, Transition};

use super::words;
use super::{
    Edge, EdgeKind, Inside, InsideKind, Label, Node, NodeId, NodeKind, NodeOfState, Picture,
    TransitionNo,
};
use crate::text::clean;

/// What a picture of this machine shows.
///
/// ```
/// use statehold_core::Machine;
///
/// let machine = Machine::from_yaml(
///     "statehold: 1\nmachine: door\nversion: 1\ninitial: shut\nstates:\n  shut: { on: { open: wide } }\n  wide: { on: { close: shut } }\n",
/// ).unwrap();
/// let picture = statehold_diagram::picture(&machine);
/// assert_eq!(picture.nodes.len(), 3); // two states and the initial dot
/// assert_eq!(picture.edges[1].label.text(), "open");
/// ```
#[must_use]
pub fn picture(definition: &Definition) -> Picture {
    let mut builder = Builder::new(definition);
    builder.add_children(StateId::ROOT, None);
    builder.add_any_state();
    builder.add_initials();
    builder.add_transitions();
    builder.picture
}

struct Builder<'d> {
    definition: &'d Definition,
    picture: Picture,
    of_state: NodeOfState,
    /// Initial dots with the state they belong to.
    dots: Vec<(NodeId, StateId)>,
    any_state: Option<NodeId>,
}

impl<'d> Builder<'d> {
    fn new(definition: &'d Definition) -> Self {
        let root = definition.state(StateId::ROOT);
        let picture = Picture {
            machine: clean(&definition.name),
            version: definition.version,
            label: words_of(definition.label.as_deref().or(root.label.as_deref())),
            description: words_of(
                definition
                    .description
                    .as_deref()
                    .or(root.description.as_deref()),
            ),
            deprecated: (definition.deprecated.as_ref())
                .map(|deprecated| clean(&deprecated.describe("machine", &definition.name))),
            inside: effects_of(root),
            nodes: Vec::new(),
            edges: Vec::new(),
        };
        Self {
            definition,
            picture,
            of_state: NodeOfState(vec![None; definition.states.len()]),
            dots: Vec::new(),
            any_state: None,
        }
    }

    /// Depth is bounded by the loader.
    fn add_children(&mut self, state: StateId, parent: Option<NodeId>) {
        let state = self.definition.state(state);
        // A history state's `initial` is where it leads; only a compound state has a dot.
        if state.kind == StateKind::Compound && state.initial.is_some() {
            let dot = self.add_mark(parent, NodeKind::Initial);
            self.dots.push((dot, state.id));
        }
        for child in &state.children {
            let id = self.add_state(
                self.definition.state(*child),
                parent,
                state.kind == StateKind::Parallel,
            );
            self.add_children(*child, Some(id));
        }
    }

    fn add_state(&mut self, state: &State, parent: Option<NodeId>, in_parallel: bool) -> NodeId {
        let kind = match state.kind {
            StateKind::Atomic => NodeKind::Atomic,
            StateKind::Compound => NodeKind::Compound,
            StateKind::Parallel => NodeKind::Parallel,
            StateKind::Final => NodeKind::Final,
            StateKind::History { deep } => NodeKind::History { deep },
        };
        let id = NodeId(self.picture.nodes.len());
        self.of_state.0[state.id.index()] = Some(id);
        self.picture.nodes.push(Node {
            parent,
            kind,
            is_region: in_parallel && kind.is_state(),
            path: clean(&state.path),
            name: clean(&state.name),
            label: words_of(state.label.as_deref()),
            description: words_of(state.description.as_deref()),
            tags: state.tags.iter().map(|tag| clean(tag)).collect(),
            deprecated: (state.deprecated.as_ref())
                .map(|deprecated| clean(&deprecated.describe("state", &state.path))),
            inside: effects_of(state),
        });
        id
    }

    /// Adds a node that is no state.
    fn add_mark(&mut self, parent: Option<NodeId>, kind: NodeKind) -> NodeId {
        let name = if kind == NodeKind::AnyState {
            "any state"
        } else {
            ""
        };
        self.picture.nodes.push(Node {
            parent,
            kind,
            is_region: false,
            path: String::new(),
            name: name.to_owned(),
            label: None,
            description: None,
            tags: Vec::new(),
            deprecated: None,
            inside: Vec::new(),
        });
        NodeId(self.picture.nodes.len() - 1)
    }

    /// The root is no box, so its transitions start at one box that stands for every state.
    fn add_any_state(&mut self) {
        let root = self.definition.state(StateId::ROOT);
        let mut transitions = root.transitions.iter().chain(&root.always);
        if transitions.any(|transition| !transition.targets.is_empty()) {
            self.any_state = Some(self.add_mark(None, NodeKind::AnyState));
        }
    }

    fn add_initials(&mut self) {
        for (dot, owner) in std::mem::take(&mut self.dots) {
            self.add_defaults(dot, self.definition.state(owner), EdgeKind::Initial);
        }
        let definition = self.definition;
        for state in definition
            .states
            .iter()
            .filter(|state| matches!(state.kind, StateKind::History { .. }))
        {
            if let Some(node) = self.of_state.get(state.id) {
                self.add_defaults(node, state, EdgeKind::HistoryDefault);
            }
        }
    }

    fn add_defaults(&mut self, from: NodeId, state: &State, kind: EdgeKind) {
        let Some(initial) = &state.initial else {
            return;
        };
        let label = Label {
            actions: words::actions(&initial.actions),
            ..Label::default()
        };
        let path = if state.path.is_empty() {
            "the machine"
        } else {
            &state.path
        };
        for target in &initial.targets {
            let Some(to) = self.of_state.get(*target) else {
                continue;
            };
            let target = &self.definition.state(*target).path;
            let title = match kind {
                EdgeKind::Initial => format!("{path} begins in {target}"),
                _ => format!("{path} leads to {target} while nothing is remembered"),
            };
            self.picture.edges.push(Edge {
                from,
                to,
                kind,
                label: label.clone(),
                transition: None,
                deprecated: false,
                title: clean(&title),
            });
        }
    }

    fn add_transitions(&mut self) {
        let mut number = 0;
        let definition = self.definition;
        for state in &definition.states {
            for list in [&state.transitions, &state.always] {
                for (at, transition) in list.iter().enumerate() {
                    let is_else =
                        transition.guard.is_none() && has_guarded_sibling(&list[..at], transition);
                    self.add_transition(transition, TransitionNo(number), is_else);
                    number += 1;
                }
            }
        }
    }

    fn add_transition(&mut self, transition: &Transition, number: TransitionNo, is_else: bool) {
        let label = words::label(self.definition, transition, is_else);
        let title = words::title(self.definition, transition, &label);
        let deprecated = words::deprecated_event(self.definition, transition).is_some();
        let from = self.of_state.get(transition.source).or(self.any_state);
        let targets: Vec<NodeId> = (transition.targets.iter())
            .filter_map(|target| self.of_state.get(*target).or(self.any_state))
            .collect();
        let (Some(from), false) = (from, targets.is_empty()) else {
            self.add_inside(
                transition.source,
                Inside {
                    kind: InsideKind::Transition,
                    label,
                    transition: Some(number),
                    deprecated,
                    title,
                },
            );
            return;
        };
        let kind = words::trigger(self.definition, transition).1;
        let edge = |from, to, kind, label| Edge {
            from,
            to,
            kind,
            label,
            transition: Some(number),
            deprecated,
            title: title.clone(),
        };
        if let [to] = targets[..] {
            self.picture.edges.push(edge(from, to, kind, label));
            return;
        }
        let fork = self.add_mark(self.home_of_fork(from, &targets), NodeKind::Fork);
        self.picture.edges.push(edge(from, fork, kind, label));
        for to in targets {
            self.picture
                .edges
                .push(edge(fork, to, EdgeKind::Branch, Label::default()));
        }
    }

    fn add_inside(&mut self, owner: StateId, inside: Inside) {
        match self.of_state.get(owner) {
            Some(node) => self.picture.nodes[node.0].inside.push(inside),
            None => self.picture.inside.push(inside),
        }
    }

    /// The innermost box around the source and all targets.
    fn home_of_fork(&self, from: NodeId, targets: &[NodeId]) -> Option<NodeId> {
        let mut home = Some(from);
        while let Some(id) = home {
            if targets
                .iter()
                .all(|target| self.picture.is_inside(*target, id))
            {
                break;
            }
            home = self.picture.node(id).parent;
        }
        home
    }
}

/// Whether a candidate before this one waits for the same and has a condition.
fn has_guarded_sibling(before: &[Transition], transition: &Transition) -> bool {
    before.iter().any(|other| {
        other.on == transition.on && other.invoke == transition.invoke && other.guard.is_some()
    })
}

/// Entry, exit and invokes of a state; its transitions without a target come later.
fn effects_of(state: &State) -> Vec<Inside> {
    let mut inside = Vec::new();
    let mut add = |kind, trigger: &str, actions: Vec<String>| {
        let label = Label {
            trigger: trigger.to_owned(),
            actions,
            ..Label::default()
        };
        inside.push(Inside {
            kind,
            title: label.text(),
            label,
            transition: None,
            deprecated: false,
        });
    };
    let mut on = |kind, trigger, actions: &[Action]| {
        if !actions.is_empty() {
            add(kind, trigger, words::actions(actions));
        }
    };
    on(InsideKind::Entry, "entry", &state.entry);
    on(InsideKind::Exit, "exit", &state.exit);
    for invoke in &state.invokes {
        add(InsideKind::Invoke, "do", vec![clean(&invoke.effect)]);
    }
    inside
}

fn words_of(text: Option<&str>) -> Option<String> {
    text.map(clean).filter(|text| !text.is_empty())
}
