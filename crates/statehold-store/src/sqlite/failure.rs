//! What an error of SQLite means for the caller: nothing written and worth another try, outcome not known, or broken.

use std::error::Error;
use std::sync::Arc;

use rusqlite::{Error as SqliteError, ErrorCode};

use crate::StoreError;

/// One failure that may have to be told to many callers.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    kind: Kind,
    cause: Arc<dyn Error + Send + Sync>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unavailable,
    Unknown,
    Broken,
}

impl Failure {
    /// A statement or a BEGIN failed: nothing of its transaction is or will be written.
    pub(super) fn of_statement(error: SqliteError) -> Self {
        let kind = match error.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::OutOfMemory
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::FileLockingProtocolFailed,
            ) => Kind::Unavailable,
            _ => Kind::Broken,
        };
        Self {
            kind,
            cause: Arc::new(error),
        }
    }

    /// A COMMIT failed. The write-ahead log may hold the whole transaction although it could not be synced: recovery
    /// after a crash would bring it back, this process would not. Only where SQLite had to give up before its last
    /// page is the transaction certainly gone.
    pub(super) fn of_commit(error: SqliteError) -> Self {
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull) => {
                Kind::Unavailable
            }
            Some(ErrorCode::ConstraintViolation) => Kind::Broken,
            _ => Kind::Unknown,
        };
        Self {
            kind,
            cause: Arc::new(error),
        }
    }

    /// The writer has stopped after an unknown outcome. Pages that failed to sync may have been dropped by the
    /// kernel, so what this process believes to be in the file is no longer certain.
    pub(super) fn stopped() -> Self {
        Self {
            kind: Kind::Unavailable,
            cause: Arc::new(Stopped),
        }
    }

    /// Whether the writer has to stop.
    pub(super) fn is_unknown(&self) -> bool {
        self.kind == Kind::Unknown
    }

    /// The failure as the caller of `operation` gets it.
    pub(super) fn told(&self, operation: &'static str) -> StoreError {
        let source = Box::new(Arc::clone(&self.cause));
        match self.kind {
            Kind::Unavailable => StoreError::Unavailable { operation, source },
            Kind::Unknown => StoreError::Unknown { operation, source },
            Kind::Broken => StoreError::Broken { operation, source },
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("writing stopped after a failed sync to disk; start again to recover from the file")]
struct Stopped;

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn sqlite(code: i32) -> SqliteError {
        SqliteError::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn failed_sync_at_commit_is_unknown() {
        for code in [
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_IOERR_SHMMAP,
            ffi::SQLITE_NOMEM,
        ] {
            let failure = Failure::of_commit(sqlite(code));
            assert!(failure.is_unknown(), "{code}");
            assert!(matches!(failure.told("commit"), StoreError::Unknown { .. }));
        }
    }

    #[test]
    fn commit_that_gave_up_before_its_last_page_wrote_nothing() {
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_BUSY] {
            let told = Failure::of_commit(sqlite(code)).told("commit");
            assert!(matches!(told, StoreError::Unavailable { .. }), "{told:?}");
        }
    }

    #[test]
    fn failed_statement_is_never_unknown() {
        let failed = |code| Failure::of_statement(sqlite(code)).told("commit");
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_BUSY, ffi::SQLITE_IOERR_READ] {
            assert!(matches!(failed(code), StoreError::Unavailable { .. }));
        }
        for code in [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CORRUPT] {
            assert!(matches!(failed(code), StoreError::Broken { .. }));
        }
    }
}
