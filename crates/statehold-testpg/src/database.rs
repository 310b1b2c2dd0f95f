//! A database per test: cloned from a template, so that a test begins with tables, and dropped at its end.

use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use tokio_postgres::{NoTls, SimpleQueryMessage, SimpleQueryRow};

use crate::server::lock_file;
use crate::{Problem, Shared};

/// A database of a server. Dropping it drops the database, whoever is still connected.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
    tcp_url: String,
    admin: String,
}

impl Database {
    /// An empty database of the shared server.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn empty(server: &Shared) -> Result<Self, Problem> {
        Self::create(server, "template0").await
    }

    async fn create(server: &Shared, template: &str) -> Result<Self, Problem> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let admin = server.url("postgres");
        let statement = format!(
            "CREATE DATABASE {} TEMPLATE {}",
            quoted(&name),
            quoted(template)
        );
        run(&admin, &statement).await?;
        Ok(Self {
            url: server.url(&name),
            tcp_url: server.tcp_url(&name),
            name,
            admin,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address over the Unix socket.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its address over TCP, with a password.
    #[must_use]
    pub fn tcp_url(&self) -> &str {
        &self.tcp_url
    }

    /// Runs statements as the superuser.
    ///
    /// # Errors
    /// The server refuses one.
    pub async fn execute(&self, statements: &str) -> Result<(), Problem> {
        run(&self.url, statements).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE {} WITH (FORCE)", quoted(&self.name));
        let admin = self.admin.clone();
        // On a thread of its own: there may or may not be a runtime around, and it must be done when this returns.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(run(&admin, &statement))
        });
        // Left over if that fails: it goes with the server.
        let _ = dropping.join();
    }
}

/// A database that begins as a copy of a template. The template is made once per server and test program, since another
/// program may be of another release: an empty database that `fill` is given the address of, and which nobody may be
/// connected to when `fill` returns.
///
/// # Errors
/// The server refuses, or `fill` fails.
pub async fn with_template<F>(
    server: &Shared,
    fill: impl FnOnce(String) -> F,
) -> Result<Database, Problem>
where
    F: Future<Output = Result<(), Problem>>,
{
    let name = &template_name()?;
    let marker = server.place.folder.join(format!("template-{name}"));
    if !marker.exists() {
        // Held over an await, but of a file: only other processes and threads wait for it.
        let making = lock_file(&server.place.folder.join("template-lock"))?;
        making.lock()?;
        if !marker.exists() {
            let admin = server.url("postgres");
            run(&admin, &format!("DROP DATABASE IF EXISTS {}", quoted(name))).await?;
            run(&admin, &format!("CREATE DATABASE {}", quoted(name))).await?;
            fill(server.url(name)).await?;
            std::fs::write(&marker, "")?;
        }
    }
    Database::create(server, name).await
}

fn template_name() -> Result<String, Problem> {
    let program = std::env::current_exe()?;
    let mut hasher = DefaultHasher::new();
    std::fs::metadata(&program)?.modified()?.hash(&mut hasher);
    program.hash(&mut hasher);
    Ok(format!("template_{:016x}", hasher.finish()))
}

/// Runs statements, of which none may need a transaction of its own if there are several.
///
/// # Errors
/// The server cannot be reached or refuses one.
pub async fn execute(url: &str, statements: &str) -> Result<(), Problem> {
    run(url, statements).await
}

/// The rows of a statement, every value as text; empty for NULL.
///
/// # Errors
/// The server cannot be reached or refuses it.
pub async fn query(url: &str, statement: &str) -> Result<Vec<Vec<String>>, Problem> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let driving = tokio::task::spawn(connection);
    let answer = client.simple_query(statement).await;
    drop(client);
    let _ = driving.await;
    let rows = answer?.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let texts = |row: SimpleQueryRow| {
        let cells = (0..row.len()).map(|n| row.get(n).unwrap_or_default().to_owned());
        cells.collect()
    };
    Ok(rows.map(texts).collect())
}

async fn run(url: &str, statements: &str) -> Result<(), Problem> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let driving = tokio::task::spawn(connection);
    let outcome = client.batch_execute(statements).await;
    drop(client);
    let _ = driving.await;
    Ok(outcome?)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
