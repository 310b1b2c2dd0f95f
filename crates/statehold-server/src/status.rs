//! Which HTTP status says what. The only place that decides it.
//!
//! A refusal's status follows from its outcome; for the rest, and for the few codes that say more than their outcome,
//! the code decides.

use axum::http::StatusCode;
use statehold_core::Outcome;
use statehold_core::codes::{self, Code};
use statehold_engine::EngineError;

/// The status of an outcome. The table of docs/http.md.
#[must_use]
pub fn of_outcome(outcome: Outcome) -> StatusCode {
    match outcome {
        Outcome::Applied | Outcome::Duplicate | Outcome::Ignored => StatusCode::OK,
        Outcome::Accepted => StatusCode::ACCEPTED,
        Outcome::InvalidInput => StatusCode::BAD_REQUEST,
        Outcome::Forbidden => StatusCode::FORBIDDEN,
        Outcome::UnknownEvent | Outcome::UnknownEntity => StatusCode::NOT_FOUND,
        Outcome::NoTransition | Outcome::Conflict => StatusCode::CONFLICT,
        Outcome::StaleRevision => StatusCode::PRECONDITION_FAILED,
        Outcome::GuardFailed | Outcome::CheckFailed => StatusCode::UNPROCESSABLE_ENTITY,
        Outcome::Halted => StatusCode::LOCKED,
        Outcome::GuardError | Outcome::StepError => StatusCode::INTERNAL_SERVER_ERROR,
        Outcome::Unknown | Outcome::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Every outcome with what it means to a caller, in the order in which documents list them.
pub(crate) const OUTCOMES: [(Outcome, &str); 18] = [
    (Outcome::Applied, "A transition was taken; it is durable."),
    (Outcome::Accepted, "Stored, to be processed later."),
    (
        Outcome::Duplicate,
        "The same event was applied before; this is its first result.",
    ),
    (
        Outcome::Ignored,
        "No transition takes it, and the chart says to ignore that. Nothing changed.",
    ),
    (
        Outcome::InvalidInput,
        "The input does not fit its schema, or the request is malformed.",
    ),
    (Outcome::Forbidden, "The actor may not fire it."),
    (Outcome::UnknownEvent, "The machine knows no such event."),
    (Outcome::UnknownEntity, "There is no such entity."),
    (
        Outcome::NoTransition,
        "Not accepted in this state; `accepted_events` are.",
    ),
    (
        Outcome::Conflict,
        "Others kept changing the entity; try again.",
    ),
    (
        Outcome::StaleRevision,
        "The entity is not at the revision of `If-Match`; read it again.",
    ),
    (
        Outcome::GuardFailed,
        "A guard said no; the blockers say why.",
    ),
    (Outcome::CheckFailed, "A check before the commit said no."),
    (
        Outcome::Halted,
        "The entity is stopped until an operator resumes it.",
    ),
    (
        Outcome::GuardError,
        "A guard could not be evaluated. Nothing changed.",
    ),
    (Outcome::StepError, "The step failed. Nothing changed."),
    (
        Outcome::Unknown,
        "It is not known whether the event was stored; repeat it under the same event id.",
    ),
    (
        Outcome::Unavailable,
        "The server or its store cannot work now. Nothing changed; try again.",
    ),
];

/// The status that a code stands for, whatever the outcome; none where the outcome decides.
#[must_use]
pub fn of_code(code: Code) -> Option<StatusCode> {
    Some(match code {
        codes::MALFORMED_BODY
        | codes::BAD_ACTOR
        | codes::BAD_HEADER
        | codes::BAD_QUERY
        | codes::BAD_ID
        | codes::REASON_MISSING => StatusCode::BAD_REQUEST,
        codes::NOT_AUTHENTICATED => StatusCode::UNAUTHORIZED,
        codes::NOT_LOOPBACK_HOST | codes::CROSS_SITE => StatusCode::FORBIDDEN,
        codes::UNKNOWN_ROUTE | codes::UNKNOWN_MACHINE | codes::UNKNOWN_EFFECT_ID => {
            StatusCode::NOT_FOUND
        }
        codes::METHOD_NOT_ALLOWED => StatusCode::METHOD_NOT_ALLOWED,
        codes::TIMED_OUT => StatusCode::REQUEST_TIMEOUT,
        codes::ENTITY_EXISTS | codes::VERSION_TAKEN | codes::NOT_DEAD | codes::INVOKE_LEFT => {
            StatusCode::CONFLICT
        }
        codes::BODY_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
        // The key is fine and the body is fine; only together they are not.
        codes::EVENT_ID_REUSED => StatusCode::UNPROCESSABLE_ENTITY,
        // Trying again does not help, which is what 503 would say.
        codes::STORE_FAILED | codes::STORE_UNUSABLE | codes::INTERNAL => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        // Another node may have it.
        codes::VERSION_MISSING | codes::UNAVAILABLE | codes::OUTCOME_UNKNOWN => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => return None,
    })
}

/// The status of a failed call to the engine.
pub(crate) fn of_error(error: &EngineError) -> StatusCode {
    of_code(error.code())
        .or_else(|| error.outcome().map(of_outcome))
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_outcome_that_changed_nothing_is_a_success_but_ignored() {
        let refusals = [
            Outcome::NoTransition,
            Outcome::GuardFailed,
            Outcome::CheckFailed,
            Outcome::Forbidden,
            Outcome::Conflict,
            Outcome::StaleRevision,
            Outcome::UnknownEvent,
            Outcome::UnknownEntity,
            Outcome::InvalidInput,
            Outcome::Halted,
        ];
        for outcome in refusals {
            assert!(of_outcome(outcome).is_client_error(), "{outcome}");
        }
        assert_eq!(of_outcome(Outcome::Ignored), StatusCode::OK);
    }

    #[test]
    fn what_may_be_repeated_is_503_and_what_may_not_is_not() {
        assert_eq!(
            of_outcome(Outcome::Unknown),
            StatusCode::SERVICE_UNAVAILABLE
        );
        assert_eq!(
            of_outcome(Outcome::Unavailable),
            StatusCode::SERVICE_UNAVAILABLE
        );
        assert_eq!(
            of_code(codes::STORE_FAILED),
            Some(StatusCode::INTERNAL_SERVER_ERROR)
        );
    }
}
