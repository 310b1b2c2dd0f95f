//! Where the database is and how much it may queue.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Requests that may wait for the writer. Far more than callers that wait for an answer, so that only a caller which
/// fires without waiting meets it; at a few KB each it stays in the tens of megabytes.
const QUEUE_MAX: usize = 4_096;

/// Requests in one transaction. Beyond a few hundred the cost of the sync is shared thinly enough, and each more only
/// makes the first in the batch wait for the last.
const BATCH_MAX: usize = 512;

/// How long the writer waits for another process. A batch takes milliseconds; who holds the file for seconds is stuck.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How a [`SqliteStore`](crate::SqliteStore) is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteConfig {
    /// The file, or memory.
    pub location: SqliteLocation,
    /// Most requests that may wait for the writer; one more is refused as
    /// [`StoreError::Unavailable`](crate::StoreError::Unavailable). At least 1; 4,096 unless said otherwise.
    pub queue_max: usize,
    /// Most requests committed together. At least 1; 512 unless said otherwise.
    pub batch_max: usize,
    /// How long to wait while another process writes; after that
    /// [`StoreError::Unavailable`](crate::StoreError::Unavailable). 5 seconds unless said otherwise.
    pub busy_timeout: Duration,
    /// Largest size of the database in bytes, rounded down to whole pages; beyond it writes are
    /// [`StoreError::Unavailable`](crate::StoreError::Unavailable) as they are on a full disk. No limit unless said
    /// otherwise.
    pub size_max: Option<u64>,
}

/// Where a SQLite database lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqliteLocation {
    /// A file, made if it is missing. Its folder must be there, writable, and on a local disk.
    Path(PathBuf),
    /// The memory of this store; gone when it is dropped.
    Memory,
}

impl SqliteConfig {
    /// The database in a file, with the default bounds.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self::at(SqliteLocation::Path(path.into()))
    }

    /// A database in memory, with the default bounds.
    pub fn memory() -> Self {
        Self::at(SqliteLocation::Memory)
    }

    fn at(location: SqliteLocation) -> Self {
        Self {
            location,
            queue_max: QUEUE_MAX,
            batch_max: BATCH_MAX,
            busy_timeout: BUSY_TIMEOUT,
            size_max: None,
        }
    }
}

impl fmt::Display for SqliteLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Memory => f.write_str(":memory:"),
        }
    }
}
