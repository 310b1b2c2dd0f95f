//! From a document to a chart.
//!
//! The graph, the variables and the expressions that can be respelled come over. Events of SCXML are prefixes and tried
//! in the order of the document: the keys of a chart are chosen so that every event still finds the same transitions.
//! What a document tells the world becomes an effect of a handler; what it tells itself becomes an event raised inside,
//! or a timer, where that is the same; else it is refused. A document that we exported ourselves is read by its marks.

mod actions;
mod edges;
mod expressions;
mod inner;
mod own;
mod sends;
mod states;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use statehold_core::machine::StateId;
use statehold_core::schema::Record;

use super::document::{Document, Node};
use super::lower::Lower;
use super::read::{parse, read_leniently};
use crate::draft::{Draft, finish};
use crate::{FormatError, ImportOptions, Imported};

/// Most states of a chart, the root aside.
const STATES_MAX: usize = 1_000;

/// Makes a chart of a document.
///
/// # Errors
/// Text that is no document, and what a chart cannot say.
pub(crate) fn import(text: &str, options: &ImportOptions) -> Result<Imported, FormatError> {
    let xml = parse(text)?;
    if own::is_marked(xml.root_element()) {
        return own::import(text, xml.root_element(), options);
    }
    let (document, notes) = read_leniently(text, &xml);
    // What is no document has no states to go on with.
    let notes = match notes.is_refused() {
        true => {
            notes.into_losses()?;
            return Err(FormatError {
                problems: Vec::new(),
            });
        }
        false => notes,
    };
    let mut lower = Lower::new(text, &document)?;
    lower.notes = RefCell::new(notes);
    let root = &document.root.span;
    if lower.nodes.len() > STATES_MAX + 1 {
        lower.problem(root, format!("a chart has at most {STATES_MAX} states"));
    }
    if lower.nodes.len() == 1 {
        lower.problem(root, "a document without states");
    }
    Importer::new(&document, lower).run(options)
}

/// A document on its way.
struct Importer<'d> {
    document: &'d Document,
    lower: Lower<'d>,
    draft: Draft,
    /// The variables, which may hold anything.
    context: Record,
    /// Events that the document raises itself, by the names they have here.
    raised: BTreeSet<String>,
    /// Delayed sends that became timers of the state they belong to, by their place in the document.
    timers: BTreeMap<usize, StateId>,
    /// Ids of such sends: taking them back on the way out of their state says nothing more.
    cancelled: HashSet<(StateId, String)>,
    /// Whether an event that the document sends itself may be raised inside: nothing else is, that it could overtake.
    may_raise_sends: bool,
    /// Number of conditions that had to become guards without an expression.
    stubs: usize,
}

impl<'d> Importer<'d> {
    fn new(document: &'d Document, lower: Lower<'d>) -> Self {
        let name = document.name.as_deref().unwrap_or("machine");
        let mut draft = Draft::new(name);
        // SCXML drops what nobody takes, and an expression that fails is an event.
        draft.head.insert("unhandled".to_owned(), "ignore".into());
        draft
            .head
            .insert("onExpressionError".to_owned(), "raise".into());
        Self {
            document,
            draft,
            context: Record::default(),
            raised: BTreeSet::new(),
            timers: BTreeMap::new(),
            cancelled: HashSet::new(),
            may_raise_sends: false,
            stubs: 0,
            lower,
        }
    }

    fn run(mut self, options: &ImportOptions) -> Result<Imported, FormatError> {
        let start = self.variables();
        self.look_ahead();
        let nodes = self.lower.nodes.clone();
        self.draft.root = self.state(StateId::ROOT, &nodes);
        let mut entry = start;
        entry.append(&mut self.draft.root.entry);
        self.draft.root.entry = entry;
        finish(self.draft, self.lower.notes.into_inner(), options)
    }

    fn node_of(nodes: &[(StateId, &'d Node)], id: StateId) -> &'d Node {
        nodes[id.index()].1
    }

    fn loss(&self, at: usize, construct: impl Into<String>, message: impl Into<String>) {
        self.lower.notes.borrow_mut().loss(at, construct, message);
    }

    fn refuse(&self, at: usize, message: impl Into<String>) {
        self.lower.notes.borrow_mut().refuse(at, message);
    }

    /// The name of an event here; another one than it had is a loss.
    fn event(&mut self, original: &str, at: usize) -> String {
        let mut notes = self.lower.notes.borrow_mut();
        self.draft.event(original, at, &mut notes)
    }
}
