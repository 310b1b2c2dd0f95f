//! What an error of PostgreSQL means for the caller: nothing written and worth another try, outcome not known, or broken.
//!
//! The server's words are kept without their details, because those repeat whole rows.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use deadpool_postgres::PoolError;
use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::StoreError;

/// One failure that may have to be told to many callers.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    kind: Kind,
    /// The connection on which it happened is not to be used again.
    lost: bool,
    cause: Arc<dyn Error + Send + Sync>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing was written because somebody else was in the way for a moment, or because the connection had ended
    /// before: to be tried again at once.
    Again,
    /// Nothing was written.
    Unavailable,
    /// The connection ended while the statement was under way: it may have been committed.
    Unknown,
    /// The statement is refused, whoever sends it.
    Broken,
}

/// Whether a lost answer leaves open what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Reads,
    Writes,
}

impl Failure {
    /// A statement that was sent has failed. One statement is one transaction, so what the server calls an error undid it.
    pub(super) fn of_statement(error: tokio_postgres::Error, effect: Effect) -> Self {
        match effect {
            Effect::Reads => Self::of_lost_or_refused(error, Kind::Again),
            Effect::Writes => Self::of_lost_or_refused(error, Kind::Unknown),
        }
    }

    /// Preparing a statement has failed; it was not sent.
    pub(super) fn before_sending(error: tokio_postgres::Error) -> Self {
        Self::of_lost_or_refused(error, Kind::Again)
    }

    /// `kind` is what it means if the server gave up the connection, or a pooler did, or nobody said anything.
    fn of_lost_or_refused(error: tokio_postgres::Error, kind: Kind) -> Self {
        let refused = error
            .as_db_error()
            .filter(|said| is_about_the_statement(said));
        let refused = refused.map(|said| kind_of(said.code()));
        Self {
            kind: refused.unwrap_or(kind),
            lost: refused.is_none(),
            cause: worded(error),
        }
    }

    pub(super) fn of_pool(error: PoolError) -> Self {
        let cause: Arc<dyn Error + Send + Sync> = match error {
            PoolError::Closed => {
                Arc::from(Box::<dyn Error + Send + Sync>::from("the store is closed"))
            }
            PoolError::Timeout(_) => Arc::from(Box::<dyn Error + Send + Sync>::from(
                "no connection to the database became free in time",
            )),
            PoolError::Backend(error) => worded(error),
            other => Arc::new(other),
        };
        Self {
            kind: Kind::Unavailable,
            lost: false,
            cause,
        }
    }

    /// The server did not answer in the time that it has.
    pub(super) fn silence(effect: Effect) -> Self {
        let kind = match effect {
            Effect::Reads => Kind::Unavailable,
            Effect::Writes => Kind::Unknown,
        };
        Self {
            lost: true,
            ..Self::said(kind, "the database did not answer in time")
        }
    }

    /// The server stopped waiting for a synchronous standby: committed here, and perhaps nowhere else.
    pub(super) fn not_replicated() -> Self {
        Self::said(
            Kind::Unknown,
            "the database stopped waiting for its synchronous standby",
        )
    }

    /// Others were in the way more often than is worth trying.
    pub(super) fn too_busy() -> Self {
        Self::said(Kind::Unavailable, "others kept holding the rows")
    }

    /// A result that does not fit its type.
    pub(super) fn unreadable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: Kind::Broken,
            lost: false,
            cause: Arc::from(cause.into()),
        }
    }

    /// A request that contradicts what is stored.
    pub(super) fn contradiction(what: &'static str) -> Self {
        Self::said(Kind::Broken, what)
    }

    fn said(kind: Kind, what: &'static str) -> Self {
        Self {
            kind,
            lost: false,
            cause: Arc::from(Box::<dyn Error + Send + Sync>::from(what)),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the connection on which it happened is not to be used again.
    pub(super) fn has_lost_connection(&self) -> bool {
        self.lost
    }

    /// The failure as the caller of `operation` gets it.
    pub(super) fn told(&self, operation: &'static str) -> StoreError {
        let source = Box::new(Arc::clone(&self.cause));
        match self.kind {
            Kind::Again | Kind::Unavailable => StoreError::Unavailable { operation, source },
            Kind::Unknown => StoreError::Unknown { operation, source },
            Kind::Broken => StoreError::Broken { operation, source },
        }
    }
}

/// Whether the server refused the statement and lives on; anything graver may have come after the commit.
fn is_about_the_statement(said: &DbError) -> bool {
    let fatal = matches!(
        said.parsed_severity(),
        Some(Severity::Panic | Severity::Fatal)
    );
    // Class 08 is about the connection. A pooler uses it for a server that went away, not always as fatal.
    !fatal && !said.code().code().starts_with("08")
}

fn kind_of(code: &SqlState) -> Kind {
    match *code {
        SqlState::T_R_SERIALIZATION_FAILURE
        | SqlState::T_R_DEADLOCK_DETECTED
        | SqlState::LOCK_NOT_AVAILABLE => Kind::Again,
        // A timeout; a standby or a database set to read-only, as after a failover.
        SqlState::QUERY_CANCELED | SqlState::READ_ONLY_SQL_TRANSACTION => Kind::Unavailable,
        _ => match &code.code()[..2] {
            // Insufficient resources (disk full, too many connections), operator intervention, errors of the system.
            "53" | "57" | "58" => Kind::Unavailable,
            _ => Kind::Broken,
        },
    }
}

fn worded(error: tokio_postgres::Error) -> Arc<dyn Error + Send + Sync> {
    match error.as_db_error() {
        Some(said) => Arc::new(Said {
            code: said.code().code().to_owned(),
            message: said.message().to_owned(),
        }),
        None => Arc::new(error),
    }
}

/// What the server said, without details and hints.
#[derive(Debug)]
struct Said {
    code: String,
    message: String,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code)
    }
}

impl Error for Said {}

/// The words of an error of the driver, with its causes, without details.
pub(super) fn words(error: &tokio_postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return said.message().to_owned();
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_passing_obstacle_is_tried_again() {
        for (code, kind) in [
            (SqlState::T_R_SERIALIZATION_FAILURE, Kind::Again),
            (SqlState::T_R_DEADLOCK_DETECTED, Kind::Again),
            (SqlState::LOCK_NOT_AVAILABLE, Kind::Again),
            (SqlState::QUERY_CANCELED, Kind::Unavailable),
            (SqlState::DISK_FULL, Kind::Unavailable),
            (SqlState::TOO_MANY_CONNECTIONS, Kind::Unavailable),
            (SqlState::READ_ONLY_SQL_TRANSACTION, Kind::Unavailable),
            (SqlState::UNIQUE_VIOLATION, Kind::Broken),
            (SqlState::CHECK_VIOLATION, Kind::Broken),
            (SqlState::UNDEFINED_TABLE, Kind::Broken),
        ] {
            assert_eq!(kind_of(&code), kind, "{code:?}");
        }
    }

    #[test]
    fn lost_answer_is_unknown_for_writes_only() {
        let told = |effect| Failure::silence(effect).told("commit");
        assert!(matches!(told(Effect::Writes), StoreError::Unknown { .. }));
        assert!(matches!(
            told(Effect::Reads),
            StoreError::Unavailable { .. }
        ));
    }
}
