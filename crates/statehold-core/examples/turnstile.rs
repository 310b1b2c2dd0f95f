//! The smallest use: load a chart, start an entity, fire events, read refusals. `cargo run -p statehold-core --example turnstile`.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fmt::Write;

use serde_json::json;
use statehold_core::{Event, Machine};

const CHART: &str = "
statehold: 1
machine: turnstile
version: 1
context: { coins: { type: integer, default: 0 } }
initial: locked
states:
  locked:
    on: { coin: { target: open, assign: { coins: ctx.coins + 1 } } }
  open:
    on: { push: locked, coin: { assign: { coins: ctx.coins + 1 } } }
";

/// What happens, one line for each event.
pub(crate) fn story() -> Result<String, Box<dyn Error>> {
    let machine = Machine::from_yaml(CHART)?;
    // Time is an argument: the same input gives the same result, today and in a test.
    let now = "2026-01-01T00:00:00Z".parse()?;
    let mut snapshot = machine.start(json!({}), now)?.snapshot;
    let mut story = String::new();
    for kind in ["push", "coin", "coin", "push"] {
        match machine.step(&snapshot, &Event::new(kind), now) {
            Ok(step) => {
                writeln!(story, "{kind}: {} -> {}", step.from, step.to)?;
                snapshot = step.snapshot;
            }
            // A machine that says no works as designed, and says what it would take.
            Err(refusal) => writeln!(story, "{kind}: {refusal} {:?}", refusal.accepted_events)?,
        }
    }
    writeln!(story, "{} coins", snapshot.context["coins"])?;
    Ok(story)
}

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", story()?);
    Ok(())
}
