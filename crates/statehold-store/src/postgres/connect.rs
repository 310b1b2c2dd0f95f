//! Making connections: settings of the session, encryption, and a watch on what the server says beside its answers.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool_postgres::Connect;
use tokio::task::JoinHandle;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::config::PostgresConfig;

/// An idle connection is asked for a sign of life after this; a firewall forgets it later than that.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Longest that sent bytes may stay unacknowledged before the connection counts as dead.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(15);

/// Begins the server's warning that a commit which it acknowledges may not have reached its synchronous standby.
const NOT_REPLICATED: &str = "canceling";

/// Commits on any connection of a store whose replication was given up.
#[derive(Debug, Clone, Default)]
pub(super) struct NotReplicated(Arc<AtomicU64>);

impl NotReplicated {
    /// A number that grows with each. The warning comes before the answer of its commit, so whoever sees the number
    /// unchanged after an answer knows that its own commit is replicated.
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// How the connections of a store are made.
pub(super) struct Connector {
    tls: Option<MakeRustlsConnect>,
    not_replicated: NotReplicated,
}

impl Connector {
    pub(super) fn new(tls: Option<MakeRustlsConnect>, not_replicated: NotReplicated) -> Self {
        Self {
            tls,
            not_replicated,
        }
    }
}

/// What a connection of the store asks of the server before anything else. A pooler would refuse settings of a session,
/// or hand them to somebody else.
pub(super) fn session(config: &PostgresConfig) -> Config {
    let mut session = config.server.clone();
    if session.get_application_name().is_none() {
        session.application_name("statehold");
    }
    session.connect_timeout(config.connect_timeout);
    session.keepalives_idle(KEEPALIVE);
    session.tcp_user_timeout(UNACKNOWLEDGED_MAX);
    if config.pooler {
        return session;
    }
    let given = session.get_options().unwrap_or_default();
    let options = format!(
        "{given} -c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={} \
         -c default_transaction_isolation=read\\ committed -c enable_seqscan=off -c jit=off",
        config.statement_timeout.as_millis(),
        config.lock_timeout.as_millis(),
        config.statement_timeout.as_millis(),
    );
    session.options(options.trim_start());
    session
}

type Made = Result<(Client, JoinHandle<()>), Error>;

impl Connect for Connector {
    fn connect(&self, config: &Config) -> Pin<Box<dyn Future<Output = Made> + Send + '_>> {
        let config = config.clone();
        Box::pin(async move {
            match &self.tls {
                Some(tls) => made(&config, tls.clone(), self.not_replicated.clone()).await,
                None => made(&config, NoTls, self.not_replicated.clone()).await,
            }
        })
    }
}

async fn made<T>(config: &Config, tls: T, not_replicated: NotReplicated) -> Made
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect(tls).await?;
    Ok((client, tokio::spawn(drive(connection, not_replicated))))
}

/// Carries messages until the connection ends. Its end shows in every statement that waits for it.
async fn drive<S>(mut connection: Connection<Socket, S>, not_replicated: NotReplicated)
where
    S: tokio_postgres::tls::TlsStream + Unpin,
{
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notice(notice)) => {
                // Other warnings are for people who type statements.
                if notice.message().starts_with(NOT_REPLICATED) {
                    not_replicated.0.fetch_add(1, Ordering::AcqRel);
                    tracing::warn!("{}", notice.message());
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(
                    "a connection to the database ended: {}",
                    super::failure::words(&error)
                );
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(url: &str) -> Option<String> {
        let config = PostgresConfig::url(url).expect("an address");
        session(&config).get_options().map(str::to_owned)
    }

    #[test]
    fn every_statement_has_a_timeout() {
        let options = options("postgres://a@localhost/d").expect("options");
        for setting in [
            "statement_timeout=5000",
            "lock_timeout=2000",
            "idle_in_transaction_session_timeout=5000",
        ] {
            assert!(options.contains(setting), "{options}");
        }
    }

    #[test]
    fn nothing_is_set_on_a_session_behind_a_pooler() {
        assert_eq!(options("postgres://a@localhost/d?pooler=true"), None);
    }
}
