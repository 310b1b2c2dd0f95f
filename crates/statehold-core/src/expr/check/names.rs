//! Names: whether roots, fields and elements exist, and of which type they are.

use super::super::ast::{Kind, Known, Node, Root};
use super::super::references;
use super::types::Ty;
use super::{Checker, EventPart, unknown};
use crate::schema::{Field, Record, Type};

impl<'a> Checker<'a> {
    pub(super) fn root(&mut self, node: &Node, root: &Root) -> Ty<'a> {
        match root {
            Root::Ctx => self.names.ctx.map_or(Ty::Map, Ty::Record),
            Root::Event | Root::Actor | Root::Entity => Ty::Map,
            Root::Now => Ty::Timestamp,
            Root::Extra(name) => {
                let names = self.names;
                let known = names
                    .extra
                    .iter()
                    .find(|(known, _)| *known == name.as_ref());
                match known {
                    Some((_, record)) => record.map_or(Ty::Any, Ty::Record),
                    None => {
                        self.errors.push(unknown::root(node, name, names));
                        Ty::Any
                    }
                }
            }
        }
    }

    pub(super) fn known(&mut self, node: &Node, known: Known) -> Ty<'a> {
        match known {
            Known::EventType | Known::ActorId | Known::ActorKind | Known::EntityId => Ty::Text,
            Known::EventInput => self.names.input.map_or(Ty::Any, Ty::Record),
            // An owner may be null.
            Known::EntityOwner => Ty::Any,
            Known::EventOutput | Known::EventError => self.event_part(node, known),
            Known::EventAttempt => {
                self.event_part(node, known);
                Ty::Int
            }
            Known::EntityVersion | Known::EntityRevision => Ty::Int,
            Known::ActorRoles => Ty::List(Box::new(Ty::Text)),
        }
    }

    fn part_of(&self, known: Known) -> EventPart<'a> {
        let parts = self.event;
        match known {
            Known::EventOutput => parts.output,
            Known::EventError => parts.error,
            Known::EventAttempt => parts.attempt,
            _ => EventPart::Unknown,
        }
    }

    fn event_part(&mut self, node: &Node, known: Known) -> Ty<'a> {
        match self.part_of(known) {
            EventPart::Unknown => Ty::Any,
            EventPart::Fields(record) => Ty::Record(record),
            EventPart::Absent => {
                // Whoever asks first whether it is there is prepared for every event.
                if !self.asks_for(known) {
                    self.errors.push(unknown::event_part(node, known));
                }
                Ty::Any
            }
        }
    }

    /// Whether the expression asks anywhere whether this is there.
    fn asks_for(&self, known: Known) -> bool {
        fn asks(node: &Node, known: Known) -> bool {
            let mut found = matches!(&node.kind, Kind::HasKnown(other) if *other == known);
            node.children(|child| found |= asks(child, known));
            found
        }
        asks(self.root, known)
    }

    /// The declared field that a node reads, if it is a chain of fields from a record that is known.
    pub(super) fn declared_field(&self, node: &Node) -> Option<&'a Field> {
        let Kind::Select(operand, name) = &node.kind else {
            return None;
        };
        let record = match &operand.kind {
            Kind::Root(Root::Ctx) => self.names.ctx?,
            Kind::Root(Root::Extra(root)) => {
                let mut extra = self.names.extra.iter();
                extra.find(|(name, _)| *name == root.as_ref())?.1?
            }
            Kind::Known(Known::EventInput) => self.names.input?,
            Kind::Known(known) => match self.part_of(*known) {
                EventPart::Fields(record) => record,
                _ => return None,
            },
            _ => match &self.declared_field(operand)?.ty {
                Type::Object(Some(record)) => record,
                _ => return None,
            },
        };
        record.get(name)
    }

    pub(super) fn select(&mut self, node: &Node, operand: &'a Node, field: &str) -> Ty<'a> {
        if let Kind::Root(root @ (Root::Event | Root::Actor | Root::Entity)) = &operand.kind {
            self.errors.push(unknown::known_field(node, root, field));
            return Ty::Any;
        }
        match self.node(operand) {
            Ty::Record(record) => self.field(node, operand, record, field),
            Ty::Optional(inner) => match *inner {
                Ty::Record(record) => {
                    Ty::Optional(Box::new(self.field(node, operand, record, field)))
                }
                _ => Ty::Optional(Box::new(Ty::Any)),
            },
            Ty::Any | Ty::Map => Ty::Any,
            other => {
                self.error(
                    node,
                    format!("{} has no field `{field}`", other.with_article()),
                );
                Ty::Any
            }
        }
    }

    pub(super) fn field(
        &mut self,
        node: &Node,
        operand: &Node,
        record: &'a Record,
        field: &str,
    ) -> Ty<'a> {
        if let Some(found) = record.get(field) {
            return Ty::of_schema(&found.ty);
        }
        if !record.is_open() {
            let owner = self.text(operand);
            self.errors.push(unknown::field(node, owner, record, field));
        }
        Ty::Any
    }

    pub(super) fn index(&mut self, operands: &'a [Node; 2]) -> Ty<'a> {
        let container = self.node(&operands[0]);
        let index = self.node(&operands[1]);
        match container {
            Ty::List(item) => {
                if !matches!(index, Ty::Int | Ty::Uint | Ty::Double | Ty::Any) {
                    self.error(
                        &operands[1],
                        format!("a list is not indexed by {}", index.with_article()),
                    );
                }
                *item
            }
            Ty::Record(record) => match references::text(&operands[1]) {
                Some(field) => self.field(&operands[1], &operands[0], record, field),
                None => Ty::Any,
            },
            Ty::Any | Ty::Map | Ty::Optional(_) => Ty::Any,
            other => {
                self.error(
                    &operands[0],
                    format!("{} has no elements", other.with_article()),
                );
                Ty::Any
            }
        }
    }
}
