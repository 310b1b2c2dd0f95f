//! Names: whether roots, fields and elements exist, and of which type they are.

use super::super::ast::{Kind, Known, Node, Root};
use super::super::references;
use super::types::Ty;
use super::{Checker, unknown};
use crate::schema::Record;

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

    pub(super) fn known(&self, known: Known) -> Ty<'a> {
        match known {
            Known::EventType | Known::ActorId | Known::ActorKind | Known::EntityId => Ty::Text,
            Known::EventInput => self.names.input.map_or(Ty::Any, Ty::Record),
            // An owner may be null.
            Known::EventOutput | Known::EventError | Known::EntityOwner => Ty::Any,
            Known::EventAttempt | Known::EntityVersion | Known::EntityRevision => Ty::Int,
            Known::ActorRoles => Ty::List(Box::new(Ty::Text)),
        }
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
