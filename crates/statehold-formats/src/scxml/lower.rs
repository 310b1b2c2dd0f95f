//! From a [`Document`] to a machine: states, transitions, variables.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use statehold_core::Machine;
use statehold_core::diagnostic::Span;
use statehold_core::expr::Expr;
use statehold_core::machine::{
    Action, Descriptor, Guard, Initial, State, StateId, StateKind, Transition, ValueExpr,
};

use super::document::{Document, Edge, Element, Given, Node, NodeKind, Start};
use super::read;
use super::rewrite::{EventWords, Names, rewrite};
use super::values::value_of_text;
use crate::notes::Notes;
use crate::skeleton::Skeleton;
use crate::{FormatError, Problem};

/// A machine that was read from an SCXML document.
#[derive(Debug)]
pub struct Loaded {
    /// The machine.
    pub machine: Machine,
    /// What was not carried over as it stands: expressions that can only fail, delays that are none.
    pub losses: Vec<Problem>,
}

/// Reads a document and makes a machine of it.
///
/// # Errors
/// Every problem of the text, or what keeps the document from being a machine.
pub fn load(text: &str) -> Result<Loaded, FormatError> {
    let document = read(text)?;
    let lower = Lower::new(text, &document)?;
    let contents: Vec<Content> = lower
        .nodes
        .iter()
        .map(|(id, node)| lower.content_of(*id, node))
        .collect();
    let context = lower.context()?;
    let losses = lower.notes.into_inner().into_losses()?;
    let mut skeleton = lower.skeleton;
    for (state, content) in skeleton.states.iter_mut().zip(contents) {
        content.fill(state);
    }
    let mut definition = skeleton.finish(document.name.as_deref().unwrap_or("scxml"), text);
    definition.context = context;
    let machine = Machine::new(definition)
        .map_err(|error| FormatError::one(Problem::at(text, 0, error.to_string())))?;
    let problem = |loss: crate::Loss| Problem {
        line: loss.line,
        column: loss.column,
        message: loss.message,
    };
    Ok(Loaded {
        machine,
        losses: losses.into_iter().map(problem).collect(),
    })
}

/// What a state holds beside its place.
struct Content {
    initial: Option<Initial>,
    entry: Vec<Action>,
    exit: Vec<Action>,
    transitions: Vec<Transition>,
    always: Vec<Transition>,
    output: Option<ValueExpr>,
}

impl Content {
    fn fill(self, state: &mut State) {
        state.initial = self.initial;
        state.entry = self.entry;
        state.exit = self.exit;
        state.transitions = self.transitions;
        state.always = self.always;
        state.output = self.output;
    }
}

/// A document under conversion.
pub(super) struct Lower<'d> {
    pub(super) text: &'d str,
    pub(super) document: &'d Document,
    pub(super) skeleton: Skeleton,
    /// Each state with its node, in document order.
    pub(super) nodes: Vec<(StateId, &'d Node)>,
    pub(super) ids: HashMap<&'d str, StateId>,
    /// Variables that the document declares.
    pub(super) variables: BTreeSet<&'d str>,
    pub(super) notes: RefCell<Notes<'d>>,
}

impl<'d> Lower<'d> {
    pub(super) fn new(text: &'d str, document: &'d Document) -> Result<Self, FormatError> {
        let mut lower = Self {
            text,
            document,
            skeleton: Skeleton::new(StateKind::Compound, document.root.span.clone()),
            nodes: vec![(StateId::ROOT, &document.root)],
            ids: HashMap::new(),
            variables: BTreeSet::new(),
            notes: RefCell::new(Notes::new(text)),
        };
        lower.add_children(StateId::ROOT, &document.root)?;
        let data = lower.nodes.iter().flat_map(|(_, node)| &node.data);
        lower.variables = data.map(|data| data.id.as_str()).collect();
        Ok(lower)
    }

    fn add_children(&mut self, parent: StateId, node: &'d Node) -> Result<(), FormatError> {
        for child in &node.children {
            let (kind, unnamed) = kind_of(child);
            let name = child.id.as_deref().unwrap_or(unnamed);
            let Some(id) = self.skeleton.add(parent, name, kind, child.span.clone()) else {
                let problem = Problem::at(self.text, child.span.start, "too many states");
                return Err(FormatError::one(problem));
            };
            if let Some(name) = &child.id
                && self.ids.insert(name, id).is_some()
            {
                self.problem(&child.span, format!("two states have the id `{name}`"));
            }
            self.nodes.push((id, child));
            self.add_children(id, child)?;
        }
        Ok(())
    }

    fn content_of(&self, id: StateId, node: &Node) -> Content {
        let state = &self.skeleton.states[id.index()];
        let mut entry = self.initialisation(id, node);
        entry.extend(self.blocks(&node.on_entry));
        let edges: Vec<Transition> = (node.transitions.iter())
            .flat_map(|edge| self.edge(state, edge))
            .collect();
        let (always, transitions) = edges.into_iter().partition(|edge| edge.on.is_none());
        Content {
            initial: self.initial(state, node),
            entry,
            exit: self.blocks(&node.on_exit),
            transitions,
            always,
            output: (node.done_data.as_ref()).and_then(|payload| self.payload(payload, &node.span)),
        }
    }

    /// Each `onentry` is a block of its own: an error ends that block only.
    fn blocks(&self, blocks: &[Vec<Element>]) -> Vec<Action> {
        match blocks {
            [block] => self.actions(block),
            blocks => blocks
                .iter()
                .map(|block| Action::Block(self.actions(block)))
                .collect(),
        }
    }

    fn initial(&self, state: &State, node: &Node) -> Option<Initial> {
        match state.kind {
            StateKind::Compound => match &node.initial {
                Some(start) => self.start(start),
                None => Some(Initial {
                    // The first child in document order.
                    targets: vec![*state.children.iter().find(|id| self.is_real(**id))?],
                    actions: Vec::new(),
                }),
            },
            StateKind::History { .. } => node.initial.as_ref().and_then(|start| self.start(start)),
            _ => None,
        }
    }

    fn is_real(&self, id: StateId) -> bool {
        !matches!(
            self.skeleton.states[id.index()].kind,
            StateKind::History { .. }
        )
    }

    fn start(&self, start: &Start) -> Option<Initial> {
        Some(Initial {
            targets: self.targets(&start.targets, &start.span)?,
            actions: self.actions(&start.actions),
        })
    }

    pub(super) fn targets(&self, ids: &[String], span: &Span) -> Option<Vec<StateId>> {
        let found = ids.iter().map(|id| {
            let found = self.ids.get(id.as_str()).copied();
            if found.is_none() {
                self.problem(span, format!("there is no state `{id}`"));
            }
            found
        });
        // All are looked up, so that each missing one is noted.
        let found: Vec<Option<StateId>> = found.collect();
        found.into_iter().collect()
    }

    /// One transition per event descriptor: they stand in a row, so that the order stays.
    fn edge(&self, state: &State, edge: &Edge) -> Vec<Transition> {
        let Some(targets) = self.targets(&edge.targets, &edge.span) else {
            return Vec::new();
        };
        let is_inside = targets
            .iter()
            .all(|target| *target > state.id && *target <= state.last);
        let is_internal = edge.internal && state.kind == StateKind::Compound && is_inside;
        let transition = |on: Option<Descriptor>| Transition {
            on,
            invoke: None,
            source: state.id,
            targets: targets.clone(),
            reenter: !is_internal,
            guard: (edge.condition.as_ref()).map(|condition| self.guard(condition, &edge.span)),
            actions: self.actions(&edge.actions),
            label: None,
            span: edge.span.clone(),
        };
        if edge.events.is_empty() {
            return vec![transition(None)];
        }
        let descriptors = edge.events.iter().map(|event| self.descriptor(event));
        descriptors.map(|on| transition(Some(on))).collect()
    }

    fn guard(&self, condition: &str, span: &Span) -> Guard {
        Guard {
            expr: self.expression(condition, span),
            name: None,
            reason: None,
            code: None,
            span: span.clone(),
        }
    }

    /// Descriptors are prefixes of whole tokens. Done events name states by path here, so those of one state are
    /// exact: the path of a child begins with that of its parent.
    fn descriptor(&self, event: &str) -> Descriptor {
        let prefix = event
            .strip_suffix(".*")
            .or(event.strip_suffix('.'))
            .unwrap_or(event);
        if event == "*" {
            return Descriptor::Any { internal: true };
        }
        match prefix
            .strip_prefix("done.state.")
            .and_then(|id| self.path(id))
        {
            Some(path) => Descriptor::Exact(format!("done.state.{path}")),
            None => Descriptor::Prefix {
                prefix: prefix.to_owned(),
                internal: true,
            },
        }
    }

    pub(super) fn path(&self, id: &str) -> Option<String> {
        let id = self.ids.get(id)?;
        Some(self.skeleton.states[id.index()].path.clone())
    }

    /// Whether a location can be written: a variable that is declared, and no system variable.
    pub(super) fn is_writable(&self, location: &str) -> bool {
        self.variables.contains(location) && !location.starts_with('_')
    }

    pub(super) fn given(&self, given: &Given, span: &Span) -> ValueExpr {
        match given {
            Given::Expr(source) => ValueExpr::Expr(self.expression(source, span)),
            Given::Text(text) => value_of_text(text),
        }
    }

    /// An expression of the document; one that cannot be rewritten fails whenever it is evaluated.
    pub(super) fn expression(&self, source: &str, span: &Span) -> Expr {
        let path_of = |id: &str| self.path(id);
        let rewritten = rewrite(
            source,
            &Names {
                document: self.document.name.as_deref().unwrap_or_default(),
                path_of: &path_of,
                event: EventWords::Whole,
            },
        );
        if let Some(message) = rewritten.broken {
            self.loss(span, message);
        }
        rewritten.expr
    }

    pub(super) fn loss(&self, span: &Span, message: impl Into<String>) {
        let mut notes = self.notes.borrow_mut();
        notes.loss(span.start, "expression", message);
    }

    pub(super) fn problem(&self, span: &Span, message: impl Into<String>) {
        self.notes.borrow_mut().refuse(span.start, message);
    }
}

fn kind_of(node: &Node) -> (StateKind, &'static str) {
    let has_children =
        (node.children.iter()).any(|child| !matches!(child.kind, NodeKind::History { .. }));
    match node.kind {
        NodeKind::State if has_children => (StateKind::Compound, "state"),
        NodeKind::State => (StateKind::Atomic, "state"),
        NodeKind::Parallel => (StateKind::Parallel, "parallel"),
        NodeKind::Final => (StateKind::Final, "final"),
        NodeKind::History { deep } => (StateKind::History { deep }, "history"),
    }
}
