//! Which route answers.

use reqwest::Method;
use serde_json::json;

use crate::support::{answer, start, status};

const ROUTES: &str = r#"  - GET /items/special: { replies: [{ body: special }] }
  - GET /items/{id}: { replies: [{ body: "${path.id}" }] }
  - { method: GET, path: /files/*, replies: [{ body: "${path.rest}" }] }
  - DELETE /items/{id}: { replies: [{ status: 204 }] }"#;

#[tokio::test]
async fn the_first_route_that_matches_answers() {
    let mock = start(ROUTES).await;
    assert_eq!(answer(mock.get("/items/special")).await.1, json!("special"));
    assert_eq!(answer(mock.get("/items/a%20b?x=1")).await.1, json!("a b"));
    assert_eq!(answer(mock.get("/files/a/b.txt")).await.1, json!("a/b.txt"));
    assert_eq!(status(mock.request(Method::DELETE, "/items/1")).await, 204);
}

#[tokio::test]
async fn an_unknown_route_is_a_problem_that_lists_the_routes_and_is_on_record() {
    let mock = start(ROUTES).await;
    let response = mock
        .post("/items", &json!({"a": 1}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 404);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let problem: serde_json::Value = response.json().await.expect("JSON");
    assert_eq!(problem["code"], "SH0602");
    assert_eq!(
        problem["detail"],
        "mock `test` has no route for POST /items"
    );
    let known = json!([
        "GET /items/special",
        "GET /items/{id}",
        "GET /files/*",
        "DELETE /items/{id}"
    ]);
    assert_eq!(problem["routes"], known);
    let calls = mock.mock.calls();
    assert_eq!(
        (
            calls[0].route.clone(),
            calls[0].reply.status,
            calls[0].body.clone()
        ),
        (None, 404, json!({"a": 1}))
    );
    assert_eq!(answer(mock.get("/__mock")).await.1["unmatched"], 1);
}
