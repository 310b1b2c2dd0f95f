//! Faults: no store, too much work, too slow, a panic.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::json;
use statehold_engine::{Clock, Engine};
use statehold_server::{AppConfig, app};
use statehold_store::{MemoryStore, Store};

use crate::support::{Api, PARCEL};

#[tokio::test]
async fn without_its_store_the_server_says_unavailable() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    api.store.close().await.unwrap();
    let reply = api.fire("p-1", &json!({"type": "cancel"})).await;
    assert_eq!(reply.problem(), (503, "SH0216", "unavailable"));
    assert_eq!(reply.header("retry-after"), "1");
    assert!(
        !reply.detail().contains("closed"),
        "what the driver said stays in the log"
    );
    assert_eq!(
        api.get("/readyz").send().await.problem(),
        (503, "SH0216", "unavailable")
    );
    api.get("/healthz").send().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn more_work_than_there_are_places_is_refused_at_once() {
    let config = AppConfig {
        requests_max: 0,
        ..AppConfig::default()
    };
    let api = Api::with(config).await;
    let reply = api
        .post("/v1/machines/parcel/entities", &json!({}))
        .send()
        .await;
    assert_eq!(reply.problem(), (503, "SH0216", "unavailable"));
    assert_eq!(reply.header("retry-after"), "1");
    api.get("/healthz").send().await.expect(StatusCode::OK);
    api.get("/readyz").send().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_request_that_takes_too_long_says_what_is_not_known() {
    // Without a place to load it in, the chart waits until the request's time is up.
    let config = AppConfig {
        chart_loads_max: 0,
        request_timeout: Duration::from_millis(20),
        ..AppConfig::default()
    };
    let api = Api::empty(config).await;
    let reply = api
        .call(Method::POST, "/v1/machines")
        .body("text/yaml", PARCEL)
        .send()
        .await;
    assert_eq!(reply.problem(), (503, "SH0408", "unknown"));
    assert_eq!(reply.header("retry-after"), "1");
}

/// A clock that does not work.
struct Broken;

#[async_trait]
impl Clock for Broken {
    fn now(&self) -> Timestamp {
        panic!("this panic belongs to the test")
    }

    async fn wait_until(&self, _: Timestamp) {}
}

#[tokio::test]
async fn a_panic_is_a_problem_and_the_server_goes_on() {
    let mut api = Api::new().await;
    let store = Arc::new(MemoryStore::new()) as Arc<dyn Store>;
    let engine = Engine::builder(store)
        .clock(Arc::new(Broken))
        .open()
        .await
        .unwrap();
    api.router = app(engine, AppConfig::default());
    let reply = api.get("/v1/status").send().await;
    assert_eq!(reply.problem(), (500, "SH0409", ""));
    assert!(!reply.text.contains("belongs to the test"));
    api.get("/v1/machines").send().await.expect(StatusCode::OK);
}
