//! Executable content: what the actions of entries, exits and transitions do.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::run::{Fail, Run};
use super::values::{failed, kind_of, unfit};
use crate::codes;
use crate::delay;
use crate::event::Event;
use crate::expr::Expr;
use crate::lookup;
use crate::machine::{Action, SendWhen, ValueExpr};
use crate::step::{Logged, SelfSend};

/// Actions one macrostep may do, those repeated by a `foreach` counted each time: some tenths of a second.
pub const ACTIONS_MAX: u32 = 100_000;

/// Effects, events to itself and log lines that one macrostep may ask for, each. Every one becomes a row or a part of
/// one, in a single transaction.
pub const REQUESTS_MAX: usize = 1_000;

impl<'a> Run<'a> {
    /// Runs a block of actions in order. Under `onExpressionError: raise` an error ends the block, not the step.
    pub(super) fn execute_block(&mut self, actions: &'a [Action]) -> Result<(), Fail> {
        match self.execute_all(actions) {
            Ok(()) => Ok(()),
            Err(fail) => self.recover(fail),
        }
    }

    fn execute_all(&mut self, actions: &'a [Action]) -> Result<(), Fail> {
        actions.iter().try_for_each(|action| self.execute(action))
    }

    fn execute(&mut self, action: &'a Action) -> Result<(), Fail> {
        self.actions += 1;
        check_bound(self.actions <= ACTIONS_MAX, ACTIONS_MAX as usize, "actions")?;
        match action {
            Action::Assign(fields) => self.assign(fields),
            Action::Raise { event, input } => {
                let input = self.eval_value(input, event)?;
                self.enqueue(Event::internal(event.clone(), self.actor).input(input))
            }
            Action::Effect { effect, input } => self.request_effect(effect, input, None, effect),
            Action::If {
                branches,
                otherwise,
            } => {
                for (condition, then) in branches {
                    if self.condition_holds(condition)? {
                        return self.execute_all(then);
                    }
                }
                self.execute_all(otherwise)
            }
            Action::Block(actions) => self.execute_block(actions),
            Action::Foreach {
                list,
                item,
                index,
                actions,
            } => self.for_each(list, item, index.as_deref(), actions),
            Action::Send {
                event,
                input,
                when,
                id,
            } => self.send(event, input, when, id.as_ref()),
            Action::Cancel { id } => self.cancel(id),
            Action::Log { label, value } => self.log(label, value),
            Action::Fail { event, input } => Err(self.fail(event, input)),
        }
    }

    /// Like a guard, a condition that fails counts as false where errors are events.
    fn condition_holds(&mut self, condition: &Expr) -> Result<bool, Fail> {
        match self.view().with(|scope| condition.eval_bool(scope)) {
            Ok(holds) => {
                self.observe_condition(condition, None, holds);
                Ok(holds)
            }
            Err(error) => {
                self.recover(failed(&error, "if"))?;
                Ok(false)
            }
        }
    }

    /// All right sides see the context as it is before the block.
    fn assign(&mut self, fields: &'a [(String, ValueExpr)]) -> Result<(), Fail> {
        let values = fields
            .iter()
            .map(|(field, value)| self.eval_value(value, field))
            .collect::<Result<Vec<_>, _>>()?;
        for ((field, _), value) in fields.iter().zip(values) {
            self.write(field, value);
        }
        Ok(())
    }

    /// Null clears an optional field.
    fn write(&mut self, field: &'a str, value: Value) {
        let context = Arc::make_mut(&mut self.context);
        let is_optional = self
            .machine
            .context
            .get(field)
            .is_some_and(|field| field.optional);
        if value.is_null() && is_optional {
            context.shift_remove(field);
        } else if let Some(old) = lookup::field_mut(context, field) {
            *old = value;
        } else {
            context.insert(field.to_owned(), value);
        }
        if !self.assigned.contains(&field) {
            self.assigned.push(field);
        }
    }

    fn for_each(
        &mut self,
        list: &'a ValueExpr,
        item: &'a str,
        index: Option<&'a str>,
        actions: &'a [Action],
    ) -> Result<(), Fail> {
        let items = match self.eval_value(list, "foreach")? {
            Value::Array(items) => items,
            other => {
                let message = format!("foreach goes over a list, not {}", kind_of(&other));
                return Err(unfit(message, item));
            }
        };
        for (at, value) in items.into_iter().enumerate() {
            // Counted even if there is nothing to do: a list can be long.
            self.actions += 1;
            check_bound(self.actions <= ACTIONS_MAX, ACTIONS_MAX as usize, "actions")?;
            self.write(item, value);
            if let Some(index) = index {
                self.write(index, Value::from(at));
            }
            self.execute_all(actions)?;
        }
        Ok(())
    }

    fn send(
        &mut self,
        event: &ValueExpr,
        input: &ValueExpr,
        when: &SendWhen,
        id: Option<&ValueExpr>,
    ) -> Result<(), Fail> {
        let event = self.eval_text(event, "send")?;
        let input = self.eval_value(input, &event)?;
        let delay = match when {
            SendWhen::Within => {
                return self.enqueue(Event::internal(event, self.actor).input(input));
            }
            SendWhen::After(delay) => *delay,
            SendWhen::Computed(delay) => {
                let text = self.eval_text(delay, &event)?;
                delay::parse(&text).map_err(|problem| unfit(problem, &event))?
            }
        };
        let id = match id {
            Some(id) => Some(self.eval_text(id, &event)?),
            None => None,
        };
        check_bound(
            self.sends.len() < REQUESTS_MAX,
            REQUESTS_MAX,
            "events to itself",
        )?;
        self.sends.push(SelfSend {
            event,
            input,
            id,
            // Beyond the end of time it waits there.
            due: self.now.checked_add(delay).unwrap_or(Timestamp::MAX),
        });
        Ok(())
    }

    /// Takes back what this step sent, and asks for the same with what earlier ones sent.
    fn cancel(&mut self, id: &ValueExpr) -> Result<(), Fail> {
        let id = self.eval_text(id, "cancel")?;
        self.sends.retain(|send| send.id.as_ref() != Some(&id));
        if !self.cancelled_sends.contains(&id) {
            let waiting = self.cancelled_sends.len();
            check_bound(waiting < REQUESTS_MAX, REQUESTS_MAX, "cancelled events")?;
            self.cancelled_sends.push(id);
        }
        Ok(())
    }

    fn fail(&self, event: &str, input: &ValueExpr) -> Fail {
        match self.eval_value(input, event) {
            Err(fail) => fail,
            Ok(input) => Fail {
                event: Some(Box::new(Event::internal(event, self.actor).input(input))),
                ..unfit(format!("the chart fails with `{event}`"), event)
            },
        }
    }

    fn log(&mut self, label: &str, value: &ValueExpr) -> Result<(), Fail> {
        check_bound(self.logged.len() < REQUESTS_MAX, REQUESTS_MAX, "log lines")?;
        let value = self.eval_value(value, label)?;
        self.logged.push(Logged {
            label: label.to_owned(),
            value,
        });
        Ok(())
    }
}

/// A limit is never swallowed, whatever the chart says about errors.
pub(super) fn check_bound(is_within: bool, limit: usize, what: &str) -> Result<(), Fail> {
    if is_within {
        return Ok(());
    }
    Err(Fail {
        code: codes::MICROSTEP_LIMIT,
        message: format!("more than {limit} {what} in one step"),
        place: what.to_owned(),
        event: None,
    })
}
