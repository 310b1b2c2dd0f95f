//! Which files a path means: a file is itself, a folder is all of its charts, mocks and scenarios by suffix.

use std::path::{Path, PathBuf};

use crate::exit::Failure;

/// Files of one folder, at most. More is not a folder of charts.
const FILES_MAX: usize = 10_000;

/// What a file is, told by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `NAME.chart.yaml` or `NAME.chart.json`.
    Chart,
    /// `NAME.mock.yaml` or `NAME.mock.json`.
    Mock,
    /// `NAME.test.yaml` or `NAME.test.json`.
    Scenarios,
}

/// A file of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct File {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it is.
    pub(crate) path: PathBuf,
}

/// The kind of a file, if its name tells one.
pub(crate) fn kind_of(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_str()?;
    let stem = [".yaml", ".yml", ".json"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))?;
    match stem.rsplit_once('.')? {
        (_, "chart") => Some(Kind::Chart),
        (_, "mock") => Some(Kind::Mock),
        (_, "test") => Some(Kind::Scenarios),
        _ => None,
    }
}

/// The files that paths mean, each once, in the order given; those of a folder by name.
///
/// # Errors
/// A path is not there, or means nothing of the kinds wanted.
pub(crate) fn expand(paths: &[PathBuf], wanted: &[Kind]) -> Result<Vec<File>, Failure> {
    let mut files: Vec<File> = Vec::new();
    for path in paths {
        for file in expand_one(path, wanted)? {
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

fn expand_one(path: &Path, wanted: &[Kind]) -> Result<Vec<File>, Failure> {
    if path.is_dir() {
        let files = in_folder(path, wanted)?;
        if files.is_empty() {
            return Err(Failure::usage(format!(
                "{} holds no {}",
                path.display(),
                names(wanted)
            )));
        }
        return Ok(files);
    }
    // A file that is named may be called anything.
    let kind = kind_of(path).unwrap_or(wanted[0]);
    if !wanted.contains(&kind) {
        let problem = format!("{} is not one of: {}", path.display(), names(wanted));
        return Err(Failure::usage(problem));
    }
    Ok(vec![File {
        kind,
        path: path.to_owned(),
    }])
}

/// All files of the wanted kinds in a folder, by kind and name. Folders below are not looked into.
pub(crate) fn in_folder(folder: &Path, wanted: &[Kind]) -> Result<Vec<File>, Failure> {
    let failed = |error: std::io::Error| Failure::file(folder, "cannot read", &error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)?.take(FILES_MAX) {
        let path = entry.map_err(failed)?.path();
        let path = path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
        if let Some(kind) = kind_of(&path).filter(|kind| wanted.contains(kind)) {
            files.push(File { kind, path });
        }
    }
    files.sort();
    Ok(files)
}

fn names(kinds: &[Kind]) -> String {
    let names = kinds.iter().map(|kind| match kind {
        Kind::Chart => "charts (NAME.chart.yaml or .json)",
        Kind::Mock => "mocks (NAME.mock.yaml or .json)",
        Kind::Scenarios => "scenarios (NAME.test.yaml or .json)",
    });
    names.collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_tells_the_kind() {
        let kind = |name: &str| kind_of(Path::new(name));
        assert_eq!(kind("a/order.chart.yaml"), Some(Kind::Chart));
        assert_eq!(kind("order.chart.json"), Some(Kind::Chart));
        assert_eq!(kind("payments.mock.yml"), Some(Kind::Mock));
        assert_eq!(kind("order.test.yaml"), Some(Kind::Scenarios));
        assert_eq!(kind("order.yaml"), None);
        assert_eq!(kind("chart.yaml"), None);
    }
}
