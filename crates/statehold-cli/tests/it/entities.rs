//! Commands about entities, straight on a SQLite store and on a server, with the same output.

use serde_json::{Value, json};

use crate::support::{Place, Ran};

const CONTEXT: &str = r#"{"customer_id": "ann", "total": 1200, "email": "ann@example.com"}"#;
const TOKEN: &str = r#"{"payment_token": "tok_secret"}"#;

/// A folder whose store holds order `o1`.
fn with_order() -> Place {
    let place = Place::published();
    place
        .run(&["create", "order", "--id", "o1", CONTEXT, "--actor", "ann"])
        .ended(0);
    place
}

fn paid(place: &Place) -> Ran {
    place.run(&[
        "fire",
        "order",
        "o1",
        "pay",
        TOKEN,
        "--actor",
        "ann",
        "--event-id",
        "e1",
    ])
}

#[test]
fn an_order_is_created_paid_and_logged() {
    let place = with_order();
    let ran = paid(&place).ended(0);
    assert!(
        ran.stdout
            .starts_with("applied: order o1 pending → charging, revision 1\n"),
        "{}",
        ran.stdout
    );
    assert_eq!(
        ran.stderr,
        "note: effects and timers wait until a server works on sqlite:statehold.db\n"
    );
    let log = place.run(&["log", "order", "o1"]).ended(0);
    let lines: Vec<&str> = log.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", log.stdout);
    assert!(
        lines[1].contains("create") && lines[1].contains("- → pending"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].contains("pay") && lines[2].contains("charge_card"),
        "{}",
        lines[2]
    );
    let log = place.run(&["log", "order", "o1", "--json"]).ended(0).json();
    assert_eq!(log["items"][1]["seq"], 1);
    assert_eq!(log["items"][1]["input"]["payment_token"], "[masked]");
    assert_eq!(log["items"][1]["actor"]["id"], "ann");
}

#[test]
fn get_and_list_show_the_entity_with_sensitive_values_masked() {
    let place = with_order();
    let got = place.run(&["get", "order", "o1", "--json"]).ended(0);
    assert_eq!(got.json()["context"]["email"], "[masked]");
    assert!(!got.stdout.contains("ann@example.com"));
    assert_eq!(got.json()["available_events"], json!(["pay", "cancel"]));
    let listed = place.run(&["list", "order"]).ended(0);
    assert!(
        listed
            .stdout
            .starts_with("ID  STATE    STATUS  REVISION  UPDATED\no1  pending  active  0"),
        "{}",
        listed.stdout
    );
    let none = place
        .run(&["list", "order", "--state", "paid", "--json"])
        .ended(0)
        .json();
    assert_eq!(none, json!({ "items": [] }));
    place.run(&["list", "order", "--where", "true"]).ended(2);
}

#[test]
fn all_pages_are_one_list() {
    let place = Place::published();
    for n in 0..3 {
        place
            .run(&["create", "order", "--id", &format!("o{n}"), CONTEXT, "-q"])
            .ended(0);
    }
    let page = place.run(&["list", "order", "--limit", "2"]).ended(0);
    assert!(page.stderr.contains("--cursor o1"), "{}", page.stderr);
    let rest = place
        .run(&["list", "order", "--cursor", "o1", "--json"])
        .ended(0)
        .json();
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
    let all = place
        .run(&["list", "order", "--all", "--json"])
        .ended(0)
        .json();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(3));
    assert!(all.get("next_cursor").is_none());
}

#[test]
fn the_same_event_id_is_a_duplicate_with_the_first_result() {
    let place = with_order();
    paid(&place).ended(0);
    let again = paid(&place).ended(0);
    assert!(
        again
            .stdout
            .starts_with("duplicate: order o1 pending → charging, revision 1\n"),
        "{}",
        again.stdout
    );
    let other = place
        .run(&["fire", "order", "o1", "cancel", "--event-id", "e1"])
        .ended(1);
    assert!(other.stderr.contains("SH0212"), "{}", other.stderr);
}

#[test]
fn a_refusal_is_1_with_its_reason_on_stderr_and_as_json() {
    let place = with_order();
    let ran = place
        .run(&["fire", "order", "o1", "pay", TOKEN, "--actor", "bob"])
        .ended(1);
    assert_eq!(
        ran.stderr,
        "forbidden[SH0203]: actor `bob` may not fire `pay`\n"
    );
    assert_eq!(ran.stdout, "");
    let refused = place.run(&[
        "fire",
        "order",
        "o1",
        "ship",
        "--actor",
        r#"{"id": "w", "roles": ["warehouse"]}"#,
        "--json",
    ]);
    let refused = refused.ended(1).json();
    assert_eq!(refused["outcome"], "no_transition");
    assert_eq!(refused["accepted_events"], json!(["pay", "cancel"]));
    assert!(
        refused.get("request_id").is_none(),
        "there is no server whose log it could lead to"
    );
    let kept = place
        .run(&["log", "order", "o1", "--refused", "--json"])
        .ended(0)
        .json();
    assert_eq!(kept["items"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_stale_revision_is_refused() {
    let place = with_order();
    paid(&place).ended(0);
    let ran = place
        .run(&["fire", "order", "o1", "cancel", "--if-revision", "0"])
        .ended(1);
    assert!(
        ran.stderr.starts_with("stale_revision[SH0205]"),
        "{}",
        ran.stderr
    );
}

#[test]
fn explain_tells_the_verdict_and_writes_nothing() {
    let place = with_order();
    let yes = place
        .run(&["explain", "order", "o1", "pay", TOKEN, "--actor", "ann"])
        .ended(0);
    assert!(
        yes.stdout.contains("applied, pending → charging"),
        "{}",
        yes.stdout
    );
    let no = place
        .run(&["explain", "order", "o1", "pay", TOKEN, "--actor", "bob"])
        .ended(1);
    assert!(no.stdout.contains("forbidden[SH0203]"), "{}", no.stdout);
    let each = place
        .run(&["explain", "order", "o1", "--json"])
        .ended(0)
        .json();
    assert_eq!(each["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        place.run(&["get", "order", "o1", "--json"]).json()["revision"],
        0
    );
    assert_eq!(
        place
            .run(&["log", "order", "o1", "--refused", "--json"])
            .json()["items"],
        json!([])
    );
}

#[test]
fn effects_are_listed_and_shown() {
    let place = with_order();
    paid(&place).ended(0);
    let listed = place
        .run(&[
            "effects",
            "list",
            "--machine",
            "order",
            "--status",
            "ready",
            "--json",
        ])
        .ended(0)
        .json();
    let id = listed["items"][0]["id"]
        .as_str()
        .expect("an effect")
        .to_owned();
    let shown = place.run(&["effects", "show", &id]).ended(0);
    assert!(
        shown.stdout.contains("POST ${env.PAYMENTS}/charges"),
        "{}",
        shown.stdout
    );
    assert!(!shown.stdout.contains("tok_secret"));
    assert_eq!(
        place
            .run(&["dead-letters", "list", "--json"])
            .ended(0)
            .json()["items"],
        json!([])
    );
    let alive = place
        .run(&["dead-letters", "retry", &id, "--reason", "try"])
        .ended(1);
    assert!(alive.stderr.contains("SH0302"), "{}", alive.stderr);
    place
        .run(&["dead-letters", "discard", &id, "--reason", " "])
        .ended(2);
    place.run(&["dead-letters", "discard", &id]).ended(2);
    place
        .run(&["effects", "list", "--status", "sleeping"])
        .ended(2);
}

#[test]
fn one_dead_letter_that_fails_does_not_stop_the_others() {
    let place = with_order();
    let ran = place
        .run(&[
            "dead-letters",
            "discard",
            "a",
            "b",
            "--reason",
            "gone",
            "--json",
        ])
        .ended(1);
    let document = ran.json();
    assert_eq!(document["items"], json!([]));
    let failed: Vec<&Value> = document["failed"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|f| &f["id"])
        .collect();
    assert_eq!(failed, ["a", "b"]);
}

#[test]
fn what_is_not_there_is_1_and_names_itself() {
    let place = with_order();
    assert!(
        place
            .run(&["get", "order", "o9"])
            .ended(1)
            .stderr
            .contains("[SH0207]")
    );
    assert!(
        place
            .run(&["get", "parcel", "o1"])
            .ended(1)
            .stderr
            .contains("[SH0208]")
    );
    assert!(
        place
            .run(&["create", "order", "--id", "o1", CONTEXT])
            .ended(1)
            .stderr
            .contains("[SH0213]")
    );
    let invalid = place
        .run(&["create", "order", r#"{"total": "much"}"#])
        .ended(1);
    assert!(
        invalid.stderr.contains("[SH0209]") && invalid.stderr.contains("/customer_id"),
        "{}",
        invalid.stderr
    );
}

#[test]
fn publishing_twice_changes_nothing_and_another_content_is_refused() {
    let place = Place::order();
    let dry = place
        .run(&["publish", "order.chart.yaml", "--dry-run"])
        .ended(0);
    assert_eq!(dry.stdout, "order version 1: would be published\n");
    assert!(
        !place.path("statehold.db").exists(),
        "asking leaves no traces"
    );
    assert_eq!(
        place.run(&["publish", "order.chart.yaml"]).ended(0).stdout,
        "order version 1: published\n"
    );
    let again = place
        .run(&["publish", "order.chart.yaml", "--json"])
        .ended(0)
        .json();
    assert_eq!(again["new"], false);
    let machines = place.run(&["machines", "--json"]).ended(0).json();
    assert_eq!(machines["items"][0]["versions"], json!([1]));
    place.write(
        "order.chart.yaml",
        &(place.read("order.chart.yaml") + "# changed\n"),
    );
    let other = place.run(&["publish", "order.chart.yaml"]).ended(1);
    assert!(other.stderr.contains("[SH0413]"), "{}", other.stderr);
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_asking() {
    let place = Place::empty();
    let ran = place.run(&["list", "order"]).ended(3);
    assert!(
        ran.stderr
            .contains("there is no store at sqlite:statehold.db"),
        "{}",
        ran.stderr
    );
    assert!(!place.path("statehold.db").exists());
}

#[test]
fn stores_that_cannot_be_used_say_why() {
    let place = Place::order();
    let failed = |store: &str| place.run(&["--store", store, "publish", "order.chart.yaml"]);
    place.write(
        "notes.db",
        "these are notes, more than sixteen bytes of them, and no database at all",
    );
    let ran = failed("sqlite:notes.db").ended(3);
    assert!(
        ran.stderr.contains("[SH0501]") && ran.stderr.contains("notes.db"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        place.read("notes.db").len(),
        72,
        "a foreign file is left as it is"
    );
    // Permissions do not stop a test that runs as root; a folder in the file's place and the kernel's own tree do.
    let folder = failed(&format!("sqlite:{}", place.dir().display())).ended(3);
    assert!(folder.stderr.contains("[SH05"), "{}", folder.stderr);
    let kernel = failed("sqlite:/proc/statehold.db").ended(3);
    assert!(kernel.stderr.contains("[SH05"), "{}", kernel.stderr);
    // Nobody listens there; that the address is no address is found out without looking.
    let absent = failed("postgres://user:secret@127.0.0.1:1/db").ended(3);
    assert!(absent.stderr.contains("[SH0216]"), "{}", absent.stderr);
    let malformed = failed("postgres://user:secret@127.0.0.1:one/db").ended(2);
    for ran in [absent, malformed] {
        assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
    }
}

#[test]
fn a_server_that_is_not_there_is_3() {
    let place = Place::empty();
    let ran = place
        .run(&["--server", "http://127.0.0.1:9", "machines"])
        .ended(3);
    assert!(ran.stderr.contains("cannot be reached"), "{}", ran.stderr);
    place
        .run(&["--server", "not an address", "machines"])
        .ended(2);
    place
        .run(&[
            "--server",
            "http://127.0.0.1:9",
            "--store",
            "sqlite:x.db",
            "machines",
        ])
        .ended(2);
}

#[test]
fn a_server_and_a_store_are_answered_alike() {
    let direct = with_order();
    let place = Place::order();
    let server = place.start(&[
        "serve",
        "order.chart.yaml",
        "--listen",
        "127.0.0.1:0",
        "--workers",
        "0",
    ]);
    let on_server = |args: &[&str]| place.run(&[&["--server", &server.url], args].concat());
    on_server(&["create", "order", "--id", "o1", CONTEXT, "--actor", "ann"]).ended(0);
    let questions: [&[&str]; 9] = [
        &["get", "order", "o1"],
        &["get", "order", "o1", "--json"],
        &["list", "order", "--json"],
        &["machines"],
        &["fire", "order", "o1", "pay", "{}", "--actor", "ann"],
        &["fire", "order", "o1", "nope", "--json"],
        &["explain", "order", "o1", "--actor", "ann"],
        &["get", "order", "a/b ?#%"],
        &["effects", "list", "--status", "wrong"],
    ];
    for question in questions {
        let (here, there) = (direct.run(question), on_server(question));
        assert_eq!(here.code, there.code, "{question:?}");
        assert_eq!(
            timeless(&here.stdout),
            timeless(&there.stdout),
            "{question:?}"
        );
        assert_eq!(
            timeless(&here.stderr),
            timeless(&there.stderr),
            "{question:?}"
        );
    }
    let note = on_server(&["fire", "order", "o1", "pay", TOKEN, "--actor", "ann"]).ended(0);
    assert_eq!(note.stderr, "", "on a server nothing has to wait for one");
}

/// Without what differs from run to run: instants, and the id by which a server's log names a request.
fn timeless(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("request_id"));
    let words = lines.map(|line| {
        let kept = line
            .split_inclusive(' ')
            .map(|word| if is_instant(word) { "INSTANT " } else { word });
        kept.collect::<String>()
            .trim_end_matches([',', ' '])
            .to_owned()
    });
    words.collect::<Vec<_>>().join("\n")
}

/// `2026-03-01` or `12:00:00Z`, perhaps in quotes.
fn is_instant(word: &str) -> bool {
    let shape: String = word
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    shape.contains("9999-99-99") || shape.contains("99:99:99")
}

#[test]
fn another_tenant_sees_nothing_of_the_first() {
    let place = with_order();
    let ran = place
        .run(&["get", "order", "o1", "--tenant", "other"])
        .ended(1);
    assert!(ran.stderr.contains("[SH0208]"), "{}", ran.stderr);
    place
        .run(&["get", "order", "o1", "--tenant", "no/such"])
        .ended(2);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let place = with_order();
    let mut command = place.command(&["get", "order", "o1"]);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(
        ended.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
}
