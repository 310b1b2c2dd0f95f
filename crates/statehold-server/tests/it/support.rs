//! A server in process, and a client that checks every answer against the document.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use statehold_engine::testing::{ManualClock, ScriptedTransport, reply};
use statehold_engine::{Destinations, Engine};
use statehold_server::{AppConfig, app};
use statehold_store::{MemoryStore, Store};
use tower::ServiceExt;

use crate::contract;

/// A chart with something of everything that the API shows.
pub(crate) const PARCEL: &str = r#"statehold: 1
machine: parcel
version: 1
label: A parcel
context:
  owner_id: string
  weight: integer
  email?: { type: string, sensitive: true }
events:
  pack: { input: { boxes: integer } }
  ship: { input: { tracking: string }, authorize: has_role('warehouse') }
  ping: { unhandled: ignore }
  abort: { deprecated: { use: cancel, since: 1 } }
  weigh: {}
initial: open
states:
  open:
    label: Being filled
    on:
      pack: { target: packed, guard: { if: event.input.boxes > 0, reason: A parcel needs a box, code: no_boxes } }
      cancel: cancelled
      abort: cancelled
      weigh: { target: packed, guard: ctx.weight / (ctx.weight - ctx.weight) == 1 }
  packed:
    on: { ship: shipped, cancel: cancelled }
    after: { 48h: cancelled }
  shipped:
    entry: [ { effect: notify } ]
    on: { deliver: delivered }
  delivered: { type: final }
  cancelled: { type: final }
effects:
  notify:
    http: { method: POST, url: "${env.MAILER}/send", body: { to: "${ctx.email}" } }
    retry: { attempts: 1 }
"#;

/// A server in process with the parcel machine on it.
pub(crate) struct Api {
    pub(crate) router: Router,
    pub(crate) engine: Engine,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) transport: Arc<ScriptedTransport>,
}

impl Api {
    pub(crate) async fn new() -> Self {
        Self::with(AppConfig::default()).await
    }

    pub(crate) async fn with(config: AppConfig) -> Self {
        let api = Self::empty(config).await;
        let loaded = statehold_core::Machine::load("parcel.chart.yaml", PARCEL);
        let machine = loaded.unwrap_or_else(|error| panic!("{error}")).machine;
        api.engine.publish(machine, "test").await.unwrap();
        api
    }

    /// A server without machines.
    pub(crate) async fn empty(config: AppConfig) -> Self {
        let store = Arc::new(MemoryStore::new());
        let transport = Arc::new(ScriptedTransport::new([Ok(reply(500, json!("down")))]));
        let clock = ManualClock::at("2026-11-25T09:30:00Z".parse().unwrap());
        let destinations =
            Destinations::new([("MAILER".to_owned(), "http://mailer.test".to_owned())]);
        let engine = Engine::builder(store.clone() as Arc<dyn Store>)
            .clock(Arc::new(clock))
            .transport(transport.clone())
            .destinations(destinations)
            .open()
            .await
            .unwrap();
        Self {
            router: app(engine.clone(), config),
            engine,
            store,
            transport,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Call<'_> {
        self.call(Method::POST, path)
            .body("application/json", body.to_string())
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call {
            api: self,
            method,
            path: path.to_owned(),
            headers: vec![("host".to_owned(), "localhost:7700".to_owned())],
            body: Vec::new(),
        }
    }

    /// A parcel in state `open`.
    pub(crate) async fn parcel(&self, id: &str) -> Reply {
        let body = json!({"id": id, "input": {"owner_id": "ann", "weight": 3, "email": "ann@example.com"}});
        let created = self
            .post("/v1/machines/parcel/entities", &body)
            .send()
            .await;
        created.expect(StatusCode::CREATED)
    }

    /// Fires an event at a parcel as a warehouse worker.
    pub(crate) async fn fire(&self, id: &str, event: &Value) -> Reply {
        self.post(&format!("/v1/machines/parcel/entities/{id}/events"), event)
            .header(
                "Statehold-Actor",
                r#"{"id": "wim", "roles": ["warehouse"]}"#,
            )
            .send()
            .await
    }

    /// A parcel in state `shipped`, which has asked for an effect.
    pub(crate) async fn shipped(&self, id: &str) {
        self.parcel(id).await;
        self.fire(id, &json!({"type": "pack", "input": {"boxes": 1}}))
            .await
            .expect(StatusCode::OK);
        let ship = json!({"type": "ship", "input": {"tracking": "RX-1"}});
        self.fire(id, &ship).await.expect(StatusCode::OK);
    }

    /// Everything the API tells about a parcel but its refused events.
    pub(crate) async fn portrait(&self, id: &str) -> Value {
        let base = format!("/v1/machines/parcel/entities/{id}");
        let mut portrait = BTreeMap::new();
        for part in ["", "/log", "/effects", "/timers"] {
            let reply = self
                .get(&format!("{base}{part}"))
                .send()
                .await
                .expect(StatusCode::OK);
            portrait.insert(part, reply.body);
        }
        json!(portrait)
    }
}

/// A request under construction.
pub(crate) struct Call<'a> {
    api: &'a Api,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without the headers of this name, also those that are there from the start.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn body(self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.raw(body).header("content-type", kind)
    }

    /// A body of which nothing is said.
    pub(crate) fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) async fn send(self) -> Reply {
        let mut request = Request::builder().method(&self.method).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(self.body)).unwrap();
        let response = self.api.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let reply = Reply {
            status: parts.status,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            headers: parts.headers,
            text,
        };
        let path = self.path.split('?').next().unwrap();
        contract::check(&self.method, path, &reply);
        reply
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Null if it is not JSON.
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Reply {
    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Status, code and outcome of a problem.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, &str, &str) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text
        );
        assert_eq!(self.body["status"], self.status.as_u16());
        assert_eq!(self.body["request_id"], self.header("x-request-id"));
        let text = |name: &str| self.body[name].as_str().unwrap_or_default();
        (self.status.as_u16(), text("code"), text("outcome"))
    }

    pub(crate) fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .unwrap_or_else(|| panic!("no header {name}: {self:?}"))
            .to_str()
            .unwrap()
    }
}
