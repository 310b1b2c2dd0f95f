//! A pgbouncer in transaction mode in front of a test server.

use std::fs;
use std::process::{Child, Command, Stdio};

use crate::server::{PASSWORD, SUPERUSER, free_port, short_folder, wait_until};
use crate::user::{self, User};
use crate::{Problem, Shared, binaries};

/// A pgbouncer. Dropping it stops it; so does the end of this process.
#[derive(Debug)]
pub struct Bouncer {
    port: u16,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Bouncer {
    /// Starts one that lends `connections` connections of the server to everybody, one transaction at a time. None
    /// where there is no pgbouncer.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(server: &Shared, connections: u32) -> Result<Option<Self>, Problem> {
        let Some(program) = binaries::program("pgbouncer") else {
            return Ok(None);
        };
        let folder = tempfile::Builder::new()
            .prefix("statehold-bouncer-")
            .tempdir_in(short_folder())?;
        let port = free_port()?;
        let place = &server.place;
        let ini = folder.path().join("pgbouncer.ini");
        let users = folder.path().join("users.txt");
        fs::write(&users, format!("\"{SUPERUSER}\" \"{PASSWORD}\"\n"))?;
        fs::write(
            &ini,
            format!(
                "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
                 unix_socket_dir =\nauth_type = plain\nauth_file = {}\npool_mode = transaction\n\
                 default_pool_size = {connections}\nmax_client_conn = 500\nserver_lifetime = 60\n",
                place.folder.display(),
                place.port,
                users.display(),
            ),
        )?;
        let user = User::needed()?;
        if let Some(user) = user {
            for path in [folder.path(), &ini, &users] {
                user.own(path)?;
            }
        }
        let bouncer = user::command(user, &program);
        let child = ended_with_us(&bouncer, &ini).spawn()?;
        let listening = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        let bouncer = Self {
            port,
            child,
            _folder: folder,
        };
        wait_until(listening, "pgbouncer listens")?;
        Ok(Some(bouncer))
    }

    /// The address of a database through it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let port = self.port;
        format!("postgres://{SUPERUSER}:{PASSWORD}@127.0.0.1:{port}/{database}")
    }
}

/// The shell ends the program when the pipe from this process breaks, however that happens.
fn ended_with_us(command: &Command, ini: &std::path::Path) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args([
            "-c",
            "\"$@\" & pid=$!; cat; kill $pid; wait $pid",
            "bouncer",
        ])
        .arg(command.get_program())
        .args(command.get_args())
        .arg("-q")
        .arg(ini)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    shell
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
