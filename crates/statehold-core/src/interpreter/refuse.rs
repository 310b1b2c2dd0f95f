//! Why an event is not taken, in words and codes.

use crate::codes;
use crate::event::{Event, Origin};
use crate::machine::{Definition, Guard, Machine, Transition, Unhandled};
use crate::outcome::{Blocker, Outcome, Refusal};
use crate::snapshot::{Deferred, Snapshot, Status};
use crate::step::InvokeRef;

impl Machine {
    /// Refusals that need no selection: the entity is done, or the event belongs to a state entry that is over.
    pub(super) fn refuse_early(&self, snapshot: &Snapshot, event: &Event) -> Option<Refusal> {
        if let Origin::Timer(owner) | Origin::Effect(Some(owner)) = &event.origin
            && !self.is_current(snapshot, owner)
        {
            return Some(Refusal::new(
                Outcome::Ignored,
                codes::NO_TRANSITION,
                format!(
                    "`{}` belongs to an entry of `{}` that is over",
                    event.kind, owner.state
                ),
            ));
        }
        (snapshot.status == Status::Done).then(|| {
            Refusal::new(
                Outcome::NoTransition,
                codes::NO_TRANSITION,
                format!(
                    "the entity is done (in `{}`) and takes no events",
                    self.encode(&snapshot.configuration)
                ),
            )
        })
    }

    /// Whether this entry of a state is the one the entity is in.
    #[must_use]
    pub fn is_current(&self, snapshot: &Snapshot, owner: &InvokeRef) -> bool {
        self.state_at(&owner.state)
            .is_some_and(|state| snapshot.configuration.contains(state.id))
            && snapshot.memory.entries.get(&owner.state) == Some(&owner.entry)
            && snapshot.status == Status::Active
    }

    /// No transition took the event: because it is unknown, because of guards, or because of where the entity is.
    pub(super) fn refuse_unhandled(
        &self,
        snapshot: &Snapshot,
        event: &Event,
        blockers: Vec<Blocker>,
    ) -> Refusal {
        let state = self.encode(&snapshot.configuration);
        let accepted = self.accepted_events(snapshot);
        let unhandled = self
            .event(&event.kind)
            .and_then(|def| def.unhandled)
            .unwrap_or(self.unhandled);
        let kind = &event.kind;
        let (outcome, code, message) =
            if !self.knows_event(kind) && event.origin == Origin::External {
                let message = format!("machine `{}` knows no event `{kind}`", self.name);
                (Outcome::UnknownEvent, codes::UNKNOWN_EVENT, message)
            } else if !blockers.is_empty() {
                let message = format!("`{kind}` is refused in state `{state}`");
                (Outcome::GuardFailed, codes::GUARD_FAILED, message)
            } else if unhandled == Unhandled::Defer && event.origin == Origin::External {
                return self.deferring(snapshot, event, &state).accepting(accepted);
            } else if unhandled == Unhandled::Ignore {
                let message = format!("`{kind}` is ignored in state `{state}`");
                (Outcome::Ignored, codes::NO_TRANSITION, message)
            } else {
                let message = format!("`{kind}` is not accepted in state `{state}`");
                (Outcome::NoTransition, codes::NO_TRANSITION, message)
            };
        Refusal::new(outcome, code, message)
            .blockers(blockers)
            .accepting(accepted)
    }
}

impl Machine {
    /// That the event is to be kept, unless there is no room for it.
    fn deferring(&self, snapshot: &Snapshot, event: &Event, state: &str) -> Refusal {
        let candidate = Deferred {
            id: String::new(),
            event: event.kind.clone(),
            input: event.input.clone(),
            actor: event.actor.clone(),
        };
        self.refuse_full(snapshot, &candidate).unwrap_or_else(|| {
            let kind = &event.kind;
            let message =
                format!("`{kind}` waits: state `{state}` does not take it, a later one may");
            Refusal::new(Outcome::Accepted, codes::NO_TRANSITION, message)
        })
    }
}

/// The guard that said no, in its author's words where there are any.
pub(super) fn blocker(machine: &Definition, transition: &Transition, guard: &Guard) -> Blocker {
    let code = guard.code.as_deref();
    let message = match &guard.reason {
        Some(reason) => reason.clone(),
        None => format!("guard `{}` is false", guard_name(guard)),
    };
    Blocker {
        code: code.unwrap_or(codes::GUARD_FAILED.id()).to_owned(),
        message,
        place: place(machine, transition),
    }
}

pub(super) fn guard_name(guard: &Guard) -> &str {
    guard.name.as_deref().unwrap_or_else(|| guard.expr.source())
}

/// Where a transition stands, for people.
pub(super) fn place(machine: &Definition, transition: &Transition) -> String {
    let path = machine.state(transition.source).path.as_str();
    let event = transition.on.as_ref().map(crate::machine::Descriptor::text);
    match (path, event) {
        (path, None) => format!("{path} (always)"),
        ("", Some(event)) => event,
        (path, Some(event)) => format!("{path} on {event}"),
    }
}
