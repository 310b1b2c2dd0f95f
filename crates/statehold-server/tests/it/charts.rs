//! Publishing and showing charts.

use axum::http::{Method, StatusCode};
use serde_json::json;
use statehold_server::AppConfig;

use crate::support::{Api, PARCEL};

const BROKEN: &str = "statehold: 1
machine: door
version: 1
initial: shut
states:
  shut: { on: { open: wid } }
  wide: { onn: {} }
";

#[tokio::test]
async fn a_chart_is_published_once() {
    let api = Api::empty(AppConfig::default()).await;
    let publish = |text: &'static str| {
        api.call(Method::POST, "/v1/machines")
            .body("application/yaml", text)
            .send()
    };
    let first = publish(PARCEL).await.expect(StatusCode::CREATED);
    assert_eq!(first.header("location"), "/v1/machines/parcel/versions/1");
    assert_eq!(
        first.body,
        json!({"machine": "parcel", "version": 1, "new": true, "dry_run": false, "warnings": first.body["warnings"]})
    );
    let again = publish(PARCEL).await.expect(StatusCode::OK);
    assert_eq!(again.body["new"], false);
}

#[tokio::test]
async fn every_yaml_type_and_json_are_taken() {
    let api = Api::empty(AppConfig::default()).await;
    for kind in [
        "application/yaml",
        "application/x-yaml",
        "text/yaml; charset=utf-8",
        "text/x-yaml",
    ] {
        let reply = api
            .call(Method::POST, "/v1/machines?dry_run=true")
            .body(kind, PARCEL)
            .send()
            .await;
        reply.expect(StatusCode::OK);
    }
    let door = json!({"statehold": 1, "machine": "door", "version": 1, "initial": "shut",
        "states": {"shut": {"on": {"open": "wide"}}, "wide": {"type": "final"}}});
    api.post("/v1/machines", &door)
        .send()
        .await
        .expect(StatusCode::CREATED);
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let reply = api
            .call(Method::POST, "/v1/machines")
            .body(kind, PARCEL)
            .send()
            .await;
        assert_eq!(reply.problem(), (415, "SH0405", ""), "{kind}");
    }
    let reply = api.call(Method::POST, "/v1/machines").send().await;
    assert_eq!(reply.problem(), (415, "SH0405", ""));
}

#[tokio::test]
async fn a_dry_run_gives_the_verdict_and_stores_nothing() {
    let api = Api::empty(AppConfig::default()).await;
    let reply = api
        .call(Method::POST, "/v1/machines?dry_run=true")
        .body("text/yaml", PARCEL)
        .send()
        .await;
    let reply = reply.expect(StatusCode::OK);
    assert_eq!(
        (&reply.body["new"], &reply.body["dry_run"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        api.get("/v1/machines").send().await.body,
        json!({"items": []})
    );
    let reply = api
        .call(Method::POST, "/v1/machines?dry_run=yes")
        .body("text/yaml", PARCEL)
        .send()
        .await;
    assert_eq!(reply.problem(), (400, "SH0406", ""));
}

#[tokio::test]
async fn an_unusable_chart_is_refused_with_every_problem_at_its_place() {
    let api = Api::empty(AppConfig::default()).await;
    let reply = api
        .call(Method::POST, "/v1/machines")
        .body("text/yaml", BROKEN)
        .send()
        .await;
    let (status, code, outcome) = reply.problem();
    assert_eq!((status, outcome), (422, ""));
    let found = reply.body["diagnostics"].as_array().unwrap();
    assert!(found.len() >= 2, "{}", reply.text);
    assert!(found.iter().any(|d| d["code"] == code));
    let target = found.iter().find(|d| d["code"] == "SH0109").unwrap();
    assert_eq!(
        (&target["line"], &target["severity"]),
        (&json!(6), &json!("error"))
    );
    assert!(
        target["pointer"]
            .as_str()
            .unwrap()
            .starts_with("/states/shut/on/open")
    );
    let key = found.iter().find(|d| d["code"] == "SH0103").unwrap();
    assert_eq!(key["line"], 7);
    assert_eq!(
        api.get("/v1/machines").send().await.body,
        json!({"items": []})
    );
}

#[tokio::test]
async fn text_that_is_no_chart_at_all_is_refused() {
    let api = Api::empty(AppConfig::default()).await;
    for text in ["", "[", "a: b: c", "\u{0}", "- 1"] {
        let reply = api
            .call(Method::POST, "/v1/machines")
            .body("text/yaml", text)
            .send()
            .await;
        assert_eq!(reply.problem().0, 422, "{text:?}");
    }
    let reply = api
        .call(Method::POST, "/v1/machines")
        .body("text/yaml", b"a: \xff".to_vec())
        .send()
        .await;
    assert_eq!(reply.problem(), (400, "SH0401", ""));
    assert_eq!(reply.body["offset"], 3);
}

#[tokio::test]
async fn a_version_is_not_published_with_another_content() {
    let api = Api::new().await;
    let other = PARCEL.replace("A parcel needs", "Every parcel needs");
    for query in ["", "?dry_run=true"] {
        let reply = api
            .call(Method::POST, &format!("/v1/machines{query}"))
            .body("text/yaml", other.clone())
            .send()
            .await;
        assert_eq!(reply.problem(), (409, "SH0413", ""));
    }
    let shown = api.get("/v1/machines/parcel/versions/1").send().await;
    assert_eq!(shown.body["source"], PARCEL);
}

#[tokio::test]
async fn a_machine_is_shown_whole() {
    let api = Api::new().await;
    let second = PARCEL
        .replace("version: 1\n", "version: 2\n")
        .replace("A parcel\n", "A better parcel\n");
    api.call(Method::POST, "/v1/machines")
        .body("text/yaml", second)
        .send()
        .await
        .expect(StatusCode::CREATED);

    let list = api.get("/v1/machines").send().await.expect(StatusCode::OK);
    assert_eq!(list.body["items"][0]["label"], "A better parcel");
    assert_eq!(list.body["items"][0]["versions"], json!([1, 2]));

    let newest = api
        .get("/v1/machines/parcel")
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(newest.body["version"], 2);
    let first = api
        .get("/v1/machines/parcel/versions/1")
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&first.body["version"], &first.body["source"]),
        (&json!(1), &json!(PARCEL))
    );
    assert_eq!(first.body["destinations"], json!(["MAILER"]));
    assert_eq!(first.body["effects"], json!(["notify"]));
    assert_eq!(
        first.body["states"][0],
        json!({"path": "open", "name": "open", "kind": "atomic", "label": "Being filled"})
    );
    let abort = first.body["events"]
        .as_array()
        .unwrap()
        .iter()
        .find(|e| e["name"] == "abort")
        .unwrap();
    assert_eq!(abort["deprecated"], json!({"use": "cancel", "since": 1}));
    assert_eq!(
        first.body["context"]["properties"]["email"]["sensitive"],
        true
    );
}

#[tokio::test]
async fn what_is_not_published_is_not_found() {
    let api = Api::new().await;
    let reply = api.get("/v1/machines/door").send().await;
    assert_eq!(reply.problem(), (404, "SH0208", ""));
    for version in ["2", "0", "01", "x", "-1", "99999999999999999999"] {
        let reply = api
            .get(&format!("/v1/machines/parcel/versions/{version}"))
            .send()
            .await;
        assert_eq!(reply.problem(), (404, "SH0219", ""), "{version}");
    }
}

#[tokio::test]
async fn tenants_do_not_see_each_others_machines() {
    let api = Api::new().await;
    let reply = api
        .get("/v1/machines")
        .header("Statehold-Tenant", "acme")
        .send()
        .await;
    assert_eq!(reply.body, json!({"items": []}));
    let reply = api
        .get("/v1/machines/parcel")
        .header("Statehold-Tenant", "acme")
        .send()
        .await;
    assert_eq!(reply.problem(), (404, "SH0208", ""));
}
