//! Events that wait, and charts whose work nobody does.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::Api;

fn chart() -> Value {
    json!({
        "statehold": 1, "machine": "bill", "version": 1, "unhandled": "defer", "initial": "draft",
        "events": {"pay": {"input": {"amount": "integer", "card": {"type": "string", "sensitive": true}}}},
        "states": {
            "draft": {"on": {"submit": "open"}},
            "open": {"on": {"pay": "paid"}},
            "paid": {"type": "final"},
        },
    })
}

#[tokio::test]
async fn a_deferred_event_is_202_and_is_shown_with_its_entity_until_it_is_taken() {
    let api = Api::new().await;
    let published = api.post("/v1/machines", &chart()).send().await;
    published.expect(StatusCode::CREATED);
    let created = api.post(
        "/v1/machines/bill/entities",
        &json!({"id": "b", "input": {}}),
    );
    created.send().await.expect(StatusCode::CREATED);
    let events = "/v1/machines/bill/entities/b/events";
    let pay = json!({"type": "pay", "id": "p", "input": {"amount": 5, "card": "4242"}});
    let accepted = api
        .post(events, &pay)
        .send()
        .await
        .expect(StatusCode::ACCEPTED);
    assert_eq!(accepted.body["outcome"], "accepted");
    assert_eq!(accepted.header("etag"), "\"1\"");
    let waiting = &accepted.body["entity"]["deferred"][0];
    assert_eq!(waiting["event_id"], "p");
    assert_eq!(waiting["input"], json!({"amount": 5, "card": "[masked]"}));
    let again = api.post(events, &pay).send().await.expect(StatusCode::OK);
    assert_eq!(again.body["outcome"], "duplicate");
    let submit = json!({"type": "submit"});
    api.post(events, &submit)
        .send()
        .await
        .expect(StatusCode::OK);
    let bill = api.get("/v1/machines/bill/entities/b").send().await;
    let bill = bill.expect(StatusCode::OK).body;
    assert_eq!(
        (&bill["state"], bill.get("deferred")),
        (&json!("paid"), None)
    );
}

#[tokio::test]
async fn a_chart_for_a_handler_is_refused_also_when_publishing_is_only_tried() {
    let api = Api::new().await;
    let mut chart = chart();
    chart["effects"] = json!({"thank": {"handler": "sendMail"}});
    chart["states"]["paid"]["entry"] = json!([{"effect": "thank"}]);
    for address in ["/v1/machines", "/v1/machines?dry_run=true"] {
        let refused = api.post(address, &chart).send().await;
        let (status, code, outcome) = refused.problem();
        assert_eq!((status, code), (400, "SH0107"), "{outcome}");
        assert!(refused.detail().contains("`sendMail`"));
    }
}
