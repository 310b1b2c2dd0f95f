//! From a configuration to a chart.
//!
//! The graph comes over whole. What a configuration only names is code elsewhere: actions and invoked actors become
//! effects of a handler of that name, guards become `true` until somebody says what they are, and each of these is a
//! loss. Values that can be read (context, input, params, output) come over as literals. In a configuration that we
//! exported ourselves, `meta.statehold` says what its own words cannot.

mod actions;
mod edges;
mod events;
mod head;
mod invokes;
mod own;
mod states;
mod timers;

use std::collections::{BTreeMap, HashMap};

use statehold_core::machine::StateId;
use statehold_core::source::{Node, NodeValue, parse_json};

use super::Stubs;
use super::outline::{Config, entries, one_or_many};
use crate::draft::{Draft, finish, spell_out};
use crate::notes::Notes;
use crate::{FormatError, ImportOptions, Imported};

/// Most states of a chart, the root aside.
const STATES_MAX: usize = 1_000;

/// A configuration holds no values of guards and delays.
static NO_STUBS: Stubs = Stubs {
    guards: BTreeMap::new(),
    delays: BTreeMap::new(),
};

/// Makes a chart of a configuration.
///
/// # Errors
/// Text that is no configuration, and what a chart cannot say.
pub(crate) fn import(text: &str, options: &ImportOptions) -> Result<Imported, FormatError> {
    let mut notes = Notes::new(text);
    let root = match parse_json(text) {
        Ok(root) => root,
        Err(diagnostics) => {
            for diagnostic in diagnostics {
                notes.refuse(diagnostic.span.start, diagnostic.message);
            }
            notes.into_losses()?;
            return Err(FormatError {
                problems: Vec::new(),
            });
        }
    };
    check_shape(&root, &mut notes);
    notes.into_losses()?;
    let config = Config::of(text, &root, &NO_STUBS);
    Importer::new(&root, config).run(options)
}

fn check_shape(root: &Node, notes: &mut Notes<'_>) {
    if !matches!(root.value, NodeValue::Map(_)) {
        notes.refuse(root.span.start, "a configuration is an object");
        return;
    }
    match root.get("states").map(|states| &states.value) {
        Some(NodeValue::Map(states)) if !states.is_empty() => {}
        _ => notes.refuse(
            root.span.start,
            "this is no machine configuration: it has no `states`",
        ),
    }
}

/// A configuration on its way.
struct Importer<'c> {
    config: Config<'c>,
    draft: Draft,
    /// What our own export says beside the configuration; none if it is not ours.
    own: Option<&'c Node>,
    /// Written for XState 4, where a transition to its own source or inwards leaves the source.
    is_v4: bool,
    /// Effects by the ids of the actors that they stand for.
    actors: HashMap<String, String>,
    /// Effects of a state's invokes, in order.
    invoked: HashMap<StateId, Vec<String>>,
}

impl<'c> Importer<'c> {
    fn new(root: &'c Node, config: Config<'c>) -> Self {
        let name = root.get("id").and_then(Node::as_str).unwrap_or("machine");
        Self {
            draft: Draft::new(name),
            own: own::marker(root),
            is_v4: is_v4(&config),
            actors: HashMap::new(),
            invoked: HashMap::new(),
            config,
        }
    }

    fn run(mut self, options: &ImportOptions) -> Result<Imported, FormatError> {
        if self.config.nodes.len() > STATES_MAX + 1 {
            let message = format!("a chart has at most {STATES_MAX} states");
            self.config.problem(self.config.nodes[0], message);
        }
        self.head();
        self.declare_invokes();
        self.draft.root = self.state(StateId::ROOT);
        if self.own.is_none()
            && let Err(message) = spell_out(&mut self.draft)
        {
            self.config.problem(self.config.nodes[0], message);
        }
        let notes = self.config.notes.into_inner();
        finish(self.draft, notes, options)
    }

    fn loss(&self, node: &Node, construct: impl Into<String>, message: impl Into<String>) {
        let mut notes = self.config.notes.borrow_mut();
        notes.loss(node.span.start, construct, message);
    }
}

/// Whether a transition is written as XState 4 wants it.
fn is_v4(config: &Config<'_>) -> bool {
    let is_old = |node: &Node| {
        one_or_many(node)
            .iter()
            .any(|one| one.get("cond").is_some() || one.get("internal").is_some())
    };
    let by_key = |node: &Node| entries(node).iter().any(|(_, node)| is_old(node));
    config.nodes.iter().any(|state| {
        let invokes = state.get("invoke").map(one_or_many).unwrap_or_default();
        let keyed = ["on", "after"].into_iter().filter_map(|key| state.get(key));
        let plain = ["always", "onDone"]
            .into_iter()
            .filter_map(|key| state.get(key));
        let ends = (invokes.iter())
            .flat_map(|invoke| [invoke.get("onDone"), invoke.get("onError")])
            .flatten();
        keyed.into_iter().any(by_key) || plain.chain(ends).any(is_old)
    })
}
