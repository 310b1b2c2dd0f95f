//! The keys there are, and what a misspelt one was probably meant to be.

use statehold_core::source::nearest;

/// Keys of the file with their sections; in the environment the dot is two underscores and letters are capitals.
pub(super) const KEYS: &[&str] = &[
    "store",
    "server",
    "tenant",
    "actor",
    "log",
    "log_format",
    "db.url",
    "serve.listen",
    "serve.workers",
    "serve.allow_missing_destinations",
];

/// The section whose keys are the user's own.
pub(super) const ENV: &str = "env";

/// Another name of the same key.
const ALIASES: &[(&str, &str)] = &[("db.url", "store")];

/// Keys whose value may stand in a file of its own, named by the key with `_file` added.
pub(super) const FROM_FILE: &[&str] = &["store", "db.url"];

/// The one name of a key.
pub(super) fn canonical(key: &str) -> &str {
    ALIASES
        .iter()
        .find_map(|(alias, name)| (*alias == key).then_some(*name))
        .unwrap_or(key)
}

/// Whether there is such a key.
pub(super) fn is_known(key: &str) -> bool {
    KEYS.contains(&key)
}

/// The key without `_file`, if its value may stand in a file.
pub(super) fn of_file(key: &str) -> Option<&str> {
    key.strip_suffix("_file")
        .filter(|base| FROM_FILE.contains(base))
}

/// Keys and sections of one level, for "did you mean".
pub(super) fn suggestion(section: &str, key: &str) -> Option<String> {
    let level = |known: &&str| match known.split_once('.') {
        Some((of, name)) if of == section => Some(name.to_owned()),
        Some((of, _)) if section.is_empty() => Some(of.to_owned()),
        None if section.is_empty() => Some((*known).to_owned()),
        _ => None,
    };
    let mut names: Vec<String> = KEYS.iter().filter_map(level).collect();
    if section.is_empty() {
        names.push(ENV.to_owned());
    }
    nearest(key, names.iter().map(String::as_str)).map(str::to_owned)
}

/// The variable of a key, without its prefix.
pub(super) fn variable(key: &str) -> String {
    key.replace('.', "__").to_uppercase()
}
