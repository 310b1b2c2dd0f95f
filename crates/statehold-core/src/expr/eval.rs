//! The evaluator: walks the tree, reads the scope in place, and pays for everything from one [`Budget`].

mod call;
mod output;

use std::collections::BTreeMap;

use super::ast::{Binary, Entry, Item, Kind, Known, Literal, Loop, LoopKind, Node, Root};
use super::error::{EvalError, Fault};
use super::operators;
use super::scope::Scope;
use super::value::{Key, List, Map, Text, Val, with_article};
use super::{ALLOCATED_BYTES_MAX, EvalErrorKind, ITEMS_MAX, TEXT_BYTES_MAX, TICKS_MAX};
use crate::schema::{Record, Type};

pub(super) fn eval(
    root: &Node,
    source: &str,
    scope: &Scope<'_>,
) -> Result<serde_json::Value, EvalError> {
    let mut evaluator = Evaluator::new(scope, source);
    evaluator
        .node(root)
        .and_then(|value| output::to_json(value, &mut evaluator.budget))
        .map_err(|fault| fault.into_error(source))
}

pub(super) fn eval_bool(
    root: &Node,
    source: &str,
    scope: &Scope<'_>,
) -> Result<bool, EvalError> {
    let mut evaluator = Evaluator::new(scope, source);
    match evaluator.node(root) {
        Ok(Val::Bool(value)) => Ok(value),
        Ok(other) => Err(Fault::wrong_type(format!(
            "the result must be true or false and is {}",
            with_article(other.type_name())
        ))
        .into_error(source)),
        Err(fault) => Err(fault.into_error(source)),
    }
}

/// What is left of the evaluation's limits.
pub(super) struct Budget {
    ticks: u32,
    allocated_bytes: usize,
}

impl Budget {
    fn new() -> Self {
        Self {
            ticks: 0,
            allocated_bytes: 0,
        }
    }

    #[inline]
    pub(super) fn tick(&mut self, count: usize) -> Result<(), Fault> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.ticks = self.ticks.saturating_add(count);
        if self.ticks > TICKS_MAX {
            return Err(out_of_fuel());
        }
        Ok(())
    }

    /// Pays for reading a text of this length.
    pub(super) fn read(&mut self, bytes: usize) -> Result<(), Fault> {
        self.tick(bytes / 64)
    }

    fn allocate(&mut self, bytes: usize) -> Result<(), Fault> {
        self.allocated_bytes = self.allocated_bytes.saturating_add(bytes);
        if self.allocated_bytes > ALLOCATED_BYTES_MAX {
            return Err(Fault::too_large(format!(
                "the evaluation needs more than {ALLOCATED_BYTES_MAX} bytes"
            )));
        }
        Ok(())
    }

    /// Pays for building a text of this length.
    pub(super) fn text(&mut self, bytes: usize) -> Result<(), Fault> {
        if bytes > TEXT_BYTES_MAX {
            return Err(Fault::too_large(format!(
                "a text longer than {TEXT_BYTES_MAX} bytes"
            )));
        }
        self.read(bytes)?;
        self.allocate(bytes)
    }

    /// Pays for building a list of this length.
    pub(super) fn items(&mut self, count: usize) -> Result<(), Fault> {
        if count > ITEMS_MAX {
            return Err(Fault::too_large(format!(
                "a list or map with more than {ITEMS_MAX} elements"
            )));
        }
        self.tick(count)?;
        self.allocate(count.saturating_mul(size_of::<Val<'_>>()))
    }

    /// Pays for walking a map in the order of its keys.
    pub(super) fn walk(&mut self, map: &Map<'_>) -> Result<(), Fault> {
        // Collecting the keys costs as much as a few nodes, sorting the logarithm of their number per key.
        let length = map.len();
        let per_key = 2 + length.checked_ilog2().unwrap_or(0) as usize / 4;
        self.tick(4 + length.saturating_mul(per_key))?;
        self.allocate(length.saturating_mul(size_of::<Key<'_>>()))
    }
}

#[cold]
fn out_of_fuel() -> Fault {
    Fault::new(
        EvalErrorKind::OutOfFuel,
        format!("the evaluation takes more than {TICKS_MAX} steps"),
    )
}

struct Evaluator<'a> {
    scope: &'a Scope<'a>,
    source: &'a str,
    budget: Budget,
    /// Values of the macros' variables, outermost first.
    locals: Vec<Val<'a>>,
}

type Eval<'a> = Result<Val<'a>, Fault>;

impl<'a> Evaluator<'a> {
    fn new(scope: &'a Scope<'a>, source: &'a str) -> Self {
        Self {
            scope,
            source,
            budget: Budget::new(),
            locals: Vec::new(),
        }
    }

    // Small on purpose: this frame is on the stack once per level. What needs room is in functions of its own.
    fn node(&mut self, node: &'a Node) -> Eval<'a> {
        self.budget.tick(1)?;
        match &node.kind {
            Kind::Literal(literal) => Ok(constant(literal)),
            Kind::Known(known) => self.known(*known, node),
            Kind::Select(operand, field) => self.select(node, operand, field),
            Kind::Binary(operator, operands) => self
                .binary(*operator, operands)
                .map_err(|fault| fault.at(node.span)),
            Kind::And(operands) => self.logic(operands, false),
            Kind::Or(operands) => self.logic(operands, true),
            Kind::Not(operand) => Ok(Val::Bool(!self.bool(operand)?)),
            Kind::Local(index) => self.local(*index),
            Kind::Root(root) => self.root(root).map_err(|fault| fault.at(node.span)),
            _ => self.rare(node).map_err(|fault| fault.at(node.span)),
        }
    }

    #[inline(never)]
    fn rare(&mut self, node: &'a Node) -> Eval<'a> {
        match &node.kind {
            Kind::If(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                let branch = if self.bool(condition)? { then } else { otherwise };
                self.node(branch)
            }
            Kind::Has(operand, field) => self.has(operand, field).map(Val::Bool),
            Kind::HasKnown(known) => Ok(Val::Bool(self.known_value(*known)?.is_some())),
            Kind::OptionalSelect(operand, field) => self.optional_select(operand, field),
            Kind::Index(operands) => self.index(operands),
            Kind::OptionalIndex(operands) => self.optional_index(operands),
            Kind::Negate(operand) => negate(self.node(operand)?),
            Kind::List(items) => self.list(items),
            Kind::Map(entries) => self.map(entries),
            Kind::Loop(body) => self.run(body),
            Kind::Bind(parts) => {
                let [value, body] = parts.as_ref();
                let value = self.node(value)?;
                self.with_local(value, body)
            }
            Kind::Call(function, args) => self.call(*function, args),
            Kind::Matches(text, pattern) => match self.node(text)? {
                Val::Text(text) => {
                    let text = text.as_str();
                    self.budget.tick(pattern.ticks(text.len()))?;
                    Ok(Val::Bool(pattern.is_match(text)))
                }
                other => Err(call::not_for("matches", &other)),
            },
            Kind::UnknownCall(name, _) => {
                Err(Fault::other(format!("there is no function `{name}` like this")))
            }
            // The frequent ones are `node`'s.
            _ => self.node(node),
        }
    }

    fn local(&self, index: usize) -> Eval<'a> {
        self.locals
            .get(index)
            .cloned()
            .ok_or_else(|| Fault::other("a variable is read outside its macro"))
    }

    fn with_local(&mut self, value: Val<'a>, body: &'a Node) -> Eval<'a> {
        self.locals.push(value);
        let result = self.node(body);
        self.locals.pop();
        result
    }

    fn bool(&mut self, node: &'a Node) -> Result<bool, Fault> {
        match self.node(node)? {
            Val::Bool(value) => Ok(value),
            other => Err(not_bool(&other).at(node.span)),
        }
    }

    /// `&&` (decided by false) and `||` (decided by true): a side that decides swallows an error of the other.
    fn logic(&mut self, operands: &'a [Node; 2], decisive: bool) -> Eval<'a> {
        let left = self.bool(&operands[0]);
        match left {
            Ok(value) if value == decisive => return Ok(Val::Bool(decisive)),
            Err(fault) if !fault.is_absorbable() => return Err(fault),
            _ => {}
        }
        let right = self.bool(&operands[1])?;
        if right == decisive {
            return Ok(Val::Bool(decisive));
        }
        left.map(|_| Val::Bool(!decisive))
    }

    fn binary(&mut self, operator: Binary, operands: &'a [Node; 2]) -> Eval<'a> {
        let left = self.node(&operands[0])?;
        let right = self.node(&operands[1])?;
        let budget = &mut self.budget;
        match operator {
            Binary::Equal => operators::equal(&left, &right, budget).map(Val::Bool),
            Binary::NotEqual => {
                operators::equal(&left, &right, budget).map(|equal| Val::Bool(!equal))
            }
            Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => {
                operators::compare(operator, &left, &right, budget).map(Val::Bool)
            }
            Binary::In => contains(left, &right, budget).map(Val::Bool),
            Binary::Add
            | Binary::Subtract
            | Binary::Multiply
            | Binary::Divide
            | Binary::Modulo => operators::arithmetic(operator, &left, &right, budget),
        }
    }

    fn root(&mut self, root: &Root) -> Eval<'a> {
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

    fn known(&mut self, known: Known, node: &Node) -> Eval<'a> {
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

    fn known_value(&mut self, known: Known) -> Result<Option<Val<'a>>, Fault> {
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
            Known::EntityRevision => Some(Val::Int(
                i64::try_from(entity.revision).unwrap_or(i64::MAX),
            )),
        })
    }

    fn select(&mut self, node: &'a Node, operand: &'a Node, field: &'a str) -> Eval<'a> {
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

    fn optional_select(&mut self, operand: &'a Node, field: &'a str) -> Eval<'a> {
        match self.node(operand)? {
            Val::Optional(inner) => self.select_in_optional(inner.as_deref(), field),
            value => self.select_in_optional(Some(&value), field),
        }
    }

    fn has(&mut self, operand: &'a Node, field: &'a str) -> Result<bool, Fault> {
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

    fn index(&mut self, operands: &'a [Node; 2]) -> Eval<'a> {
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

    fn optional_index(&mut self, operands: &'a [Node; 2]) -> Eval<'a> {
        let container = self.node(&operands[0])?;
        let index = self.node(&operands[1])?;
        match container {
            Val::Optional(None) => Ok(Val::Optional(None)),
            Val::Optional(Some(inner)) => element(&inner, index).map(Val::optional),
            container => element(&container, index).map(Val::optional),
        }
    }

    fn list(&mut self, items: &'a [Item]) -> Eval<'a> {
        self.budget.items(items.len())?;
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let value = self.node(&item.node)?;
            if let Some(value) = given(value, item.optional) {
                list.push(value);
            }
        }
        Ok(Val::List(List::built(list)))
    }

    fn map(&mut self, entries: &'a [Entry]) -> Eval<'a> {
        self.budget.items(entries.len() * 2)?;
        let mut map = BTreeMap::new();
        for entry in entries {
            let key = Key::of(self.node(&entry.key)?)?;
            let value = self.node(&entry.value)?;
            if let Some(value) = given(value, entry.optional)
                && map.insert(key, value).is_some()
            {
                return Err(Fault::other("the map has the same key twice"));
            }
        }
        Ok(Val::Map(Map::built(map)))
    }

    fn run(&mut self, body: &'a Loop) -> Eval<'a> {
        match self.node(&body.range)? {
            Val::List(list) => self.run_over(body, list.iter()),
            Val::Map(map) => {
                self.budget.walk(&map)?;
                let keys = map.keys().into_iter().map(|key| Ok(key.into_value()));
                self.run_over(body, keys)
            }
            other => Err(Fault::wrong_type(format!(
                "{} has no elements to go through",
                with_article(other.type_name())
            ))),
        }
    }

    fn run_over(
        &mut self,
        body: &'a Loop,
        values: impl Iterator<Item = Result<Val<'a>, Fault>>,
    ) -> Eval<'a> {
        match body.kind {
            LoopKind::All => self.quantify(&body.body, values, false),
            LoopKind::Exists => self.quantify(&body.body, values, true),
            LoopKind::ExistsOne => {
                let mut found = 0_usize;
                for value in values {
                    found += usize::from(self.test(&body.body, value?)?);
                }
                Ok(Val::Bool(found == 1))
            }
            LoopKind::Filter => {
                let mut kept = Vec::new();
                for value in values {
                    let value = value?;
                    if self.test(&body.body, value.clone())? {
                        self.push(&mut kept, value)?;
                    }
                }
                Ok(Val::List(List::built(kept)))
            }
            LoopKind::Map => {
                let mut mapped = Vec::new();
                for value in values {
                    let value = value?;
                    let is_wanted = match &body.filter {
                        Some(filter) => self.test(filter, value.clone())?,
                        None => true,
                    };
                    if is_wanted {
                        let value = self.with_local(value, &body.body)?;
                        self.push(&mut mapped, value)?;
                    }
                }
                Ok(Val::List(List::built(mapped)))
            }
        }
    }

    fn push(&mut self, list: &mut Vec<Val<'a>>, value: Val<'a>) -> Result<(), Fault> {
        if list.len() >= ITEMS_MAX {
            return self.budget.items(list.len() + 1);
        }
        // Twice: while it grows, and as the list it becomes.
        self.budget.allocate(2 * size_of::<Val<'_>>())?;
        list.push(value);
        Ok(())
    }

    fn test(&mut self, condition: &'a Node, value: Val<'a>) -> Result<bool, Fault> {
        self.budget.tick(1)?;
        match self.with_local(value, condition)? {
            Val::Bool(value) => Ok(value),
            other => Err(not_bool(&other).at(condition.span)),
        }
    }

    /// `all` (decided by false) and `exists` (decided by true): as `&&` and `||` over the elements.
    fn quantify(
        &mut self,
        condition: &'a Node,
        values: impl Iterator<Item = Result<Val<'a>, Fault>>,
        decisive: bool,
    ) -> Eval<'a> {
        let mut pending = None;
        for value in values {
            match value.and_then(|value| self.test(condition, value)) {
                Ok(value) if value == decisive => return Ok(Val::Bool(decisive)),
                Ok(_) => {}
                Err(fault) if fault.is_absorbable() => pending = Some(fault),
                Err(fault) => return Err(fault),
            }
        }
        match pending {
            Some(fault) => Err(fault),
            None => Ok(Val::Bool(!decisive)),
        }
    }
}

fn constant(literal: &Literal) -> Val<'_> {
    match literal {
        Literal::Null => Val::Null,
        Literal::Bool(value) => Val::Bool(*value),
        Literal::Int(value) => Val::Int(*value),
        Literal::Uint(value) => Val::Uint(*value),
        Literal::Double(value) => Val::Double(*value),
        Literal::Text(text) => Val::from(text.as_ref()),
        Literal::Type(name) => Val::Type(name),
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

/// The value of an element that may be left out; none if it is.
fn given(value: Val<'_>, optional: bool) -> Option<Val<'_>> {
    match value {
        Val::Optional(inner) if optional => inner.map(|inner| inner.as_ref().clone()),
        other => Some(other),
    }
}

fn not_bool(value: &Val<'_>) -> Fault {
    Fault::wrong_type(format!(
        "expected true or false, got {}",
        with_article(value.type_name())
    ))
}

fn negate(value: Val<'_>) -> Eval<'_> {
    match value {
        Val::Int(value) => value
            .checked_neg()
            .map(Val::Int)
            .ok_or_else(|| Fault::overflow("the result of `-` does not fit 64 bits")),
        Val::Double(value) => Ok(Val::Double(-value)),
        other => Err(Fault::wrong_type(format!(
            "`-` does not work on {}",
            other.type_name()
        ))),
    }
}

/// The element of a list or the value of a map; none if there is none.
fn element<'a>(container: &Val<'a>, index: Val<'a>) -> Result<Option<Val<'a>>, Fault> {
    match container {
        Val::List(list) => {
            let position = match index {
                Val::Int(index) => usize::try_from(index).ok(),
                Val::Uint(index) => usize::try_from(index).ok(),
                Val::Double(index) if index.fract() == 0.0 && index >= 0.0 => {
                    Some(index as usize)
                }
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

/// `in`: an element of a list, or a key of a map.
fn contains<'a>(value: Val<'a>, container: &Val<'a>, budget: &mut Budget) -> Result<bool, Fault> {
    match container {
        Val::List(list) => {
            for element in list.iter() {
                if operators::equal(&value, &element?, budget)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        // Keys are whole: no error, just not there.
        Val::Map(_) if matches!(value, Val::Double(value) if value.fract() != 0.0) => Ok(false),
        Val::Map(map) => Ok(map.contains(&Key::of(value)?)),
        other => Err(operators::mismatch(Binary::In, &value, other)),
    }
}
