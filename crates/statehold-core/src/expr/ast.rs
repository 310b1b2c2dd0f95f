//! The tree an expression is evaluated from: names resolved to places, operators and functions to enums.
//!
//! At most [`DEPTH_MAX`](super::DEPTH_MAX) levels deep (macros do not add levels), so that recursion over it is safe.

use std::ops::Range;

use super::functions::Function;
use super::pattern::Pattern;

/// A range of bytes in the source; a source is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u16,
    pub(super) end: u16,
}

impl Span {
    pub(super) fn range(self) -> Range<usize> {
        usize::from(self.start)..usize::from(self.end)
    }

    pub(super) fn to(self, end: Span) -> Span {
        Span {
            start: self.start.min(end.start),
            end: self.end.max(end.end),
        }
    }
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum Kind {
    Literal(Literal),
    /// A whole root variable.
    Root(Root),
    /// A field of a root whose fields we know: read without building the root.
    Known(Known),
    /// `has()` of such a field.
    HasKnown(Known),
    /// The variable of the n-th enclosing macro, counted from outside.
    Local(usize),
    Select(Box<Node>, Box<str>),
    Has(Box<Node>, Box<str>),
    OptionalSelect(Box<Node>, Box<str>),
    Index(Box<[Node; 2]>),
    OptionalIndex(Box<[Node; 2]>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    If(Box<[Node; 3]>),
    Binary(Binary, Box<[Node; 2]>),
    List(Vec<Item>),
    Map(Vec<Entry>),
    Loop(Box<Loop>),
    Bind(Box<[Node; 2]>),
    Call(Function, Vec<Node>),
    Matches(Box<Node>, Box<Pattern>),
    /// A function we do not have; reported by the check, an error if evaluated.
    UnknownCall(Box<str>, Vec<Node>),
}

#[derive(Debug)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Box<str>),
    /// A type's name used as a value, e.g. in `type(x) == string`.
    Type(&'static str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Root {
    Ctx,
    Event,
    Actor,
    Entity,
    Now,
    /// A name that whoever evaluates may know (`input`, `response`, `env`).
    Extra(Box<str>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    EventType,
    EventInput,
    EventOutput,
    EventError,
    EventAttempt,
    ActorId,
    ActorKind,
    ActorRoles,
    EntityId,
    EntityOwner,
    EntityVersion,
    EntityRevision,
}

impl Known {
    /// All of them with root and field.
    pub(super) const ALL: [(Known, &'static str, &'static str); 12] = [
        (Known::EventType, "event", "type"),
        (Known::EventInput, "event", "input"),
        (Known::EventOutput, "event", "output"),
        (Known::EventError, "event", "error"),
        (Known::EventAttempt, "event", "attempt"),
        (Known::ActorId, "actor", "id"),
        (Known::ActorKind, "actor", "kind"),
        (Known::ActorRoles, "actor", "roles"),
        (Known::EntityId, "entity", "id"),
        (Known::EntityOwner, "entity", "owner"),
        (Known::EntityVersion, "entity", "version"),
        (Known::EntityRevision, "entity", "revision"),
    ];

    pub(super) fn find(root: &str, field: &str) -> Option<Known> {
        Self::ALL
            .into_iter()
            .find(|(_, of, name)| *of == root && *name == field)
            .map(|(known, _, _)| known)
    }

    pub(super) fn path(self) -> String {
        Self::ALL
            .into_iter()
            .find(|(known, _, _)| *known == self)
            .map(|(_, root, field)| format!("{root}.{field}"))
            .unwrap_or_default()
    }
}

impl Root {
    pub(super) fn find(name: &str) -> Root {
        match name {
            "ctx" => Root::Ctx,
            "event" => Root::Event,
            "actor" => Root::Actor,
            "entity" => Root::Entity,
            "now" => Root::Now,
            other => Root::Extra(other.into()),
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Root::Ctx => "ctx",
            Root::Event => "event",
            Root::Actor => "actor",
            Root::Entity => "entity",
            Root::Now => "now",
            Root::Extra(name) => name,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Binary {
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Binary::Equal => "==",
            Binary::NotEqual => "!=",
            Binary::Less => "<",
            Binary::LessEqual => "<=",
            Binary::Greater => ">",
            Binary::GreaterEqual => ">=",
            Binary::In => "in",
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Multiply => "*",
            Binary::Divide => "/",
            Binary::Modulo => "%",
        }
    }
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) node: Node,
    /// `[?x]`: left out if the optional is empty.
    pub(super) optional: bool,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Node,
    pub(super) value: Node,
    /// `{?k: x}`: left out if the optional is empty.
    pub(super) optional: bool,
}

#[derive(Debug)]
pub(super) struct Loop {
    pub(super) kind: LoopKind,
    pub(super) range: Node,
    /// For `map` with three arguments.
    pub(super) filter: Option<Node>,
    pub(super) body: Node,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoopKind {
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}

impl Node {
    /// Calls `visit` for every node directly below this one.
    pub(super) fn children<'a>(&'a self, mut visit: impl FnMut(&'a Node)) {
        match &self.kind {
            Kind::Literal(_)
            | Kind::Root(_)
            | Kind::Known(_)
            | Kind::HasKnown(_)
            | Kind::Local(_) => {}
            Kind::Select(node, _)
            | Kind::Has(node, _)
            | Kind::OptionalSelect(node, _)
            | Kind::Not(node)
            | Kind::Negate(node)
            | Kind::Matches(node, _) => visit(node),
            Kind::Index(nodes)
            | Kind::OptionalIndex(nodes)
            | Kind::And(nodes)
            | Kind::Or(nodes)
            | Kind::Bind(nodes)
            | Kind::Binary(_, nodes) => nodes.iter().for_each(visit),
            Kind::If(nodes) => nodes.iter().for_each(visit),
            Kind::List(items) => items.iter().for_each(|item| visit(&item.node)),
            Kind::Map(entries) => entries.iter().for_each(|entry| {
                visit(&entry.key);
                visit(&entry.value);
            }),
            Kind::Loop(body) => {
                visit(&body.range);
                body.filter.iter().for_each(&mut visit);
                visit(&body.body);
            }
            Kind::Call(_, args) | Kind::UnknownCall(_, args) => args.iter().for_each(visit),
        }
    }
}
