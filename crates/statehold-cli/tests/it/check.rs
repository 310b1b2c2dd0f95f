//! `check`: what it finds, how it shows it, and how it ends.

use serde_json::Value;

use crate::support::{Place, expect_file, file, finish};

fn with_mistakes() -> Place {
    let place = Place::empty();
    std::fs::copy(
        file("mistakes.chart.yaml"),
        place.path("mistakes.chart.yaml"),
    )
    .expect("copied");
    place
}

#[test]
fn ten_planted_mistakes_are_all_drawn_at_once() {
    let ran = with_mistakes()
        .run(&["check", "mistakes.chart.yaml"])
        .ended(1);
    expect_file("mistakes.txt", &ran.stdout);
    assert_eq!(ran.stderr, "");
}

/// The picture in the documents is this very output, colours included.
#[test]
fn the_picture_of_ten_mistakes_is_what_a_terminal_shows() {
    let place = with_mistakes();
    let mut command = place.command(&["check", "mistakes.chart.yaml"]);
    let drawn = finish(command.env("CLICOLOR_FORCE", "1")).ended(1).stdout;
    assert!(drawn.contains("\u{1b}["), "it has colours");
    let svg = anstyle_svg::Term::new().render_svg(&drawn);
    expect_file("../../../../../docs/pictures/check.svg", &svg);
}

#[test]
fn json_is_one_list_with_places_counted_from_one() {
    let ran = with_mistakes().run(&["check", ".", "--json"]).ended(1);
    let listed = ran.json();
    let list = listed.as_array().expect("a list");
    assert_eq!(
        list.iter()
            .filter(|problem| problem["severity"] == "error")
            .count(),
        10
    );
    let target = list
        .iter()
        .find(|problem| problem["code"] == "SH0109")
        .expect("the unknown target");
    assert_eq!(
        (&target["line"], &target["column"]),
        (&Value::from(14), &Value::from(34))
    );
    assert_eq!(target["help"], "did you mean `cancelled`?");
    assert!(
        target["file"]
            .as_str()
            .is_some_and(|file| file.ends_with("mistakes.chart.yaml"))
    );
    assert!(target["message"].is_string());
}

#[test]
fn a_good_folder_is_said_to_be_good() {
    let ran = Place::order().run(&["check", "."]).ended(0);
    assert_eq!(ran.stdout, "1 chart and 1 mock checked: no problems\n");
    assert_eq!(
        Place::order()
            .run(&["check", ".", "--json"])
            .ended(0)
            .json(),
        Value::Array(Vec::new())
    );
}

#[test]
fn warnings_alone_end_well_unless_strict() {
    let place = Place::order();
    let chart = place.read("order.chart.yaml");
    place.write(
        "order.chart.yaml",
        &chart.replace(
            "initial: pending",
            "guards: { spare: 'true' }\ninitial: pending",
        ),
    );
    let ran = place.run(&["check", "order.chart.yaml"]).ended(0);
    assert!(ran.stdout.contains("warning[SH0123]"), "{}", ran.stdout);
    place
        .run(&["check", "order.chart.yaml", "--strict"])
        .ended(1);
}

#[test]
fn problems_of_mocks_are_found_too() {
    let place = Place::order();
    let mock = place.read("payments.mock.yaml");
    place.write(
        "payments.mock.yaml",
        &mock.replace("status: 201", "status: 99"),
    );
    let ran = place.run(&["check", "."]).ended(1);
    assert!(
        ran.stdout.contains("payments.mock.yaml:8:21"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout
            .ends_with("1 chart and 1 mock checked: 1 error in 1 file\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_file_that_is_not_text_is_a_problem_of_that_file() {
    let place = Place::order();
    std::fs::write(place.path("broken.chart.yaml"), [b'a', b':', 0xff]).expect("written");
    let ran = place.run(&["check", "."]).ended(1);
    assert!(
        ran.stdout.contains("the file is not UTF-8 text"),
        "{}",
        ran.stdout
    );
}

#[test]
fn nothing_to_check_is_wrong_usage() {
    let place = Place::empty();
    let ran = place.run(&["check", "."]).ended(2);
    assert!(ran.stderr.contains("holds no charts"), "{}", ran.stderr);
    place.run(&["check", "missing.chart.yaml"]).ended(2);
    place.run(&["check"]).ended(2);
}

#[test]
fn scenarios_are_checked_beside_their_charts() {
    let place = Place::example("order");
    let ran = place.run(&["check", "."]).ended(0);
    assert!(ran.stdout.contains("1 scenario file"), "{}", ran.stdout);
}

#[test]
fn colour_is_for_terminals_and_for_those_who_insist() {
    let place = with_mistakes();
    let plain = |ran: crate::support::Ran| assert!(!ran.stdout.contains('\u{1b}'));
    plain(place.run(&["check", "."]));
    plain(finish(place.command(&["check", "."]).env("NO_COLOR", "1")));
    let forced = finish(place.command(&["check", "."]).env("CLICOLOR_FORCE", "1"));
    assert!(forced.stdout.contains('\u{1b}'));
}

#[test]
fn control_characters_of_a_file_do_not_reach_the_terminal() {
    let place = Place::empty();
    place.write("x.chart.yaml", "statehold: 1\n\"a\\e[2J\": 1\n");
    let ran = place.run(&["check", "."]).ended(1);
    assert!(!ran.stdout.contains('\u{1b}'), "{:?}", ran.stdout);
}
