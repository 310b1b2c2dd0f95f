//! Conditions: by name, as an expression, or with the words that a refused caller reads.

use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;

use indexmap::IndexMap;

use super::chart::{Loader, words};
use super::exprs::View;
use super::keys::GUARD;
use super::names::{at_key, check_identifier, declared, is_identifier};
use crate::codes;
use crate::expr::{Expected, Expr};
use crate::interpreter::is_reserved;
use crate::machine::Guard;
use crate::schema::Record;
use crate::source::{Item, MapReader, Node, NodeValue};

/// A declared guard. It is compiled at its first use, and checked for each input that `event` can have where it is
/// used.
pub(super) struct GuardDraft<'n> {
    item: Item<'n>,
    /// What was read; none if it cannot be used, which has been noted.
    read: OnceCell<Option<Read<'n>>>,
    checked: RefCell<HashSet<Seen>>,
}

/// What a guard was checked against: the input of the event, and the event itself if it is one of the engine.
type Seen = (Option<*const Record>, Option<String>);

/// A guard and the node that holds its expression.
struct Read<'n> {
    guard: Guard,
    condition: Item<'n>,
}

/// The guards that the chart declares.
pub(super) fn drafts<'n>(chart: &MapReader<'n>) -> IndexMap<String, GuardDraft<'n>> {
    let entries = chart.optional("guards").map(|item| declared(&item));
    let mut drafts = IndexMap::new();
    for (key, item) in entries.unwrap_or_default() {
        check_identifier(&item, &key.text, "a guard");
        let draft = GuardDraft {
            item,
            read: OnceCell::new(),
            checked: RefCell::default(),
        };
        drafts.insert(key.text.clone(), draft);
    }
    drafts
}

impl<'n> Loader<'n> {
    /// The guard of a transition: a declared name, an expression, or `{if, reason, code}`.
    pub(super) fn guard(&self, item: &Item<'n>, view: View<'_>) -> Option<Guard> {
        if let Some(name) = self.guard_name(item) {
            return self.named_guard(item, &name, view);
        }
        self.written_guard(item, view)
    }

    /// A condition of an action, which may be a declared guard too.
    pub(super) fn condition_or_guard(&self, item: &Item<'n>, view: View<'_>) -> Option<Expr> {
        match self.guard_name(item) {
            Some(name) => self.named_guard(item, &name, view).map(|guard| guard.expr),
            None => self.condition(item, view),
        }
    }

    /// A lone word is a name: no expression of one word is a condition, except `true` and `false`.
    fn guard_name(&self, item: &Item<'n>) -> Option<String> {
        let text = item.node.as_str()?;
        let is_root = matches!(
            text,
            "true" | "false" | "ctx" | "event" | "actor" | "entity" | "now"
        );
        (is_identifier(text) && !is_root).then(|| text.to_owned())
    }

    fn named_guard(&self, item: &Item<'n>, name: &str, view: View<'_>) -> Option<Guard> {
        let Some(draft) = self.guards.get(name) else {
            let problem = item.error(codes::UNKNOWN_GUARD, format!("there is no guard `{name}`"));
            let known = self.guards.keys().map(String::as_str);
            let otherwise =
                format!("declare it: `guards: {{ {name}: ... }}`, or write an expression");
            self.reader
                .report(problem.help(self.did_you_mean(name, known, otherwise)));
            return None;
        };
        self.uses.borrow_mut().guards.insert(name.to_owned());
        self.declared_guard(name, draft, view)
    }

    fn declared_guard(&self, name: &str, draft: &GuardDraft<'n>, view: View<'_>) -> Option<Guard> {
        let read = draft
            .read
            .get_or_init(|| self.read_guard(&draft.item))
            .as_ref()?;
        let input = view.input.map(std::ptr::from_ref);
        let event = view.event.filter(|event| is_reserved(event));
        let seen = (input, event.map(str::to_owned));
        if draft.checked.borrow_mut().insert(seen) {
            self.check(&read.condition, &read.guard.expr, 0, view, Expected::Bool);
        }
        let Guard {
            expr,
            reason,
            code,
            span,
            ..
        } = &read.guard;
        Some(Guard {
            expr: expr.clone(),
            name: Some(name.to_owned()),
            reason: reason.clone(),
            code: code.clone(),
            span: span.clone(),
        })
    }

    /// A guard written where it is used. Its condition may be a declared guard, under other words.
    fn written_guard(&self, item: &Item<'n>, view: View<'_>) -> Option<Guard> {
        if let Some(name) = item.node.get("if").and_then(|node| self.known_guard(node)) {
            let map = item.map(GUARD)?.checked();
            let expr = self.named_guard(&map.required("if")?, &name, view)?.expr;
            return Some(self.worded(item, &map, expr));
        }
        let read = self.read_guard(item)?;
        self.check(&read.condition, &read.guard.expr, 0, view, Expected::Bool);
        Some(read.guard)
    }

    /// A guard as it stands, its expression compiled and not yet checked.
    fn read_guard(&self, item: &Item<'n>) -> Option<Read<'n>> {
        if !matches!(item.node.value, NodeValue::Map(_)) {
            return Some(Read {
                guard: Guard {
                    expr: self.compile_condition(item)?,
                    name: None,
                    reason: None,
                    code: None,
                    span: item.node.span.clone(),
                },
                condition: item.clone(),
            });
        }
        let map = item.map(GUARD)?.checked();
        let condition = map.required("if")?;
        let expr = self.compile_condition(&condition)?;
        Some(Read {
            guard: self.worded(item, &map, expr),
            condition,
        })
    }

    /// A guard with the words that a refused caller reads.
    fn worded(&self, item: &Item<'n>, map: &MapReader<'n>, expr: Expr) -> Guard {
        Guard {
            expr,
            name: None,
            reason: words(map, "reason"),
            code: self.guard_code(map),
            span: item.node.span.clone(),
        }
    }

    /// The declared guard that a node names.
    fn known_guard(&self, node: &Node) -> Option<String> {
        let name = node.as_str()?;
        self.guards.contains_key(name).then(|| name.to_owned())
    }

    fn guard_code(&self, map: &MapReader<'n>) -> Option<String> {
        let item = map.optional("code")?;
        let text = item.text()?;
        let usable = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if text.is_empty() || text.len() > super::MAX_NAME_BYTES || !usable {
            let problem = at_key(
                &item,
                codes::BAD_NAME,
                "a code has letters, digits, `_`, `-` and `.` only",
            );
            self.reader.report(problem);
        } else if text.starts_with("SH") {
            let problem = item.error(
                codes::RESERVED_NAME,
                "codes beginning with `SH` are our own",
            );
            self.reader.report(problem);
        }
        Some(text.to_owned())
    }

    /// Compiles the guards that nothing uses, so that their mistakes show too.
    pub(super) fn check_unused_guards(&self) {
        let used = self.uses.borrow().guards.clone();
        for (name, draft) in self.guards.iter().filter(|(name, _)| !used.contains(*name)) {
            let _ = self.declared_guard(name, draft, View::default());
            let message = format!("the guard `{name}` is never used");
            let problem = draft
                .item
                .warning(codes::UNUSED, message)
                .help("remove it, or use it");
            self.reader.report(crate::diagnostic::Diagnostic {
                span: draft
                    .item
                    .key
                    .map_or(problem.span.clone(), |key| key.span.clone()),
                ..problem
            });
        }
    }
}
