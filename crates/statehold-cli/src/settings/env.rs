//! Variables `STATEHOLD_*`. Two underscores stand for the dot of a key: `STATEHOLD_SERVE__LISTEN`.
//!
//! Container platforms put variables of their own beside ours (`STATEHOLD_PORT`, `STATEHOLD_SERVICE_HOST`), so an
//! unknown one is a problem only if it looks like a misspelt one of ours.

use std::collections::BTreeMap;
use std::path::Path;

use statehold_core::source::nearest;

use super::keys::{self, KEYS};
use super::layers::{Layers, Rank, is_env_name};

const PREFIX: &str = "STATEHOLD_";
const ENV_PREFIX: &str = "ENV__";
const FILE_SUFFIX: &str = "_FILE";

/// Variables read elsewhere.
const CONFIG: &str = "CONFIG";

/// Longest secret read from a file, in bytes; keys and addresses are far shorter.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// Our variables by name without prefix.
pub(super) type Variables = BTreeMap<String, String>;

/// The variables there are; those that are not text are problems.
pub(super) fn variables(layers: &mut Layers) -> Variables {
    let mut found = Variables::new();
    for (name, value) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let Some(name) = name.strip_prefix(PREFIX) else {
            continue;
        };
        match value.into_string() {
            Ok(value) => drop(found.insert(name.to_owned(), value)),
            Err(_) => layers.problem(format!("{PREFIX}{name}: the value is not UTF-8")),
        }
    }
    found
}

/// The configuration file that a variable names.
pub(super) fn config_path(variables: &Variables) -> Option<&str> {
    variables.get(CONFIG).map(String::as_str)
}

/// Hands every variable to the layers.
pub(super) fn read(variables: &Variables, layers: &mut Layers) {
    for (name, value) in variables {
        let origin = format!("{PREFIX}{name}");
        if name == CONFIG {
            continue;
        }
        if let Some(env_name) = name.strip_prefix(ENV_PREFIX) {
            read_env(env_name, value, origin, layers);
            continue;
        }
        match KEYS.iter().find(|key| keys::variable(key) == *name) {
            Some(key) => layers.give(key, value.clone(), Rank::Environment, origin),
            None => read_other(name, value, origin, layers),
        }
    }
}

/// `STATEHOLD_ENV__NAME`, or `STATEHOLD_ENV__NAME_FILE` for a value that stands in a file.
fn read_env(name: &str, value: &str, origin: String, layers: &mut Layers) {
    let (name, value) = match name.strip_suffix(FILE_SUFFIX) {
        None => (name, Ok(value.to_owned())),
        Some(base) => (base, secret(Path::new(value))),
    };
    match value {
        _ if !is_env_name(name) => layers.problem(format!("{origin}: `{name}` cannot be a name")),
        Ok(value) => layers.give_env(name, value, Rank::Environment, origin),
        Err(problem) => layers.problem(format!("{origin}: {problem}")),
    }
}

fn read_other(name: &str, value: &str, origin: String, layers: &mut Layers) {
    let from_file = |key: &&&str| format!("{}{FILE_SUFFIX}", keys::variable(key)) == name;
    if let Some(key) = keys::FROM_FILE.iter().find(from_file) {
        match secret(Path::new(value)) {
            Ok(value) => layers.give(key, value, Rank::Environment, origin),
            Err(problem) => layers.problem(format!("{origin}: {problem}")),
        }
        return;
    }
    let known: Vec<String> = KEYS.iter().map(|key| keys::variable(key)).collect();
    if let Some(near) = nearest(name, known.iter().map(String::as_str)) {
        layers.problem(format!(
            "{origin}: there is no such setting; did you mean {PREFIX}{near}?"
        ));
    }
}

/// The content of a file that holds one value, without the line end that editors add.
pub(super) fn secret(path: &Path) -> Result<String, String> {
    let describe = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let size = std::fs::metadata(path).map_err(describe)?.len();
    if size > SECRET_BYTES_MAX {
        return Err(format!(
            "{} has {size} bytes, more than {SECRET_BYTES_MAX}",
            path.display()
        ));
    }
    let text = std::fs::read_to_string(path).map_err(describe)?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}
