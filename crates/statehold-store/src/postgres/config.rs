//! Where the database is, how many connections may be open, and how long anything may take.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::{StoreError, Unfit};

/// Connections of one process: the lanes that commit, and the rest for everything else. A database serves a few dozen
/// well; what waits for one of these waits for milliseconds.
const CONNECTIONS: usize = 10;

/// Lanes that commit. One gathers while the other syncs; more only make the batches smaller.
const LANES: usize = 2;

/// Requests that may wait for the lanes, as for SQLite's writer.
const QUEUE_MAX: usize = 4_096;

/// Requests in one transaction. Beyond a few hundred the cost of the sync is shared thinly enough, and each more only
/// makes the first in the batch wait for the last.
const BATCH_MAX: usize = 256;

/// Longest that a statement may run. Ours take milliseconds; one of seconds is stuck.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest wait for a row that another transaction holds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// Longest wait for a connection: to be made, and to become free.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How a [`PostgresStore`](crate::PostgresStore) is opened. Does not show the password.
#[derive(Clone)]
pub struct PostgresConfig {
    /// Host, database, user, password and what else the driver knows.
    pub(super) server: Config,
    /// Certificates to trust instead of the system's, as a PEM file.
    pub tls_roots: Option<PathBuf>,
    /// A connection pooler in transaction mode stands in between: nothing is prepared and nothing is set on a
    /// connection, so the role has to bring its timeouts. No unless said otherwise.
    pub pooler: bool,
    /// Make and migrate the schema where it is missing or of an older release. Yes unless said otherwise.
    pub migrate: bool,
    /// Use a server whose settings cannot keep what the store promises, such as one with `fsync` off. No unless said
    /// otherwise.
    pub allow_unsafe_server: bool,
    /// No timer fires and no effect is claimed before the database's own clock has come to it, whatever the clocks of
    /// the nodes say. Yes unless said otherwise; tests that move time say no.
    pub database_clock: bool,
    /// Connections at most. More than [`Self::lanes`]; 10 unless said otherwise.
    pub connections: usize,
    /// Connections that commit in groups. At least 1; 2 unless said otherwise.
    pub lanes: usize,
    /// Most commits that may wait; one more is refused as [`StoreError::Unavailable`]. At least 1; 4,096 unless said
    /// otherwise.
    pub queue_max: usize,
    /// Most commits in one transaction. At least 1; 256 unless said otherwise.
    pub batch_max: usize,
    /// Longest that a statement may run. 5 seconds unless said otherwise.
    pub statement_timeout: Duration,
    /// Longest wait for a row that somebody else holds. 2 seconds unless said otherwise.
    pub lock_timeout: Duration,
    /// Longest wait for a connection. 5 seconds unless said otherwise.
    pub connect_timeout: Duration,
}

impl PostgresConfig {
    /// The database at `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with the default bounds. Of the parameters after a
    /// `?`, `pooler`, `connections`, `lanes`, `sslrootcert`, `allow_unsafe_server` and `statement_timeout_ms` are ours;
    /// the others are the driver's: `sslmode`, `host`, `target_session_attrs` and the like.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] if it is not such an address. The text does not repeat the address, which may hold a
    /// password.
    pub fn url(text: &str) -> Result<Self, StoreError> {
        let (address, parameters) = split(text);
        let mut theirs = Vec::new();
        let mut ours = Vec::new();
        for parameter in parameters.split('&').filter(|part| !part.is_empty()) {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            if OURS.contains(&key) {
                ours.push((key, value));
            } else {
                theirs.push(parameter);
            }
        }
        let plain = if theirs.is_empty() {
            address.to_owned()
        } else {
            format!("{address}?{}", theirs.join("&"))
        };
        let server = plain.parse::<Config>().map_err(|_| malformed(EXPECTED))?;
        let names_tls = theirs.iter().any(|part| part.starts_with("sslmode="));
        let mut config = Self::server(server, names_tls)?;
        for (key, value) in ours {
            config.set(key, value)?;
        }
        Ok(config)
    }

    fn server(mut server: Config, names_tls: bool) -> Result<Self, StoreError> {
        if server.get_hosts().is_empty() && server.get_hostaddrs().is_empty() {
            return Err(malformed("the address names no host"));
        }
        if server.get_dbname().is_none() {
            return Err(malformed("the address names no database"));
        }
        // What never leaves the machine needs no encryption, and a local server rarely has a certificate to trust.
        if !names_tls && server.get_hosts().iter().all(is_local) {
            server.ssl_mode(SslMode::Disable);
        }
        Ok(Self {
            server,
            tls_roots: None,
            pooler: false,
            migrate: true,
            allow_unsafe_server: false,
            database_clock: true,
            connections: CONNECTIONS,
            lanes: LANES,
            queue_max: QUEUE_MAX,
            batch_max: BATCH_MAX,
            statement_timeout: STATEMENT_TIMEOUT,
            lock_timeout: LOCK_TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
        })
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        let wrong = |expected: &str| malformed(&format!("the parameter {key} must be {expected}"));
        let flag = || match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(wrong("true or false")),
        };
        let number = || value.parse().map_err(|_| wrong("a number"));
        match key {
            "pooler" => self.pooler = flag()?,
            "allow_unsafe_server" => self.allow_unsafe_server = flag()?,
            "connections" => self.connections = number()?,
            "lanes" => self.lanes = number()?,
            "statement_timeout_ms" => {
                let millis = value.parse().map_err(|_| wrong("a number"))?;
                self.statement_timeout = Duration::from_millis(millis);
            }
            _ => self.tls_roots = Some(PathBuf::from(value)),
        }
        Ok(())
    }

    /// What cannot be, in the user's words.
    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.queue_max == 0 || self.batch_max == 0 || self.lanes == 0 {
            return Some("queue_max, batch_max and lanes must be at least 1");
        }
        if self.connections <= self.lanes {
            return Some("there must be more connections than lanes");
        }
        (self.statement_timeout < Duration::from_millis(1))
            .then_some("the statement timeout must be at least a millisecond")
    }
}

/// Parameters of an address that are not the driver's.
const OURS: [&str; 6] = [
    "pooler",
    "allow_unsafe_server",
    "connections",
    "lanes",
    "statement_timeout_ms",
    "sslrootcert",
];

const EXPECTED: &str = "expected postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of the password \
                        percent-encoded";

/// The address and its parameters. A question mark may stand in a password only if it is encoded.
fn split(text: &str) -> (&str, &str) {
    let after_user = text.find('@').unwrap_or_default();
    match text[after_user..].find('?') {
        Some(mark) => (&text[..after_user + mark], &text[after_user + mark + 1..]),
        None => (text, ""),
    }
}

fn malformed(reason: &str) -> StoreError {
    StoreError::Unusable {
        location: "postgres://…".to_owned(),
        why: Unfit::Place,
        reason: reason.to_owned(),
        help: "an example: postgres://statehold:secret@db.example.com:5432/orders",
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|ip| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// The address, without password and parameters.
impl fmt::Display for PostgresConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.server.get_user() {
            write!(f, "{user}@")?;
        }
        let (hosts, ports) = (self.server.get_hosts(), self.server.get_ports());
        for (n, host) in hosts.iter().enumerate() {
            let comma = if n > 0 { "," } else { "" };
            let name = match host {
                Host::Tcp(name) => name.clone(),
                #[cfg(unix)]
                Host::Unix(path) => path.display().to_string(),
            };
            let port = ports.get(n).or(ports.first()).copied().unwrap_or(5432);
            write!(f, "{comma}{name}:{port}")?;
        }
        write!(f, "/{}", self.server.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for PostgresConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresConfig")
            .field("server", &self.to_string())
            .field("pooler", &self.pooler)
            .field("connections", &self.connections)
            .field("lanes", &self.lanes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "hunter2";

    fn parsed(text: &str) -> PostgresConfig {
        PostgresConfig::url(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn password_is_never_shown() {
        for text in [
            format!("postgres://app:{SECRET}@db.example.com/orders"),
            format!("postgresql://app@db.example.com/orders?password={SECRET}&pooler=true"),
        ] {
            let config = parsed(&text);
            assert_eq!(
                config.server.get_password(),
                Some(SECRET.as_bytes()),
                "{text}"
            );
            for shown in [config.to_string(), format!("{config:?}")] {
                assert!(!shown.contains(SECRET), "{shown}");
                assert!(shown.contains("app@db.example.com:5432/orders"), "{shown}");
            }
        }
    }

    #[test]
    fn malformed_address_is_not_repeated() {
        for text in [
            format!("postgres://app:{SECRET}@[::1/orders"),
            format!("postgres://app:{SECRET}@host:port/orders"),
            format!("postgres://app:{SECRET}@host/orders?nonsense={SECRET}"),
            format!("postgres://app:{SECRET}@host"),
            format!("postgres://app:{SECRET}@/orders"),
            format!("postgres://app:{SECRET}@host/orders?pooler={SECRET}"),
            SECRET.to_owned(),
        ] {
            let error = PostgresConfig::url(&text).expect_err(&text);
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(SECRET), "{shown}");
        }
    }

    #[test]
    fn own_parameters_are_read_and_not_given_to_the_driver() {
        let config = parsed(
            "postgres://app@host/orders?pooler=true&connections=7&lanes=3&sslrootcert=/ca.pem\
             &application_name=x&allow_unsafe_server=true&statement_timeout_ms=250",
        );
        assert!(config.pooler && config.allow_unsafe_server);
        assert_eq!((config.connections, config.lanes), (7, 3));
        assert_eq!(config.tls_roots, Some(PathBuf::from("/ca.pem")));
        assert_eq!(config.statement_timeout, Duration::from_millis(250));
        assert_eq!(config.server.get_application_name(), Some("x"));
    }

    #[test]
    fn only_what_leaves_the_machine_is_encrypted_by_default() {
        for (text, mode) in [
            ("postgres://app@localhost/d", SslMode::Disable),
            ("postgres://app@127.0.0.1/d", SslMode::Disable),
            ("postgres://app@%2Ftmp/d", SslMode::Disable),
            ("postgres://app@10.0.0.1/d", SslMode::Prefer),
            (
                "postgres://app@localhost/d?sslmode=require",
                SslMode::Require,
            ),
        ] {
            assert_eq!(parsed(text).server.get_ssl_mode(), mode, "{text}");
        }
    }

    #[test]
    fn bounds_of_zero_are_problems() {
        let mut config = parsed("postgres://app@localhost/d");
        assert_eq!(config.problem(), None);
        config.lanes = config.connections;
        assert!(config.problem().is_some());
        config.lanes = 0;
        assert!(config.problem().is_some());
    }
}
