//! Commands of later releases: known by name, answered with what to do instead of with silence.

use clap::{Arg, ArgAction, ArgMatches};

use crate::exit::Failure;

/// Names and what to do until they are there.
const LATER: &[(&str, &str)] = &[
    (
        "init",
        "copy the folder examples/order and change its chart",
    ),
    (
        "diff",
        "compare the chart files of the two versions with your usual tool",
    ),
    (
        "changelog",
        "the charts' own history in your repository tells what changed",
    ),
    (
        "explore",
        "`statehold check` finds states that can never be reached",
    ),
    ("mutate", "try single steps with `statehold step`"),
    (
        "versions",
        "`statehold machines --json` lists what is published",
    ),
    (
        "migrate",
        "entities stay on the version they were created with; new ones follow the newest",
    ),
    (
        "deprecate",
        "write `deprecated:` into the chart and publish it as a new version",
    ),
    ("watch", "repeat `statehold log MACHINE ID`"),
    (
        "adopt",
        "use an own table beside the entity, with the entity's id as its key",
    ),
    ("sql", "`sqlite3 FILE .schema` prints the tables of a store"),
    (
        "verify",
        "`statehold log MACHINE ID` shows the log of one entity",
    ),
    (
        "doctor",
        "`statehold serve` checks its store and its configuration when it starts",
    ),
    (
        "migrate-store",
        "`statehold serve` brings the store up to date when it starts",
    ),
    (
        "backup",
        "`sqlite3 FILE \".backup COPY\"` copies a store, also while a server works on it",
    ),
    ("bench", "fire events with a load generator of your choice"),
];

/// The command line with the names of later commands, hidden, taking whatever follows.
pub(crate) fn extend(command: clap::Command) -> clap::Command {
    command.subcommands(LATER.iter().map(|(name, _)| {
        clap::Command::new(*name)
            .hide(true)
            .disable_help_flag(true)
            .arg(
                Arg::new("rest")
                    .num_args(..)
                    .action(ArgAction::Append)
                    .trailing_var_arg(true)
                    .allow_hyphen_values(true),
            )
    }))
}

/// The answer, if a later command was asked for.
pub(crate) fn asked(matches: &ArgMatches) -> Option<Failure> {
    let (name, _) = matches.subcommand()?;
    let (_, instead) = LATER.iter().find(|(known, _)| *known == name)?;
    Some(Failure::not_yet(&format!("statehold {name}"), instead))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_later_command_takes_any_arguments_and_is_answered() {
        for rest in [&[] as &[&str], &["--to", "3"], &["order", "-x", "--json"]] {
            let args = ["statehold", "migrate"].iter().chain(rest);
            let matches = extend(Cli::command())
                .try_get_matches_from(args)
                .expect("taken");
            let failure = asked(&matches).expect("answered");
            assert_eq!(failure.exit.code(), 2);
        }
    }

    #[test]
    fn commands_of_this_release_are_not_later_ones() {
        let now: Vec<String> = Cli::command()
            .get_subcommands()
            .map(|c| c.get_name().to_owned())
            .collect();
        assert!(
            LATER
                .iter()
                .all(|(name, _)| !now.contains(&(*name).to_owned()))
        );
    }
}
