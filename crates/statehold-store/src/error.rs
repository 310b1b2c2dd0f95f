//! Why an operation on a store failed, sorted by what the caller can do about it.

/// An operating error of a store. A lost race is not an error but an outcome
/// ([`CommitOutcome::Conflict`](crate::CommitOutcome::Conflict)).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The connection to the database broke while the transaction was committing: it may have happened.
    /// Only a retry with the same event id tells.
    #[error("{operation}: the outcome of the commit is not known")]
    Unknown {
        /// The verb that was running.
        operation: &'static str,
        /// What the driver said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nothing was written; trying again later may work (database busy, disk full, queue full, shutting down).
    #[error("{operation}: the store is not available")]
    Unavailable {
        /// The verb that was running.
        operation: &'static str,
        /// What the driver said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store cannot be used as it is: not a database, read-only, made by a newer release.
    #[error("cannot use the store {location}: {reason}")]
    Unusable {
        /// Where it is, as the user named it, without a password.
        location: String,
        /// Which kind of unfit it is.
        why: Unfit,
        /// What is wrong with it, in the user's words.
        reason: String,
        /// What to do about it.
        help: &'static str,
    },
    /// The database refused or returned something that a correct program never meets. Trying again does not help.
    #[error("{operation} failed")]
    Broken {
        /// The verb that was running.
        operation: &'static str,
        /// What the driver said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Why a store cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unfit {
    /// The file, the address or a bound is not usable.
    Place,
    /// There is no store yet, and none was to be made.
    Missing,
    /// The server is of a version that is not supported.
    TooOld,
    /// The server may forget what it acknowledged.
    NotDurable,
    /// The server or the database takes no writes.
    ReadOnly,
    /// The database cannot store all text.
    Encoding,
    /// A newer release has migrated it.
    NewerRelease,
    /// The role may not do what is needed.
    Rights,
    /// The server does not let this user in, or has no such database.
    Login,
    /// The connection cannot be encrypted, or the server cannot prove who it is.
    Encryption,
    /// Transactions are isolated in another way than the store relies on.
    Isolation,
    /// The tables are there, but no release made them so.
    ForeignSchema,
}

/// What lies behind an error, in the form the variants carry it.
type Cause = Box<dyn std::error::Error + Send + Sync>;

impl StoreError {
    pub(crate) fn unavailable(operation: &'static str, source: impl Into<Cause>) -> Self {
        Self::Unavailable {
            operation,
            source: source.into(),
        }
    }

    pub(crate) fn broken(operation: &'static str, source: impl Into<Cause>) -> Self {
        Self::Broken {
            operation,
            source: source.into(),
        }
    }

    /// What every verb answers once the store is closed.
    pub(crate) fn closed(operation: &'static str) -> Self {
        Self::unavailable(operation, "the store is closed")
    }
}
