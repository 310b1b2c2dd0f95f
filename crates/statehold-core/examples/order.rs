//! What an engine does around the core, without an engine: permission, input, effects, timers, results.
//! `cargo run -p statehold-core --example order`.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use statehold_core::{Actor, Creation, Event, Machine, Refusal, Snapshot, Step};

const CHART: &str = include_str!("../../../examples/order/order.chart.yaml");

/// An event from outside: may the actor fire it, does the input fit, and what does it do?
fn fire(
    machine: &Machine,
    snapshot: &Snapshot,
    mut event: Event,
    now: Timestamp,
) -> Result<Step, Refusal> {
    machine.authorize(snapshot, &event, now)?;
    machine.check_input(&mut event)?;
    machine.step(snapshot, &event, now)
}

/// What happens, in words.
pub(crate) fn story() -> Result<String, Box<dyn Error>> {
    let machine = Machine::load("order.chart.yaml", CHART)?.machine;
    let mut now: Timestamp = "2026-01-01T00:00:00Z".parse()?;
    let ann = Actor {
        id: "ann".to_owned(),
        kind: "user".to_owned(),
        roles: Vec::new(),
    };
    let mut story = String::new();

    let created = machine.start(
        Creation {
            id: "order-1".to_owned(),
            input: json!({ "customer_id": "ann", "total": 1200 }),
            actor: ann.clone(),
        },
        now,
    )?;
    let timer = &created.timers[0];
    writeln!(
        story,
        "created {}: {} is due {}",
        created.to, timer.name, timer.due
    )?;

    let pay = Event::new("pay").input(json!({ "payment_token": "tok_1" }));
    let stranger = fire(&machine, &created.snapshot, pay.clone(), now);
    writeln!(story, "anybody: {}", stranger.err().ok_or("not refused")?)?;

    let charging = fire(&machine, &created.snapshot, pay.actor(ann.clone()), now)?;
    let effect = &charging.effects[0];
    writeln!(story, "ann: {}, asks for {}", charging.to, effect.name)?;

    // A worker would make the call now. It went well, so its end is the next event.
    now += SignedDuration::from_secs(2);
    let output = json!({ "status": 200, "body": { "id": "ch_1" } });
    let done = Event::effect_done(&effect.name, effect.invoke.clone(), output, 1);
    let paid = machine.step(&charging.snapshot, &done, now)?;
    writeln!(
        story,
        "the bank: {}, paid at {}",
        paid.to, paid.patch["paid_at"]
    )?;

    // Asking does not fire anything.
    now += SignedDuration::from_hours(24 * 15);
    let late = fire(
        &machine,
        &paid.snapshot,
        Event::new("cancel").actor(ann),
        now,
    );
    writeln!(story, "15 days later: {}", late.err().ok_or("not refused")?)?;
    Ok(story)
}

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", story()?);
    Ok(())
}
