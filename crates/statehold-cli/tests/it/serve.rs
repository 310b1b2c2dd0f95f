//! `serve`, `mock` and the configuration of both.

use crate::support::{Place, finish};

const LISTEN: [&str; 2] = ["--listen", "127.0.0.1:0"];

fn serve<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ["serve", "order.chart.yaml"]
        .iter()
        .chain(&LISTEN)
        .chain(more)
        .copied()
        .collect()
}

#[test]
fn a_server_works_on_its_store_until_it_is_told_to_stop() {
    let place = Place::order();
    let mock = place.start_mock(&["mock", "payments.mock.yaml"]);
    let env = format!("PAYMENTS={}", mock.url);
    let mut server = place.start(&serve(&["--env", &env]));
    let on = ["--server", &server.url, "--actor", "ann"];
    let run = |args: &[&str]| place.run(&[&on[..], args].concat());
    run(&[
        "create",
        "order",
        "--id",
        "o1",
        r#"{"customer_id": "ann", "total": 1200}"#,
    ])
    .ended(0);
    run(&["fire", "order", "o1", "pay", r#"{"payment_token": "t"}"#]).ended(0);
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while run(&["get", "order", "o1", "--json"]).ended(0).json()["state"] != "paid" {
        assert!(
            std::time::Instant::now() < patience,
            "the order was never paid"
        );
    }
    server.signal("TERM");
    assert_eq!(server.end(), Some(0));
    let got = place.run(&["get", "order", "o1", "--json"]).ended(0).json();
    assert_eq!(got["state"], "paid");
}

#[test]
fn the_ready_line_is_json_on_stdout_where_json_is_wanted() {
    let place = Place::order();
    let mut server = place.start(&serve(&["--workers", "0", "--json"]));
    let line: serde_json::Value = serde_json::from_str(&server.stdout_line()).expect("JSON");
    assert_eq!(line["listening"], server.url.as_str());
    server.signal("INT");
    assert_eq!(server.end(), Some(0));
}

#[test]
fn missing_destinations_stop_the_start_unless_allowed() {
    let place = Place::order();
    let ran = place.run(&serve(&[])).ended(2);
    assert!(
        ran.stderr.contains("[SH0414]")
            && ran
                .stderr
                .contains("`PAYMENTS` has no value; machine `order` names it"),
        "{}",
        ran.stderr
    );
    let wrong = place
        .run(&serve(&["--env", "PAYMENTS=sk_live_secret"]))
        .ended(2);
    assert!(
        wrong.stderr.contains("[SH0414]") && !wrong.stderr.contains("sk_live_secret"),
        "{}",
        wrong.stderr
    );
    let json = place.run(&serve(&["--json"])).ended(2).json();
    assert_eq!(json["problems"].as_array().map(Vec::len), Some(1));
    let mut server = place.start(&serve(&["--allow-missing-destinations"]));
    server.signal("TERM");
    assert_eq!(server.end(), Some(0));
}

#[test]
fn destinations_come_from_variables_and_the_file_too() {
    let place = Place::order();
    let mut command = place.command(&serve(&[]));
    let mut server =
        crate::support::Server::start(command.env("STATEHOLD_ENV__PAYMENTS", "http://127.0.0.1:9"));
    server.signal("TERM");
    assert_eq!(server.end(), Some(0));
    place.write(
        "statehold.toml",
        "[env]\nPAYMENTS = 'http://127.0.0.1:9'\n[serve]\nlisten = '127.0.0.1:0'\n",
    );
    let mut server = place.start(&["serve", "order.chart.yaml"]);
    server.signal("TERM");
    assert_eq!(server.end(), Some(0));
}

#[test]
fn a_taken_port_says_so() {
    let place = Place::order();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("known").to_string();
    let ran = place
        .run(&[
            "serve",
            "order.chart.yaml",
            "--workers",
            "0",
            "--listen",
            &address,
        ])
        .ended(2);
    assert!(
        ran.stderr.contains("[SH0411]") && ran.stderr.contains(&address),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("help:"), "{}", ran.stderr);
    assert!(!place.path("statehold.db").exists(), "nothing was touched");
}

#[test]
fn an_open_server_does_not_listen_to_other_machines() {
    let place = Place::order();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:7700"] {
        let ran = place.run(&["serve", "--listen", address]).ended(2);
        assert!(ran.stderr.contains("[SH0410]"), "{}", ran.stderr);
    }
}

#[test]
fn all_problems_of_the_configuration_come_at_once() {
    let place = Place::order();
    place.write("statehold.toml", "wokers = 1\n[serve]\nlisten = 'here'\n");
    let mut command = place.command(&["serve", "--workers", "many"]);
    let ran = finish(command.env("STATEHOLD_LOG_FORMAT", "xml")).ended(2);
    assert!(
        ran.stderr.contains("[SH0412]: 4 problems"),
        "{}",
        ran.stderr
    );
    for part in [
        "statehold.toml:1: unknown key `wokers`",
        "here",
        "many",
        "xml",
    ] {
        assert!(ran.stderr.contains(part), "{part}\n{}", ran.stderr);
    }
    place.run(&["serve", "--config", "missing.toml"]).ended(2);
}

#[test]
fn a_bad_chart_stops_the_start_before_anything_else() {
    let place = Place::order();
    place.write("order.chart.yaml", "statehold: 1\n");
    let ran = place.run(&serve(&[])).ended(1);
    assert!(ran.stderr.contains("error[SH0104]"), "{}", ran.stderr);
    assert!(!place.path("statehold.db").exists());
}

#[test]
fn mocks_listen_one_after_the_other_and_say_where() {
    let place = Place::order();
    place.write(
        "mailer.mock.yaml",
        "mock: mailer\nroutes:\n  - POST /send: { replies: [ { status: 202 } ] }\n",
    );
    let mock = place.start_mock(&["mock", ".", "--json"]);
    assert_eq!(mock.document["mocks"].as_array().map(Vec::len), Some(2));
    place.run(&["mock", ".", "--listen", "0.0.0.0:0"]).ended(2);
}

const UNREACHABLE: &str = "
statehold: 1
machine: note
version: 1
initial: open
states:
  open: { on: { mail: { effects: [send] }, close: closed } }
  closed: { type: final }
effects:
  send: { http: { method: GET, url: '${env.MAILER}/send' }, retry: { attempts: 1 } }
";

#[test]
fn dead_letters_are_retried_and_discarded_with_a_reason() {
    let place = Place::empty();
    place.write("note.chart.yaml", UNREACHABLE);
    let args = [
        &[
            "serve",
            "note.chart.yaml",
            "--env",
            "MAILER=http://127.0.0.1:9",
        ][..],
        &LISTEN,
    ]
    .concat();
    let server = place.start(&args);
    let run =
        |args: &[&str]| place.run(&[&["--server", &server.url, "--actor", "olga"], args].concat());
    run(&["create", "note", "--id", "n1"]).ended(0);
    run(&["fire", "note", "n1", "mail"]).ended(0);
    let dead = |generation: u64| {
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
        loop {
            let listed = run(&["dead-letters", "list", "--machine", "note", "--json"])
                .ended(0)
                .json();
            if listed["items"][0]["generation"] == generation {
                return listed["items"][0]["id"].as_str().expect("an id").to_owned();
            }
            assert!(std::time::Instant::now() < patience, "never dead: {listed}");
        }
    };
    let id = dead(0);
    let retried = run(&[
        "dead-letters",
        "retry",
        &id,
        "--reason",
        "the mailer is back",
    ])
    .ended(0);
    assert!(
        retried.stdout.starts_with("ready: send "),
        "{}",
        retried.stdout
    );
    assert_eq!(dead(1), id);
    let discarded = run(&[
        "dead-letters",
        "discard",
        &id,
        "missing",
        "--reason",
        "it is not",
        "--json",
    ])
    .ended(1)
    .json();
    assert_eq!(discarded["items"][0]["status"], "discarded");
    assert_eq!(discarded["failed"][0]["id"], "missing");
    let shown = run(&["effects", "show", &id]).ended(0).stdout;
    assert!(
        shown.contains("retry by olga: the mailer is back"),
        "{shown}"
    );
    assert!(shown.contains("discard by olga: it is not"), "{shown}");
    run(&["dead-letters", "show", &id]).ended(1);
}
