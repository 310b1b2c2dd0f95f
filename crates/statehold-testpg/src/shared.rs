//! The server that the tests of a run share, also across processes: test runners give each test a process of its own,
//! and making a server takes longer than most tests.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use crate::server::{Options, Place, launch, lock_file, make, short_folder, supervise};
use crate::{Problem, binaries, skipped};

/// How long the server waits for the next test after the last one.
const LINGER: Duration = Duration::from_secs(5);

/// A server that others use too: harm only your own database.
#[derive(Debug)]
pub struct Shared {
    pub(crate) place: Place,
    /// The lock that keeps it alive as long as this process lives.
    _alive: File,
}

/// The shared server, started by whoever comes first. None, after one printed line, where there is no PostgreSQL.
///
/// # Panics
/// If there is a PostgreSQL and it does not start, or if there is none and `STATEHOLD_REQUIRE_SUITES=1`.
pub fn shared() -> Option<&'static Shared> {
    static SHARED: OnceLock<Option<Shared>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        binaries::folder()?;
        Some(join().unwrap_or_else(|problem| panic!("the shared test server: {problem}")))
    });
    if shared.is_none() {
        skipped("PostgreSQL", "initdb and postgres are not on this machine");
    }
    shared.as_ref()
}

impl Shared {
    /// The address of a database over the server's Unix socket, without a password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.place.url(database)
    }

    /// The address of a database over TCP, with a password.
    #[must_use]
    pub fn tcp_url(&self, database: &str) -> String {
        self.place.tcp_url(database)
    }

    /// The port on loopback.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.place.port
    }
}

fn options() -> Options {
    Options::default()
        .set("max_connections", "300")
        .set("shared_buffers", "64MB")
        .set("autovacuum", "off")
        // Nothing here is to outlive a crash. Whoever tests that takes a server of its own.
        .set("fsync", "off")
        .set("full_page_writes", "off")
}

/// Uses the server that is there, or starts it. One process at a time decides.
fn join() -> Result<Shared, Problem> {
    let base = base()?;
    let deciding = lock_file(&base.join("start"))?;
    deciding.lock()?;
    let users = base.join("users");
    let alive = lock_file(&users)?;
    // Waits while a supervisor is stopping the server of before.
    alive.lock_shared()?;
    let (folder, ready) = (base.join("server"), base.join("ready"));
    if let Some(port) = port_of(&ready) {
        return Ok(Shared {
            place: Place { folder, port },
            _alive: alive,
        });
    }
    // Left by a supervisor that was killed.
    let _ = fs::remove_dir_all(&folder);
    let port = make(&folder, &options())?;
    let mut place = Place { folder, port };
    launch(&mut place)?;
    supervise(&users, &place.folder, LINGER, &ready)?;
    let fresh = base.join("ready.new");
    fs::write(&fresh, place.port.to_string())?;
    fs::rename(&fresh, &ready)?;
    Ok(Shared {
        place,
        _alive: alive,
    })
}

/// The port of a server that takes connections.
fn port_of(ready: &std::path::Path) -> Option<u16> {
    let port = fs::read_to_string(ready).ok()?.trim().parse().ok()?;
    std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    Some(port)
}

/// One folder per user, server version and settings.
fn base() -> Result<PathBuf, Problem> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let mut hasher = DefaultHasher::new();
    binaries::folder().hash(&mut hasher);
    options().settings.hash(&mut hasher);
    let uid = fs::metadata("/proc/self")?.uid();
    let name = format!("statehold-pg-shared-{uid}-{:08x}", hasher.finish() as u32);
    let folder = short_folder().join(name);
    fs::create_dir_all(&folder)?;
    if fs::metadata(&folder)?.uid() != uid {
        return Err(format!("{} belongs to somebody else", folder.display()).into());
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o711))?;
    Ok(folder)
}
