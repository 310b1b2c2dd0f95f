//! Where the server's programs are: `STATEHOLD_PG_BIN`, else PATH, else Debian's folders, newest version first.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Debian keeps each version's programs in a folder of its own, outside PATH.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A folder with `initdb` and `postgres`.
pub(crate) fn folder() -> Option<PathBuf> {
    match env::var_os("STATEHOLD_PG_BIN").filter(|folder| !folder.is_empty()) {
        // Named but wrong is a mistake to show, not a reason to take another version.
        Some(named) => Some(PathBuf::from(named)),
        None => in_path().or_else(in_debian),
    }
}

/// A program from PATH or from where Debian puts those of administrators.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let mut candidates = env::split_paths(&path).chain(system);
    candidates.find_map(|folder| Some(folder.join(name)).filter(|file| file.is_file()))
}

fn in_path() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folder = env::split_paths(&path).find(|folder| is_complete(folder))?;
    // A link in PATH leads to the folder in which the server looks for its libraries.
    let real = fs::canonicalize(folder.join("postgres")).ok()?;
    Some(real.parent()?.to_path_buf()).filter(|folder| is_complete(folder))
}

fn in_debian() -> Option<PathBuf> {
    let versions = fs::read_dir(DEBIAN).ok()?.flatten();
    let numbered = versions.filter_map(|entry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((number, entry.path().join("bin")))
    });
    let (_, folder) = numbered.filter(|(_, folder)| is_complete(folder)).max()?;
    Some(folder)
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres"]
        .iter()
        .all(|name| folder.join(name).is_file())
}
