//! [`Picture`]: what a picture of a machine shows, before anyone decides where it stands or in which format.
//!
//! Every format draws from this one model, so they all show the same edges: exactly those of the machine. Nodes stand
//! in document order, parents before children. Text is already [clean](crate::text::clean); it is still text, and
//! escaping it is the business of each format.

mod build;
mod words;

use statehold_core::machine::{Definition, StateId, Transition};

pub use build::picture;

use crate::text::{Piece, Tone};

/// What a picture shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Name of the machine.
    pub machine: String,
    /// Version of the machine.
    pub version: u32,
    /// For people.
    pub label: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Set if the machine is deprecated: the sentence that says so.
    pub deprecated: Option<String>,
    /// Actions and transitions of the root that lead nowhere.
    pub inside: Vec<Inside>,
    /// The boxes, in document order, parents before children.
    pub nodes: Vec<Node>,
    /// The arrows.
    pub edges: Vec<Edge>,
}

/// Index into [`Picture::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// Number of a transition of a machine, as [`transitions`] counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransitionNo(pub usize);

/// A box.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The box around it; none at the top.
    pub parent: Option<NodeId>,
    /// What it stands for.
    pub kind: NodeKind,
    /// Whether it is a region of a parallel state.
    pub is_region: bool,
    /// Path of its state; empty for what is no state.
    pub path: String,
    /// Its own name.
    pub name: String,
    /// For people.
    pub label: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Free marks.
    pub tags: Vec<String>,
    /// Set if it is deprecated: the sentence that says so.
    pub deprecated: Option<String>,
    /// What happens inside, without leaving.
    pub inside: Vec<Inside>,
}

/// What a box stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// A state without children.
    Atomic,
    /// A state of which one child is active.
    Compound,
    /// A state of which all children are active.
    Parallel,
    /// An end.
    Final,
    /// A memory of what was active.
    History {
        /// Remembers leaves.
        deep: bool,
    },
    /// The dot from which the arrow to the initial state starts.
    Initial,
    /// Stands for every state, where the root has transitions of its own.
    AnyState,
    /// Where an arrow with several targets divides.
    Fork,
}

/// Something that happens in a state without leaving it.
#[derive(Debug, Clone, PartialEq)]
pub struct Inside {
    /// What it is.
    pub kind: InsideKind,
    /// Its words.
    pub label: Label,
    /// The transition, for one without a target.
    pub transition: Option<TransitionNo>,
    /// Whether its event is deprecated.
    pub deprecated: bool,
    /// All there is to say about it.
    pub title: String,
}

/// What happens in a state without leaving it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsideKind {
    /// Actions on entering.
    Entry,
    /// Actions on leaving.
    Exit,
    /// An effect tied to the state.
    Invoke,
    /// A transition without a target.
    Transition,
}

/// An arrow.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// Where it starts.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// What it stands for.
    pub kind: EdgeKind,
    /// Its words.
    pub label: Label,
    /// The transition; none for what leads to an initial state or out of an empty memory.
    pub transition: Option<TransitionNo>,
    /// Whether its event is deprecated.
    pub deprecated: bool,
    /// All there is to say about it.
    pub title: String,
}

/// What an arrow stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeKind {
    /// The way into an initial state.
    Initial,
    /// Where a memory leads while it is empty.
    HistoryDefault,
    /// A transition on an event from outside.
    Event,
    /// A transition without an event.
    Always,
    /// A transition of a timer.
    Timer,
    /// A transition on the good end of a state or an effect.
    Done,
    /// A transition on a failure.
    Error,
    /// From a fork to one of the targets.
    Branch,
}

/// The words of an arrow: `trigger (re-enters) [guard] / actions`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Label {
    /// What it waits for; empty for nothing.
    pub trigger: String,
    /// Whether it leaves and enters its source again although it need not.
    pub reenters: bool,
    /// Name or source of the condition; `else` behind candidates with conditions.
    pub guard: Option<String>,
    /// What is done, in order.
    pub actions: Vec<String>,
}

impl Label {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.trigger.is_empty() && !self.reenters && self.guard.is_none() && self.actions.is_empty()
    }

    /// In pieces, ready to be set in lines.
    #[must_use]
    pub fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        if !self.trigger.is_empty() {
            pieces.push(Piece::new(self.trigger.as_str(), Tone::Strong));
        }
        let blank = |pieces: &Vec<Piece>| if pieces.is_empty() { "" } else { " " };
        if self.reenters {
            pieces.push(Piece::new(
                format!("{}(re-enters)", blank(&pieces)),
                Tone::Muted,
            ));
        }
        if let Some(guard) = &self.guard {
            pieces.push(Piece::new(
                format!("{}[{guard}]", blank(&pieces)),
                Tone::Guard,
            ));
        }
        if !self.actions.is_empty() {
            let actions = format!("{}/ {}", blank(&pieces), self.actions.join(", "));
            pieces.push(Piece::new(actions, Tone::Action));
        }
        pieces
    }

    /// On one line.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces().into_iter().map(|piece| piece.text).collect()
    }
}

impl Picture {
    /// On one line: the label or name, and the version.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.label {
            Some(label) => format!("{label} ({} version {})", self.machine, self.version),
            None => format!("{} version {}", self.machine, self.version),
        }
    }

    /// The node with this id.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// The nodes directly inside a node, or those at the top, in document order.
    pub fn children(&self, parent: Option<NodeId>) -> impl Iterator<Item = NodeId> + '_ {
        let first = parent.map_or(0, |parent| parent.0 + 1);
        (first..self.nodes.len())
            .map(NodeId)
            .filter(move |id| self.node(*id).parent == parent)
    }

    /// Whether `inner` stands inside `outer` (a node does not stand inside itself).
    #[must_use]
    pub fn is_inside(&self, inner: NodeId, outer: NodeId) -> bool {
        let mut next = self.node(inner).parent;
        while let Some(id) = next {
            if id == outer {
                return true;
            }
            next = self.node(id).parent;
        }
        false
    }
}

impl NodeKind {
    /// Whether it is a state that can be active.
    #[must_use]
    pub fn is_state(self) -> bool {
        matches!(
            self,
            Self::Atomic | Self::Compound | Self::Parallel | Self::Final
        )
    }

    /// Whether other nodes stand inside it.
    #[must_use]
    pub fn is_container(self) -> bool {
        matches!(self, Self::Compound | Self::Parallel)
    }
}

/// All transitions of a machine in the order that [`TransitionNo`] counts: states in document order, of each state
/// those on events as they are tried, then the eventless ones.
pub fn transitions(definition: &Definition) -> impl Iterator<Item = (TransitionNo, &Transition)> {
    let all =
        (definition.states.iter()).flat_map(|state| state.transitions.iter().chain(&state.always));
    all.enumerate()
        .map(|(number, transition)| (TransitionNo(number), transition))
}

/// A picture's index of the states of its machine.
#[derive(Debug, Default)]
struct NodeOfState(Vec<Option<NodeId>>);

impl NodeOfState {
    fn get(&self, id: StateId) -> Option<NodeId> {
        self.0.get(id.index()).copied().flatten()
    }
}
