//! What a web page of another site could make a browser do to an open server on the same machine.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::support::Api;

const EVENTS: &str = "/v1/machines/parcel/entities/p-1/events";

#[tokio::test]
async fn another_host_is_refused_whatever_is_asked() {
    let api = Api::new().await;
    for host in [
        "evil.example.com",
        "localhost.evil.com",
        "127.0.0.1.evil.com:7700",
        "0.0.0.0",
        "192.168.0.1",
        "",
    ] {
        for path in ["/v1/machines", "/docs", "/", "/healthz"] {
            let reply = api
                .get(path)
                .without("host")
                .header("host", host)
                .send()
                .await;
            assert_eq!(reply.problem(), (403, "SH0415", ""), "{host} {path}");
        }
    }
    let none = api.get("/v1/machines").without("host").send().await;
    assert_eq!(none.problem(), (403, "SH0415", ""));
    let two = api
        .get("/v1/machines")
        .header("host", "evil.example.com")
        .send()
        .await;
    assert_eq!(two.problem(), (403, "SH0415", ""));
    let absolute = api.get("http://evil.example.com/v1/machines").send().await;
    assert_eq!(absolute.problem(), (403, "SH0415", ""));
}

#[tokio::test]
async fn every_name_of_this_machine_is_taken() {
    let api = Api::new().await;
    for host in [
        "localhost",
        "localhost:7700",
        "127.0.0.1:7700",
        "127.0.0.2",
        "[::1]:7700",
    ] {
        api.get("/v1/machines")
            .without("host")
            .header("host", host)
            .send()
            .await
            .expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let before = api.portrait("p-1").await;
    for (name, value) in [
        ("origin", "http://evil.example.com"),
        ("origin", "null"),
        ("origin", "http://localhost:3000"),
        ("origin", "localhost:7700"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let reply = api
            .post(EVENTS, &json!({"type": "cancel"}))
            .header(name, value)
            .send()
            .await;
        assert_eq!(reply.problem(), (403, "SH0416", ""), "{name}: {value}");
    }
    // What a form can send without asking first.
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let reply = api
            .call(Method::POST, EVENTS)
            .body(kind, r#"{"type": "cancel"}"#)
            .send()
            .await;
        assert_eq!(reply.problem(), (415, "SH0405", ""), "{kind}");
    }
    assert_eq!(api.portrait("p-1").await, before);
    let own = api
        .post(EVENTS, &json!({"type": "cancel"}))
        .header("origin", "http://localhost:7700");
    own.header("sec-fetch-site", "same-origin")
        .send()
        .await
        .expect(StatusCode::OK);
}
