//! Opening a database: can it keep what the store promises, is it ours, may this role use it; then its migrations.
//!
//! What a user can do something about is told as [`StoreError::Unusable`] in the user's words, before anything is changed.

use std::time::Duration;

use deadpool_postgres::Connect;
use refinery::Migration;
use refinery::error::Kind as MigrationKind;
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, Row};

use super::config::PostgresConfig;
use super::connect::{Connector, NotReplicated, session};
use super::db::{pause, typed};
use super::failure::{self, Failure};
use super::params::params;
use super::{sql, tls};
use crate::{StoreError, Unfit};

mod embedded {
    refinery::embed_migrations!("sql/postgres/migrations");
}

/// Table in which the applied migrations are recorded.
const MIGRATIONS_TABLE: &str = "statehold.migrations";

/// Oldest server that is tested.
const VERSION_MIN: i64 = 150_000;

/// Names the lock under which one process migrates at a time; any number nobody else uses will do.
const MIGRATION_LOCK: i64 = 0x7374_6174_6568_6f6c;

/// Times that migrating is tried when another process does it at the same moment.
const MIGRATE_TRIES_MAX: u32 = 40;

/// Longest that a migration may take. It runs once, and on large tables it has to read all of them.
const MIGRATION_TIMEOUT: Duration = Duration::from_secs(600);

/// What was found out about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    /// It waits for synchronous standbys.
    pub(super) has_standby: bool,
}

/// Checks and migrates the database, over a connection of its own.
pub(super) async fn open(config: &PostgresConfig) -> Result<Opened, StoreError> {
    let place = Place(config.to_string());
    if let Some(problem) = config.problem() {
        return Err(place.unfit(
            Unfit::Place,
            problem.to_owned(),
            "leave the bounds out to get the defaults",
        ));
    }
    let (mut client, driver) = place.connect(config).await?;
    let opened = place.prepare(&mut client, config).await;
    drop(client);
    driver.abort();
    opened
}

/// What a server says about itself.
struct Settings {
    version: i64,
    version_name: String,
    encoding: String,
    fsync: String,
    full_page_writes: String,
    synchronous_commit: String,
    isolation: String,
    read_only: String,
    standbys: String,
    in_recovery: bool,
    role: String,
}

impl Settings {
    fn of(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            version: row.try_get(0)?,
            version_name: row.try_get(1)?,
            encoding: row.try_get(2)?,
            fsync: row.try_get(3)?,
            full_page_writes: row.try_get(4)?,
            synchronous_commit: row.try_get(5)?,
            isolation: row.try_get(6)?,
            read_only: row.try_get(7)?,
            standbys: row.try_get(8)?,
            in_recovery: row.try_get(9)?,
            role: row.try_get(10)?,
        })
    }

    /// Settings under which a commit that was answered may be lost, each with its value.
    fn unsafe_ones(&self) -> Vec<String> {
        let found = [
            ("fsync", &self.fsync),
            ("full_page_writes", &self.full_page_writes),
            ("synchronous_commit", &self.synchronous_commit),
        ];
        let off = found.iter().filter(|(_, value)| *value == "off");
        off.map(|(name, value)| format!("{name} = {value}"))
            .collect()
    }
}

/// The location as it may be shown, and what can be wrong with it.
struct Place(String);

impl Place {
    async fn connect(
        &self,
        config: &PostgresConfig,
    ) -> Result<(Client, JoinHandle<()>), StoreError> {
        let tls = tls::connector(config).map_err(|problem| {
            self.unfit(
                Unfit::Encryption,
                problem,
                "give a PEM file of certificates as sslrootcert",
            )
        })?;
        let mut patient = config.clone();
        patient.statement_timeout = MIGRATION_TIMEOUT;
        let connector = Connector::new(tls, NotReplicated::default());
        let session = session(&patient);
        let connecting = connector.connect(&session);
        match tokio::time::timeout(config.connect_timeout * 2, connecting).await {
            Ok(made) => made.map_err(|error| self.explain_connecting(error)),
            Err(_) => Err(StoreError::unavailable(
                "open",
                "the database did not answer in time",
            )),
        }
    }

    async fn prepare(
        &self,
        client: &mut Client,
        config: &PostgresConfig,
    ) -> Result<Opened, StoreError> {
        let row = self.one(client, sql::SERVER_SETTINGS).await?;
        let settings = Settings::of(&row).map_err(|error| StoreError::broken("open", error))?;
        self.check(&settings, config)?;
        let known = newest_known();
        let newest = self.newest_applied(client, &settings, known).await?;
        if newest == 0 && !config.migrate {
            return Err(self.unfit(
                Unfit::Missing,
                "the database has no schema statehold".to_owned(),
                "start a server on it, which makes it",
            ));
        }
        if newest < known && config.migrate {
            self.migrate(client, &settings, config.pooler).await?;
        }
        self.check_rights(client, &settings).await?;
        Ok(Opened {
            has_standby: !settings.standbys.trim().is_empty(),
        })
    }

    fn check(&self, settings: &Settings, config: &PostgresConfig) -> Result<(), StoreError> {
        if settings.version < VERSION_MIN {
            return Err(self.unfit(
                Unfit::TooOld,
                format!("the server is PostgreSQL {}", settings.version_name),
                "use PostgreSQL 15 or later",
            ));
        }
        if settings.encoding != "UTF8" {
            return Err(self.unfit(
                Unfit::Encoding,
                format!("the database stores text as {}", settings.encoding),
                "make a database with ENCODING 'UTF8' TEMPLATE template0",
            ));
        }
        if settings.in_recovery || settings.read_only == "on" {
            let what = if settings.in_recovery {
                "the server is a standby"
            } else {
                "the database is read-only for this role"
            };
            return Err(self.unfit(
                Unfit::ReadOnly,
                what.to_owned(),
                "name the primary; with several hosts, add target_session_attrs=read-write",
            ));
        }
        if settings.isolation != "read committed" {
            return Err(self.unfit(
                Unfit::Isolation,
                format!("transactions are {} by default", settings.isolation),
                "ALTER ROLE … SET default_transaction_isolation = 'read committed'",
            ));
        }
        self.check_durability(settings, config)
    }

    fn check_durability(
        &self,
        settings: &Settings,
        config: &PostgresConfig,
    ) -> Result<(), StoreError> {
        let wrong = settings.unsafe_ones().join(", ");
        if wrong.is_empty() {
            return Ok(());
        }
        if config.allow_unsafe_server {
            tracing::warn!("{}: commits may be lost in a crash: {wrong}", self.0);
            return Ok(());
        }
        Err(self.unfit(
            Unfit::NotDurable,
            format!("commits may be lost in a crash: {wrong}"),
            "turn it on, or say allow_unsafe_server=true in the address if losing commits is fine",
        ))
    }

    /// The highest migration that was applied; 0 for none.
    async fn newest_applied(
        &self,
        client: &Client,
        settings: &Settings,
        known: i64,
    ) -> Result<i64, StoreError> {
        let row = self.one(client, sql::SCHEMA_THERE).await?;
        let (schema, record, may_create): (bool, bool, bool) = (row.get(0), row.get(1), row.get(2));
        if !schema && !may_create {
            return Err(self.no_rights(settings, "the schema statehold is not there and the role"));
        }
        if !record {
            return Ok(0);
        }
        let row = self.one(client, sql::NEWEST_MIGRATION).await?;
        let newest: Option<i64> = row.get(0);
        match newest {
            Some(newest) if newest > known => Err(self.unfit(
                Unfit::NewerRelease,
                format!("its schema is version {newest}, this release knows version {known}"),
                "use the newer release, or another database",
            )),
            newest => Ok(newest.unwrap_or_default()),
        }
    }

    /// One process at a time, where the connection can hold a lock; where it cannot, whoever comes second tries again and
    /// finds the work done.
    async fn migrate(
        &self,
        client: &mut Client,
        settings: &Settings,
        pooler: bool,
    ) -> Result<(), StoreError> {
        if !pooler {
            self.lock(client).await?;
        }
        let mut runner = embedded::migrations::runner();
        runner.set_migration_table_name(MIGRATIONS_TABLE);
        // A migration and its record in one transaction, or a crash between them would leave it half done.
        let runner = runner.set_grouped(true);
        let mut tries = 1;
        loop {
            let outcome = match make_schema(client).await {
                Ok(()) => runner
                    .run_async(client)
                    .await
                    .map(drop)
                    .map_err(Trouble::of),
                Err(error) => Err(Trouble::Database(error)),
            };
            match outcome {
                Ok(()) => return Ok(()),
                Err(trouble) if trouble.is_a_race() && tries < MIGRATE_TRIES_MAX => {
                    pause(tries).await;
                    tries += 1;
                }
                Err(trouble) => return Err(self.explain_migration(settings, trouble)),
            }
        }
    }

    /// Held until the connection ends. Tried again and again rather than waited for, which a timeout would cut.
    async fn lock(&self, client: &Client) -> Result<(), StoreError> {
        for tries in 1..=MIGRATE_TRIES_MAX * 10 {
            let lock = "SELECT pg_try_advisory_lock($1)";
            let row = client
                .query_typed(lock, &typed(&params![MIGRATION_LOCK]))
                .await;
            let row = row.map_err(|error| self.explain(error))?;
            if row.first().is_some_and(|row| row.get(0)) {
                return Ok(());
            }
            pause(tries).await;
        }
        Err(StoreError::unavailable(
            "open",
            "another process is migrating the database",
        ))
    }

    async fn check_rights(&self, client: &Client, settings: &Settings) -> Result<(), StoreError> {
        let rows = client.query_typed(sql::RIGHTS, &[]).await;
        let rows = rows.map_err(|error| self.explain(error))?;
        let tables: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        if tables.is_empty() {
            return Ok(());
        }
        let what = format!("for the tables {}, the role", tables.join(", "));
        Err(self.no_rights(settings, &what))
    }

    /// The only row of a statement without parameters.
    async fn one(&self, client: &Client, statement: &str) -> Result<Row, StoreError> {
        let rows = client.query_typed(statement, &[]).await;
        let rows = rows.map_err(|error| self.explain(error))?;
        let row = rows.into_iter().next();
        row.ok_or_else(|| StoreError::broken("open", "the database answered nothing"))
    }

    fn explain(&self, error: Error) -> StoreError {
        if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
            return self.unfit(Unfit::Rights, failure::words(&error), RIGHTS_HELP);
        }
        Failure::before_sending(error).told("open")
    }

    fn explain_connecting(&self, error: Error) -> StoreError {
        let words = failure::words(&error);
        let code = error.code().map_or("", SqlState::code);
        match code {
            "28000" | "28P01" => self.unfit(
                Unfit::Login,
                words,
                "check user and password, and the server's pg_hba.conf",
            ),
            "3D000" => self.unfit(Unfit::Login, words, "make the database: CREATE DATABASE …"),
            "08P01" if words.contains("startup parameter") => self.unfit(
                Unfit::Place,
                format!("a connection pooler answered: {words}"),
                "say pooler=true in the address",
            ),
            // The driver tells this kind apart in its text only.
            "" if words.contains("TLS") => self.unfit(
                Unfit::Encryption,
                words,
                "give the certificate authority as sslrootcert, or say sslmode=disable on a trusted network",
            ),
            _ => Failure::before_sending(error).told("open"),
        }
    }

    fn explain_migration(&self, settings: &Settings, trouble: Trouble) -> StoreError {
        if let Some(error) = trouble.database()
            && error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE)
        {
            let what = format!(
                "migrating was refused ({}): the role",
                failure::words(error)
            );
            return self.no_rights(settings, &what);
        }
        match trouble {
            Trouble::Database(error) => Failure::before_sending(error).told("open"),
            Trouble::Foreign(what) => self.unfit(
                Unfit::ForeignSchema,
                format!("its tables were not made by a release ({what})"),
                "use the release that made the schema, or another database",
            ),
            Trouble::Other(error) => StoreError::broken("open", error),
        }
    }

    fn no_rights(&self, settings: &Settings, what: &str) -> StoreError {
        let reason = format!("{what} {} lacks rights", settings.role);
        self.unfit(Unfit::Rights, reason, RIGHTS_HELP)
    }

    fn unfit(&self, why: Unfit, reason: String, help: &'static str) -> StoreError {
        StoreError::Unusable {
            location: self.0.clone(),
            why,
            reason,
            help,
        }
    }
}

const RIGHTS_HELP: &str =
    "docs/storage.md lists the rights of a role that runs the store and of one that migrates";

/// Made apart from the migrations, because their record lies in it. Asked for first: making what is there takes a right
/// that looking does not.
async fn make_schema(client: &Client) -> Result<(), Error> {
    let rows = client.query_typed(sql::SCHEMA_THERE, &[]).await?;
    let there = rows.first().is_some_and(|row| row.get(0));
    if there {
        return Ok(());
    }
    client
        .batch_execute("CREATE SCHEMA IF NOT EXISTS statehold")
        .await
}

fn newest_known() -> i64 {
    let runner = embedded::migrations::runner();
    let versions = runner.get_migrations().iter().map(Migration::version);
    i64::from(versions.max().unwrap_or_default())
}

/// Why migrating failed.
enum Trouble {
    Database(Error),
    Foreign(String),
    Other(refinery::Error),
}

impl Trouble {
    fn of(error: refinery::Error) -> Self {
        match error.kind() {
            MigrationKind::DivergentVersion(..)
            | MigrationKind::MissingVersion(_)
            | MigrationKind::RepeatedVersion(_) => Self::Foreign(error.to_string()),
            _ => Self::Other(error),
        }
    }

    /// The database's own error, if it is one.
    fn database(&self) -> Option<&Error> {
        match self {
            Self::Database(error) => Some(error),
            Self::Other(error) => match error.kind() {
                MigrationKind::Connection(_, cause) => cause.downcast_ref(),
                _ => None,
            },
            Self::Foreign(_) => None,
        }
    }

    /// Whether another process did the same at the same moment.
    fn is_a_race(&self) -> bool {
        let Some(error) = self.database() else {
            return false;
        };
        let races = [
            SqlState::UNIQUE_VIOLATION,
            SqlState::DUPLICATE_TABLE,
            SqlState::DUPLICATE_OBJECT,
            SqlState::DUPLICATE_SCHEMA,
            SqlState::DUPLICATE_FUNCTION,
            SqlState::DUPLICATE_PSTATEMENT,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
            // Two that replace one function at once.
            SqlState::INTERNAL_ERROR,
        ];
        error.code().is_some_and(|code| races.contains(code))
    }
}

#[cfg(test)]
pub(super) fn newest() -> i64 {
    newest_known()
}
