//! What a call to the engine can end in, beside success.

use statehold_core::codes::{self, Code};
use statehold_core::{Outcome, Refusal};
use statehold_store::{StoreError, Unfit};

/// Why a call to the engine did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The machine, its rules or the door said no; nothing changed.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The store failed.
    #[error("{doing}")]
    Store {
        /// Which operation on what.
        doing: String,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// Something named in the call is not there or not in the right condition.
    #[error("{message}")]
    Invalid {
        /// Stable code.
        code: Code,
        /// For people.
        message: String,
    },
}

/// The stable code of a store that cannot be used.
#[must_use]
pub fn code_of_unfit(why: Unfit) -> Code {
    match why {
        Unfit::TooOld => codes::DATABASE_TOO_OLD,
        Unfit::NotDurable => codes::DATABASE_NOT_DURABLE,
        Unfit::ReadOnly => codes::DATABASE_READ_ONLY,
        Unfit::Encoding => codes::DATABASE_ENCODING,
        Unfit::NewerRelease => codes::DATABASE_NEWER,
        Unfit::Rights => codes::DATABASE_RIGHTS,
        Unfit::Login => codes::DATABASE_LOGIN,
        Unfit::Encryption => codes::DATABASE_ENCRYPTION,
        Unfit::Isolation => codes::DATABASE_ISOLATION,
        Unfit::ForeignSchema => codes::DATABASE_FOREIGN,
        _ => codes::STORE_UNUSABLE,
    }
}

impl From<Refusal> for EngineError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl EngineError {
    pub(crate) fn invalid(code: Code, message: impl Into<String>) -> Self {
        Self::Invalid {
            code,
            message: message.into(),
        }
    }

    pub(crate) fn store(doing: impl Into<String>) -> impl FnOnce(StoreError) -> Self {
        let doing = doing.into();
        move |source| Self::Store { doing, source }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Invalid { code, .. } => *code,
            Self::Store { source, .. } => match source {
                StoreError::Unknown { .. } => codes::OUTCOME_UNKNOWN,
                StoreError::Unavailable { .. } => codes::UNAVAILABLE,
                StoreError::Unusable { why, .. } => code_of_unfit(*why),
                _ => codes::STORE_FAILED,
            },
        }
    }

    /// The outcome, where the call was about an event.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Refused(refusal) => Some(refusal.outcome),
            Self::Store { source, .. } => Some(match source {
                StoreError::Unknown { .. } => Outcome::Unknown,
                _ => Outcome::Unavailable,
            }),
            Self::Invalid { code, .. } => match *code {
                codes::UNKNOWN_ENTITY => Some(Outcome::UnknownEntity),
                codes::BAD_ID
                | codes::INVALID_INPUT
                | codes::EVENT_ID_REUSED
                | codes::NOT_SUPPORTED_YET => Some(Outcome::InvalidInput),
                _ => None,
            },
        }
    }
}
