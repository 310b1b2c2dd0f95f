//! Three requests to try on a machine, each checked by the machine itself before it is shown.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use statehold_core::schema::{Field, Record, Type};
use statehold_core::{Actor, Creation, Event, Machine, Snapshot};

/// Who acts in samples.
const ACTOR: &str = "ann";

/// Nesting of sample values, at most; deeper ones are left empty.
const DEPTH_MAX: usize = 8;

/// A request to try.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    /// Path of the API.
    pub(super) path: String,
    /// Who acts, if it matters.
    pub(super) actor: Option<Value>,
    /// JSON to send; none for a question.
    pub(super) body: Option<Value>,
}

/// A creation, an event and a look at the log.
pub(super) fn samples(machine: &Machine, id: &str, now: Timestamp) -> Vec<Sample> {
    let base = format!("/v1/machines/{}/entities", machine.name);
    let input = input(&machine.context);
    let actor = Actor {
        id: ACTOR.to_owned(),
        kind: "user".to_owned(),
        roles: Vec::new(),
    };
    let creation = Creation {
        id: id.to_owned(),
        input: input.clone(),
        actor: actor.clone(),
    };
    let mut samples = vec![Sample {
        path: base.clone(),
        actor: Some(json!({ "id": ACTOR })),
        body: Some(json!({ "id": id, "input": input })),
    }];
    if let Ok(step) = machine.start(creation, now) {
        samples.extend(event(
            machine,
            &step.snapshot,
            &format!("{base}/{id}/events"),
            &actor,
            now,
        ));
    }
    samples.push(Sample {
        path: format!("{base}/{id}/log"),
        actor: None,
        body: None,
    });
    samples
}

/// The first event that the machine applies with sample input.
fn event(
    machine: &Machine,
    at: &Snapshot,
    path: &str,
    actor: &Actor,
    now: Timestamp,
) -> Option<Sample> {
    let roles = roles(machine);
    machine
        .accepted_events(at)
        .into_iter()
        .filter(|kind| !kind.contains('*'))
        .find_map(|kind| {
            let input = machine.event(&kind).and_then(|def| def.input.as_ref());
            let input = input.map(self::input);
            [Vec::new(), roles.clone()].into_iter().find_map(|roles| {
                let actor = Actor {
                    roles: roles.clone(),
                    ..actor.clone()
                };
                let mut event = Event::new(&*kind).actor(actor);
                event.input = input.clone().unwrap_or_else(|| json!({}));
                let applied = machine.authorize(at, &event, now).is_ok()
                    && machine.check_input(&mut event).is_ok()
                    && machine.step(at, &event, now).is_ok();
                applied.then(|| sample(path, &kind, input.clone(), &roles))
            })
        })
}

fn sample(path: &str, kind: &str, input: Option<Value>, roles: &[String]) -> Sample {
    let mut body = json!({ "type": kind });
    if let Some(input) =
        input.filter(|input| input.as_object().is_some_and(|input| !input.is_empty()))
    {
        body["input"] = input;
    }
    let mut actor = json!({ "id": ACTOR });
    if !roles.is_empty() {
        actor["roles"] = json!(roles);
    }
    Sample {
        path: path.to_owned(),
        actor: Some(actor),
        body: Some(body),
    }
}

/// Roles that permissions of the machine ask for.
fn roles(machine: &Machine) -> Vec<String> {
    let own = machine
        .events
        .values()
        .filter_map(|event| event.authorize.as_ref());
    let mut roles = Vec::new();
    for rule in machine.authorize.iter().chain(own) {
        for call in rule.source().split("has_role(").skip(1) {
            let name = call
                .trim_start()
                .get(1..)
                .and_then(|rest| rest.split(['\'', '"']).next());
            if let Some(name) =
                name.filter(|name| !name.is_empty() && !roles.iter().any(|known| known == name))
            {
                roles.push(name.to_owned());
            }
        }
    }
    roles
}

/// Input with values for the fields that must be given.
pub(in crate::commands) fn input(record: &Record) -> Value {
    Value::Object(sample_record(record, 0))
}

/// Values for the fields that must be given.
fn sample_record(record: &Record, depth: usize) -> Map<String, Value> {
    let needed = record
        .fields()
        .filter(|field| !field.optional && field.default.is_none());
    needed
        .map(|field| (field.name.clone(), sample_value(field, depth)))
        .collect()
}

fn sample_value(field: &Field, depth: usize) -> Value {
    let examples = field.schema.get("examples").and_then(Value::as_array);
    let choices = field.schema.get("enum").and_then(Value::as_array);
    if let Some(value) = examples.or(choices).and_then(|values| values.first()) {
        return value.clone();
    }
    if let Some(value) = field.schema.get("const") {
        return value.clone();
    }
    match &field.ty {
        Type::Any | Type::String => json!(sample_text(&field.name)),
        Type::Integer | Type::Number => field
            .schema
            .get("minimum")
            .filter(|least| **least != json!(i64::MIN))
            .cloned()
            .unwrap_or(json!(100)),
        Type::Boolean => json!(true),
        Type::Timestamp => json!("2030-01-01T00:00:00Z"),
        Type::Duration => json!("48h"),
        Type::List(_) => json!([]),
        Type::Object(Some(record)) if depth < DEPTH_MAX => {
            Value::Object(sample_record(record, depth + 1))
        }
        Type::Object(_) => json!({}),
    }
}

/// Whoever owns something is the one who acts, so that permissions hold; other texts say what they are.
fn sample_text(field: &str) -> String {
    let owner = ["customer", "owner", "user", "buyer", "creator", "author"];
    if owner.iter().any(|word| field.contains(word)) {
        return ACTOR.to_owned();
    }
    match field {
        name if name.contains("email") => format!("{ACTOR}@example.com"),
        name if name.contains("currency") => "EUR".to_owned(),
        name => format!("{name}-1").replace('_', "-"),
    }
}

/// The request as a line for a shell.
pub(super) fn curl(base: &str, sample: &Sample) -> String {
    let mut line = format!("curl -s {base}{}", sample.path);
    if let Some(actor) = &sample.actor {
        line.push_str(&format!(
            " -H {}",
            quoted(&format!("Statehold-Actor: {actor}"))
        ));
    }
    if let Some(body) = &sample.body {
        line.push_str(&format!(
            " -H 'Content-Type: application/json' -d {}",
            quoted(&body.to_string())
        ));
    }
    line
}

/// In single quotes, for any POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHART: &str = r"
statehold: 1
machine: order
version: 1
context: { customer_id: string, total: integer, note?: string }
events:
  pay: { input: { token: string }, authorize: actor.id == ctx.customer_id }
  ship: { authorize: has_role('warehouse') }
initial: pending
states:
  pending: { on: { ship: { target: done, guard: ctx.total > 1000 }, pay: done } }
  done: { type: final }
";

    #[test]
    fn samples_are_requests_that_the_machine_takes() {
        let machine = Machine::from_yaml(CHART).expect("a chart");
        let samples = samples(&machine, "order-1", Timestamp::UNIX_EPOCH);
        let lines: Vec<String> = samples
            .iter()
            .map(|sample| curl("http://x", sample))
            .collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines[0].contains(r#""input":{"customer_id":"ann","total":100}"#),
            "{}",
            lines[0]
        );
        // `ship` has a guard that the sample does not meet.
        assert!(
            lines[1].contains(r#"{"type":"pay","input":{"token":"token-1"}}"#),
            "{}",
            lines[1]
        );
        assert_eq!(
            lines[2],
            "curl -s http://x/v1/machines/order/entities/order-1/log"
        );
    }

    #[test]
    fn roles_come_from_the_permissions() {
        let machine = Machine::from_yaml(CHART).expect("a chart");
        assert_eq!(roles(&machine), ["warehouse"]);
    }

    #[test]
    fn a_shell_takes_every_text_as_it_is() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
