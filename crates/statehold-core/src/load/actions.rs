//! Actions: assign, raise, effect, if; and the short forms `assign:` and `effects:` of transitions.

use serde_json::{Map, Value};

use super::chart::Loader;
use super::effects::EffectUse;
use super::exprs::{Texts, View};
use super::keys::ACTION;
use super::names::{at_key, check_event, refuse_reserved};
use crate::codes;
use crate::expr::Purpose;
use crate::machine::{Action, ValueExpr};
use crate::source::{Item, MapReader, NodeValue};

/// The keys of which an action has exactly one.
const KINDS: [&str; 4] = ["assign", "raise", "effect", "if"];

impl<'n> Loader<'n> {
    /// What a transition does: `assign`, then `actions` in order, then `effects`.
    pub(super) fn content(&self, map: &MapReader<'n>, view: View<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        if let Some(item) = map.optional("assign") {
            actions.extend(self.assign(&item, view));
        }
        if let Some(item) = map.optional("actions") {
            actions.extend(self.actions(&item, view));
        }
        if let Some(item) = map.optional("effects") {
            for item in item.one_or_many() {
                actions.extend(self.effect_by_name(&item, view));
            }
        }
        actions
    }

    /// A list of actions, or one alone.
    pub(super) fn actions(&self, item: &Item<'n>, view: View<'_>) -> Vec<Action> {
        (item.one_or_many().iter())
            .filter_map(|item| self.action(item, view))
            .collect()
    }

    fn action(&self, item: &Item<'n>, view: View<'_>) -> Option<Action> {
        if let NodeValue::Str(text) = &item.node.value {
            let message = "an action must be a mapping, not text";
            let problem = item.error(codes::WRONG_TYPE, message);
            self.reader.report(problem.help(format!("write what it is: `{{ effect: {text} }}`, `{{ raise: {text} }}` or `{{ assign: ... }}`")));
            return None;
        }
        let map = item.map(ACTION)?.checked();
        self.check_action_keys(&map);
        let kind = KINDS
            .iter()
            .find_map(|kind| Some((*kind, map.optional(kind)?)));
        let Some((kind, content)) = kind else {
            // An action of a later release was noted by its key.
            let planned = ["send", "publish", "compensate"]
                .iter()
                .any(|key| map.optional(key).is_some());
            if !planned {
                let problem = item.error(codes::MISSING_KEY, "an action says what it does");
                self.reader
                    .report(problem.help("one of `assign`, `raise`, `effect` or `if`"));
            }
            return None;
        };
        match kind {
            "assign" => self.assign(&content, view),
            "raise" => self.raise(&map, &content, view),
            "effect" => self.effect(&content, map.optional("input").as_ref(), view),
            _ => self.branch(&map, &content, view),
        }
    }

    /// One kind of action in each, and only the keys that belong to it.
    fn check_action_keys(&self, map: &MapReader<'n>) {
        let present: Vec<&str> = (KINDS.iter().copied())
            .filter(|kind| map.optional(kind).is_some())
            .collect();
        if let [first, .., last] = present.as_slice() {
            let message = format!("one action cannot both `{first}` and `{last}`");
            let problem = map.item.error(codes::BAD_STRUCTURE, message);
            self.reader.report(
                problem.help("write them as two actions, in the order in which they shall happen"),
            );
        }
        let belongs = |key: &str, kinds: &[&str]| {
            let stray = map.optional(key).filter(|_| {
                !present.is_empty() && !present.iter().any(|kind| kinds.contains(kind))
            });
            if let Some(item) = stray {
                let message = format!(
                    "`{key}` belongs to an action with `{}`",
                    kinds.join("` or `")
                );
                self.reader
                    .report(at_key(&item, codes::BAD_STRUCTURE, message));
            }
        };
        belongs("input", &["raise", "effect"]);
        belongs("then", &["if"]);
        belongs("else", &["if"]);
    }

    fn assign(&self, item: &Item<'n>, view: View<'_>) -> Option<Action> {
        let mut fields = Vec::new();
        for (key, item) in item.entries()? {
            let known = self.context.get(&key.text).is_some();
            if !known {
                self.report_unknown_field(&item, &key.text);
            }
            let Some(value) = self.assigned(&item, &key.text, view) else {
                continue;
            };
            if known {
                self.check_literal(&item, &key.text, &value);
                self.check_masking(&item, &key.text, &value, view);
            }
            fields.push((key.text.clone(), value));
        }
        Some(Action::Assign(fields))
    }

    /// The value of a field. An expression alone must come to what the field holds; what is put together from several
    /// is checked when the step is over.
    fn assigned(&self, item: &Item<'n>, field: &str, view: View<'_>) -> Option<ValueExpr> {
        match (self.context.get(field), &item.node.value) {
            (Some(field), NodeValue::Str(_)) => self
                .expression(item, view, Purpose::Field(field))
                .map(ValueExpr::Expr),
            _ => self.value(item, Texts::Expressions, view),
        }
    }

    fn report_unknown_field(&self, item: &Item<'n>, field: &str) {
        let problem = at_key(
            item,
            codes::UNKNOWN_FIELD,
            format!("the context has no field `{field}`"),
        );
        let known = self.context.fields().map(|field| field.name.as_str());
        let bare = field.strip_suffix('?').unwrap_or(field);
        let otherwise = format!("declare it: `context: {{ {bare}: string }}`");
        self.reader
            .report(problem.help(self.did_you_mean(bare, known, otherwise)));
    }

    /// A literal that its field would refuse is refused here, not when the first entity meets it.
    fn check_literal(&self, item: &Item<'n>, field: &str, value: &ValueExpr) {
        let ValueExpr::Literal(value) = value else {
            return;
        };
        let optional = self.context.get(field).is_some_and(|field| field.optional);
        if value.is_null() && optional {
            return;
        }
        if value.is_null() {
            let message = format!("`{field}` cannot be null: it is not optional");
            let problem = item.without_key().error(codes::TYPE_MISTAKE, message);
            self.reader
                .report(problem.help(format!("declare it as `{field}?`, or write another value")));
            return;
        }
        let alone = Map::from_iter([(field.to_owned(), value.clone())]);
        let own = |pointer: &str| {
            pointer.strip_prefix('/').is_some_and(|rest| {
                rest == field
                    || rest
                        .strip_prefix(field)
                        .is_some_and(|rest| rest.starts_with('/'))
            })
        };
        let violations = self.context.validate(&alone);
        if let Some(violation) = violations.iter().find(|violation| own(&violation.pointer)) {
            let message = format!("`{field}` cannot be this: {}", violation.message);
            self.reader
                .report(item.without_key().error(codes::TYPE_MISTAKE, message));
        }
    }

    fn raise(&self, map: &MapReader<'n>, item: &Item<'n>, view: View<'_>) -> Option<Action> {
        let event = item.text()?;
        let place = item.without_key();
        if check_event(&place, event) && !refuse_reserved(&place, event) {
            self.uses.borrow_mut().raised.insert(event.to_owned());
        }
        let input = match map.optional("input") {
            None => ValueExpr::Literal(Value::Object(Map::new())),
            Some(input) => {
                // An input is a mapping, as it is from outside.
                input.entries()?;
                self.value(&input, Texts::Expressions, view)?
            }
        };
        Some(Action::Raise {
            event: event.to_owned(),
            input,
        })
    }

    /// An item of `effects`: a name, or `{effect, input}`.
    fn effect_by_name(&self, item: &Item<'n>, view: View<'_>) -> Option<Action> {
        match &item.node.value {
            NodeValue::Str(_) => self.effect(item, None, view),
            NodeValue::Map(_) => {
                let action = self.action(item, view)?;
                if !matches!(action, Action::Effect { .. }) {
                    let problem = item.error(codes::BAD_STRUCTURE, "`effects` holds effects only");
                    self.reader
                        .report(problem.help("other actions belong under `actions`"));
                }
                Some(action)
            }
            _ => {
                item.expected("the name of an effect");
                None
            }
        }
    }

    fn effect(&self, item: &Item<'n>, input: Option<&Item<'n>>, view: View<'_>) -> Option<Action> {
        let (effect, input) = self.effect_use(item, input, view)?;
        Some(Action::Effect { effect, input })
    }

    /// The name of an effect and its arguments, wherever it is asked for.
    pub(super) fn effect_use(
        &self,
        item: &Item<'n>,
        input: Option<&Item<'n>>,
        view: View<'_>,
    ) -> Option<(String, Vec<(String, ValueExpr)>)> {
        let name = item.text()?;
        let arguments = match input {
            Some(input) => self.values(input, Texts::Expressions, view)?,
            None => Vec::new(),
        };
        let Some(draft) = self.effects.get(name) else {
            let problem = item.error(
                codes::UNKNOWN_EFFECT,
                format!("there is no effect `{name}`"),
            );
            let known = self.effects.keys().map(String::as_str);
            let otherwise = format!("declare it: `effects: {{ {name}: {{ http: ... }} }}`");
            self.reader
                .report(problem.help(self.did_you_mean(name, known, otherwise)));
            return None;
        };
        self.check_arguments(item, input, draft, &arguments);
        let sensitive = (arguments.iter())
            .filter(|(_, value)| self.is_sensitive_value(value, view))
            .map(|(argument, _)| argument.clone())
            .collect();
        self.uses.borrow_mut().effects.push(EffectUse {
            effect: name.to_owned(),
            sensitive,
        });
        Some((name.to_owned(), arguments))
    }

    fn branch(&self, map: &MapReader<'n>, condition: &Item<'n>, view: View<'_>) -> Option<Action> {
        let condition = self.condition_or_guard(condition, view);
        let then = map
            .required("then")
            .map(|item| self.actions(&item, view))
            .unwrap_or_default();
        let otherwise = map
            .optional("else")
            .map(|item| self.actions(&item, view))
            .unwrap_or_default();
        Some(Action::If {
            branches: vec![(condition?, then)],
            otherwise,
        })
    }
}
