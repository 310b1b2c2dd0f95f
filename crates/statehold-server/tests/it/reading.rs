//! The history of an entity.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::Api;

const ENTITY: &str = "/v1/machines/parcel/entities/p-1";

#[tokio::test]
async fn the_log_tells_every_step_and_goes_on_where_asked() {
    let api = Api::new().await;
    api.shipped("p-1").await;
    let log = api
        .get(&format!("{ENTITY}/log"))
        .send()
        .await
        .expect(StatusCode::OK);
    let rows = log.body["items"].as_array().unwrap();
    let steps: Vec<(&Value, &Value)> = rows.iter().map(|row| (&row["seq"], &row["to"])).collect();
    assert_eq!(
        json!(steps),
        json!([[0, "open"], [1, "packed"], [2, "shipped"]])
    );
    assert_eq!(rows[0]["patch"]["email"], "[masked]");
    assert_eq!(rows[0]["input"]["email"], "[masked]");
    assert!(!log.text.contains("ann@example.com"));

    let part = api
        .get(&format!("{ENTITY}/log?from=1&limit=1"))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&part.body["items"][0]["seq"], &part.body["next_from"]),
        (&json!(1), &json!(2))
    );
    let end = api
        .get(&format!("{ENTITY}/log?from=2&limit=1"))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(end.body["next_from"], Value::Null);
    let past = api
        .get(&format!("{ENTITY}/log?from=99"))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(past.body, json!({"items": []}));
}

#[tokio::test]
async fn timers_and_effects_are_listed() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    api.fire("p-1", &json!({"type": "pack", "input": {"boxes": 1}}))
        .await
        .expect(StatusCode::OK);
    let timers = api
        .get(&format!("{ENTITY}/timers"))
        .send()
        .await
        .expect(StatusCode::OK);
    let expected = json!({"state": "packed", "name": "48h", "event": "timer.packed.48h", "due": "2026-11-27T09:30:00Z"});
    assert_eq!(timers.body, json!({"items": [expected]}));

    api.fire(
        "p-1",
        &json!({"type": "ship", "input": {"tracking": "RX-1"}}),
    )
    .await
    .expect(StatusCode::OK);
    let timers = api
        .get(&format!("{ENTITY}/timers"))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(timers.body, json!({"items": []}));
    let effects = api
        .get(&format!("{ENTITY}/effects"))
        .send()
        .await
        .expect(StatusCode::OK);
    let effect = &effects.body["items"][0];
    assert_eq!(
        (&effect["name"], &effect["status"]),
        (&json!("notify"), &json!("ready"))
    );
    assert!(
        !effects.text.contains("ann@example.com"),
        "{}",
        effects.text
    );

    let all = api
        .get("/v1/effects?status=ready&machine=parcel")
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(all.body["items"], effects.body["items"]);
    let one = api
        .get(&format!("/v1/effects/{}", effect["id"].as_str().unwrap()))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&one.body["id"], &one.body["tries"]),
        (&effect["id"], &json!([]))
    );
}

#[tokio::test]
async fn unusable_parameters_are_refused() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    for path in [
        &format!("{ENTITY}/log?from=x"),
        &format!("{ENTITY}/log?from=-1"),
        &format!("{ENTITY}/log?from="),
        "/v1/effects?status=gone",
        "/v1/effects?limit=x",
    ] {
        assert_eq!(
            api.get(path).send().await.problem(),
            (400, "SH0406", ""),
            "{path}"
        );
    }
    assert_eq!(
        api.get("/v1/effects?machine=door").send().await.problem(),
        (404, "SH0208", "")
    );
    assert_eq!(
        api.get("/v1/effects/x").send().await.problem(),
        (404, "SH0301", "")
    );
}

#[tokio::test]
async fn status_and_probes_tell_what_they_should() {
    let api = Api::new().await;
    let status = api.get("/v1/status").send().await.expect(StatusCode::OK);
    assert_eq!(
        (&status.body["machines"], &status.body["open"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(status.body["now"], "2026-11-25T09:30:00Z");
    assert_eq!(status.body["missing_destinations"], json!([]));
    api.get("/healthz").send().await.expect(StatusCode::OK);
    api.get("/readyz").send().await.expect(StatusCode::OK);
}
