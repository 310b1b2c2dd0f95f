//! An SCXML document as it was written: states, transitions and executable content, with their places.

use statehold_core::diagnostic::Span;

/// A whole document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// `name` of the document.
    pub name: Option<String>,
    /// Data of a state are set when it is first entered, instead of all at the start.
    pub late_binding: bool,
    /// The document's own node; its children are the top states.
    pub root: Node,
}

/// A state, or the document itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its id, if it was given one.
    pub id: Option<String>,
    /// What it is.
    pub kind: NodeKind,
    /// Where it begins; for a history, where it leads without memory.
    pub initial: Option<Start>,
    /// Variables declared here.
    pub data: Vec<Data>,
    /// One block per `onentry`.
    pub on_entry: Vec<Vec<Element>>,
    /// One block per `onexit`.
    pub on_exit: Vec<Vec<Element>>,
    /// In document order.
    pub transitions: Vec<Edge>,
    /// In document order, histories included.
    pub children: Vec<Node>,
    /// What a final state reports.
    pub done_data: Option<Payload>,
    /// Where it stands.
    pub span: Span,
}

/// What a [`Node`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// `scxml` or `state`, with or without children.
    State,
    /// `parallel`.
    Parallel,
    /// `final`.
    Final,
    /// `history`.
    History {
        /// `type="deep"`.
        deep: bool,
    },
}

/// A default transition.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// Ids of states.
    pub targets: Vec<String>,
    /// Its content.
    pub actions: Vec<Element>,
    /// Where it stands.
    pub span: Span,
}

/// A transition.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// Event descriptors; none for an eventless one.
    pub events: Vec<String>,
    /// Its condition.
    pub condition: Option<String>,
    /// Ids of states.
    pub targets: Vec<String>,
    /// `type="internal"`.
    pub internal: bool,
    /// Its content.
    pub actions: Vec<Element>,
    /// Where it stands.
    pub span: Span,
}

/// A variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// Its name.
    pub id: String,
    /// Its first value.
    pub value: Option<Given>,
    /// Where it stands.
    pub span: Span,
}

/// A value, as an expression or as text between tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// `expr`.
    Expr(String),
    /// Children.
    Text(String),
}

/// A text that is written down or computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// As written.
    Literal(String),
    /// By an expression.
    Expr(String),
}

/// What an event carries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payload {
    /// Names of variables that are sent under their own name.
    pub names: Vec<String>,
    /// Named values.
    pub params: Vec<Param>,
    /// The value itself.
    pub content: Option<Given>,
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// An expression, or a location, which is one too.
    pub expr: String,
}

/// An element of executable content.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// What it does.
    pub kind: ElementKind,
    /// Where it stands.
    pub span: Span,
}

/// What an [`Element`] does.
#[derive(Debug, Clone, PartialEq)]
pub enum ElementKind {
    /// Queues an internal event.
    Raise {
        /// Its name.
        event: String,
    },
    /// Writes a variable.
    Assign {
        /// Its name.
        location: String,
        /// Its new value.
        value: Given,
    },
    /// Does the first branch whose condition holds.
    If {
        /// Conditions with what they lead to.
        branches: Vec<(String, Vec<Element>)>,
        /// Done if no condition holds.
        otherwise: Vec<Element>,
    },
    /// Repeats its content.
    Foreach {
        /// Expression of the list.
        array: String,
        /// Variable of the element.
        item: String,
        /// Variable of its number.
        index: Option<String>,
        /// What is repeated.
        body: Vec<Element>,
    },
    /// Notes a value.
    Log {
        /// What it is about.
        label: String,
        /// What to note.
        expr: Option<String>,
    },
    /// Sends an event.
    Send(Box<Send>),
    /// Takes a sent event back.
    Cancel {
        /// Id of the send.
        id: Text,
    },
}

/// A `send`.
#[derive(Debug, Clone, PartialEq)]
pub struct Send {
    /// Name of the event.
    pub event: Text,
    /// Where to.
    pub target: Option<Text>,
    /// By which processor.
    pub kind: Option<Text>,
    /// How much later.
    pub delay: Option<Text>,
    /// Its id.
    pub id: Option<SendId>,
    /// What it carries.
    pub payload: Payload,
}

/// How a `send` is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendId {
    /// By a given id.
    Given(String),
    /// By a fresh id that is put into this variable.
    Stored(String),
}
