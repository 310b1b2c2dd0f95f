//! One server: made, started, harmed, started again, and gone with its last user.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::user::{self, User};
use crate::{Problem, binaries};

/// The database user of every test server; it may do everything.
pub(crate) const SUPERUSER: &str = "statehold";

/// Its password, for connections over TCP. Only loopback can reach the server.
pub(crate) const PASSWORD: &str = "throw-away";

/// Longest a server may take to start or stop. Generous: it only bounds a failing run.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks at whether a server is ready.
const LOOK: Duration = Duration::from_millis(10);

/// Ports tried: another process may take a free one before the server does.
const PORTS_MAX: u32 = 5;

/// How a server differs from a fresh one.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Lines of its configuration file: name and value.
    pub settings: Vec<(String, String)>,
}

impl Options {
    /// Adds a line of the configuration file.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A server of this process alone. Dropping it stops it and removes its folder; so does the end of this process.
#[derive(Debug)]
pub struct Server {
    pub(crate) place: Place,
    /// The lock that keeps it alive. None only while it is dropped.
    alive: Option<File>,
    supervisor: Child,
    _folder: tempfile::TempDir,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
}

impl Server {
    /// Makes and starts a server.
    ///
    /// # Errors
    /// There is no PostgreSQL on this machine, or it does not start.
    pub fn start(options: &Options) -> Result<Self, Problem> {
        let folder = tempfile::Builder::new()
            .prefix("statehold-pg-")
            .tempdir_in(short_folder())?;
        let inner = folder.path().join("server");
        let lock = folder.path().join("users");
        let alive = lock_file(&lock)?;
        alive.lock_shared()?;
        let port = make(&inner, options)?;
        let ready = folder.path().join("ready");
        let supervisor = supervise(&lock, &inner, Duration::ZERO, &ready)?;
        let mut server = Self {
            place: Place {
                folder: inner,
                port,
            },
            alive: Some(alive),
            supervisor,
            _folder: folder,
        };
        launch(&mut server.place)?;
        Ok(server)
    }

    /// Kills the server and all its processes at once, as a crash of the machine would, and waits until they are gone.
    ///
    /// # Errors
    /// It is not running.
    pub fn kill(&self) -> Result<(), Problem> {
        let pid = self.pid()?;
        let mut processes = children(pid)?;
        processes.push(pid);
        signal(&processes, "KILL")?;
        let gone = || processes.iter().all(|pid| !is_alive(*pid));
        wait_until(gone, "the killed server is gone")
    }

    /// Starts the server again after [`Server::kill`] or [`Server::stop`], on the same port.
    ///
    /// # Errors
    /// It does not start.
    pub fn start_again(&mut self) -> Result<(), Problem> {
        let data = self.place.folder.join("data");
        // A killed server leaves it behind; the next one would look at the process of that number first.
        let _ = fs::remove_file(data.join("postmaster.pid"));
        start_once(&self.place)
    }

    /// Freezes (`STOP`) or thaws (`CONT`) the whole server, or asks it to stop (`INT`).
    ///
    /// # Errors
    /// It is not running.
    pub fn signal(&self, signal_name: &str) -> Result<(), Problem> {
        signal(&[self.pid()?], signal_name)
    }

    /// Changes the configuration file; takes effect when the server is started again.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn configure(&self, options: &Options) -> Result<(), Problem> {
        append_settings(&self.place.folder.join("data"), &options.settings)
    }

    /// Stops the server as an administrator would, and waits until it is gone.
    ///
    /// # Errors
    /// It is not running.
    pub fn stop(&self) -> Result<(), Problem> {
        self.signal("INT")?;
        wait_until(|| !self.is_running(), "the stopped server is gone")
    }

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

    /// The folder of its data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.place.folder.join("data")
    }

    /// Writes a file among its data that only its own user may read, such as a private key.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_private(&self, name: &str, text: &str) -> Result<(), Problem> {
        use std::os::unix::fs::PermissionsExt;
        let path = self.data().join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        match User::needed()? {
            Some(user) => user.own(&path),
            None => Ok(()),
        }
    }

    fn pid(&self) -> Result<u32, Problem> {
        let file = fs::read_to_string(self.place.folder.join("data/postmaster.pid"))?;
        let first = file.lines().next().unwrap_or_default();
        Ok(first.trim().parse()?)
    }

    fn is_running(&self) -> bool {
        self.pid().is_ok_and(is_alive)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.alive.take());
        // The supervisor stops the server; a frozen one would not hear it.
        let _ = self.signal("CONT");
        let _ = self.supervisor.wait();
    }
}

impl Place {
    pub(crate) fn url(&self, database: &str) -> String {
        let Self { folder, port } = self;
        let host = folder.display().to_string().replace('/', "%2F");
        format!("postgres://{SUPERUSER}@{host}:{port}/{database}")
    }

    pub(crate) fn tcp_url(&self, database: &str) -> String {
        let port = self.port;
        format!("postgres://{SUPERUSER}:{PASSWORD}@127.0.0.1:{port}/{database}")
    }
}

/// A temporary folder whose name leaves room: the path of a Unix socket has at most 107 bytes.
pub(crate) fn short_folder() -> PathBuf {
    const BYTES_MAX: usize = 40;
    let usual = std::env::temp_dir();
    if usual.as_os_str().len() <= BYTES_MAX {
        usual
    } else {
        PathBuf::from("/tmp")
    }
}

pub(crate) fn lock_file(path: &Path) -> Result<File, Problem> {
    let mut options = File::options();
    Ok(options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?)
}

/// Makes a database cluster in `folder` and chooses its port.
pub(crate) fn make(folder: &Path, options: &Options) -> Result<u16, Problem> {
    let bin = binaries::folder().ok_or("there is no initdb and postgres")?;
    let user = User::needed()?;
    fs::create_dir_all(folder)?;
    let password = folder.join("password");
    fs::write(&password, PASSWORD)?;
    if let Some(user) = user {
        user.own(folder)?;
        user.own(&password)?;
        open_the_way(folder)?;
    }
    let data = folder.join("data");
    let mut initdb = user::command(user, &bin.join("initdb"));
    initdb
        .args([
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
            "--auth-local=trust",
        ])
        .args(["--auth-host=scram-sha-256", "--username", SUPERUSER])
        .arg(format!("--pwfile={}", password.display()))
        .arg("-D")
        .arg(&data);
    let made = initdb.stdin(Stdio::null()).output()?;
    if !made.status.success() {
        return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)).into());
    }
    append_settings(&data, &options.settings)?;
    free_port()
}

/// The user of the server must be able to walk to its folder.
fn open_the_way(folder: &Path) -> Result<(), Problem> {
    use std::os::unix::fs::PermissionsExt;
    if let Some(parent) = folder.parent() {
        fs::set_permissions(parent, fs::Permissions::from_mode(0o711))?;
    }
    Ok(())
}

fn append_settings(data: &Path, settings: &[(String, String)]) -> Result<(), Problem> {
    use std::io::Write;
    let mut file = File::options()
        .append(true)
        .open(data.join("postgresql.conf"))?;
    for (name, value) in settings {
        writeln!(file, "{name} = '{}'", value.replace('\'', "''"))?;
    }
    Ok(())
}

pub(crate) fn free_port() -> Result<u16, Problem> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Starts a server that was just made, on another port if its own is taken by now.
pub(crate) fn launch(place: &mut Place) -> Result<(), Problem> {
    let mut tries = 1;
    loop {
        match start_once(place) {
            Ok(()) => return Ok(()),
            Err(_) if tries < PORTS_MAX => place.port = free_port()?,
            Err(problem) => return Err(problem),
        }
        tries += 1;
    }
}

fn start_once(place: &Place) -> Result<(), Problem> {
    let bin = binaries::folder().ok_or("there is no postgres")?;
    let data = place.folder.join("data");
    let log = File::options()
        .create(true)
        .append(true)
        .open(place.folder.join("log"))?;
    let mut postgres = user::command(User::needed()?, &bin.join("postgres"));
    postgres
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(&place.folder)
        .args(["-h", "127.0.0.1", "-p", &place.port.to_string()]);
    let mut postgres = detached(&postgres);
    postgres
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    let mut child = postgres.spawn()?;
    let ready = || is_ready(&data);
    let ended = || child.try_wait().ok().flatten().is_some();
    let outcome = wait_while_alive(ready, ended);
    // Reaped by a thread of its own: nobody else waits for it, and a zombie looks alive.
    thread::spawn(move || child.wait());
    outcome.map_err(|problem| {
        let log = fs::read_to_string(place.folder.join("log")).unwrap_or_default();
        format!("{problem}; its log:\n{log}").into()
    })
}

/// In a session of its own, so that an interrupt of the test run is not the server's business.
fn detached(command: &Command) -> Command {
    let mut outer = Command::new("setsid");
    outer.arg(command.get_program()).args(command.get_args());
    outer
}

/// The server says in the last line of this file when it takes connections.
fn is_ready(data: &Path) -> bool {
    let file = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    file.lines()
        .nth(7)
        .is_some_and(|line| line.trim() == "ready")
}

pub(crate) fn supervise(
    lock: &Path,
    folder: &Path,
    linger: Duration,
    ready: &Path,
) -> Result<Child, Problem> {
    let mut command = Command::new("setsid");
    let child = command
        .args(["sh", "-c", include_str!("supervise.sh"), "supervise"])
        .arg(lock)
        .arg(folder)
        .arg(linger.as_secs().to_string())
        .arg(ready)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(child)
}

fn signal(pids: &[u32], name: &str) -> Result<(), Problem> {
    let status = Command::new("kill")
        .arg(format!("-{name}"))
        .args(pids.iter().map(u32::to_string))
        .stderr(Stdio::null())
        .status()?;
    // One of several may have ended by itself.
    if status.success() || pids.len() > 1 {
        Ok(())
    } else {
        Err(format!("cannot send {name} to the server").into())
    }
}

/// The state and the parent of a process that is there.
fn stat(pid: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before it may hold anything, also parentheses.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// Whether a process is there and not only waits to be reaped.
fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|(state, _)| state != 'Z')
}

fn children(parent: u32) -> Result<Vec<u32>, Problem> {
    let entries = fs::read_dir("/proc")?.flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Ok(pids
        .filter(|pid| stat(*pid).is_some_and(|(_, of)| of == parent))
        .collect())
}

pub(crate) fn wait_until(mut done: impl FnMut() -> bool, what: &str) -> Result<(), Problem> {
    let started = Instant::now();
    while !done() {
        if started.elapsed() > PATIENCE {
            return Err(format!("waited too long until {what}").into());
        }
        thread::sleep(LOOK);
    }
    Ok(())
}

fn wait_while_alive(
    mut ready: impl FnMut() -> bool,
    mut ended: impl FnMut() -> bool,
) -> Result<(), Problem> {
    let mut died = false;
    wait_until(
        || {
            died = ended();
            died || ready()
        },
        "the server is ready",
    )?;
    if died {
        return Err("the server ended while it started".into());
    }
    Ok(())
}
