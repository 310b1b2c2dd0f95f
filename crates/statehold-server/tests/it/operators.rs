//! Dead letters.

use axum::http::StatusCode;
use serde_json::{Value, json};
use statehold_engine::{Shutdown, ShutdownHandle};
use tokio::task::JoinHandle;

use crate::support::Api;

/// Looks at the outbox, at most, until it must have changed.
const LOOKS_MAX: usize = 100_000;

fn start_workers(api: &Api) -> (ShutdownHandle, JoinHandle<()>) {
    let (handle, shutdown) = Shutdown::channel();
    let engine = api.engine.clone();
    (
        handle,
        tokio::spawn(async move { engine.run_workers(shutdown).await }),
    )
}

/// A parcel whose only effect has died; the id of that effect.
async fn dead_letter(api: &Api) -> String {
    api.shipped("p-1").await;
    let (stop, workers) = start_workers(api);
    api.transport.wait_for_calls(1).await;
    for _ in 0..LOOKS_MAX {
        let letters = api.engine.dead_letters(None, None, 1).await.unwrap();
        if let Some(letter) = letters.items.first() {
            stop.give();
            workers.await.unwrap();
            return letter.id.clone();
        }
        tokio::task::yield_now().await;
    }
    panic!("the effect did not die");
}

#[tokio::test]
async fn a_dead_letter_is_shown_with_its_history() {
    let api = Api::new().await;
    let id = dead_letter(&api).await;
    let list = api
        .get("/v1/dead-letters?machine=parcel")
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(list.body["items"][0]["id"], id.as_str());
    let one = api
        .get(&format!("/v1/dead-letters/{id}"))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&one.body["status"], &one.body["tries"][0]["http_status"]),
        (&json!("dead"), &json!(500))
    );
}

#[tokio::test]
async fn a_dead_letter_is_retried_with_a_reason() {
    let api = Api::new().await;
    let id = dead_letter(&api).await;
    let path = format!("/v1/dead-letters/{id}/retry");
    for body in [json!({}), json!({"reason": null}), json!({"reason": " "})] {
        let reply = api.post(&path, &body).send().await;
        assert_eq!(reply.problem(), (400, "SH0303", ""), "{body}");
    }
    let retried = api
        .post(&path, &json!({"reason": "mailer is back"}))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&retried.body["status"], &retried.body["generation"]),
        (&json!("ready"), &json!(1))
    );
    let again = api
        .post(&path, &json!({"reason": "once more"}))
        .send()
        .await;
    assert_eq!(again.problem(), (409, "SH0302", ""));
    let shown = api
        .get(&format!("/v1/effects/{id}"))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (
            &shown.body["operators"][0]["verb"],
            &shown.body["operators"][0]["reason"]
        ),
        (&json!("retry"), &json!("mailer is back"))
    );
    assert_eq!(
        api.get(&format!("/v1/dead-letters/{id}"))
            .send()
            .await
            .problem(),
        (409, "SH0302", "")
    );
}

#[tokio::test]
async fn a_dead_letter_is_discarded_with_a_reason() {
    let api = Api::new().await;
    let id = dead_letter(&api).await;
    let path = format!("/v1/dead-letters/{id}/discard");
    let unreadable = api.post(&path, &json!({"reason": 1})).send().await;
    assert_eq!(unreadable.problem(), (400, "SH0401", ""));
    let discarded = api
        .post(&path, &json!({"reason": "sent by hand"}))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(discarded.body["status"], "discarded");
    let none = api
        .get("/v1/dead-letters")
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(none.body["items"], json!([]));
}

#[tokio::test]
async fn what_is_no_dead_letter_is_told_apart() {
    let api = Api::new().await;
    api.shipped("p-1").await;
    let effects = api.get("/v1/effects").send().await;
    let id = effects.body["items"][0]["id"].as_str().unwrap();
    let reason: Value = json!({"reason": "x"});
    for verb in ["retry", "discard"] {
        let ready = api
            .post(&format!("/v1/dead-letters/{id}/{verb}"), &reason)
            .send()
            .await;
        assert_eq!(ready.problem(), (409, "SH0302", ""));
        let none = api
            .post(&format!("/v1/dead-letters/none/{verb}"), &reason)
            .send()
            .await;
        assert_eq!(none.problem(), (404, "SH0301", ""));
    }
    assert_eq!(
        api.get("/v1/dead-letters/none").send().await.problem(),
        (404, "SH0301", "")
    );
}
