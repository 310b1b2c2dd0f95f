//! The OpenAPI document and the pages.

use axum::http::{Method, StatusCode};
use statehold_core::codes;
use statehold_server::{AppConfig, document};

use crate::support::Api;

const HOSTILE: &str = r#"statehold: 1
machine: hostile
version: 1
label: "<script>alert(1)</script>"
description: "\"><img src=x onerror=alert(1)>"
context:
  note?: { type: string, description: "</td><script>alert(2)</script>" }
events:
  go: { description: "<script>alert(3)</script>", input: { a: { type: string, enum: ["<script>alert(4)</script>"] } } }
initial: one
states:
  one: { on: { go: two } }
  two: { type: final }
"#;

#[tokio::test]
async fn the_served_document_knows_the_machines() {
    let api = Api::new().await;
    let served = api
        .get("/openapi.json")
        .send()
        .await
        .expect(StatusCode::OK)
        .body;
    assert_eq!(served["info"]["version"], env!("CARGO_PKG_VERSION"));
    let schemas = &served["components"]["schemas"];
    assert_eq!(
        schemas["parcel.v1.context"]["properties"]["weight"]["type"],
        "integer"
    );
    assert_eq!(
        schemas["parcel.v1.event.pack"]["properties"]["boxes"]["type"],
        "integer"
    );
    assert_eq!(schemas["parcel.v1.event.abort"]["deprecated"], true);
    assert!(
        schemas["parcel.v1.event.pack"]["$id"]
            .as_str()
            .unwrap()
            .starts_with("urn:statehold:")
    );
    let other = api
        .get("/openapi.json")
        .header("Statehold-Tenant", "acme")
        .send()
        .await
        .body;
    assert!(
        other["components"]["schemas"]
            .get("parcel.v1.context")
            .is_none()
    );
}

#[tokio::test]
async fn a_machines_schema_is_usable_on_its_own() {
    let api = Api::new().await;
    let served = api.get("/openapi.json").send().await.body;
    let schema = &served["components"]["schemas"]["parcel.v1.event.pack"];
    let validator = jsonschema::draft202012::new(schema).unwrap();
    assert!(validator.is_valid(&serde_json::json!({"boxes": 1})));
    assert!(!validator.is_valid(&serde_json::json!({"boxes": "1"})));
}

#[tokio::test]
async fn pages_are_locked_down() {
    let api = Api::with(crate::development::config()).await;
    for path in ["/docs", "/", "/docs/errors/SH0201"] {
        let page = api.get(path).send().await.expect(StatusCode::OK);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        for banned in ["<script", "style=", "onerror", "onclick", "javascript:"] {
            assert!(!page.text.contains(banned), "{path}: {banned}");
        }
        assert_eq!(page.header("x-content-type-options"), "nosniff");
    }
    let style = api
        .get("/docs/style.css")
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.text.contains("prefers-color-scheme: dark"));
}

#[tokio::test]
async fn what_a_chart_says_stays_text_on_every_page() {
    let api = Api::with(crate::development::config()).await;
    let call = api
        .call(Method::POST, "/v1/machines")
        .body("text/yaml", HOSTILE);
    call.send().await.expect(StatusCode::CREATED);
    for path in ["/docs", "/"] {
        let page = api.get(path).send().await.expect(StatusCode::OK);
        assert!(page.text.contains("hostile"), "{path}");
        assert!(!page.text.contains("<script"), "{path}");
        // The pictures are ours.
        let ours = page.text.matches("<img src=\"/v1/machines/").count();
        assert_eq!(page.text.matches("<img").count(), ours, "{path}");
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_code_and_outcome() {
    let api = Api::with(crate::development::config()).await;
    let page = api.get("/docs").send().await.expect(StatusCode::OK).text;
    for item in document()["paths"].as_object().unwrap().values() {
        for operation in item
            .as_object()
            .unwrap()
            .values()
            .filter(|o| o.get("operationId").is_some())
        {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
    for code in codes::ALL {
        assert!(
            page.contains(&format!("href=\"/docs/errors/{code}\"")),
            "{code}"
        );
    }
    for outcome in document()["components"]["schemas"]["Outcome"]["enum"]
        .as_array()
        .unwrap()
    {
        assert!(
            page.contains(&format!(
                "<td><code>{}</code></td>",
                outcome.as_str().unwrap()
            )),
            "{outcome}"
        );
    }
}

#[tokio::test]
async fn every_link_within_the_page_leads_somewhere() {
    let api = Api::with(crate::development::config()).await;
    let page = api.get("/docs").send().await.expect(StatusCode::OK).text;
    for part in page.split("href=\"#").skip(1) {
        let target = part.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{target}\"")), "#{target}");
    }
}

#[tokio::test]
async fn every_code_has_a_page_and_nothing_else_has() {
    let api = Api::empty(AppConfig::default()).await;
    for code in codes::ALL {
        let page = api
            .get(&format!("/docs/errors/{code}"))
            .send()
            .await
            .expect(StatusCode::OK);
        assert!(page.text.contains(code.id()));
    }
    for code in ["SH9999", "sh0201", "..%2f..", "SH0201.md"] {
        let reply = api.get(&format!("/docs/errors/{code}")).send().await;
        assert_eq!(reply.problem(), (404, "SH0403", ""), "{code}");
    }
}
