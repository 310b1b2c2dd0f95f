//! Under whom a server runs: PostgreSQL refuses root, so root lends it to `postgres` or `nobody`.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::Command;

use crate::Problem;

/// An unprivileged user, if this process is root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User {
    uid: u32,
    gid: u32,
}

impl User {
    /// Whoever is to run the server; none if this process may do so itself.
    pub(crate) fn needed() -> Result<Option<Self>, Problem> {
        if fs::metadata("/proc/self")?.uid() != 0 {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd")?;
        let named = |name: &str| users.lines().find_map(|line| Self::of_line(line, name));
        let user = named("postgres").or_else(|| named("nobody"));
        Ok(Some(user.ok_or(
            "root cannot run PostgreSQL, and there is no user postgres or nobody",
        )?))
    }

    fn of_line(line: &str, name: &str) -> Option<Self> {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then_some(())?;
        let (_, uid, gid) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Self {
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
        })
    }

    /// Makes a path this user's own.
    pub(crate) fn own(self, path: &Path) -> Result<(), Problem> {
        Ok(chown(path, Some(self.uid), Some(self.gid))?)
    }
}

/// A command of that user.
pub(crate) fn command(user: Option<User>, program: &Path) -> Command {
    let Some(User { uid, gid }) = user else {
        return Command::new(program);
    };
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={uid}"))
        .arg(format!("--regid={gid}"))
        .args(["--clear-groups", "--"])
        .arg(program);
    command
}
