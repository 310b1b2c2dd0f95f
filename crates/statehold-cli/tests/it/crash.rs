//! The server is killed, and what was promised is kept: no order is lost or charged twice, no timer early or forgotten.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use statehold_mock::{Mock, MockSpec};
use tokio::net::TcpListener;

use crate::support::{Place, Server};

const KILLS: u64 = 50;

/// Longest the whole recovery may take after the last restart: leases of the last kill run out within 10 s.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long from `pay` to `paid` when nobody is killed: two busy answers, two pauses, one charge, each slowed down a
/// little so that the kills meet every phase.
const FLIGHT: Duration = Duration::from_millis(400);

const PAYMENTS: &str = "
mock: payments
routes:
  - POST /charges:
      per: key
      idempotent: true
      replies:
        - { status: 503, times: 2, delay: 30ms }
        - { status: 200, body: { id: ch }, delay: 60ms }
";

const MAILER: &str = "
mock: mailer
routes:
  - POST /send: { replies: [{ status: 202 }] }
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "a failing run is replayed by its seed")]
async fn killed_at_fifty_random_instants_every_order_is_paid_once() {
    let seed = std::env::var("STATEHOLD_TEST_SEED")
        .ok()
        .and_then(|s| s.parse().ok());
    let mut random = Random(seed.unwrap_or_else(|| u64::from(std::process::id())));
    eprintln!("replay with STATEHOLD_TEST_SEED={}", random.0);
    // Shorter pauses than the example's, so that fifty crashes fit into a test.
    let world = World::new("2s..5m", "50ms..100ms").await;
    let mut server = world.start();
    for n in 0..KILLS {
        create(&server, n).await;
        let pay = json!({ "type": "pay", "input": { "payment_token": "tok" } });
        let paid = send(
            &server,
            Method::POST,
            &format!("{}/events", order(n)),
            Some(&pay),
        )
        .await;
        assert_eq!(paid["outcome"], "applied", "{paid}");
        let instant = Duration::from_micros(random.below(FLIGHT.as_micros() as u64));
        tokio::time::sleep(instant).await; // tidy: wait on a random instant, which is what is tested
        drop(server);
        server = world.start();
    }
    until_all_are(&server, "paid", KILLS).await;
    for n in 0..KILLS {
        check_order(&server, &world.payments, n).await;
    }
    let calls = world.payments.calls();
    let mut keys: Vec<_> = calls
        .into_iter()
        .filter_map(|call| call.idempotency_key)
        .collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len() as u64, KILLS, "one key for each order");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_outlives_a_crash_and_is_not_early() {
    let world = World::new("after: { 48h: expired }", "after: { 2s: expired }").await;
    let server = world.start();
    create(&server, 0).await;
    drop(server);
    let server = world.start();
    until_all_are(&server, "expired", 1).await;
    let log = send(&server, Method::GET, &format!("{}/log", order(0)), None).await;
    let at = |row: usize| -> Timestamp {
        let text = items(&log)[row]["at"].as_str().expect("an instant");
        text.parse().expect("an instant")
    };
    assert_eq!(items(&log)[1]["event"], "timer.pending.2s");
    assert!(at(1).duration_since(at(0)).as_millis() >= 2000, "{log}");
}

async fn check_order(server: &Server, payments: &Mock, n: u64) {
    let log = send(server, Method::GET, &format!("{}/log", order(n)), None).await;
    let rows: Vec<_> = items(&log)
        .iter()
        .map(|row| (row["seq"].as_u64(), row["event"].as_str()))
        .collect();
    let expected = ["create", "pay", "done.effect.charge_card"];
    let expected: Vec<_> = (0..).map(Some).zip(expected.map(Some)).collect();
    assert_eq!(rows, expected, "o-{n}");
    let effects = send(server, Method::GET, &format!("{}/effects", order(n)), None).await;
    let charge = items(&effects)
        .iter()
        .find(|effect| effect["name"] == "charge_card");
    let key = charge
        .and_then(|charge| charge["key"].as_str())
        .expect("a charge");
    let calls = payments.calls();
    let charged = calls
        .iter()
        .filter(|call| call.effective && call.idempotency_key.as_deref() == Some(key));
    assert_eq!(charged.count(), 1, "o-{n} is charged once");
}

/// A folder with the order chart, and the outside world, which outlives the server.
struct World {
    place: Place,
    payments: Mock,
    destinations: [String; 2],
}

impl World {
    async fn new(replace: &str, by: &str) -> Self {
        let place = Place::empty();
        let chart = include_str!("../../../../examples/order/order.chart.yaml");
        assert!(chart.contains(replace), "the chart has what is replaced");
        place.write("order.chart.yaml", &chart.replace(replace, by));
        let (payments, payments_url) = mock(PAYMENTS).await;
        let (_, mailer_url) = mock(MAILER).await;
        Self {
            place,
            payments,
            destinations: [
                format!("PAYMENTS={payments_url}"),
                format!("MAILER={mailer_url}"),
            ],
        }
    }

    fn start(&self) -> Server {
        let [payments, mailer] = &self.destinations;
        let listen = [
            "serve",
            "order.chart.yaml",
            "--listen",
            "127.0.0.1:0",
            "--store",
            "sqlite:crash.db",
        ];
        self.place
            .start(&[&listen[..], &["--env", payments, "--env", mailer]].concat())
    }
}

async fn mock(text: &str) -> (Mock, String) {
    let spec = MockSpec::load("test.mock.yaml", text).expect("a mock");
    let mock = Mock::new(spec);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(mock.clone().serve(listener, std::future::pending()));
    (mock, url)
}

fn order(n: u64) -> String {
    format!("/v1/machines/order/entities/o-{n}")
}

async fn create(server: &Server, n: u64) {
    let new = json!({ "id": format!("o-{n}"), "input": { "customer_id": "c-1", "total": 1200, "email": "a@example.org" } });
    let created = send(
        server,
        Method::POST,
        "/v1/machines/order/entities",
        Some(&new),
    )
    .await;
    assert_eq!(created["entity"]["state"], "pending", "{created}");
}

/// Looks at the list until this many orders are in the state.
async fn until_all_are(server: &Server, state: &str, count: u64) {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let path = format!("/v1/machines/order/entities?state={state}&limit=1000");
        let found = items(&send(server, Method::GET, &path, None).await).len() as u64;
        if found == count {
            return;
        }
        assert!(
            Instant::now() < give_up,
            "only {found} orders of {count} are {state}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await; // tidy: wait on another process
    }
}

async fn send(server: &Server, method: Method, path: &str, body: Option<&Value>) -> Value {
    let actor = r#"{"id":"c-1","roles":[]}"#;
    let mut request = Client::new()
        .request(method, format!("{}{path}", server.url))
        .header("statehold-actor", actor);
    if let Some(body) = body {
        request = request.json(body);
    }
    request
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON")
}

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"]
        .as_array()
        .unwrap_or_else(|| panic!("no items in {answer}"))
}

/// SplitMix64: a failing run is replayed by its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}
