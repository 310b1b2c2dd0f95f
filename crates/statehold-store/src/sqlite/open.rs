//! Opening a database: is it ours, is it whole, can it be written durably; then its settings and migrations.
//!
//! What a user can do something about is told as [`StoreError::Unusable`] in the user's words, before anything is
//! written to a file that is not ours.

use std::fs;
use std::path::Path;
use std::time::Duration;

use refinery::Migration;
use refinery::error::Kind;
use rusqlite::{Connection, Error as SqliteError, ErrorCode, OpenFlags};

use super::columns::query_one;
use super::config::{SqliteConfig, SqliteLocation};
use super::failure::Failure;
use super::mounts;
use super::readers::READERS;
use super::sql;
use crate::{StoreError, Unfit};

mod embedded {
    refinery::embed_migrations!("sql/sqlite/migrations");
}

/// Table in which the applied migrations are recorded.
const MIGRATIONS_TABLE: &str = "statehold_migrations";

/// Tries to migrate. The migrations are looked up and applied in separate transactions, so another process may apply
/// them in between; the second try then finds nothing to do.
const MIGRATE_TRIES_MAX: u32 = 3;

/// Oldest SQLite that is trusted: older ones can lose committed pages when the write-ahead log is reset.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Largest file that is checked on opening, in bytes: about a second of reading. Larger ones are checked by hand.
const CHECK_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Statements kept prepared per connection: more than there are, so that none is ever prepared twice.
const STATEMENTS_MAX: usize = 64;

/// Page cache per connection in KiB. SQLite's own 2 MiB is less than one batch touches.
const CACHE_KIB: i64 = 16 * 1024;

/// Size to which the write-ahead log is cut when it starts over, in bytes; a burst may grow it beyond.
const WAL_BYTES_KEPT: i64 = 64 * 1024 * 1024;

/// Pages in the write-ahead log after which it is copied into the file: 16 MiB, so that under load a batch in a few
/// hundred pays for the copying and not every tenth.
const CHECKPOINT_PAGES: i64 = 4_000;

/// The connections of a store.
pub(super) struct Opened {
    pub(super) writer: Connection,
    /// None for a database in memory, which only its one connection sees.
    pub(super) readers: Option<[Connection; READERS]>,
}

/// Opens, checks and migrates the database.
pub(super) fn open(config: &SqliteConfig) -> Result<Opened, StoreError> {
    let place = Place(config.location.to_string());
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(place.unusable(
            format!(
                "SQLite {} loses data on reset of its log",
                rusqlite::version()
            ),
            "use a build with SQLite 3.51.3 or later",
        ));
    }
    match &config.location {
        SqliteLocation::Memory => {
            let mut writer = Connection::open_in_memory().map_err(|e| place.explain(e))?;
            settle_in(&writer, config).map_err(|e| place.explain(e))?;
            migrate(&mut writer, &place)?;
            Ok(Opened {
                writer,
                readers: None,
            })
        }
        SqliteLocation::Path(path) => open_file(path, config, &place),
    }
}

fn open_file(path: &Path, config: &SqliteConfig, place: &Place) -> Result<Opened, StoreError> {
    place.check(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let create = flags | OpenFlags::SQLITE_OPEN_CREATE;
    let mut writer = connect(path, create, config.busy_timeout).map_err(|e| place.explain(e))?;
    check_contents(&writer, place)?;
    check_pages(&writer, path, place)?;
    make_durable(&writer, place)?;
    settle_in(&writer, config).map_err(|e| place.explain(e))?;
    migrate(&mut writer, place)?;
    let reader = || connect_reader(path, flags, config).map_err(|e| place.explain(e));
    Ok(Opened {
        writer,
        readers: Some([reader()?, reader()?]),
    })
}

fn connect(path: &Path, flags: OpenFlags, busy: Duration) -> Result<Connection, SqliteError> {
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(busy)?;
    Ok(db)
}

/// Readers could write, as the last connection to be closed must be able to empty the log; their statements may not.
fn connect_reader(
    path: &Path,
    flags: OpenFlags,
    config: &SqliteConfig,
) -> Result<Connection, SqliteError> {
    let db = connect(path, flags, config.busy_timeout)?;
    settle_in(&db, config)?;
    db.pragma_update(None, "query_only", true)?;
    Ok(db)
}

/// Settings of one connection that cannot fail for a reason of the user's.
fn settle_in(db: &Connection, config: &SqliteConfig) -> Result<(), SqliteError> {
    db.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // FULL: a commit is on the disk before it is answered; NORMAL forgets the last ones when the power goes.
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    // Functions in a schema that somebody else edited are not run.
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    set(db, "journal_size_limit", WAL_BYTES_KEPT)?;
    set(db, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    if let Some(size_max) = config.size_max {
        let page: i64 = db.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(size_max).unwrap_or(i64::MAX) / page.max(1);
        set(db, "max_page_count", pages.max(1))?;
    }
    Ok(())
}

/// A pragma that answers with its new value, which is whatever SQLite made of it.
fn set(db: &Connection, pragma: &str, value: i64) -> Result<(), SqliteError> {
    db.pragma_update_and_check(None, pragma, value, |_| Ok(()))
}

/// Refuses files that are not databases, that belong to others, or that a newer release has migrated.
fn check_contents(db: &Connection, place: &Place) -> Result<(), StoreError> {
    let tables = query_one(db, sql::FOREIGN_TABLES, [], |cells| {
        Ok((cells.take::<i64>()?, cells.take::<i64>()? > 0))
    });
    let read_only = db.is_readonly(rusqlite::MAIN_DB);
    match tables.map_err(|e| place.explain(e))?.unwrap_or_default() {
        _ if read_only.map_err(|e| place.explain(e))? => Err(place.read_only("the file")),
        (0, _) => Ok(()),
        (_, false) => Err(place.unusable(
            "it is the database of another program".to_owned(),
            "give the path of a new file; the store makes it",
        )),
        (_, true) => check_version(db, place),
    }
}

fn check_version(db: &Connection, place: &Place) -> Result<(), StoreError> {
    let newest = query_one(db, sql::NEWEST_MIGRATION, [], |cells| {
        cells.take::<Option<i64>>()
    });
    let newest = newest.map_err(|e| place.explain(e))?.flatten();
    let known = newest_known();
    match newest {
        Some(newest) if newest > known => Err(place.unusable(
            format!(
                "it was made by a newer release: its schema is version {newest}, this release knows version {known}"
            ),
            "use the newer release, or another file",
        )),
        _ => Ok(()),
    }
}

fn newest_known() -> i64 {
    let runner = embedded::migrations::runner();
    let versions = runner.get_migrations().iter().map(Migration::version);
    i64::from(versions.max().unwrap_or_default())
}

/// Looks for damaged pages, unless the file is so large that it would hold up the start.
fn check_pages(db: &Connection, path: &Path, place: &Place) -> Result<(), StoreError> {
    let size = fs::metadata(path).map_or(0, |data| data.len());
    if size > CHECK_BYTES_MAX {
        tracing::info!(%size, "the database is too large to be checked on opening");
        return Ok(());
    }
    let found: String = db
        .pragma_query_value(None, "quick_check", |row| row.get(0))
        .map_err(|e| place.explain(e))?;
    if found == "ok" {
        return Ok(());
    }
    Err(place.damaged(&found))
}

fn make_durable(db: &Connection, place: &Place) -> Result<(), StoreError> {
    let mode: String = db
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(|e| place.explain(e))?;
    if mode.eq_ignore_ascii_case("wal") {
        return Ok(());
    }
    Err(place.unusable(
        "its file system cannot keep a write-ahead log".to_owned(),
        "put the file on a local disk",
    ))
}

fn migrate(db: &mut Connection, place: &Place) -> Result<(), StoreError> {
    let mut runner = embedded::migrations::runner();
    runner.set_migration_table_name(MIGRATIONS_TABLE);
    // A migration and its record in one transaction, or a crash between them would leave it half done.
    let runner = runner.set_grouped(true);
    let mut tries = 1;
    loop {
        match runner.run(db) {
            Ok(_) => return Ok(()),
            Err(_) if tries < MIGRATE_TRIES_MAX => tries += 1,
            Err(error) => return Err(place.explain_migration(error)),
        }
    }
}

/// The location as the user named it, and what can be wrong with it.
struct Place(String);

impl Place {
    /// Looks at the folder and the file before SQLite does, because its own words ("unable to open database file")
    /// do not say which of many things is wrong.
    fn check(&self, path: &Path) -> Result<(), StoreError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let Ok(data) = fs::metadata(folder) else {
            return Err(self.unusable(
                format!("the folder {} does not exist", folder.display()),
                "make the folder first",
            ));
        };
        if data.permissions().readonly() {
            return Err(self.read_only("the folder"));
        }
        if let Some(kind) = mounts::network_file_system(folder) {
            return Err(self.unusable(
                format!("it lies on a network file system ({kind}), where locks cannot be trusted"),
                "put the file on a local disk",
            ));
        }
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => {
                Err(self.unusable("it is a folder".to_owned(), "give the path of a file in it"))
            }
            Ok(data) if data.permissions().readonly() => Err(self.read_only("the file")),
            _ => Ok(()),
        }
    }

    fn explain(&self, error: SqliteError) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => self.unusable(
                "the file is not a SQLite database".to_owned(),
                "give another path, or move the file away",
            ),
            Some(ErrorCode::DatabaseCorrupt) => self.damaged(&error.to_string()),
            Some(ErrorCode::ReadOnly) => self.read_only("the file or its folder"),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => self.unusable(
                format!("the file cannot be opened ({error})"),
                "make the file and its folder readable and writable for this user",
            ),
            _ => Failure::of_statement(error).told("open"),
        }
    }

    fn explain_migration(&self, error: refinery::Error) -> StoreError {
        match error.kind() {
            Kind::DivergentVersion(..) | Kind::MissingVersion(_) | Kind::RepeatedVersion(_) => self
                .unusable(
                    format!("its tables were not made by a release ({error})"),
                    "use the release that made the file, or another file",
                ),
            Kind::Connection(_, cause) => match cause.downcast_ref::<SqliteError>() {
                Some(SqliteError::SqliteFailure(code, message)) => {
                    self.explain(SqliteError::SqliteFailure(*code, message.clone()))
                }
                _ => StoreError::broken("open", error),
            },
            _ => StoreError::broken("open", error),
        }
    }

    fn read_only(&self, what: &str) -> StoreError {
        self.unusable(
            format!("{what} is read-only"),
            "make the file and its folder writable for this user",
        )
    }

    fn damaged(&self, finding: &str) -> StoreError {
        self.unusable(
            format!("the file is damaged ({finding})"),
            "restore a backup, or save what `sqlite3 FILE .recover` finds",
        )
    }

    fn unusable(&self, reason: String, help: &'static str) -> StoreError {
        StoreError::Unusable {
            location: self.0.clone(),
            why: Unfit::Place,
            reason,
            help,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(db: &Connection, pragma: &str) -> String {
        let value = db.pragma_query_value(None, pragma, |row| {
            row.get_ref(0).map(|value| match value {
                rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => other.as_i64().expect("a number").to_string(),
            })
        });
        value.expect(pragma)
    }

    #[test]
    fn connections_are_durable_and_checked() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = SqliteConfig::path(folder.path().join("test.db"));
        let opened = open(&config).expect("open");
        let [one, two] = opened.readers.expect("readers");
        for (db, query_only) in [(&opened.writer, "0"), (&one, "1"), (&two, "1")] {
            assert_eq!(setting(db, "journal_mode"), "wal");
            assert_eq!(setting(db, "synchronous"), "2", "FULL");
            assert_eq!(setting(db, "foreign_keys"), "1");
            assert_eq!(setting(db, "trusted_schema"), "0");
            assert_eq!(setting(db, "query_only"), query_only);
            assert_eq!(setting(db, "busy_timeout"), "5000");
        }
    }

    #[test]
    fn bundled_sqlite_is_new_enough() {
        assert!(rusqlite::version_number() >= SQLITE_VERSION_MIN);
    }
}
