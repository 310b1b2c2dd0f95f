//! Firing events: each outcome, and that a refusal changes nothing.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, Reply};

const EVENTS: &str = "/v1/machines/parcel/entities/p-1/events";

#[tokio::test]
async fn an_applied_event_is_told_whole() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let fired = api
        .fire(
            "p-1",
            &json!({"type": "pack", "input": {"boxes": 2}, "id": "e-1"}),
        )
        .await;
    let fired = fired.expect(StatusCode::OK);
    assert_eq!(fired.header("etag"), "\"1\"");
    let told: Vec<&Value> = ["outcome", "from", "to", "seq", "event_id"]
        .iter()
        .map(|f| &fired.body[*f])
        .collect();
    assert_eq!(
        told,
        [
            &json!("applied"),
            &json!("open"),
            &json!("packed"),
            &json!(1),
            &json!("e-1")
        ]
    );
    assert_eq!(fired.body["transitions"][0]["targets"], json!(["packed"]));

    let ship = json!({"type": "ship", "input": {"tracking": "RX-1"}});
    let shipped = api.fire("p-1", &ship).await.expect(StatusCode::OK);
    assert_eq!(shipped.body["effects"][0]["name"], "notify");
}

#[tokio::test]
async fn a_repeated_event_gets_its_first_result() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let pack = |boxes: u32| {
        let body = json!({"type": "pack", "input": {"boxes": boxes}});
        let call = api.post(EVENTS, &body).header("Idempotency-Key", "e-1");
        call.send()
    };
    let first = pack(2).await.expect(StatusCode::OK);
    api.fire("p-1", &json!({"type": "cancel"}))
        .await
        .expect(StatusCode::OK);
    let again = pack(2).await.expect(StatusCode::OK);
    assert_eq!(again.body["outcome"], "duplicate");
    for same in ["from", "to", "seq", "event_id", "transitions", "effects"] {
        assert_eq!(again.body[same], first.body[same], "{same}");
    }
    assert_eq!(again.body["entity"]["state"], "cancelled");
    let before = api.portrait("p-1").await;
    assert_eq!(pack(3).await.problem(), (422, "SH0212", "invalid_input"));
    assert_eq!(api.portrait("p-1").await, before);
}

#[tokio::test]
async fn the_event_id_may_stand_in_the_header_or_in_the_body_but_not_in_two_ways() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let fire = |id: &str| {
        let body = json!({"type": "pack", "input": {"boxes": 1}, "id": id});
        api.post(EVENTS, &body)
            .header("Idempotency-Key", "e-1")
            .send()
    };
    let reply = fire("e-2").await;
    assert_eq!(reply.problem(), (400, "SH0405", ""));
    assert!(reply.detail().contains("`e-1`") && reply.detail().contains("`e-2`"));
    assert_eq!(
        fire("e-1").await.expect(StatusCode::OK).body["event_id"],
        "e-1"
    );
}

#[tokio::test]
async fn an_ignored_event_is_a_success_that_changes_nothing() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let before = api.portrait("p-1").await;
    let reply = api
        .fire("p-1", &json!({"type": "ping"}))
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&reply.body["outcome"], &reply.body["event"]),
        (&json!("ignored"), &json!("ping"))
    );
    assert_eq!(api.portrait("p-1").await, before);
}

#[tokio::test]
async fn a_deprecated_event_is_applied_with_a_warning() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let reply = api
        .fire("p-1", &json!({"type": "abort"}))
        .await
        .expect(StatusCode::OK);
    assert!(
        reply.body["warnings"][0]
            .as_str()
            .unwrap()
            .contains("use `cancel`")
    );
}

/// Fires an event that is refused, and checks that nothing but the list of refused events has changed.
async fn refused(event: Value) -> (Api, Reply) {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let before = api.portrait("p-1").await;
    let reply = api.post(EVENTS, &event).send().await;
    assert_eq!(api.portrait("p-1").await, before, "{event}");
    (api, reply)
}

#[tokio::test]
async fn an_event_that_the_state_does_not_take_is_409() {
    let (api, reply) = refused(json!({"type": "deliver"})).await;
    assert_eq!(reply.problem(), (409, "SH0201", "no_transition"));
    let accepted = reply.body["accepted_events"].as_array().unwrap();
    assert!(accepted.contains(&json!("pack")) && accepted.contains(&json!("cancel")));
    let attempts = api
        .get("/v1/machines/parcel/entities/p-1/attempts")
        .send()
        .await;
    let attempt = &attempts.body["items"][0];
    assert_eq!(
        (&attempt["event"], &attempt["outcome"]),
        (&json!("deliver"), &json!("no_transition"))
    );
    assert_eq!(attempt["actor"]["id"], "anonymous");
}

#[tokio::test]
async fn a_guard_that_says_no_is_422_with_its_reason_and_code() {
    let (_, reply) = refused(json!({"type": "pack", "input": {"boxes": 0}})).await;
    assert_eq!(reply.problem(), (422, "SH0202", "guard_failed"));
    assert_eq!(reply.body["blockers"][0]["code"], "no_boxes");
    assert_eq!(reply.body["blockers"][0]["message"], "A parcel needs a box");
}

#[tokio::test]
async fn an_actor_without_the_role_is_403() {
    let (_, reply) = refused(json!({"type": "ship", "input": {"tracking": "RX-1"}})).await;
    assert_eq!(reply.problem(), (403, "SH0203", "forbidden"));
}

#[tokio::test]
async fn an_unknown_event_is_404() {
    let (_, reply) = refused(json!({"type": "explode"})).await;
    assert_eq!(reply.problem(), (404, "SH0206", "unknown_event"));
}

#[tokio::test]
async fn an_input_that_does_not_fit_is_400_with_every_misfit() {
    let (_, reply) =
        refused(json!({"type": "pack", "input": {"boxes": "two", "colour": "red"}})).await;
    assert_eq!(reply.problem(), (400, "SH0209", "invalid_input"));
    assert_eq!(
        reply.body["blockers"].as_array().unwrap().len(),
        2,
        "{}",
        reply.text
    );
    let (_, reply) = refused(json!({"type": "weigh", "input": {"colour": "red"}})).await;
    assert_eq!(reply.problem(), (400, "SH0209", "invalid_input"));
}

#[tokio::test]
async fn an_event_that_only_the_engine_fires_is_400() {
    for kind in [
        "timer.packed.48h",
        "done.effect.notify",
        "error.effect.notify",
    ] {
        let (_, reply) = refused(json!({"type": kind})).await;
        assert_eq!(reply.problem(), (400, "SH0209", "invalid_input"), "{kind}");
    }
}

#[tokio::test]
async fn a_guard_that_cannot_be_evaluated_is_500() {
    let (_, reply) = refused(json!({"type": "weigh"})).await;
    assert_eq!(reply.problem(), (500, "SH0210", "guard_error"));
    assert!(!reply.body["blockers"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_reserved_or_overlong_event_id_is_400() {
    for id in [
        "timer/packed/1/48h".to_owned(),
        "effect/1/0".to_owned(),
        "x".repeat(201),
        String::new(),
    ] {
        let (_, reply) = refused(json!({"type": "cancel", "id": id})).await;
        assert_eq!(reply.problem(), (400, "SH0214", "invalid_input"), "{id}");
    }
}

#[tokio::test]
async fn an_event_for_another_revision_is_412() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let cancel = |tag: &'static str| {
        api.post(EVENTS, &json!({"type": "cancel"}))
            .header("If-Match", tag)
            .send()
    };
    let before = api.portrait("p-1").await;
    let reply = cancel("\"7\"").await;
    assert_eq!(reply.problem(), (412, "SH0205", "stale_revision"));
    assert!(reply.detail().contains("at revision 0, not 7"));
    assert_eq!(api.portrait("p-1").await, before);
    cancel("\"0\"").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn an_entity_that_is_done_takes_no_events() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    api.fire("p-1", &json!({"type": "cancel"}))
        .await
        .expect(StatusCode::OK);
    let before = api.portrait("p-1").await;
    let reply = api
        .fire("p-1", &json!({"type": "pack", "input": {"boxes": 1}}))
        .await;
    assert_eq!(reply.problem(), (409, "SH0201", "no_transition"));
    assert_eq!(api.portrait("p-1").await, before);
}

#[tokio::test]
async fn what_will_come_later_says_so() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    for query in ["wait=10s", "queued=true"] {
        let reply = api
            .post(&format!("{EVENTS}?{query}"), &json!({"type": "cancel"}))
            .send()
            .await;
        assert_eq!(reply.problem(), (400, "SH0406", ""));
        assert!(reply.detail().contains("not supported yet"));
    }
}

#[tokio::test]
async fn an_entity_or_machine_that_is_not_there_is_404() {
    let api = Api::new().await;
    let cancel = json!({"type": "cancel"});
    let reply = api
        .post("/v1/machines/parcel/entities/p-9/events", &cancel)
        .send()
        .await;
    assert_eq!(reply.problem(), (404, "SH0207", "unknown_entity"));
    let reply = api
        .post("/v1/machines/door/entities/p-9/events", &cancel)
        .send()
        .await;
    assert_eq!(reply.problem(), (404, "SH0208", ""));
}

#[tokio::test]
async fn explaining_gives_the_verdict_of_firing_and_writes_nothing() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let explain = |body: Value| {
        let path = "/v1/machines/parcel/entities/p-1/explain";
        let call = api.post(path, &body);
        call.send()
    };
    let before = api.portrait("p-1").await;
    let yes = explain(json!({"type": "pack", "input": {"boxes": 1}}))
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&yes.body["outcome"], &yes.body["to"]),
        (&json!("applied"), &json!("packed"))
    );
    let no = explain(json!({"type": "pack", "input": {"boxes": 0}}))
        .await
        .expect(StatusCode::OK);
    assert_eq!(no.body["outcome"], "guard_failed");
    assert_eq!(no.body["refusal"]["blockers"][0]["code"], "no_boxes");
    let all = explain(json!({})).await.expect(StatusCode::OK);
    let events: Vec<&Value> = all.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["event"])
        .collect();
    assert_eq!(
        json!(events),
        api.get("/v1/machines/parcel/entities/p-1")
            .send()
            .await
            .body["available_events"]
    );
    let reserved = explain(json!({"type": "timer.x"})).await;
    assert_eq!(reserved.problem(), (400, "SH0209", "invalid_input"));
    assert_eq!(api.portrait("p-1").await, before);
    let attempts = api
        .get("/v1/machines/parcel/entities/p-1/attempts")
        .send()
        .await;
    assert_eq!(attempts.body, json!({"items": []}));
}
