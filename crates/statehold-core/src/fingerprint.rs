//! [`Definition::fingerprint`]: one hash for all files that mean the same machine.
//!
//! The order of a mapping in a file means nothing (states, events, guards, effects, fields, headers, arguments), and
//! neither do words for people, comments and layout. What means something stays as it is: the order of candidates of
//! one event, of actions, of invokes, and of the regions of a parallel state, which are entered and written down in
//! the order of the file. A chart is compared as it was understood, so short forms and long ones are the same.
//!
//! The parts are taken apart field by field, so that a new field does not compile until it is decided here whether it
//! means anything.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::expr::{Expr, Part, Template};
use crate::machine::{
    Action, Definition, Descriptor, EffectDef, EffectKind, EventDef, Guard, HandlerTemplate,
    HeaderValue, HttpTemplate, Initial, Invariant, Invoke, OnDead, OnExpressionError, SendWhen,
    State, StateId, StateKind, TimerDef, TimerWhen, Transition, Unhandled, ValueExpr,
};
use crate::retry::{RetryOn, RetryPolicy};
use crate::schema::{Field, Record};

impl Definition {
    /// BLAKE3 of what the machine does, lower-case hexadecimal: equal for two charts that answer every event alike,
    /// however their files are ordered, commented and laid out. Name and version do not count, and neither do labels,
    /// descriptions, tags and deprecations.
    ///
    /// Different fingerprints do not mean different behaviour: `1 < ctx.n` and `ctx.n > 1` are two texts.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let text = sorted(&definition(self)).to_string();
        blake3::hash(text.as_bytes()).to_hex().to_string()
    }
}

/// The same value, the keys of its objects in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<(&String, &Value)> = object.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries = entries
                .into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)));
            Value::Object(entries.collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn definition(definition: &Definition) -> Value {
    let Definition {
        name: _,
        version: _,
        label: _,
        description: _,
        deprecated: _,
        unhandled: on_unhandled,
        max_microsteps,
        on_expression_error,
        context,
        events,
        authorize,
        invariants,
        states,
        by_path: _,
        effects,
        // Read off the effects.
        destinations: _,
        source: _,
        hash: _,
    } = definition;
    let raises = *on_expression_error == OnExpressionError::Raise;
    json!({
        "unhandled": unhandled(*on_unhandled),
        "max_microsteps": max_microsteps,
        "raises_expression_errors": raises,
        "context": record(context),
        "events": object(events.iter().map(|(name, def)| (name.clone(), event(def)))),
        "authorize": authorize.as_ref().map(expr),
        "invariants": object(invariants.iter().map(invariant)),
        "states": object(states.iter().map(|s| (s.path.clone(), state(definition, s)))),
        "effects": object(effects.iter().map(|(name, def)| (name.clone(), effect(def)))),
    })
}

fn object(entries: impl Iterator<Item = (String, Value)>) -> Value {
    Value::Object(entries.collect())
}

fn list<T>(items: &[T], each: impl Fn(&T) -> Value) -> Value {
    items.iter().map(each).collect()
}

fn expr(expr: &Expr) -> Value {
    json!({ "cel": expr.source().trim() })
}

fn micros(duration: Duration) -> Value {
    Value::from(duration.as_micros().to_string())
}

fn unhandled(unhandled: Unhandled) -> Value {
    Value::from(match unhandled {
        Unhandled::Reject => "reject",
        Unhandled::Ignore => "ignore",
        Unhandled::Defer => "defer",
    })
}

/// A schema says everything of a record but the words for people in it.
fn record(record: &Record) -> Value {
    let mut schema = record.json_schema();
    remove_words(&mut schema);
    let names = |is_listed: fn(&Field) -> bool| {
        let mut names: Vec<&str> = (record.fields())
            .filter(|field| is_listed(field))
            .map(|field| field.name.as_str())
            .collect();
        names.sort_unstable();
        json!(names)
    };
    if let Some(required) = schema.get_mut("required") {
        *required = names(|field| !field.optional && field.default.is_none());
    }
    json!({ "schema": schema, "optional": names(|field| field.optional) })
}

fn remove_words(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                // Below `properties` keys are names of fields, and below these stand what they may hold.
                if !matches!(key.as_str(), "default" | "enum" | "const") {
                    remove_words(value);
                }
            }
            for words in ["title", "description", "examples", "$comment"] {
                // A field may be called `description`: then its schema is no text.
                if object.get(words).is_some_and(|value| !value.is_object()) {
                    object.remove(words);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(remove_words),
        _ => {}
    }
}

fn event(event: &EventDef) -> Value {
    let EventDef {
        label: _,
        description: _,
        input,
        authorize,
        deprecated: _,
        unhandled: own,
    } = event;
    json!({
        "input": input.as_ref().map(record),
        "authorize": authorize.as_ref().map(expr),
        "unhandled": own.map(unhandled),
    })
}

fn invariant(invariant: &Invariant) -> (String, Value) {
    let Invariant {
        name,
        check,
        enforce,
        reason,
        span: _,
    } = invariant;
    let value = json!({ "check": expr(check), "enforce": enforce, "reason": reason });
    (name.clone(), value)
}

fn state(definition: &Definition, state: &State) -> Value {
    let State {
        id: _,
        // The path says where it stands.
        parent: _,
        last: _,
        depth: _,
        name: _,
        path: _,
        kind: state_kind,
        children,
        initial: begins,
        entry,
        exit,
        transitions,
        always,
        timers: own_timers,
        invokes,
        output,
        label: _,
        description: _,
        tags: _,
        deprecated: _,
        span: _,
    } = state;
    let path = |id: &StateId| Value::from(definition.state(*id).path.clone());
    // Only regions are entered, left and written down one after the other.
    let regions = match state_kind {
        StateKind::Parallel => children.iter().map(path).collect(),
        _ => Value::Null,
    };
    json!({
        "kind": kind(*state_kind),
        "regions": regions,
        "initial": begins.as_ref().map(|begins| initial(definition, begins)),
        "entry": actions(entry),
        "exit": actions(exit),
        "transitions": by_descriptor(definition, transitions),
        "always": list(always, |t| transition(definition, t)),
        "timers": timers(own_timers),
        "invokes": list(invokes, invoke),
        "output": output.as_ref().map(value),
    })
}

fn kind(kind: StateKind) -> &'static str {
    match kind {
        StateKind::Atomic => "atomic",
        StateKind::Compound => "compound",
        StateKind::Parallel => "parallel",
        StateKind::Final => "final",
        StateKind::History { deep: false } => "shallow history",
        StateKind::History { deep: true } => "deep history",
    }
}

fn initial(definition: &Definition, initial: &Initial) -> Value {
    let Initial {
        targets: to,
        actions: done,
    } = initial;
    json!({ "targets": targets(definition, to), "actions": actions(done) })
}

/// Targets are entered in document order, whatever their own.
fn targets(definition: &Definition, targets: &[StateId]) -> Value {
    let mut paths: Vec<&str> = (targets.iter())
        .map(|id| definition.state(*id).path.as_str())
        .collect();
    paths.sort_unstable();
    json!(paths)
}

/// Transitions of one event are tried in order; different events never meet, and the kinds of descriptors are
/// in an order of their own.
fn by_descriptor(definition: &Definition, transitions: &[Transition]) -> Value {
    let mut groups: Map<String, Value> = Map::new();
    for each in transitions {
        let on = each.on.as_ref().map(descriptor).unwrap_or_default();
        let key = format!("{on} {:?}", each.invoke);
        let group = groups
            .entry(key)
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(group) = group {
            group.push(transition(definition, each));
        }
    }
    Value::Object(groups)
}

fn descriptor(descriptor: &Descriptor) -> String {
    let inside = match descriptor {
        Descriptor::Exact(_) => false,
        Descriptor::Prefix { internal, .. } | Descriptor::Any { internal } => *internal,
    };
    format!(
        "{}{}",
        descriptor.text(),
        if inside { " inside" } else { "" }
    )
}

fn transition(definition: &Definition, transition: &Transition) -> Value {
    let Transition {
        // Both are the key of the group.
        on: _,
        invoke: _,
        source: _,
        targets: to,
        reenter,
        guard: condition,
        actions: done,
        label: _,
        span: _,
    } = transition;
    json!({
        "targets": targets(definition, to),
        "reenter": reenter,
        "guard": condition.as_ref().map(guard),
        "actions": actions(done),
    })
}

/// The name of a guard stands in the log, and a refused caller reads the rest.
fn guard(guard: &Guard) -> Value {
    let Guard {
        expr: condition,
        name,
        reason,
        code,
        span: _,
    } = guard;
    json!({ "if": expr(condition), "name": name, "reason": reason, "code": code })
}

/// Timers that are due at the same instant fire in the order in which they were set: the order of the file. Where all
/// delays are known, only those that are equal can meet.
fn timers(timers: &[TimerDef]) -> Value {
    let delay = |timer: &TimerDef| match timer.when {
        TimerWhen::After(delay) => Some(delay),
        TimerWhen::At(_) | TimerWhen::Cron(_) => None,
    };
    let mut order: Vec<&TimerDef> = timers.iter().collect();
    if timers.iter().all(|timer| delay(timer).is_some()) {
        order.sort_by_key(|each| delay(each));
    }
    list(&order, |each| timer(each))
}

fn timer(timer: &TimerDef) -> Value {
    let TimerDef {
        name,
        event: _,
        when,
    } = timer;
    let when = match when {
        TimerWhen::After(delay) => json!({ "after": micros(*delay) }),
        TimerWhen::At(at) => json!({ "at": expr(at) }),
        TimerWhen::Cron(cron) => json!({ "cron": cron.pattern(), "zone": cron.zone_name() }),
    };
    json!([name, when])
}

fn invoke(invoke: &Invoke) -> Value {
    let Invoke { effect, input } = invoke;
    json!([effect, arguments(input)])
}

fn actions(actions: &[Action]) -> Value {
    list(actions, action)
}

fn action(each: &Action) -> Value {
    match each {
        Action::Assign(fields) => json!({ "assign": arguments(fields) }),
        Action::Raise { event, input } => json!({ "raise": event, "input": value(input) }),
        Action::Effect { effect, input } => json!({ "effect": effect, "input": arguments(input) }),
        Action::If {
            branches,
            otherwise,
        } => {
            let branches = list(branches, |(condition, then)| {
                json!([expr(condition), actions(then)])
            });
            json!({ "if": branches, "else": actions(otherwise) })
        }
        Action::Block(inner) => json!({ "block": actions(inner) }),
        Action::Foreach {
            list: items,
            item,
            index,
            actions: inner,
        } => json!({ "foreach": value(items), "item": item, "index": index, "do": actions(inner) }),
        Action::Send {
            event,
            input,
            when,
            id,
        } => {
            let when = match when {
                SendWhen::Within => json!("within"),
                SendWhen::After(delay) => micros(*delay),
                SendWhen::Computed(delay) => value(delay),
            };
            let id = id.as_ref().map(value);
            json!({ "send": value(event), "input": value(input), "when": when, "id": id })
        }
        Action::Cancel { id } => json!({ "cancel": value(id) }),
        Action::Log { label, value: what } => json!({ "log": label, "value": value(what) }),
        Action::Fail { event, input } => json!({ "fail": event, "input": value(input) }),
    }
}

fn arguments(arguments: &[(String, ValueExpr)]) -> Value {
    object(
        arguments
            .iter()
            .map(|(name, each)| (name.clone(), value(each))),
    )
}

/// What is written and what is computed are told apart, so that the text `ctx.n` is not the field.
fn value(each: &ValueExpr) -> Value {
    match each {
        ValueExpr::Literal(literal) => json!({ "literal": literal }),
        ValueExpr::Expr(computed) => expr(computed),
        ValueExpr::Template(text) => template(text),
        ValueExpr::List(items) => list(items, value),
        ValueExpr::Map(fields) => json!({ "map": arguments(fields) }),
    }
}

fn template(template: &Template) -> Value {
    list(template.parts(), |part| match part {
        Part::Lit(text) => Value::from(text.as_str()),
        Part::Expr(computed) => expr(computed),
    })
}

fn effect(effect: &EffectDef) -> Value {
    let EffectDef {
        name: _,
        label: _,
        description: _,
        kind,
        timeout,
        retry,
        ok,
        refused,
        reports,
        on_dead,
        span: _,
    } = effect;
    let kind = match kind {
        EffectKind::Http(http) => request(http),
        EffectKind::Handler(HandlerTemplate { name, sensitive: _ }) => json!({ "handler": name }),
    };
    let on_dead = on_dead.map(|on_dead| match on_dead {
        OnDead::Raise => "raise",
        OnDead::Continue => "continue",
    });
    json!({
        "kind": kind,
        "timeout": micros(*timeout),
        "retry": policy(retry),
        "ok": ok.as_ref().map(expr),
        "refused": refused.as_ref().map(expr),
        "reports": reports,
        "on_dead": on_dead,
    })
}

fn request(http: &HttpTemplate) -> Value {
    let HttpTemplate {
        method,
        destination,
        path,
        headers,
        body,
        // Follows from the fields that are marked.
        sensitive: _,
    } = http;
    let headers = headers.iter().map(|(name, header)| {
        let header = match header {
            HeaderValue::Template(text) => template(text),
            HeaderValue::Env(name) => json!({ "env": name }),
        };
        (name.to_ascii_lowercase(), header)
    });
    json!({
        "method": method,
        "destination": destination,
        "path": template(path),
        "headers": object(headers),
        "body": body.as_ref().map(value),
    })
}

fn policy(policy: &RetryPolicy) -> Value {
    let RetryPolicy {
        attempts,
        backoff_min,
        backoff_max,
        on:
            RetryOn {
                timeout,
                throttled,
                server_errors,
                statuses,
            },
        total,
    } = policy;
    let mut statuses = statuses.clone();
    statuses.sort_unstable();
    json!({
        "attempts": attempts,
        "pause": [micros(*backoff_min), micros(*backoff_max)],
        "on": [timeout, throttled, server_errors, statuses],
        "total": total.map(micros),
    })
}
