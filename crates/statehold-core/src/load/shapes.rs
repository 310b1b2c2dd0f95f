//! What the engine's own values look like: replies, and what events bring beside their input.

use serde_json::json;

use crate::expr::{EventPart, EventParts};
use crate::schema::{Field, Record, Type};

/// Kinds of error that an effect can end with, as `event.error.kind` names them.
const ERROR_KINDS: [&str; 5] = ["refused", "throttled", "timeout", "transient", "unknown"];

/// Records of what the engine makes.
pub(super) struct Shapes {
    /// `{status, body}`: a reply, and the output of a call that went well.
    reply: Record,
    /// `{kind, status, body, message}`: the error of a call.
    error: Record,
    /// `{kind, message}`: the error of an expression.
    failure: Record,
}

impl Default for Shapes {
    fn default() -> Self {
        let any = |name: &str| Field::new(name, Type::Any);
        let kind = |kinds: &[&str]| {
            let mut field = Field::new("kind", Type::String);
            field.schema = json!({ "type": "string", "enum": kinds });
            field
        };
        let message = || Field::new("message", Type::String);
        // These names are fine and differ, so that no record fails.
        let record = |fields| Record::new(fields).unwrap_or_default();
        Self {
            reply: record(vec![Field::new("status", Type::Integer), any("body")]),
            // Without an answer there is no status.
            error: record(vec![
                kind(&ERROR_KINDS),
                any("status"),
                any("body"),
                message(),
            ]),
            failure: record(vec![kind(&["execution"]), message()]),
        }
    }
}

impl Shapes {
    /// A reply as `ok` and `refused` see it.
    pub(super) fn reply(&self) -> &Record {
        &self.reply
    }

    /// What an event brings beside its input, given which effects are HTTP requests.
    pub(super) fn of_event(&self, event: &str, is_http: impl Fn(&str) -> bool) -> EventParts<'_> {
        let nothing = EventParts {
            output: EventPart::Absent,
            error: EventPart::Absent,
            attempt: EventPart::Absent,
        };
        let known = |effect: &str, record| match is_http(effect) {
            true => EventPart::Fields(record),
            false => EventPart::Unknown,
        };
        if let Some(effect) = event.strip_prefix("done.effect.") {
            return EventParts {
                output: known(effect, &self.reply),
                attempt: EventPart::Unknown,
                ..nothing
            };
        }
        if let Some(effect) = event.strip_prefix("error.effect.") {
            return EventParts {
                error: known(effect, &self.error),
                attempt: EventPart::Unknown,
                ..nothing
            };
        }
        if event.starts_with("done.state.") {
            return EventParts {
                output: EventPart::Unknown,
                ..nothing
            };
        }
        if event == "error.execution" {
            return EventParts {
                error: EventPart::Fields(&self.failure),
                ..nothing
            };
        }
        nothing
    }
}
