//! `dev`, from the first start to the last signal.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::{Place, Server};

const DEV: [&str; 4] = ["dev", ".", "--listen", "127.0.0.1:0"];

async fn post(server: &Server, path: &str, actor: &str, body: Value) -> Value {
    let call = reqwest::Client::new()
        .post(format!("{}{path}", server.url))
        .header("statehold-actor", json!({ "id": actor }).to_string())
        .json(&body);
    call.send()
        .await
        .expect("answered")
        .json()
        .await
        .expect("JSON")
}

async fn get(url: &str) -> Value {
    reqwest::get(url)
        .await
        .expect("answered")
        .json()
        .await
        .expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_paid_against_the_mock_and_expires_by_the_clock() {
    let place = Place::order();
    let mut server = place.start(&[&DEV[..], &["--json"]].concat());
    let greeting: Value = serde_json::from_str(&server.stdout_line()).expect("JSON");
    assert_eq!(
        greeting["machines"],
        json!([{ "machine": "order", "version": 1, "file": "order.chart.yaml" }])
    );
    assert_eq!(greeting["try"].as_array().map(Vec::len), Some(3));
    let mock = greeting["mocks"][0]["url"]
        .as_str()
        .expect("a mock")
        .to_owned();

    let order = json!({ "id": "o1", "input": { "customer_id": "ann", "total": 1200 } });
    let created = post(&server, "/v1/machines/order/entities", "ann", order.clone()).await;
    assert_eq!(created["entity"]["state"], "pending");
    let pay = json!({ "type": "pay", "input": { "payment_token": "tok_secret" } });
    let fired = post(&server, "/v1/machines/order/entities/o1/events", "ann", pay).await;
    assert_eq!(fired["outcome"], "applied");
    wait_until_in(&server, "o1", "paid").await;
    let calls = get(&format!("{mock}/__mock/calls")).await;
    assert!(
        !calls.to_string().contains("tok_secret"),
        "the mock masks what its file calls sensitive"
    );

    let other = json!({ "id": "o2", "input": order["input"] });
    post(&server, "/v1/machines/order/entities", "ann", other).await;
    let moved = post(&server, "/v1/dev/clock", "ann", json!({ "advance": "48h" })).await;
    assert_eq!(moved["offset"], "2d");
    wait_until_in(&server, "o2", "expired").await;

    server.signal("TERM");
    assert_eq!(server.end(), Some(0));

    // What was stored is there again, with the same clock.
    let mut again = place.start(&[&DEV[..], &["--json"]].concat());
    let greeting: Value = serde_json::from_str(&again.stdout_line()).expect("JSON");
    assert_eq!(greeting["clock_ahead_seconds"], 48 * 60 * 60);
    assert_eq!(
        get(&format!("{}/v1/machines/order/entities/o1", again.url)).await["state"],
        "paid"
    );
    again.signal("TERM");
    assert_eq!(again.end(), Some(0));
}

/// Asks until the entity is there. Each question is answered by the server that moves it, so nothing is slept over.
async fn wait_until_in(server: &Server, id: &str, state: &str) {
    let url = format!("{}/v1/machines/order/entities/{id}", server.url);
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let entity = get(&url).await;
        if entity["state"] == state {
            return;
        }
        assert!(
            std::time::Instant::now() < patience,
            "never came to `{state}`: {entity}"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_to_try_on_the_example_work_as_they_are() {
    let place = Place::example("order");
    let mut server = place.start(&[&DEV[..], &["--json"]].concat());
    let greeting: Value = serde_json::from_str(&server.stdout_line()).expect("JSON");
    let run = |line: &str| {
        let ran = std::process::Command::new("sh")
            .args(["-c", line])
            .output()
            .expect("a shell");
        serde_json::from_slice::<Value>(&ran.stdout).unwrap_or_else(|_| panic!("{line}: {ran:?}"))
    };
    let lines = greeting["try"].as_array().into_iter().flatten();
    let lines: Vec<&str> = lines.filter_map(Value::as_str).collect();
    assert_eq!(run(lines[0])["outcome"], "applied");
    let fired = run(lines[1]);
    assert_eq!(fired["outcome"], "applied");
    assert!(
        run(lines[2])["items"]
            .as_array()
            .is_some_and(|items| items.len() >= 2)
    );

    // The example's payment service is busy at first; moving the clock is quicker than waiting for the retries.
    let id = fired["entity"]["id"].as_str().expect("an id");
    let url = format!("{}/v1/machines/order/entities/{id}", server.url);
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while get(&url).await["state"] != "paid" {
        assert!(std::time::Instant::now() < patience, "never paid");
        post(&server, "/v1/dev/clock", "ann", json!({ "advance": "1m" })).await;
    }
    server.signal("TERM");
    assert_eq!(server.end(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_charts_and_mocks_are_read_again() {
    let place = Place::order();
    let mut server = place.start(&DEV);
    let chart = place.read("order.chart.yaml");

    place.write(
        "order.chart.yaml",
        &chart.replace("version: 1", "version: 2"),
    );
    server.wait_for("published order version 2");

    place.write(
        "order.chart.yaml",
        &chart
            .replace("version: 1", "version: 3")
            .replace("initial: pending", "initial: nowhere"),
    );
    server.wait_for("error[SH0109]");
    server.wait_for("stays in force");
    let machines = get(&format!("{}/v1/machines", server.url)).await;
    assert_eq!(machines["items"][0]["versions"], json!([1, 2]));

    place.write(
        "order.chart.yaml",
        &(chart.replace("version: 1", "version: 2") + "# changed\n"),
    );
    server.wait_for("[SH0413]");
    let help = server.wait_for("help:");
    assert!(
        help.contains("`version: 3`") && help.contains("--reset"),
        "{help}"
    );

    let mock = place.read("payments.mock.yaml");
    place.write("payments.mock.yaml", &mock.replace("201", "202"));
    server.wait_for("payments.mock.yaml was read again");
    place.write("payments.mock.yaml", "mock: payments\n");
    server.wait_for("the mock that runs stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_forgets_what_was_stored_and_says_so() {
    let place = Place::order();
    let mut server = place.start(&DEV);
    let order = json!({ "id": "o1", "input": { "customer_id": "ann", "total": 1 } });
    post(&server, "/v1/machines/order/entities", "ann", order).await;
    server.signal("TERM");
    assert_eq!(server.end(), Some(0));
    let again = place.start(&[&DEV[..], &["--reset"]].concat());
    let gone = get(&format!("{}/v1/machines/order/entities/o1", again.url)).await;
    assert_eq!(gone["code"], "SH0207");
}

#[test]
fn a_named_address_that_is_taken_is_not_replaced() {
    let place = Place::order();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("known").to_string();
    let ran = place.run(&["dev", ".", "--listen", &address]).ended(2);
    assert!(ran.stderr.contains("[SH0411]"), "{}", ran.stderr);
}

#[test]
fn a_folder_without_charts_is_wrong_usage() {
    let place = Place::empty();
    assert!(
        place
            .run(&["dev", "."])
            .ended(2)
            .stderr
            .contains("holds no charts")
    );
    place.run(&["dev", "missing"]).ended(2);
    assert!(!place.path(".statehold").exists());
}

#[test]
fn the_second_signal_ends_at_once() {
    let place = Place::order();
    let mut server = place.start(&DEV);
    // A request whose body does not come keeps the first signal waiting; the server says that it waits for the body.
    let mut half = TcpStream::connect(server.url.trim_start_matches("http://")).expect("connected");
    let head = "POST /v1/machines HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Content-Length: 10\r\nExpect: 100-continue\r\n\r\n";
    half.write_all(head.as_bytes()).expect("sent");
    let mut answer = [0; 12];
    half.read_exact(&mut answer).expect("answered");
    assert_eq!(&answer, b"HTTP/1.1 100");
    server.signal("TERM");
    server.wait_for("stopping");
    server.signal("TERM");
    assert_eq!(server.end(), Some(143));
}

#[test]
fn a_mock_gets_the_port_of_earlier_runs_if_it_is_free() {
    let place = Place::order();
    std::fs::create_dir(place.path(".statehold")).expect("made");
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("known").port();
    place.write(
        ".statehold/ports.json",
        &json!({ "payments.mock.yaml": port }).to_string(),
    );
    let url = |server: &mut Server| {
        let greeting: Value = serde_json::from_str(&server.stdout_line()).expect("JSON");
        greeting["mocks"][0]["url"]
            .as_str()
            .expect("a mock")
            .to_owned()
    };
    let remembered = format!("http://127.0.0.1:{port}");
    let mut taken = place.start(&[&DEV[..], &["--json"]].concat());
    assert_ne!(url(&mut taken), remembered);
    drop((taken, free));
    place.write(
        ".statehold/ports.json",
        &json!({ "payments.mock.yaml": port }).to_string(),
    );
    let mut again = place.start(&[&DEV[..], &["--json"]].concat());
    assert_eq!(url(&mut again), remembered);
}
