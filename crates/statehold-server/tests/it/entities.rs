//! Creating, listing and getting entities.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::Api;

const ENTITIES: &str = "/v1/machines/parcel/entities";

fn input() -> Value {
    json!({"owner_id": "ann", "weight": 3})
}

#[tokio::test]
async fn a_created_entity_has_an_address_and_a_tag() {
    let api = Api::new().await;
    let created = api.parcel("p/1 ä").await;
    assert_eq!(
        created.header("location"),
        "/v1/machines/parcel/entities/p%2F1%20%C3%A4"
    );
    assert_eq!(created.header("etag"), "\"0\"");
    assert_eq!(
        (&created.body["outcome"], &created.body["seq"]),
        (&json!("applied"), &json!(0))
    );

    let shown = api
        .get(created.header("location"))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(shown.header("etag"), "\"0\"");
    assert_eq!(shown.body["id"], "p/1 ä");
    assert_eq!(shown.body["context"]["email"], "[masked]");
    assert_eq!(shown.body, created.body["entity"]);
}

#[tokio::test]
async fn without_a_body_an_entity_is_created_if_its_context_allows() {
    let api = Api::new().await;
    let reply = api.call(Method::POST, ENTITIES).send().await;
    assert_eq!(reply.problem(), (400, "SH0209", "invalid_input"));
    assert_eq!(
        reply.body["blockers"].as_array().unwrap().len(),
        2,
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn a_repeated_creation_creates_nothing() {
    let api = Api::new().await;
    let create = |input: Value| {
        api.post(ENTITIES, &json!({"input": input}))
            .header("Idempotency-Key", "create-1")
            .send()
    };
    let first = create(input()).await.expect(StatusCode::CREATED);
    let second = create(input()).await.expect(StatusCode::OK);
    assert_eq!(second.body["outcome"], "duplicate");
    assert_eq!(second.body["entity"], first.body["entity"]);
    assert_eq!(second.header("location"), first.header("location"));
    let other = create(json!({"owner_id": "bob", "weight": 3})).await;
    assert_eq!(other.problem(), (422, "SH0212", "invalid_input"));
    let list = api.get(ENTITIES).send().await;
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_id_is_taken_once() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let reply = api
        .post(ENTITIES, &json!({"id": "p-1", "input": input()}))
        .send()
        .await;
    assert_eq!(reply.problem(), (409, "SH0213", ""));
}

#[tokio::test]
async fn unusable_ids_are_refused() {
    let api = Api::new().await;
    for id in ["".to_owned(), "x".repeat(201), "a\nb".to_owned()] {
        let reply = api
            .post(ENTITIES, &json!({"id": id, "input": input()}))
            .send()
            .await;
        assert_eq!(reply.problem(), (400, "SH0214", "invalid_input"), "{id:?}");
    }
    let id = "x".repeat(200);
    api.post(ENTITIES, &json!({"id": id, "input": input()}))
        .send()
        .await
        .expect(StatusCode::CREATED);
    assert_eq!(
        api.get(&format!("{ENTITIES}/%FF")).send().await.problem(),
        (400, "SH0214", "")
    );
}

#[tokio::test]
async fn who_has_the_current_revision_gets_no_body() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let get = |tag: &'static str| {
        api.get("/v1/machines/parcel/entities/p-1")
            .header("If-None-Match", tag)
            .send()
    };
    let reply = get("\"0\"").await.expect(StatusCode::NOT_MODIFIED);
    assert_eq!((reply.text.as_str(), reply.header("etag")), ("", "\"0\""));
    get("W/\"0\"").await.expect(StatusCode::NOT_MODIFIED);
    get("\"1\"").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_list_goes_on_where_its_cursor_says() {
    let api = Api::new().await;
    for id in ["a", "b", "c"] {
        api.parcel(id).await;
    }
    let page = api
        .get(&format!("{ENTITIES}?limit=2"))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(ids(&page.body), ["a", "b"]);
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let rest = api
        .get(&format!("{ENTITIES}?limit=2&cursor={cursor}"))
        .send()
        .await;
    assert_eq!(
        (ids(&rest.body), &rest.body["next_cursor"]),
        (vec!["c"], &Value::Null)
    );
}

#[tokio::test]
async fn a_list_is_filtered_by_state_and_status() {
    let api = Api::new().await;
    for id in ["a", "b"] {
        api.parcel(id).await;
    }
    api.fire("b", &json!({"type": "cancel"}))
        .await
        .expect(StatusCode::OK);
    for (query, expected) in [
        ("state=open", vec!["a"]),
        ("state=cancelled", vec!["b"]),
        ("status=done", vec!["b"]),
        ("state=open&status=done", vec![]),
    ] {
        let page = api
            .get(&format!("{ENTITIES}?{query}"))
            .send()
            .await
            .expect(StatusCode::OK);
        assert_eq!(ids(&page.body), expected, "{query}");
    }
}

#[tokio::test]
async fn unusable_filters_are_refused_in_their_own_words() {
    let api = Api::new().await;
    for (query, words) in [
        ("state=opne", "has a state `opne`"),
        ("status=gone", "expected `active` or `done`"),
        ("where=ctx.weight%3E1", "not supported yet"),
        ("limit=0", "expected 1 to 1000"),
        ("limit=1001", "expected 1 to 1000"),
        ("limit=-1", "expected a whole number"),
        ("limit=9223372036854775808", "expected a whole number"),
        ("limit=1&limit=2", "given twice"),
        ("cursor=%00", "control characters"),
        ("cursor=%FF", "not percent-encoded UTF-8"),
    ] {
        let reply = api.get(&format!("{ENTITIES}?{query}")).send().await;
        assert_eq!(reply.problem(), (400, "SH0406", ""), "{query}");
        assert!(
            reply.detail().contains(words),
            "{query}: {}",
            reply.detail()
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let api = Api::new().await;
    let reply = api.get(&format!("{ENTITIES}/p-9")).send().await;
    assert_eq!(reply.problem(), (404, "SH0207", "unknown_entity"));
    for part in ["log", "effects", "timers", "attempts"] {
        let reply = api.get(&format!("{ENTITIES}/p-9/{part}")).send().await;
        assert_eq!(reply.problem(), (404, "SH0207", "unknown_entity"), "{part}");
    }
    let reply = api.get("/v1/machines/door/entities").send().await;
    assert_eq!(reply.problem(), (404, "SH0208", ""));
    let reply = api
        .post("/v1/machines/door/entities", &json!({}))
        .send()
        .await;
    assert_eq!(reply.problem(), (404, "SH0208", ""));
}

fn ids(page: &Value) -> Vec<&str> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect()
}
