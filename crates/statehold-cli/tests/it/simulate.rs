//! `simulate`: an author's walk, from scripts and from pipes.

use serde_json::json;

use crate::support::{Place, Ran, expect_file, finish};

const CHART: &str = "order.chart.yaml";
const BEGIN: [&str; 6] = [
    "--now",
    "2026-03-01T12:00:00Z",
    "--actor",
    "ann",
    "--input",
    r#"{"customer_id": "ann", "total": 1200, "email": "ann@example.com"}"#,
];

/// A walk that comes by everything: refusals, calls, timers, a way back.
const WALK: &str = r#"
# a comment, and an empty line above
pay
why cancel
pay {"payment_token": "tok_secret"}
refused charge_card 402 {"why": "no money"}
1 {"payment_token": "tok_secret"}
ok charge_card {"id": "ch_1"}
ok send_receipt
ship {"tracking": "RX-1"}
as {"id": "wes", "roles": ["warehouse"]}
ship {"tracking": "RX-1"}
+20d
undo
+10d
+20d
show
"#;

fn walk(place: &Place, more: &[&str], lines: &str) -> Ran {
    let args = [&["simulate", CHART], &BEGIN[..], more].concat();
    place.run_with_stdin(&args, lines)
}

#[test]
fn a_walk_shows_what_is_possible_and_why_the_rest_is_not() {
    let ran = walk(&Place::example("order"), &[], WALK).ended(0);
    expect_file("simulate_walk.txt", &ran.stdout);
    assert!(!ran.stdout.contains("tok_secret") || ran.stdout.contains("> pay"));
    assert!(!ran.stdout.contains("ann@example.com"), "{}", ran.stdout);
}

#[test]
fn a_saved_walk_replays_to_the_same_entity() {
    let place = Place::example("order");
    let ran = walk(&place, &[], &format!("{WALK}\nsave walk.txt\n")).ended(0);
    assert!(ran.stderr.contains("written: walk.txt"), "{}", ran.stderr);
    let end = |ran: &Ran| {
        let last = ran.stdout.rsplit("\ndelivered").next();
        last.expect("it was delivered").to_owned()
    };
    let script = std::fs::read_to_string(place.path("walk.txt")).expect("saved");
    assert!(script.starts_with("# replay: statehold simulate order.chart.yaml --now"));
    let again = walk(&place, &["--script", "walk.txt"], "").ended(0);
    assert_eq!(
        end(&again).trim(),
        end(&ran)
            .split("\n> save")
            .next()
            .expect("first part")
            .trim()
    );
}

#[test]
fn json_is_one_document_with_every_step() {
    let ran = walk(&Place::example("order"), &["--json"], WALK).ended(0);
    let document = ran.json();
    assert_eq!(document["state"], "delivered");
    assert_eq!(document["status"], "done");
    assert_eq!(document["context"]["email"], "[masked]");
    let steps = document["steps"].as_array().expect("steps");
    let outcomes: Vec<&str> = (steps.iter())
        .map(|step| step["outcome"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(outcomes[0], "invalid_input");
    assert!(outcomes.contains(&"forbidden"), "{outcomes:?}");
    assert_eq!(
        steps.last().expect("a last one")["event"],
        "timer.shipped.30d"
    );
    assert!(!ran.stdout.contains("tok_secret"));
}

#[test]
fn a_walk_can_begin_in_a_state_with_its_timers_and_calls() {
    let args = ["simulate", CHART, "--now", "2026-03-01T12:00:00Z", "--json"];
    let context = r#"{"customer_id": "ann", "total": 1}"#;
    let at = |state: &str| {
        let begin = ["--state", state, "--context", context];
        Place::example("order")
            .run_with_stdin(&[&args, &begin[..]].concat(), "")
            .ended(0)
    };
    let pending = at("pending").json();
    assert_eq!(pending["timers"][0]["due"], "2026-03-03T12:00:00Z");
    assert_eq!(
        at("shipped").json()["timers"][0]["event"],
        "timer.shipped.30d"
    );
    let args = ["simulate", CHART, "--state", "shiped"];
    let wrong = Place::example("order").run_with_stdin(&args, "").ended(2);
    assert!(
        wrong.stderr.contains("did you mean `shipped`?"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn lines_that_do_not_fit_the_chart_are_named_and_end_with_1() {
    let ran = walk(
        &Place::example("order"),
        &[],
        "cancell\n9\nok charge_card\nnext\nnext\nundo\n/nix\n",
    );
    let ran = ran.ended(1);
    for words in [
        "did you mean `cancel`?",
        "there is no 9 in the list",
        "no call of `charge_card` waits",
        "there is no command `nix`",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
}

#[test]
fn calls_that_nobody_answers_become_dead_letters_and_the_chart_is_not_told() {
    let lines = "pay {\"payment_token\": \"t\"}\ntimeout charge_card\n";
    let ran = walk(&Place::example("order"), &[], lines).ended(0);
    assert!(ran.stdout.contains("is a dead letter"), "{}", ran.stdout);
    let ran = walk(&Place::example("order"), &["--json"], lines).ended(0);
    assert_eq!(ran.json()["state"], "charging");
    let lines = "pay {\"payment_token\": \"t\"}\nfailed charge_card\n";
    let ran = walk(&Place::example("order"), &["--json"], lines).ended(0);
    assert_eq!(ran.json()["state"], "pending");
}

#[test]
fn a_beginning_that_does_not_fit_says_what_to_give() {
    let ran = Place::example("order")
        .run_with_stdin(&["simulate", CHART], "")
        .ended(1);
    assert!(
        ran.stderr.contains("--input '{\"customer_id\":"),
        "{}",
        ran.stderr
    );
    let both = ["simulate", CHART, "--state", "paid", "--input", "{}"];
    finish(&mut Place::example("order").command(&both)).ended(2);
}

#[test]
fn a_line_without_end_is_refused_not_kept() {
    let long = format!("pay {{\"x\": \"{}\"}}\nshow\n", "x".repeat(400_000));
    let ran = walk(&Place::example("order"), &["--json"], &long).ended(1);
    let steps = ran.json()["steps"].clone();
    assert!(
        steps[0]["problem"]
            .as_str()
            .is_some_and(|text| text.contains("at most")),
        "{steps}"
    );
    assert_eq!(steps, json!([steps[0]]));
}
