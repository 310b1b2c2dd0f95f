//! Building lists and maps, and going through them.

use std::collections::BTreeMap;

use super::super::ITEMS_MAX;
use super::super::ast::{Entry, Item, Loop, LoopKind, Node};
use super::super::error::Fault;
use super::super::value::{Key, List, Map, Val, with_article};
use super::{Eval, Evaluator, not_bool};

impl<'a> Evaluator<'a> {
    pub(super) fn list(&mut self, items: &'a [Item]) -> Eval<'a> {
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

    pub(super) fn map(&mut self, entries: &'a [Entry]) -> Eval<'a> {
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

    pub(super) fn run(&mut self, body: &'a Loop) -> Eval<'a> {
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

/// The value of an element that may be left out; none if it is.
fn given(value: Val<'_>, optional: bool) -> Option<Val<'_>> {
    match value {
        Val::Optional(inner) if optional => inner.map(|inner| inner.as_ref().clone()),
        other => Some(other),
    }
}
