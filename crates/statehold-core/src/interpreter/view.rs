//! What expressions see at one moment of a step.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::run::Run;
use crate::configuration::StateSet;
use crate::event::Event;
use crate::expr::{ActorScope, EntityScope, EventScope, Scope};
use crate::machine::Definition;
use crate::schema::Record;
use crate::snapshot::{EntityInfo, Snapshot};

/// One moment of an entity, ready to evaluate expressions in.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) machine: &'a Definition,
    pub(crate) entity: &'a EntityInfo,
    pub(crate) configuration: &'a StateSet,
    pub(crate) context: &'a Map<String, Value>,
    pub(crate) event: &'a Event,
    pub(crate) input_record: Option<&'a Record>,
    pub(crate) now: Timestamp,
    pub(crate) extra: &'a [(&'a str, &'a Value)],
}

impl<'a> View<'a> {
    /// A stored entity that is offered an event.
    pub(crate) fn of(
        machine: &'a Definition,
        snapshot: &'a Snapshot,
        event: &'a Event,
        now: Timestamp,
    ) -> Self {
        Self {
            machine,
            entity: &snapshot.entity,
            configuration: &snapshot.configuration,
            context: &snapshot.context,
            event,
            input_record: machine.input_record(&event.kind),
            now,
            extra: &[],
        }
    }

    /// Adds further roots.
    pub(crate) fn extra(self, extra: &'a [(&'a str, &'a Value)]) -> Self {
        Self { extra, ..self }
    }

    /// Evaluates something here.
    pub(crate) fn with<T>(&self, evaluate: impl FnOnce(&Scope<'_>) -> T) -> T {
        let in_state = |path: &str| {
            let id = self.machine.by_path.get(path);
            id.is_some_and(|id| self.configuration.contains(*id))
        };
        evaluate(&Scope {
            ctx: self.context,
            ctx_record: &self.machine.context,
            event: EventScope {
                kind: &self.event.kind,
                input: &self.event.input,
                input_record: self.input_record,
                output: self.event.output.as_ref(),
                error: self.event.error.as_ref(),
                attempt: self.event.attempt,
            },
            actor: Some(ActorScope {
                id: &self.event.actor.id,
                kind: &self.event.actor.kind,
                roles: &self.event.actor.roles,
            }),
            entity: EntityScope {
                id: &self.entity.id,
                owner: self.entity.owner.as_deref(),
                version: self.machine.version,
                revision: self.entity.revision,
            },
            now: self.now,
            in_state: &in_state,
            extra: self.extra,
        })
    }
}

impl Run<'_> {
    /// This moment of the step.
    pub(super) fn view(&self) -> View<'_> {
        View {
            machine: self.machine,
            entity: self.entity,
            configuration: &self.configuration,
            context: &self.context,
            event: &self.event,
            input_record: self.input_record,
            now: self.now,
            extra: &[],
        }
    }
}
