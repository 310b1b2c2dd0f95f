//! `DIR/.statehold`: what a development server remembers between runs. Nothing here is precious.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;

/// Name of the folder.
const NAME: &str = ".statehold";

/// Everything that is made in it. A reset removes these and nothing else.
const OURS: &[&str] = &[
    "dev.db",
    "dev.db-wal",
    "dev.db-shm",
    "dev.db-journal",
    "ports.json",
    "ports.json.new",
    "clock.json",
    "clock.json.new",
    ".gitignore",
];

/// Bytes of a remembered file, at most; they hold a few lines.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The folder of one development server.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct ClockFile {
    ahead_seconds: i64,
}

impl Folder {
    /// Opens the folder below `dir`, making it if it is not there.
    pub(super) fn open(dir: &Path) -> Result<Self, Failure> {
        let folder = Self {
            path: dir.join(NAME),
        };
        let failed = |error: std::io::Error| Failure::file(&folder.path, "cannot make", &error);
        std::fs::create_dir_all(&folder.path).map_err(failed)?;
        let ignore = folder.path.join(".gitignore");
        if !ignore.exists() {
            std::fs::write(&ignore, "*\n").map_err(failed)?;
        }
        Ok(folder)
    }

    /// Removes what earlier runs left below `dir`. True if there was anything.
    pub(super) fn reset(dir: &Path) -> Result<bool, Failure> {
        let path = dir.join(NAME);
        if !path.is_dir() {
            return Ok(false);
        }
        for name in OURS {
            let file = path.join(name);
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Failure::file(&file, "cannot remove", &error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        // It stays if somebody keeps files of their own in it.
        let _ = std::fs::remove_dir(&path);
        Ok(true)
    }

    /// The database.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join("dev.db")
    }

    /// Ports by file name. What cannot be read is forgotten: ports are a convenience.
    pub(super) fn ports(&self) -> BTreeMap<String, u16> {
        self.read("ports.json").unwrap_or_default()
    }

    pub(super) fn keep_ports(&self, ports: &BTreeMap<String, u16>) -> Result<(), String> {
        self.write("ports.json", ports)
    }

    /// How far the clock is ahead.
    pub(super) fn clock(&self) -> SignedDuration {
        let file: ClockFile = self.read("clock.json").unwrap_or_default();
        SignedDuration::from_secs(file.ahead_seconds.max(0))
    }

    pub(super) fn keep_clock(&self, ahead: SignedDuration) -> Result<(), String> {
        self.write(
            "clock.json",
            &ClockFile {
                ahead_seconds: ahead.as_secs(),
            },
        )
    }

    fn read<T: for<'a> Deserialize<'a>>(&self, name: &str) -> Option<T> {
        let path = self.path.join(name);
        let size = std::fs::metadata(&path).ok()?.len();
        if size > FILE_BYTES_MAX {
            return None;
        }
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    /// Written beside and moved into place, so that a crash leaves the old one.
    fn write(&self, name: &str, value: &impl Serialize) -> Result<(), String> {
        let (path, beside) = (self.path.join(name), self.path.join(format!("{name}.new")));
        let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
        std::fs::write(&beside, text + "\n")
            .and_then(|()| std::fs::rename(&beside, &path))
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_keeps_what_is_not_ours() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(dir.path()).expect("opened");
        folder
            .keep_clock(SignedDuration::from_hours(48))
            .expect("kept");
        std::fs::write(folder.path.join("notes.txt"), "mine").expect("written");
        assert!(Folder::reset(dir.path()).expect("reset"));
        assert_eq!(folder.clock(), SignedDuration::ZERO);
        assert!(folder.path.join("notes.txt").exists());
    }

    #[test]
    fn a_damaged_file_counts_as_none() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(dir.path()).expect("opened");
        std::fs::write(folder.path.join("clock.json"), "{").expect("written");
        assert_eq!(folder.clock(), SignedDuration::ZERO);
    }
}
