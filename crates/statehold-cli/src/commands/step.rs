//! `step`: one pure step of a chart. Reads files and the arguments; touches no store and sends nothing.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use statehold_core::machine::StateId;
use statehold_core::machine::timer_event;
use statehold_core::{
    Actor, CREATE_EVENT, Creation, EffectRequest, EntityInfo, Event, InvokeRef, Machine, Memory,
    Refusal, Snapshot, StateSet, Status, Step as Taken, effect_error,
};

use super::settings;
use crate::cli::{Global, Step};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::render::Screen;
use crate::render::step;
use crate::render::style::clean;

/// Id of the entity that a step is tried on.
pub(super) const ENTITY_ID: &str = "example";

pub(crate) fn run(screen: &Screen, global: &Global, args: &Step) -> Result<Exit, Failure> {
    let settings = settings(global)?;
    let machine = input::chart(screen, &args.chart)?;
    let now = instant(args.now.as_deref())?;
    let trial = Trial {
        screen,
        machine: &machine,
        actor: settings.actor.unwrap_or_else(Actor::anonymous),
        now,
    };
    let input = input::optional_json("INPUT", args.input.as_deref())?;
    let context = input::optional_json("--context", args.context.as_deref())?;
    if args.event == CREATE_EVENT && args.state.is_none() {
        if context.is_some() && input.is_some() {
            return Err(Failure::usage(
                "the first context is given twice: as INPUT and as --context",
            ));
        }
        let step = trial
            .create(input.or(context))
            .map_err(|refusal| refused(&refusal))?;
        return Ok(trial.show(CREATE_EVENT, &step));
    }
    let before = match &args.state {
        Some(state) => trial.snapshot(state, context)?,
        None => trial.fresh(context)?,
    };
    let step = trial.fire(&before, &args.event, input)?;
    Ok(trial.show(&args.event, &step))
}

/// The instant that `--now` names; without it, now.
pub(super) fn instant(argument: Option<&str>) -> Result<Timestamp, Failure> {
    let Some(text) = argument else {
        return Ok(Timestamp::now());
    };
    text.parse().map_err(|_| {
        Failure::usage(format!(
            "--now: expected an instant such as 2026-03-01T12:00:00Z, got `{text}`"
        ))
    })
}

/// What a step is tried with.
struct Trial<'a> {
    screen: &'a Screen,
    machine: &'a Machine,
    actor: Actor,
    now: Timestamp,
}

impl Trial<'_> {
    fn create(&self, input: Option<Value>) -> Result<Taken, Refusal> {
        let creation = Creation {
            id: ENTITY_ID.to_owned(),
            input: input.unwrap_or_else(|| json!({})),
            actor: self.actor.clone(),
        };
        self.machine.start(creation, self.now)
    }

    /// A new entity, as it stands after its creation.
    fn fresh(&self, context: Option<Value>) -> Result<Snapshot, Failure> {
        let step = self.create(context).map_err(|refusal| {
            refused(&refusal)
                .help("give the first context with --context, or a state to begin in with --state")
        })?;
        self.screen
            .talk(&format!("note: begins with a new entity in `{}`", step.to));
        Ok(step.snapshot)
    }

    /// An entity in a certain state, each timer and call of which is that of its first entry.
    fn snapshot(&self, state: &str, context: Option<Value>) -> Result<Snapshot, Failure> {
        let configuration = self.configuration(state)?;
        let context = self.context(context)?;
        let entries = configuration
            .iter()
            .map(|id| (self.machine.state(id).path.clone(), 1));
        let owner = Some(self.actor.id.clone());
        let memory = Memory {
            entries: entries.collect(),
            owner: owner.clone(),
            ..Memory::default()
        };
        Ok(Snapshot {
            entity: EntityInfo {
                id: ENTITY_ID.into(),
                owner: owner.map(Into::into),
                revision: 0,
            },
            status: self.status(&configuration),
            configuration,
            context: Arc::new(context),
            memory: Arc::new(memory),
        })
    }

    fn configuration(&self, state: &str) -> Result<StateSet, Failure> {
        self.machine.decode(state).map_err(|error| {
            Failure::usage(format!("--state: {error}")).help(states_help(self.machine, state))
        })
    }

    /// Done once a final child of the root is active.
    fn status(&self, configuration: &StateSet) -> Status {
        let root = self.machine.state(StateId::ROOT);
        let is_end = |id: &StateId| {
            configuration.contains(*id)
                && self.machine.state(*id).kind == statehold_core::machine::StateKind::Final
        };
        if root.children.iter().any(is_end) {
            Status::Done
        } else {
            Status::Active
        }
    }

    /// The context of a trial may be incomplete: who tries one guard need not invent every field.
    fn context(&self, context: Option<Value>) -> Result<Map<String, Value>, Failure> {
        let mut context = match context {
            None => Map::new(),
            Some(Value::Object(context)) => context,
            Some(_) => return Err(Failure::usage("--context: expected a JSON object")),
        };
        self.machine.context.fill_defaults(&mut context);
        let violations = self.machine.context.validate(&context);
        if !violations.is_empty() {
            let list: Vec<String> = violations
                .iter()
                .map(|violation| {
                    format!("{} {}", violation.pointer, violation.message)
                        .trim()
                        .to_owned()
                })
                .collect();
            let list = clean(&list.join("; "));
            self.screen.talk(&format!(
                "note: the context of a real entity fits its schema; give it with --context: {list}"
            ));
        }
        Ok(context)
    }

    fn fire(&self, before: &Snapshot, kind: &str, input: Option<Value>) -> Result<Taken, Failure> {
        let mut event = self.event(before, kind, input)?;
        let verdict = self.machine.authorize(before, &event, self.now);
        let verdict = verdict.and_then(|()| {
            if event.origin == statehold_core::Origin::External && self.machine.knows_event(kind) {
                self.machine.check_input(&mut event)?;
            }
            self.machine.step(before, &event, self.now)
        });
        verdict.map_err(|refusal| refused(&refusal))
    }

    /// The event as the engine would fire it: timers and results of calls belong to the entry of a state.
    fn event(&self, before: &Snapshot, kind: &str, input: Option<Value>) -> Result<Event, Failure> {
        if let Some(name) = kind.strip_prefix("done.effect.") {
            let output = input.unwrap_or_else(|| json!({ "status": 200, "body": null }));
            return Ok(Event::effect_done(
                name,
                self.invoke(before, name),
                output,
                1,
            ));
        }
        if let Some(name) = kind.strip_prefix("error.effect.") {
            let error = input.unwrap_or_else(|| {
                effect_error("refused", Some(400), &Value::Null, "refused by this trial")
            });
            return Ok(Event::effect_error(
                name,
                self.invoke(before, name),
                error,
                1,
            ));
        }
        if kind.starts_with("timer.") {
            return self.timer(before, kind);
        }
        if statehold_core::is_reserved(kind) {
            return Err(Failure::usage(format!(
                "`{kind}` is raised inside a step and cannot be fired"
            )));
        }
        let event = Event::new(kind).actor(self.actor.clone());
        Ok(event.input(input.unwrap_or_else(|| json!({}))))
    }

    /// The active state that waits for the effect.
    fn invoke(&self, before: &Snapshot, effect: &str) -> Option<InvokeRef> {
        let waits = |id: &StateId| {
            self.machine
                .state(*id)
                .invokes
                .iter()
                .any(|invoke| invoke.effect == effect)
        };
        before
            .configuration
            .iter()
            .find(waits)
            .map(|id| self.entry(before, id))
    }

    fn timer(&self, before: &Snapshot, kind: &str) -> Result<Event, Failure> {
        let owner = |id: &StateId| {
            self.machine
                .state(*id)
                .timers
                .iter()
                .any(|timer| timer.event == kind)
        };
        match before.configuration.iter().find(owner) {
            Some(id) => Ok(Event::timer(kind, self.entry(before, id))),
            None => {
                let timers: Vec<&str> = before
                    .configuration
                    .iter()
                    .flat_map(|id| &self.machine.state(id).timers)
                    .map(|timer| timer.event.as_str())
                    .collect();
                let help = match timers.as_slice() {
                    [] => "no timer runs in this state".to_owned(),
                    timers => format!("timers that run in this state: {}", timers.join(", ")),
                };
                Err(Failure::usage(format!("there is no timer `{kind}` in this state")).help(help))
            }
        }
    }

    fn entry(&self, before: &Snapshot, id: StateId) -> InvokeRef {
        let state = self.machine.state(id).path.clone();
        let entry = before.memory.entries.get(&state).copied().unwrap_or(1);
        InvokeRef { state, entry }
    }

    fn show(&self, event: &str, step: &Taken) -> Exit {
        self.screen.show(&self.document(event, step), step::step);
        Exit::Done
    }

    /// The step as data, sensitive values masked.
    fn document(&self, event: &str, step: &Taken) -> Value {
        let mask = |fields: &Map<String, Value>| Value::Object(self.machine.context.mask(fields));
        let snapshot = &step.snapshot;
        let mut document = json!({
            "outcome": "applied",
            "event": event,
            "from": step.from,
            "to": step.to,
            "status": snapshot.status,
            "context": mask(&snapshot.context),
            "patch": mask(&step.patch),
            "transitions": step.transitions,
            "effects": step.effects.iter().map(effect).collect::<Vec<_>>(),
            "timers": step.timers.iter().map(|timer| json!({
                "state": timer.owner.state,
                "name": timer.name,
                "event": timer_event(&timer.owner.state, &timer.name),
                "due": timer.due,
            })).collect::<Vec<_>>(),
            "left": step.left,
            "microsteps": step.microsteps,
        });
        if !step.violated.is_empty() {
            document["violated"] = json!(step.violated);
        }
        if let Some(output) = &snapshot.memory.output {
            document["output"] = output.clone();
        }
        document
    }
}

/// What was probably meant by a state that is not there.
pub(super) fn states_help(machine: &Machine, state: &str) -> String {
    let paths = (machine.states.iter().skip(1)).map(|state| state.path.as_str());
    match statehold_core::source::nearest(state, paths.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "states of `{}`: {}",
            machine.name,
            paths.collect::<Vec<_>>().join(", ")
        ),
    }
}

fn effect(effect: &EffectRequest) -> Value {
    json!({
        "path": effect.path,
        "name": effect.name,
        "request": effect.request.clone().shown(),
        "invoke": effect.invoke,
    })
}

/// The refusal in the shape of a problem document.
pub(super) fn refused(refusal: &Refusal) -> Failure {
    Failure::from_problem(json!({
        "type": format!("/docs/errors/{}", refusal.code),
        "title": refusal.code.title(),
        "code": refusal.code,
        "detail": refusal.message,
        "outcome": refusal.outcome,
        "blockers": refusal.blockers,
        "accepted_events": refusal.accepted_events,
    }))
}
