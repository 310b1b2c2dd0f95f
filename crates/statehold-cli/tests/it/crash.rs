//! The server is killed at random instants between `pay` and `paid`, fifty times, and no order is lost or charged twice.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use statehold_mock::{Mock, MockSpec};
use tokio::net::TcpListener;

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
async fn killed_at_fifty_random_instants_every_order_is_paid_once() {
    let seed = std::env::var("STATEHOLD_TEST_SEED").ok().and_then(|s| s.parse().ok());
    let mut random = Random(seed.unwrap_or_else(|| u64::from(std::process::id())));
    eprintln!("replay with STATEHOLD_TEST_SEED={}", random.0);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let chart = folder.path().join("order.chart.yaml");
    let text = include_str!("../../../../examples/order/order.chart.yaml");
    // The same chart with shorter pauses, so that fifty crashes fit into a test.
    std::fs::write(&chart, text.replace("2s..5m", "50ms..100ms")).expect("a chart file");
    let (payments, payments_url) = mock(PAYMENTS).await;
    let (_mailer, mailer_url) = mock(MAILER).await;
    let start = || Server::start(folder.path(), &chart, &payments_url, &mailer_url);

    let mut server = start();
    for n in 0..KILLS {
        create_and_pay(&server, n).await;
        let instant = Duration::from_micros(random.below(FLIGHT.as_micros() as u64));
        tokio::time::sleep(instant).await; // tidy: wait on a random instant, which is what is tested
        server.kill();
        server = start();
    }
    until_all_paid(&server).await;

    for n in 0..KILLS {
        let log = server.get(&format!("/v1/machines/order/entities/o-{n}/log")).await;
        let events: Vec<_> = items(&log).iter().map(|row| row["event"].as_str()).collect();
        assert_eq!(events, [Some("create"), Some("pay"), Some("done.effect.charge_card")], "o-{n}");
        let seqs: Vec<_> = items(&log).iter().map(|row| row["seq"].as_u64()).collect();
        assert_eq!(seqs, [Some(0), Some(1), Some(2)], "o-{n}: the log is gap-free");
        let effects = server.get(&format!("/v1/machines/order/entities/o-{n}/effects")).await;
        let charge = items(&effects).iter().find(|e| e["name"] == "charge_card").expect("a charge");
        let calls: Vec<_> = payments.calls().into_iter().filter(|call| call.idempotency_key.as_deref() == charge["key"].as_str()).collect();
        assert_eq!(calls.iter().filter(|call| call.effective).count(), 1, "o-{n} is charged once");
    }
    let mut keys: Vec<_> = payments.calls().into_iter().filter_map(|call| call.idempotency_key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len() as u64, KILLS, "one key for each order");
}

async fn create_and_pay(server: &Server, n: u64) {
    let id = format!("o-{n}");
    let new = json!({ "id": id, "input": { "customer_id": "c-1", "total": 1200 } });
    let created = server.send(Method::POST, "/v1/machines/order/entities", Some(&new)).await;
    assert_eq!(created["entity"]["state"], "pending", "{created}");
    let pay = json!({ "type": "pay", "input": { "payment_token": "tok" } });
    let paid = server.send(Method::POST, &format!("/v1/machines/order/entities/{id}/events"), Some(&pay)).await;
    assert_eq!(paid["outcome"], "applied", "{paid}");
}

/// Looks at the list until no order is anywhere but in `paid`.
async fn until_all_paid(server: &Server) {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let list = server.get("/v1/machines/order/entities?state=paid&limit=1000").await;
        if items(&list).len() as u64 == KILLS {
            return;
        }
        assert!(Instant::now() < give_up, "only {} orders of {KILLS} are paid", items(&list).len());
        tokio::time::sleep(Duration::from_millis(100)).await; // tidy: wait on another process
    }
}

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().unwrap_or_else(|| panic!("no items in {answer}"))
}

async fn mock(text: &str) -> (Mock, String) {
    let spec = MockSpec::load("test.mock.yaml", text).expect("a mock");
    let mock = Mock::new(spec);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(mock.clone().serve(listener, std::future::pending()));
    (mock, url)
}

/// A `statehold serve` process, killed when dropped.
struct Server {
    process: Child,
    url: String,
    client: Client,
}

impl Server {
    fn start(folder: &Path, chart: &Path, payments: &str, mailer: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_statehold"))
            .current_dir(folder)
            .args(["serve", "--listen", "127.0.0.1:0", "--store", "sqlite:crash.db"])
            .args(["--env", &format!("PAYMENTS={payments}"), "--env", &format!("MAILER={mailer}")])
            .arg(chart)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let stderr = process.stderr.take().expect("a pipe");
        let (found, ready) = mpsc::channel();
        // The pipe is read to its end, so that the server never blocks on it.
        std::thread::spawn(move || {
            let mut seen = String::new();
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                seen.push_str(&line);
                seen.push('\n');
                if let Some(at) = line.find("listening on http://") {
                    let url = line[at + "listening on ".len()..].trim().to_owned();
                    let _ = found.send(Ok(url));
                }
            }
            let _ = found.send(Err(seen));
        });
        let url = ready
            .recv_timeout(PATIENCE)
            .expect("a ready line")
            .unwrap_or_else(|seen| panic!("the server ended:\n{seen}"));
        Self {
            process,
            url,
            client: Client::new(),
        }
    }

    fn kill(&mut self) {
        self.process.kill().expect("SIGKILL");
        self.process.wait().expect("it is gone");
    }

    async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, None).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let actor = r#"{"id":"c-1","roles":[]}"#;
        let mut request = self.client.request(method, format!("{}{path}", self.url)).header("statehold-actor", actor);
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.expect("an answer").json().await.expect("JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
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
