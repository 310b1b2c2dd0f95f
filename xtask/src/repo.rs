//! The repository's text, read once into memory.
//!
//! Paths are relative to the root and use `/`. Everything that judges text works on a [`Repo`], so a
//! test can plant two files and ask for the verdict without touching a disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};

/// Folders that hold other people's or generated files.
const SKIPPED_FOLDERS: &[&str] = &[".git", ".statehold", "node_modules", "target"];

/// Cargo marks its output folders with this file, wherever CARGO_TARGET_DIR put them.
const CACHE_MARK: &str = "CACHEDIR.TAG";

/// Which files are read; all others are only known to exist.
const TEXT_ENDINGS: &[&str] = &[".rs", ".md", "Cargo.toml"];

/// The files of the repository that the checks look at.
#[derive(Debug, Default)]
pub struct Repo {
    texts: BTreeMap<String, String>,
    paths: BTreeSet<String>,
}

impl Repo {
    /// Reads the tree under `root`, leaving out build output and version control.
    ///
    /// # Errors
    /// When a folder cannot be listed or a text file is not UTF-8.
    pub fn read(root: &Path) -> Result<Repo> {
        let mut repo = Repo::default();
        repo.read_folder(root, "")?;
        Ok(repo)
    }

    /// A repository that holds just these files, for tests.
    #[must_use]
    pub fn planted(files: &[(&str, &str)]) -> Repo {
        let mut repo = Repo::default();
        for (path, text) in files {
            repo.add_path(path);
            repo.texts.insert((*path).to_owned(), (*text).to_owned());
        }
        repo
    }

    /// The text of one file, if it was read.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// All read files whose path ends in `ending`, in path order.
    pub fn ending<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts
            .iter()
            .filter(move |(path, _)| path.ends_with(ending))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Whether a file or folder of this path exists; the empty path is the root.
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        path.is_empty() || self.paths.contains(path.trim_end_matches('/'))
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let entries =
            std::fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if SKIPPED_FOLDERS.contains(&name.as_str())
                    || entry.path().join(CACHE_MARK).exists()
                {
                    continue;
                }
                self.paths.insert(path.clone());
                self.read_folder(&entry.path(), &format!("{path}/"))?;
                continue;
            }
            if kind.is_file() && TEXT_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                let text = std::fs::read_to_string(entry.path())
                    .with_context(|| format!("read {path}"))?;
                self.texts.insert(path.clone(), text);
            }
            self.paths.insert(path);
        }
        Ok(())
    }

    fn add_path(&mut self, path: &str) {
        let ends = path
            .match_indices('/')
            .map(|(end, _)| end)
            .chain([path.len()]);
        for end in ends {
            self.paths.insert(path[..end].to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_output_and_version_control_are_left_out() {
        let repo =
            Repo::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("own folder is readable");
        assert!(repo.text("src/repo.rs").is_some());
        assert!(repo.exists("src"));
        assert!(!repo.exists("target"));
    }

    #[test]
    fn planted_files_bring_their_folders() {
        let repo = Repo::planted(&[("docs/errors/SH0001.md", "x")]);
        assert!(repo.exists("docs"));
        assert!(repo.exists("docs/errors/"));
        assert!(repo.exists("docs/errors/SH0001.md"));
        assert!(!repo.exists("docs/error"));
    }
}
