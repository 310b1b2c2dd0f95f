//! Reading: roots, fields, elements, and whether they are there.

use std::collections::BTreeMap;

use super::super::ast::{Kind, Known, Node, Root};
use super::super::error::Fault;
use super::super::scope::Scope;
use super::super::value::{Key, List, Map, Text, Val, with_article};
use super::{Eval, Evaluator};
use crate::schema::{Record, Type};

impl<'a> Evaluator<'a> {
    pub(super) fn root(&mut self, root: &Root) -> Eval<'a> {
        match root {
            Root::Ctx => Ok(Val::Map(Map::Json(
                self.scope.ctx,
                Some(self.scope.ctx_record),
            ))),
            Root::Now => Ok(Val::Timestamp(self.scope.now)),
            Root::Extra(name) => {
                let value = self
                    .scope
                    .extra
                    .iter()
                    .find(|(known, _)| *known == name.as_ref());
                match value {
                    Some((_, value)) => Val::bind(value, None),
                    None => Err(Fault::other(format!("there is no `{name}` here"))),
                }
            }
            Root::Event | Root::Actor | Root::Entity => self.whole_root(root.name()),
        }
    }

    /// A root of known fields, used as a whole.
    fn whole_root(&mut self, root: &str) -> Eval<'a> {
        let mut entries = BTreeMap::new();
        for (known, of, field) in Known::ALL {
            if of == root
                && let Some(value) = self.known_value(known)?
            {
                entries.insert(Key::Text(Text::Borrowed(field)), value);
            }
        }
        self.budget.items(entries.len())?;
        Ok(Val::Map(Map::built(entries)))
    }

    pub(super) fn known(&mut self, known: Known, node: &Node) -> Eval<'a> {
        self.known_value(known)
            .and_then(|value| {
                value.ok_or_else(|| {
                    let path = known.path();
                    let reason = match known {
                        Known::ActorId | Known::ActorKind | Known::ActorRoles => {
                            "nobody in particular fires this event".to_owned()
                        }
                        _ => format!("test it first with has({path})"),
                    };
                    Fault::missing(format!("`{path}` is absent; {reason}"))
                })
            })
            .map_err(|fault| fault.at(node.span))
    }

    pub(super) fn known_value(&mut self, known: Known) -> Result<Option<Val<'a>>, Fault> {
        let Scope {
            event,
            actor,
            entity,
            ..
        } = self.scope;
        let json = |value: Option<&'a serde_json::Value>| {
            value.map(|value| Val::bind(value, None)).transpose()
        };
        Ok(match known {
            Known::EventType => Some(Val::from(event.kind)),
            Known::EventInput => Some(bind_record(event.input, event.input_record)?),
            Known::EventOutput => json(event.output)?,
            Known::EventError => json(event.error)?,
            Known::EventAttempt => event.attempt.map(|attempt| Val::Int(attempt.into())),
            Known::ActorId => actor.map(|actor| Val::from(actor.id)),
            Known::ActorKind => actor.map(|actor| Val::from(actor.kind)),
            Known::ActorRoles => match actor {
                None => None,
                Some(actor) => {
                    self.budget.items(actor.roles.len())?;
                    let roles = actor.roles.iter().map(|role| Val::from(role.as_str()));
                    Some(Val::List(List::built(roles.collect())))
                }
            },
            Known::EntityId => Some(Val::from(entity.id)),
            Known::EntityOwner => Some(entity.owner.map_or(Val::Null, Val::from)),
            Known::EntityVersion => Some(Val::Int(entity.version.into())),
            Known::EntityRevision => {
                Some(Val::Int(i64::try_from(entity.revision).unwrap_or(i64::MAX)))
            }
        })
    }

    pub(super) fn select(&mut self, node: &'a Node, operand: &'a Node, field: &'a str) -> Eval<'a> {
        let value = match &operand.kind {
            // The most frequent operand, spared a clone and a frame.
            Kind::Root(Root::Ctx) => {
                self.budget.tick(1)?;
                Map::Json(self.scope.ctx, Some(self.scope.ctx_record)).field(field)
            }
            _ => match self.node(operand)? {
                Val::Map(map) => map.field(field),
                Val::Optional(inner) => {
                    return self
                        .select_in_optional(inner.as_deref(), field)
                        .map_err(|fault| fault.at(node.span));
                }
                other => Err(Fault::wrong_type(format!(
                    "{} has no field `{field}`",
                    with_article(other.type_name())
                ))),
            },
        };
        match value {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(self.absent(node, operand, field)),
            Err(fault) => Err(fault.at(node.span)),
        }
    }

    #[cold]
    fn absent(&self, node: &Node, operand: &Node, field: &str) -> Fault {
        let path = &self.source[node.span.range()];
        let owner = &self.source[operand.span.range()];
        Fault::missing(format!(
            "`{path}` is absent; test it first with has({path}), or write {owner}.?{field}.orValue(...)"
        ))
        .at(node.span)
    }

    fn select_in_optional(&mut self, value: Option<&Val<'a>>, field: &'a str) -> Eval<'a> {
        match value {
            None => Ok(Val::Optional(None)),
            Some(Val::Map(map)) => map.field(field).map(Val::optional),
            Some(other) => Err(Fault::wrong_type(format!(
                "{} has no field `{field}`",
                with_article(other.type_name())
            ))),
        }
    }

    pub(super) fn optional_select(&mut self, operand: &'a Node, field: &'a str) -> Eval<'a> {
        match self.node(operand)? {
            Val::Optional(inner) => self.select_in_optional(inner.as_deref(), field),
            value => self.select_in_optional(Some(&value), field),
        }
    }

    pub(super) fn has(&mut self, operand: &'a Node, field: &'a str) -> Result<bool, Fault> {
        let value = self.node(operand)?;
        let inner = match &value {
            Val::Optional(None) => return Ok(false),
            Val::Optional(Some(inner)) => inner.as_ref(),
            other => other,
        };
        match inner {
            Val::Map(map) => Ok(map.has_field(field)),
            other => Err(Fault::wrong_type(format!(
                "{} has no field `{field}`",
                with_article(other.type_name())
            ))),
        }
    }

    pub(super) fn index(&mut self, operands: &'a [Node; 2]) -> Eval<'a> {
        let container = self.node(&operands[0])?;
        let index = self.node(&operands[1])?;
        match container {
            Val::Optional(None) => Ok(Val::Optional(None)),
            Val::Optional(Some(inner)) => element(&inner, index).map(Val::optional),
            container => element(&container, index)?.ok_or_else(|| {
                let container = &self.source[operands[0].span.range()];
                Fault::missing(format!(
                    "there is no such element in `{container}`; test its size or key first, or write {container}[?...].orValue(...)"
                ))
            }),
        }
    }

    pub(super) fn optional_index(&mut self, operands: &'a [Node; 2]) -> Eval<'a> {
        let container = self.node(&operands[0])?;
        let index = self.node(&operands[1])?;
        match container {
            Val::Optional(None) => Ok(Val::Optional(None)),
            Val::Optional(Some(inner)) => element(&inner, index).map(Val::optional),
            container => element(&container, index).map(Val::optional),
        }
    }
}

fn bind_record<'a>(
    value: &'a serde_json::Value,
    record: Option<&'a Record>,
) -> Result<Val<'a>, Fault> {
    match value {
        serde_json::Value::Object(object) => Ok(Val::Map(Map::Json(object, record))),
        other => Val::bind(other, None::<&Type>),
    }
}

/// The element of a list or the value of a map; none if there is none.
fn element<'a>(container: &Val<'a>, index: Val<'a>) -> Result<Option<Val<'a>>, Fault> {
    match container {
        Val::List(list) => {
            let position = match index {
                Val::Int(index) => usize::try_from(index).ok(),
                Val::Uint(index) => usize::try_from(index).ok(),
                Val::Double(index) if index.fract() == 0.0 && index >= 0.0 => Some(index as usize),
                other => {
                    return Err(Fault::wrong_type(format!(
                        "a list is not indexed by {}",
                        with_article(other.type_name())
                    )));
                }
            };
            position.map_or(Ok(None), |position| list.get(position))
        }
        Val::Map(map) => map.get(&Key::of(index)?),
        other => Err(Fault::wrong_type(format!(
            "{} has no elements",
            with_article(other.type_name())
        ))),
    }
}
