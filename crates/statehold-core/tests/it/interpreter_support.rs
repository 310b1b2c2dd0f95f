//! A tiny world around one entity: a clock, timers that fire, effects that can be answered; and a transcript of it.
//!
//! A script has one input per line: `EVENT {input}`, `+5s` to let time pass, `ok EFFECT {output}` and
//! `fail EFFECT KIND` to answer the newest request of an effect, `create {input}` as the first line for an entity
//! that does not begin empty. The transcript has one line per input, and one indented line per consequence.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use statehold_core::{
    Actor, Creation, Event, InvokeRef, Machine, Refusal, Snapshot, Status, Step, delay,
};

/// The machine of a chart, its head added.
pub(crate) fn machine(chart: &str) -> Machine {
    let text = format!("statehold: 1\nmachine: m\nversion: 1\n{chart}");
    Machine::from_yaml(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Runs a script over a chart and compares the transcript.
#[track_caller]
pub(crate) fn check(chart: &str, script: &str, expected: &str) {
    let found = transcript(&machine(chart), script);
    let expected: String = dedent(expected);
    assert!(
        found.trim() == expected.trim(),
        "found:\n{found}\nexpected:\n{expected}"
    );
}

/// The transcript of a script.
pub(crate) fn transcript(machine: &Machine, script: &str) -> String {
    let mut lines = script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .peekable();
    let input = match lines.peek().and_then(|line| line.strip_prefix("create")) {
        Some(input) => {
            let input = parse(input);
            lines.next();
            input
        }
        None => json!({}),
    };
    let mut world = match World::create(machine, input) {
        Ok(world) => world,
        Err(refusal) => return refused("create", &refusal),
    };
    for line in lines {
        world.input(line);
    }
    world.out
}

/// Cuts the common indentation, so that expectations can stand where they are used.
fn dedent(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let common = lines().map(indent).min().unwrap_or(0);
    lines().fold(String::new(), |mut out, line| {
        out.push_str(&line[common..]);
        out.push('\n');
        out
    })
}

fn parse(text: &str) -> Value {
    match text.trim() {
        "" => json!({}),
        text => serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}")),
    }
}

/// An entity and what waits for it.
pub(crate) struct World<'m> {
    pub(crate) machine: &'m Machine,
    pub(crate) snapshot: Snapshot,
    pub(crate) now: Timestamp,
    timers: Vec<(Timestamp, InvokeRef, String)>,
    requests: Vec<(String, Option<InvokeRef>)>,
    out: String,
}

impl<'m> World<'m> {
    /// Creates the entity.
    pub(crate) fn create(machine: &'m Machine, input: Value) -> Result<Self, Box<Refusal>> {
        let now = Timestamp::UNIX_EPOCH;
        let creation = Creation {
            id: "e1".to_owned(),
            input,
            actor: Actor::anonymous(),
        };
        let step = machine.start(creation, now)?;
        let mut world = Self {
            machine,
            snapshot: step.snapshot.clone(),
            now,
            timers: Vec::new(),
            requests: Vec::new(),
            out: String::new(),
        };
        world.keep("create", step);
        Ok(world)
    }

    fn input(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if let Some(pause) = word.strip_prefix('+') {
            self.pass(delay::parse(pause).expect(pause));
            return;
        }
        let event = match word {
            "ok" | "fail" => {
                let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                self.answer(word == "ok", name, rest)
            }
            kind => Event::new(kind).input(parse(rest)),
        };
        self.offer(line, &event);
    }

    fn answer(&self, is_ok: bool, name: &str, rest: &str) -> Event {
        let newest = self.requests.iter().rev().find(|(asked, _)| asked == name);
        let (_, invoke) = newest
            .unwrap_or_else(|| panic!("{name} was not asked for"))
            .clone();
        match is_ok {
            true => Event::effect_done(name, invoke, parse(rest), 1),
            false => Event::effect_error(name, invoke, json!({ "kind": rest }), 3),
        }
    }

    /// Offers an event and notes what comes of it.
    pub(crate) fn offer(&mut self, line: &str, event: &Event) {
        match self.machine.step(&self.snapshot, event, self.now) {
            Ok(step) => self.keep(line, step),
            Err(refusal) => self.out.push_str(&refused(line, &refusal)),
        }
    }

    /// Lets time pass; what is due meanwhile fires in order of due time and creation.
    fn pass(&mut self, pause: std::time::Duration) {
        let until = self.now + SignedDuration::try_from(pause).expect("a short pause");
        loop {
            let due = (0..self.timers.len()).filter(|at| self.timers[*at].0 <= until);
            // Of several minima the first counts: the one created earlier.
            let Some(next) = due.min_by_key(|at| self.timers[*at].0) else {
                break;
            };
            let (due, owner, name) = self.timers.remove(next);
            self.now = due;
            let path = if owner.state.is_empty() {
                String::new()
            } else {
                format!("{}.", owner.state)
            };
            let kind = format!("timer.{path}{name}");
            let line = format!("{kind} at {}", since_epoch(due));
            self.offer(&line, &Event::timer(kind, owner));
        }
        self.now = until;
    }

    fn keep(&mut self, line: &str, step: Step) {
        let out = &mut self.out;
        writeln!(out, "{line} -> {}", step.to).unwrap();
        for taken in &step.transitions {
            let source = if taken.source.is_empty() {
                "(root)"
            } else {
                &taken.source
            };
            let event = if taken.event.is_empty() {
                "always"
            } else {
                &taken.event
            };
            let targets = match taken.targets.as_slice() {
                [] => "(stays)".to_owned(),
                targets => targets.join(", "),
            };
            writeln!(out, "  {source} on {event} -> {targets}").unwrap();
        }
        for (field, value) in &step.patch {
            writeln!(out, "  ctx.{field} = {value}").unwrap();
        }
        for effect in &step.effects {
            let tied = effect
                .invoke
                .as_ref()
                .map(|entry| format!(" for {}", entry_text(entry)));
            writeln!(out, "  effect {}{}", effect.path, tied.unwrap_or_default()).unwrap();
        }
        for timer in &step.timers {
            let owner = entry_text(&timer.owner);
            writeln!(
                out,
                "  timer {owner} {} at {}",
                timer.name,
                since_epoch(timer.due)
            )
            .unwrap();
        }
        for entry in &step.left {
            writeln!(out, "  left {}", entry_text(entry)).unwrap();
        }
        for line in &step.logged {
            writeln!(out, "  log {} {}", line.label, line.value).unwrap();
        }
        if step.snapshot.status == Status::Done {
            let output = step.snapshot.memory.output.as_ref();
            writeln!(out, "  done {}", output.unwrap_or(&Value::Null)).unwrap();
        }
        self.timers
            .retain(|(_, owner, _)| !step.left.contains(owner));
        let set = step
            .timers
            .into_iter()
            .map(|timer| (timer.due, timer.owner, timer.name));
        self.timers.extend(set);
        let asked = step
            .effects
            .into_iter()
            .map(|effect| (effect.name, effect.invoke));
        self.requests.extend(asked);
        self.snapshot = step.snapshot;
    }
}

fn refused(line: &str, refusal: &Refusal) -> String {
    let mut out = format!("{line}: {} {}\n", refusal.outcome, refusal.message);
    for blocker in &refusal.blockers {
        writeln!(
            out,
            "  {} at {}: {}",
            blocker.code, blocker.place, blocker.message
        )
        .unwrap();
    }
    out
}

fn entry_text(entry: &InvokeRef) -> String {
    let state = if entry.state.is_empty() {
        "(root)"
    } else {
        &entry.state
    };
    format!("{state}#{}", entry.entry)
}

fn since_epoch(instant: Timestamp) -> String {
    let micros = instant.as_microsecond().unsigned_abs();
    delay::format(std::time::Duration::from_micros(micros))
}
