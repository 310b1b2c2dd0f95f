//! [`Layers`]: who said what. A later voice replaces an earlier one; problems are collected, not raised.

use std::collections::BTreeMap;

use super::keys;

/// How loud a voice is: a flag wins over the environment, the environment over the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    File,
    Environment,
    Flag,
}

/// One voice about one key.
struct Given {
    text: String,
    rank: Rank,
    /// As the user knows it: `--store`, `STATEHOLD_STORE`, `statehold.toml:3`.
    origin: String,
}

/// All voices so far, and what is wrong with them.
#[derive(Default)]
pub(crate) struct Layers {
    values: BTreeMap<String, Given>,
    env: BTreeMap<String, Given>,
    problems: Vec<String>,
}

impl Layers {
    /// What a flag says, if it was given.
    pub(crate) fn flag(&mut self, key: &str, flag: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.give(key, text.to_owned(), Rank::Flag, flag.to_owned());
        }
    }

    /// What a flag without a value says.
    pub(crate) fn switch(&mut self, key: &str, flag: &str, given: bool) {
        self.flag(key, flag, given.then_some("true"));
    }

    /// What `--env NAME=VALUE` says.
    pub(crate) fn env_flag(&mut self, pair: &str) {
        match pair.split_once('=') {
            Some((name, value)) if is_env_name(name) => {
                self.give_env(name, value.to_owned(), Rank::Flag, "--env".to_owned());
            }
            Some((name, _)) => self.problem(format!(
                "--env: `{name}` is not a name of letters, digits and underscores"
            )),
            // What was given may be a secret, so it is not repeated.
            None => self.problem("--env: expected NAME=VALUE"),
        }
    }

    /// Something is wrong, whatever the rest says.
    pub(crate) fn problem(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    pub(super) fn give(&mut self, key: &str, text: String, rank: Rank, origin: String) {
        let given = Given { text, rank, origin };
        let key = keys::canonical(key);
        if let Some(clash) = replace(&mut self.values, key, given) {
            self.problem(clash);
        }
    }

    pub(super) fn give_env(&mut self, name: &str, text: String, rank: Rank, origin: String) {
        let given = Given { text, rank, origin };
        if let Some(clash) = replace(&mut self.env, name, given) {
            self.problem(clash);
        }
    }

    pub(super) fn rank(&self, key: &str) -> Option<Rank> {
        self.values.get(key).map(|given| given.rank)
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.parse(key, |text| match text {
            "" => Err("expected a text, got nothing".to_owned()),
            text => Ok(text.to_owned()),
        })
    }

    /// The value of a key with its type. What does not parse is a problem and counts as not given.
    pub(super) fn parse<T>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let given = self.values.get(key)?;
        match parse(&given.text) {
            Ok(value) => Some(value),
            Err(problem) => {
                let problem = format!("{}: {problem}", given.origin);
                self.problem(problem);
                None
            }
        }
    }

    pub(super) fn take_env(&mut self) -> BTreeMap<String, String> {
        std::mem::take(&mut self.env)
            .into_iter()
            .map(|(name, given)| (name, given.text))
            .collect()
    }

    pub(super) fn into_problems(self) -> Vec<String> {
        self.problems
    }
}

/// Puts a voice in place. The problem, if an equally loud one stood there; flags may be repeated, the last one counts.
fn replace(values: &mut BTreeMap<String, Given>, key: &str, given: Given) -> Option<String> {
    let (rank, origin) = (given.rank, given.origin.clone());
    let earlier = values.insert(key.to_owned(), given)?;
    let clash = earlier.rank == rank && rank != Rank::Flag;
    clash.then(|| format!("{} and {origin} say the same thing twice", earlier.origin))
}

/// Names that can stand in `${env.NAME}`.
pub(super) fn is_env_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
