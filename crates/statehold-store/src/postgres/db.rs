//! [`Db`]: connections, and statements sent over them. Each statement is a transaction of its own, so a connection is
//! never inside one between two statements, whatever becomes of the task that sent it.
//!
//! A connection on which something went wrong that the server did not plainly call an error is not used again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::config::PostgresConfig;
use super::connect::{Connector, NotReplicated, session};
use super::failure::{Effect, Failure, Kind};
use super::params::Param;
use super::tls;

/// Times that a statement is sent when others are in its way. With the pauses below that is about half a second.
pub(super) const TRIES_MAX: u32 = 6;

/// Longest pause after the first time; it doubles each time.
const PAUSE: Duration = Duration::from_millis(8);

/// How much longer than the server's own timeout an answer may take, before the connection counts as dead.
const SILENCE: Duration = Duration::from_secs(2);

/// The connections of a store.
#[derive(Debug, Clone)]
pub(super) struct Db {
    pool: Pool,
    pooler: bool,
    answer_max: Duration,
    not_replicated: NotReplicated,
}

impl Db {
    /// Prepares to connect; the first statement does.
    ///
    /// # Errors
    /// The certificates cannot be used; in words.
    pub(super) fn new(config: &PostgresConfig) -> Result<Self, String> {
        let not_replicated = NotReplicated::default();
        let connector = Connector::new(tls::connector(config)?, not_replicated.clone());
        let manager = Manager::from_connect(
            session(config),
            connector,
            ManagerConfig {
                // Nothing has to be cleaned: no statement leaves anything behind on its connection.
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .runtime(Runtime::Tokio1)
            .max_size(config.connections)
            .wait_timeout(Some(config.connect_timeout))
            .create_timeout(Some(config.connect_timeout))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            pool,
            pooler: config.pooler,
            answer_max: config.statement_timeout + SILENCE,
            not_replicated,
        })
    }

    /// The rows of a statement that writes nothing.
    pub(super) async fn read(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Failure> {
        self.run(sql, params, Effect::Reads).await
    }

    /// The rows of a statement that writes; durable when this returns.
    pub(super) async fn write(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Failure> {
        self.run(sql, params, Effect::Writes).await
    }

    async fn run(
        &self,
        sql: &str,
        params: &[Param<'_>],
        effect: Effect,
    ) -> Result<Vec<Row>, Failure> {
        let mut tries = 1;
        loop {
            let mut session = self.session().await?;
            match session.query(sql, params, effect).await {
                Err(failure) if failure.kind() == Kind::Again && tries < TRIES_MAX => {
                    pause(tries).await;
                    tries += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// A connection that works as far as anybody knows.
    pub(super) async fn session(&self) -> Result<Session, Failure> {
        let client = self.pool.get().await.map_err(Failure::of_pool)?;
        Ok(Session {
            client: Some(client),
            db: self.clone(),
        })
    }

    /// Hands out no more connections, and closes those that are free.
    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// One connection, for one statement after the other.
pub(super) struct Session {
    /// None once it is not to be trusted any more.
    client: Option<Object>,
    db: Db,
}

impl Session {
    /// Whether another statement may be sent.
    pub(super) fn is_usable(&self) -> bool {
        self.client
            .as_ref()
            .is_some_and(|client| !client.is_closed())
    }

    /// Sends a statement once and waits for its end, which is also the end of its transaction.
    pub(super) async fn query(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        effect: Effect,
    ) -> Result<Vec<Row>, Failure> {
        let replicated = self.db.not_replicated.count();
        let answer = self.answered(sql, params, effect).await;
        if answer.as_ref().is_err_and(Failure::has_lost_connection) {
            self.destroy();
        }
        let rows = answer?;
        if effect == Effect::Writes && self.db.not_replicated.count() != replicated {
            return Err(Failure::not_replicated());
        }
        Ok(rows)
    }

    async fn answered(
        &self,
        sql: &str,
        params: &[Param<'_>],
        effect: Effect,
    ) -> Result<Vec<Row>, Failure> {
        let answer = tokio::time::timeout(self.db.answer_max, self.sent(sql, params, effect));
        answer
            .await
            .unwrap_or_else(|_| Err(Failure::silence(effect)))
    }

    async fn sent(
        &self,
        sql: &str,
        params: &[Param<'_>],
        effect: Effect,
    ) -> Result<Vec<Row>, Failure> {
        let Some(client) = &self.client else {
            return Err(Failure::of_pool(deadpool_postgres::PoolError::Closed));
        };
        if self.db.pooler {
            let rows = client.query_typed(sql, &typed(params)).await;
            return rows.map_err(|error| Failure::of_statement(error, effect));
        }
        let types: Vec<Type> = params.iter().map(|param| param.ty.clone()).collect();
        let statement = client
            .prepare_typed_cached(sql, &types)
            .await
            .map_err(Failure::before_sending)?;
        let values: Vec<_> = typed(params).into_iter().map(|(value, _)| value).collect();
        let rows = client.query(&statement, &values).await;
        rows.map_err(|error| Failure::of_statement(error, effect))
    }

    /// Closes the connection instead of giving it back.
    fn destroy(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

/// Parameters as the driver takes them.
pub(super) fn typed<'p>(params: &'p [Param<'_>]) -> Vec<(&'p (dyn ToSql + Sync), Type)> {
    let pair = |param: &'p Param<'_>| (&*param.value as &(dyn ToSql + Sync), param.ty.clone());
    params.iter().map(pair).collect()
}

/// Waits a random part of a time that doubles with each try, so that those who met do not meet again.
pub(super) async fn pause(tries: u32) {
    let longest = PAUSE * 2_u32.saturating_pow(tries.saturating_sub(1).min(8));
    // Seeded by the system, differently each time.
    let part = RandomState::new().hash_one(tries) % 1_000;
    tokio::time::sleep(longest * u32::try_from(part).unwrap_or_default() / 1_000).await;
}
