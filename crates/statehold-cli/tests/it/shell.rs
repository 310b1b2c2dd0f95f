//! Help, completions, manuals, wrong usage and commands of later releases.

use crate::support::Place;

#[test]
fn every_command_of_this_release_is_in_the_help() {
    let help = Place::empty().run(&["--help"]).ended(0).stdout;
    for command in [
        "dev",
        "serve",
        "check",
        "step",
        "simulate",
        "diagram",
        "import",
        "create",
        "get",
        "list",
        "fire",
        "explain",
        "log",
        "effects",
        "dead-letters",
        "mock",
        "publish",
        "machines",
        "schema",
        "completions",
        "man",
    ] {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command}\n{help}"
        );
    }
    assert!(!help.contains("migrate"), "{help}");
}

#[test]
fn completions_and_manuals_are_made_for_every_shell() {
    let place = Place::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.run(&["completions", shell]).ended(0).stdout;
        assert!(
            script.contains("statehold") && script.contains("dead-letters"),
            "{shell}"
        );
    }
    place.run(&["completions", "cmd"]).ended(2);
    assert!(
        place
            .run(&["man"])
            .ended(0)
            .stdout
            .contains(".TH statehold")
    );
    place.run(&["man", "--out", "pages"]).ended(0);
    assert!(place.path("pages/statehold-fire.1").exists());
}

#[test]
fn the_schema_of_charts_is_printed_with_and_without_json() {
    let place = Place::empty();
    for args in [&["schema"] as &[&str], &["schema", "--json"]] {
        let printed = place.run(args).ended(0).stdout;
        let schema: serde_json::Value = serde_json::from_str(&printed).expect("one document");
        assert_eq!(schema, statehold_core::chart_schema());
    }
}

#[test]
fn commands_of_later_releases_answer() {
    let place = Place::empty();
    for command in [
        "init",
        "diff",
        "changelog",
        "explore",
        "mutate",
        "versions",
        "migrate",
        "deprecate",
        "watch",
        "adopt",
        "sql",
        "verify",
        "doctor",
        "migrate-store",
        "backup",
        "bench",
    ] {
        let ran = place
            .run(&[command, "something", "--with", "flags"])
            .ended(2);
        assert!(
            ran.stderr.contains("not supported yet") && ran.stderr.contains("help:"),
            "{command}: {}",
            ran.stderr
        );
    }
    let json = place.run(&["--json", "migrate", "order"]).ended(2).json();
    assert_eq!(json["code"], "SH0107");
}

#[test]
fn wrong_usage_is_2_and_one_document_where_json_is_wanted() {
    let place = Place::empty();
    let ran = place.run(&["frie", "order"]).ended(2);
    assert!(
        ran.stderr.contains("fire"),
        "a near name is offered: {}",
        ran.stderr
    );
    assert_eq!(ran.stdout, "");
    assert_eq!(
        place.run(&["frie", "--json"]).ended(2).json()["title"],
        "wrong usage"
    );
    place.run(&[]).ended(2);
    place.run(&["--version"]).ended(0);
}

#[test]
fn every_command_has_its_place_in_the_documents() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let help = Place::empty().run(&["--help"]).ended(0).stdout;
    let commands = help
        .split("Commands:")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next())
        .expect("a list");
    let commands = commands
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    for command in commands.filter(|command| *command != "help") {
        assert!(
            page.contains(&format!("### `statehold {command}")),
            "docs/cli.md lacks `{command}`"
        );
    }
}
