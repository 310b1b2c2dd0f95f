//! The configuration file: TOML, every unknown key refused with its line and the key that was probably meant.

use std::path::{Path, PathBuf};

use statehold_core::source::line_col;
use toml::de::{DeTable, DeValue};

use super::env::{self, Variables};
use super::keys;
use super::layers::{Layers, Rank, is_env_name};
use crate::exit::Failure;

/// The file that is used when none is named.
const DEFAULT_NAME: &str = "statehold.toml";

/// Longest configuration file, in bytes. A hundred destinations stay under a tenth of it.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The file to read: the one that a flag or a variable names, else the usual one if it is there.
pub(super) fn path(flag: Option<&Path>, variables: &Variables, folder: &Path) -> Option<PathBuf> {
    if let Some(path) = flag {
        return Some(path.to_owned());
    }
    if let Some(path) = env::config_path(variables) {
        return Some(PathBuf::from(path));
    }
    Some(folder.join(DEFAULT_NAME)).filter(|usual| usual.is_file())
}

/// Hands every key of the file to the layers.
///
/// # Errors
/// The file cannot be read, or is not TOML at all; everything else is a problem in the layers.
pub(super) fn read(path: &Path, layers: &mut Layers) -> Result<(), Failure> {
    let unreadable = |why: String| Failure::config(vec![format!("{}: {why}", path.display())]);
    let size = std::fs::metadata(path)
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if size > FILE_BYTES_MAX {
        return Err(unreadable(format!(
            "{size} bytes are more than {FILE_BYTES_MAX}"
        )));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let root = DeTable::parse(&text).map_err(|error| {
        let line = error
            .span()
            .map(|span| line_col(&text, span.start).0)
            .unwrap_or(1);
        let name = path.display();
        Failure::config(vec![format!(
            "{name}:{line}: not valid TOML: {}",
            error.message()
        )])
    })?;
    let file = File { path, text: &text };
    for (key, value) in root.get_ref() {
        let origin = file.origin(key.span().start);
        match value.get_ref() {
            DeValue::Table(table) if key.get_ref() == keys::ENV => file.read_env(table, layers),
            DeValue::Table(table) => file.read_section(key.get_ref(), &origin, table, layers),
            value => file.read_key("", key.get_ref(), &origin, value, layers),
        }
    }
    Ok(())
}

struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn origin(&self, offset: usize) -> String {
        format!("{}:{}", self.path.display(), line_col(self.text, offset).0)
    }

    fn read_section(&self, section: &str, origin: &str, table: &DeTable<'_>, layers: &mut Layers) {
        let prefix = format!("{section}.");
        if !keys::KEYS.iter().any(|key| key.starts_with(&prefix)) {
            layers.problem(unknown(
                origin,
                "section",
                section,
                keys::suggestion("", section),
            ));
            return;
        }
        for (key, value) in table {
            let origin = self.origin(key.span().start);
            self.read_key(section, key.get_ref(), &origin, value.get_ref(), layers);
        }
    }

    fn read_key(
        &self,
        section: &str,
        key: &str,
        origin: &str,
        value: &DeValue<'_>,
        layers: &mut Layers,
    ) {
        let full = if section.is_empty() {
            key.to_owned()
        } else {
            format!("{section}.{key}")
        };
        let from_file = keys::of_file(&full);
        if !keys::is_known(&full) && from_file.is_none() {
            layers.problem(unknown(
                origin,
                "key",
                &full,
                keys::suggestion(section, key),
            ));
            return;
        }
        let text = scalar(value).and_then(|text| match from_file {
            Some(_) => self.secret(&text),
            None => Ok(text),
        });
        match text {
            Ok(text) => {
                let origin = format!("{origin}: `{full}`");
                layers.give(from_file.unwrap_or(&full), text, Rank::File, origin);
            }
            Err(problem) => layers.problem(format!("{origin}: `{full}`: {problem}")),
        }
    }

    /// `NAME = "value"`, or `NAME = { file = "path" }` for a value that stands in a file.
    fn read_env(&self, table: &DeTable<'_>, layers: &mut Layers) {
        for (name, value) in table {
            let origin = format!(
                "{}: `env.{}`",
                self.origin(name.span().start),
                name.get_ref()
            );
            let text = match value.get_ref() {
                DeValue::Table(table) => match table.iter().next() {
                    Some((key, path)) if table.len() == 1 && key.get_ref() == "file" => {
                        scalar(path.get_ref()).and_then(|path| self.secret(&path))
                    }
                    _ => Err("expected a text or { file = \"PATH\" }".to_owned()),
                },
                value => scalar(value),
            };
            match text {
                Ok(_) if !is_env_name(name.get_ref()) => layers.problem(format!(
                    "{origin}: a name has letters, digits and underscores only"
                )),
                Ok(text) => layers.give_env(name.get_ref(), text, Rank::File, origin),
                Err(problem) => layers.problem(format!("{origin}: {problem}")),
            }
        }
    }

    /// Paths in the file are relative to the file.
    fn secret(&self, path: &str) -> Result<String, String> {
        env::secret(&self.path.parent().unwrap_or(Path::new(".")).join(path))
    }
}

fn scalar(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) => Ok(number.to_string()),
        DeValue::Boolean(value) => Ok(value.to_string()),
        _ => Err("expected a text, a whole number, true or false".to_owned()),
    }
}

fn unknown(origin: &str, what: &str, name: &str, near: Option<String>) -> String {
    match near {
        Some(near) => format!("{origin}: unknown {what} `{name}`; did you mean `{near}`?"),
        None => format!("{origin}: unknown {what} `{name}`"),
    }
}
