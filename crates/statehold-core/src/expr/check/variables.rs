//! [`Variables`]: what the answer of a condition depends on, and the literals at which it may change.
//!
//! Whoever tries a condition out (does it ever hold, can it hold together with another) needs values to try. If a
//! condition is made of comparisons between one place and one literal, a value on either side of every literal stands
//! for all values there are: then [`Variables::is_complete`] holds, and what no try shows is not there at all.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::Expr;
use super::super::ast::{Binary, Kind, Known, Literal, Node, Root};
use super::super::functions::Function;
use super::super::references::text;
use super::range::literal_value;

/// Largest condition that is tried out, in nodes of its tree: a try then costs microseconds.
const NODES_MAX: usize = 200;

/// A place that a condition reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A field of `ctx`, as a path.
    Ctx(Vec<String>),
    /// A field of `event.input`.
    Input(Vec<String>),
    /// `event.output` or something in it.
    Output(Vec<String>),
    /// `event.error` or something in it.
    Error(Vec<String>),
    /// `event.attempt`.
    Attempt,
    /// `actor.id`.
    ActorId,
    /// `actor.kind`.
    ActorKind,
    /// `entity.owner`.
    Owner,
}

impl Place {
    /// As an expression writes it.
    pub(crate) fn text(&self) -> String {
        let joined = |root: &str, path: &[String]| {
            std::iter::once(root)
                .chain(path.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(".")
        };
        match self {
            Self::Ctx(path) => joined("ctx", path),
            Self::Input(path) => joined("event.input", path),
            Self::Output(path) => joined("event.output", path),
            Self::Error(path) => joined("event.error", path),
            Self::Attempt => "event.attempt".to_owned(),
            Self::ActorId => "actor.id".to_owned(),
            Self::ActorKind => "actor.kind".to_owned(),
            Self::Owner => "entity.owner".to_owned(),
        }
    }
}

/// A place and where its value makes a difference.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    /// The place.
    pub(crate) place: Place,
    /// Literals that its value stands beside.
    pub(crate) values: Vec<Value>,
    /// Literals that its size is compared with.
    pub(crate) sizes: Vec<i64>,
    /// Lengths of time that it stands beside, in seconds.
    pub(crate) lengths: Vec<i64>,
}

/// What the answer of one or more conditions depends on.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    /// The places, each once.
    pub(crate) places: Vec<Variable>,
    /// Roles that are asked for.
    pub(crate) roles: BTreeSet<String>,
    /// State paths that `in_state` is asked for.
    pub(crate) states: BTreeSet<String>,
    /// `now` is read.
    pub(crate) reads_now: bool,
    is_opaque: bool,
    is_costly: bool,
    nodes: usize,
}

impl Variables {
    /// Those of these conditions together.
    pub(crate) fn of<'a>(conditions: impl IntoIterator<Item = &'a Expr>) -> Self {
        let mut variables = Self::default();
        for condition in conditions {
            variables.nodes = 0;
            variables.condition(&condition.0.root);
        }
        variables
    }

    /// Whether values around every literal stand for all values there are.
    pub(crate) fn is_complete(&self) -> bool {
        !self.is_opaque && !self.is_costly
    }

    /// Whether the answer depends on nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty() && self.roles.is_empty() && self.states.is_empty()
    }

    /// Whether trying is too expensive.
    pub(crate) fn is_costly(&self) -> bool {
        self.is_costly
    }

    fn count(&mut self) {
        self.nodes += 1;
        self.is_costly |= self.nodes > NODES_MAX;
    }

    /// A node that must be true or false.
    fn condition(&mut self, node: &Node) {
        self.count();
        if self.is_costly {
            return;
        }
        match &node.kind {
            Kind::Literal(Literal::Bool(_)) => {}
            Kind::Not(inner) => self.condition(inner),
            Kind::And(parts) | Kind::Or(parts) => {
                parts.iter().for_each(|part| self.condition(part));
            }
            Kind::If(parts) => parts.iter().for_each(|part| self.condition(part)),
            Kind::Has(operand, field) => match field_place(operand, field) {
                Some(place) => {
                    self.place(place);
                }
                None => self.opaque(node),
            },
            Kind::HasKnown(known) if place_of_known(*known).is_some() => self.known(*known),
            Kind::Call(Function::HasRole, args) => match args.first().and_then(text) {
                Some(role) => {
                    self.roles.insert(role.to_owned());
                }
                None => self.opaque(node),
            },
            Kind::Call(Function::InState, args) => match args.first().and_then(text) {
                Some(state) => {
                    self.states.insert(state.to_owned());
                }
                None => self.opaque(node),
            },
            Kind::Binary(operator, operands) => self.comparison(node, *operator, operands),
            _ => match place_of(node) {
                Some(place) => {
                    self.place(place).values.push(Value::Bool(true));
                }
                None => self.opaque(node),
            },
        }
    }

    fn known(&mut self, known: Known) {
        if let Some(place) = place_of_known(known) {
            self.place(place);
        }
    }

    fn comparison(&mut self, node: &Node, operator: Binary, operands: &[Node; 2]) {
        let [left, right] = operands;
        if operator == Binary::In {
            return self.membership(node, left, right);
        }
        let (value, literal) = match (&left.kind, &right.kind) {
            (_, Kind::Literal(literal)) => (left, literal),
            (Kind::Literal(literal), _) => (right, literal),
            _ => return self.opaque(node),
        };
        let is_equality = matches!(operator, Binary::Equal | Binary::NotEqual);
        let is_comparison = is_equality
            || matches!(
                operator,
                Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual
            );
        // The order of texts is dense: no finite number of values stands for all.
        let is_plain = is_equality || !matches!(literal, Literal::Text(_));
        match (literal_value(literal), place_of(value), size_of(value)) {
            (Some(literal), Some(place), _) if is_comparison && is_plain => {
                self.place(place).values.push(literal);
            }
            (Some(literal), None, Some(place)) if is_comparison && literal.is_i64() => {
                let size = literal.as_i64();
                self.place(place).sizes.extend(size);
            }
            _ => self.opaque(node),
        }
    }

    fn membership(&mut self, node: &Node, value: &Node, list: &Node) {
        let (Some(place), Kind::List(items)) = (place_of(value), &list.kind) else {
            return self.opaque(node);
        };
        let literals: Option<Vec<Value>> = (items.iter())
            .map(|item| match &item.node.kind {
                Kind::Literal(literal) if !item.optional => literal_value(literal),
                _ => None,
            })
            .collect();
        match literals {
            Some(literals) => self.place(place).values.extend(literals),
            None => self.opaque(node),
        }
    }

    /// Anything else: its places are tried with all of its literals, and nothing is certain but what a try shows.
    fn opaque(&mut self, node: &Node) {
        self.is_opaque = true;
        let mut found = Found::default();
        self.look_for(node, &mut found);
        for place in found.places {
            let variable = self.place(place);
            variable.values.extend(found.values.iter().cloned());
            variable.sizes.extend(&found.sizes);
            variable.lengths.extend(&found.lengths);
        }
    }

    fn look_for(&mut self, node: &Node, found: &mut Found) {
        self.count();
        if self.is_costly {
            return;
        }
        if let Some(place) = place_of(node) {
            found.places.push(place);
            return;
        }
        match &node.kind {
            Kind::Loop(_) | Kind::UnknownCall(..) | Kind::Matches(..) => self.is_costly = true,
            Kind::Root(Root::Now) => self.reads_now = true,
            Kind::Literal(literal) => {
                found.sizes.extend(match literal {
                    Literal::Int(value) => Some(*value),
                    _ => None,
                });
                found.values.extend(literal_value(literal));
            }
            Kind::Call(function, args) => {
                found.lengths.extend(length_of_time(*function, args));
                match (function, args.first().and_then(text)) {
                    (Function::HasRole, Some(role)) => {
                        self.roles.insert(role.to_owned());
                    }
                    (Function::InState, Some(state)) => {
                        self.states.insert(state.to_owned());
                    }
                    _ => {}
                }
            }
            Kind::Has(operand, field) => found.places.extend(field_place(operand, field)),
            Kind::HasKnown(known) => found.places.extend(place_of_known(*known)),
            Kind::OptionalSelect(operand, field) => {
                if let Some(place) = field_place(operand, field) {
                    found.places.push(place);
                    return;
                }
            }
            _ => {}
        }
        node.children(|child| self.look_for(child, found));
    }

    fn place(&mut self, place: Place) -> &mut Variable {
        let at = match self.places.iter().position(|known| known.place == place) {
            Some(at) => at,
            None => {
                self.places.push(Variable {
                    place,
                    values: Vec::new(),
                    sizes: Vec::new(),
                    lengths: Vec::new(),
                });
                self.places.len() - 1
            }
        };
        &mut self.places[at]
    }
}

/// What stands in a part of a condition that is not understood any further.
#[derive(Default)]
struct Found {
    places: Vec<Place>,
    values: Vec<Value>,
    sizes: Vec<i64>,
    lengths: Vec<i64>,
}

fn place_of(node: &Node) -> Option<Place> {
    match &node.kind {
        Kind::Known(known) => place_of_known(*known),
        Kind::Select(operand, field) => field_place(operand, field),
        _ => None,
    }
}

fn place_of_known(known: Known) -> Option<Place> {
    Some(match known {
        Known::EventOutput => Place::Output(Vec::new()),
        Known::EventError => Place::Error(Vec::new()),
        Known::EventAttempt => Place::Attempt,
        Known::ActorId => Place::ActorId,
        Known::ActorKind => Place::ActorKind,
        Known::EntityOwner => Place::Owner,
        _ => return None,
    })
}

fn field_place(operand: &Node, field: &str) -> Option<Place> {
    let mut place = match &operand.kind {
        Kind::Root(Root::Ctx) => Place::Ctx(Vec::new()),
        Kind::Known(Known::EventInput) => Place::Input(Vec::new()),
        _ => place_of(operand)?,
    };
    match &mut place {
        Place::Ctx(path) | Place::Input(path) | Place::Output(path) | Place::Error(path) => {
            path.push(field.to_owned());
            Some(place)
        }
        _ => None,
    }
}

fn size_of(node: &Node) -> Option<Place> {
    match &node.kind {
        Kind::Call(Function::Size, args) => place_of(args.first()?),
        _ => None,
    }
}

/// `days(14)` and its like, in seconds.
fn length_of_time(function: Function, args: &[Node]) -> Option<i64> {
    let unit = match function {
        Function::Days => 86_400,
        Function::Hours => 3_600,
        Function::Minutes => 60,
        Function::Seconds => 1,
        _ => return None,
    };
    match args.first()?.kind {
        Kind::Literal(Literal::Int(count)) => count.checked_mul(unit),
        _ => None,
    }
}
