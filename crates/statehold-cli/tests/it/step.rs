//! `step`: one pure step of the order chart.

use serde_json::json;

use crate::support::{Place, expect_file};

const CHART: &str = "order.chart.yaml";
const NOW: &[&str] = &["--now", "2026-03-01T12:00:00Z"];
const CONTEXT: &str = r#"{"customer_id": "ann", "total": 1200, "email": "ann@example.com"}"#;

fn step(args: &[&str]) -> crate::support::Ran {
    let args: Vec<&str> = ["step", CHART]
        .iter()
        .chain(args)
        .chain(NOW)
        .copied()
        .collect();
    Place::order().run(&args)
}

#[test]
fn creation_shows_context_and_timers() {
    let ran = step(&["create", CONTEXT]).ended(0);
    expect_file("step_create.txt", &ran.stdout);
}

#[test]
fn paying_asks_for_a_charge_with_the_token_masked() {
    let ran = step(&[
        "pay",
        r#"{"payment_token": "tok_secret"}"#,
        "--actor",
        "ann",
        "--state",
        "pending",
        "--context",
        CONTEXT,
    ]);
    let ran = ran.ended(0);
    expect_file("step_pay.txt", &ran.stdout);
    assert_eq!(ran.stderr, "");
}

#[test]
fn json_holds_everything_a_step_results_in() {
    let args = [
        "pay",
        r#"{"payment_token": "tok_secret"}"#,
        "--actor",
        "ann",
        "--context",
        CONTEXT,
        "--json",
    ];
    let ran = step(&args).ended(0);
    let step = ran.json();
    assert_eq!(step["outcome"], "applied");
    assert_eq!(
        (&step["from"], &step["to"]),
        (&json!("pending"), &json!("charging"))
    );
    assert_eq!(
        step["context"],
        json!({ "customer_id": "ann", "total": 1200, "email": "[masked]" })
    );
    assert_eq!(step["effects"][0]["request"]["destination"], "PAYMENTS");
    assert_eq!(
        step["effects"][0]["request"]["body"],
        json!({ "amount": 1200, "source": "[masked]" })
    );
    assert_eq!(step["left"][0]["state"], "pending");
    assert!(!ran.stdout.contains("tok_secret") && !ran.stdout.contains("ann@example.com"));
}

#[test]
fn results_of_calls_and_timers_can_be_tried() {
    let to = |args: &[&str]| {
        step(&[args, &["--context", CONTEXT, "--json"]].concat())
            .ended(0)
            .json()["to"]
            .clone()
    };
    assert_eq!(
        to(&["--state", "charging", "done.effect.charge_card"]),
        "paid"
    );
    assert_eq!(
        to(&["--state", "charging", "error.effect.charge_card"]),
        "pending"
    );
    assert_eq!(to(&["--state", "pending", "timer.pending.48h"]), "expired");
}

#[test]
fn a_refusal_says_why_and_what_is_accepted() {
    let args = [
        "ship",
        "--state",
        "paid",
        "--context",
        r#"{"customer_id": "ann", "total": 100000}"#,
    ];
    let warehouse = ["--actor", r#"{"id": "wes", "roles": ["warehouse"]}"#];
    let ran = step(&[&args[..], &warehouse].concat()).ended(1);
    assert!(
        ran.stderr.starts_with("guard_failed[SH0202]: "),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("Orders this large are shipped by hand"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("accepted now: ship"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    let refused = step(&[&args[..], &["--json"]].concat()).ended(1).json();
    assert_eq!(
        (&refused["outcome"], &refused["code"]),
        (&json!("forbidden"), &json!("SH0203"))
    );
}

#[test]
fn an_unknown_state_names_the_nearest() {
    let ran = step(&["pay", "--state", "pendign"]).ended(2);
    assert!(
        ran.stderr.contains("did you mean `pending`?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_context_that_does_not_fit_is_mentioned() {
    let ran = step(&["cancel", "--state", "pending"]).ended(0);
    assert!(ran.stderr.contains("/customer_id"), "{}", ran.stderr);
}

#[test]
fn a_chart_with_mistakes_is_not_stepped() {
    let place = Place::order();
    place.write(CHART, "statehold: 1\n");
    let ran = place.run(&["step", CHART, "pay"]).ended(1);
    assert!(ran.stderr.contains("error[SH0104]"), "{}", ran.stderr);
}

#[test]
fn input_comes_from_a_file_or_stdin_too() {
    let place = Place::order();
    place.write("input.json", CONTEXT);
    let from_file = place
        .run(&["step", CHART, "create", "@input.json", "--json"])
        .ended(0);
    let from_stdin = place
        .run_with_stdin(&["step", CHART, "create", "-", "--json"], CONTEXT)
        .ended(0);
    assert_eq!(from_file.json()["context"], from_stdin.json()["context"]);
    place
        .run(&["step", CHART, "create", "@missing.json"])
        .ended(2);
}

#[test]
fn input_that_is_no_strict_json_is_shown_where_it_is_wrong() {
    let ran = step(&["create", r#"{"total": }"#]).ended(2);
    assert!(ran.stderr.contains("INPUT:1:11"), "{}", ran.stderr);
    let refused = step(&["create", r#"{"total": 1, "total": 2}"#, "--json"])
        .ended(2)
        .json();
    assert_eq!(refused["code"], "SH0401");
    assert_eq!(refused["diagnostics"][0]["line"], 1);
}
