//! Headers: those that mean something, those that every answer has.

use axum::http::{Method, StatusCode};
use serde_json::json;
use statehold_core::Actor;
use statehold_server::AppConfig;

use crate::support::Api;

const EVENTS: &str = "/v1/machines/parcel/entities/p-1/events";

#[tokio::test]
async fn an_actor_that_is_not_readable_is_refused() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let before = api.portrait("p-1").await;
    for actor in [
        "",
        "ann",
        "[]",
        r#"{"id": "ann", "id": "bob"}"#,
        r#"{"roles": []}"#,
        r#"{"id": ""}"#,
        r#"{"id": "ann", "name": "Ann"}"#,
        r#"{"id": "ann", "kind": "system"}"#,
        r#"{"id": "ann", "roles": "warehouse"}"#,
        r#"{"id": "ann", "roles": [[]]}"#,
        r#"{"id": "ann\u0000"}"#,
        r#"{"id": "a\nb"}"#,
    ] {
        let reply = api
            .post(EVENTS, &json!({"type": "cancel"}))
            .header("Statehold-Actor", actor)
            .send()
            .await;
        assert_eq!(reply.problem(), (400, "SH0404", ""), "{actor}");
    }
    let many = json!({"id": "ann", "roles": vec!["r"; 65]}).to_string();
    let long = json!({"id": "ann", "roles": ["r".repeat(9000)]}).to_string();
    for actor in [many, long] {
        let reply = api
            .get("/v1/machines")
            .header("Statehold-Actor", &actor)
            .send()
            .await;
        assert_eq!(reply.problem(), (400, "SH0404", ""));
    }
    let twice = api
        .get("/v1/machines")
        .header("Statehold-Actor", r#"{"id": "a"}"#)
        .header("Statehold-Actor", r#"{"id": "b"}"#);
    assert_eq!(twice.send().await.problem(), (400, "SH0404", ""));
    assert_eq!(api.portrait("p-1").await, before);
}

#[tokio::test]
async fn the_actor_is_written_into_the_log() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let actor = r#"{"id": "Ännchen", "kind": "service", "roles": ["a", "b"]}"#;
    let call = api
        .post(EVENTS, &json!({"type": "cancel"}))
        .header("Statehold-Actor", actor);
    call.send().await.expect(StatusCode::OK);
    let log = api
        .get("/v1/machines/parcel/entities/p-1/log?from=1")
        .send()
        .await;
    assert_eq!(
        log.body["items"][0]["actor"],
        json!({"id": "Ännchen", "kind": "service", "roles": ["a", "b"]})
    );
}

#[tokio::test]
async fn a_tenant_that_is_not_usable_is_refused() {
    let api = Api::new().await;
    for tenant in ["", "a b", "a/b", "ä", &"x".repeat(65)] {
        let reply = api
            .get("/v1/machines")
            .header("Statehold-Tenant", tenant)
            .send()
            .await;
        assert_eq!(reply.problem(), (400, "SH0405", ""), "{tenant}");
    }
}

#[tokio::test]
async fn conditions_and_keys_that_are_not_readable_are_refused() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let before = api.portrait("p-1").await;
    for (name, value) in [
        ("If-Match", "\"x\""),
        ("If-Match", "W/\"0\""),
        ("If-Match", "\"0\", \"1\""),
        ("If-Match", ""),
        ("Idempotency-Key", "ä"),
    ] {
        let reply = api
            .post(EVENTS, &json!({"type": "cancel"}))
            .header(name, value)
            .send()
            .await;
        assert_eq!(reply.problem(), (400, "SH0405", ""), "{name}: {value}");
        assert!(reply.detail().contains(name));
    }
    let twice = api
        .post(EVENTS, &json!({"type": "cancel"}))
        .header("Idempotency-Key", "a")
        .header("Idempotency-Key", "b");
    assert_eq!(twice.send().await.problem(), (400, "SH0405", ""));
    let empty = api
        .post(EVENTS, &json!({"type": "cancel"}))
        .header("Idempotency-Key", "")
        .send()
        .await;
    assert_eq!(empty.problem(), (400, "SH0214", "invalid_input"));
    assert_eq!(api.portrait("p-1").await, before);
}

#[tokio::test]
async fn a_request_id_is_kept_or_made() {
    let api = Api::new().await;
    let reply = api
        .get("/v1/status")
        .header("X-Request-Id", "req-1")
        .send()
        .await;
    assert_eq!(reply.header("x-request-id"), "req-1");
    for unfit in ["", "a b", "<script>", &"x".repeat(129)] {
        let reply = api
            .get("/v1/nothing")
            .header("X-Request-Id", unfit)
            .send()
            .await;
        assert_ne!(reply.header("x-request-id"), unfit);
        assert_eq!(reply.body["request_id"], reply.header("x-request-id"));
    }
}

#[tokio::test]
async fn every_answer_is_kept_from_caches_and_browsers_guesses() {
    let api = Api::new().await;
    for path in ["/v1/machines", "/v1/nothing", "/healthz"] {
        let reply = api.get(path).send().await;
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
        assert!(
            reply
                .header("content-security-policy")
                .starts_with("default-src 'none'")
        );
        assert!(!reply.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let api = Api::new().await;
    let reply = api.call(Method::HEAD, "/healthz").send().await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn a_server_that_is_not_open_takes_only_proven_actors() {
    let config = AppConfig {
        open: false,
        ..AppConfig::default()
    };
    let mut api = Api::with(config).await;
    let reply = api
        .get("/v1/machines")
        .header("Statehold-Actor", r#"{"id": "ann"}"#)
        .send()
        .await;
    assert_eq!(reply.problem(), (401, "SH0417", ""));
    assert_eq!(reply.header("www-authenticate"), "Bearer");
    api.get("/healthz").send().await.expect(StatusCode::OK);

    let proven = Actor {
        id: "ann".to_owned(),
        kind: "user".to_owned(),
        roles: Vec::new(),
    };
    api.router = api.router.layer(axum::Extension(proven));
    api.get("/v1/machines")
        .without("host")
        .header("host", "api.example.com")
        .send()
        .await
        .expect(StatusCode::OK);
}
