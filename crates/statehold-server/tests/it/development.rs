//! What only a development server has.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;
use statehold_engine::OffsetClock;
use statehold_server::{AppConfig, DevControls, MockLink};

use crate::support::Api;

pub(crate) fn config() -> AppConfig {
    AppConfig {
        dev: Some(controls()),
        store: Some("memory".to_owned()),
        ..AppConfig::default()
    }
}

fn controls() -> DevControls {
    DevControls {
        clock: Arc::new(OffsetClock::default()),
        on_advance: None,
        mocks: vec![MockLink {
            name: "mailer <b>".to_owned(),
            env: "MAILER".to_owned(),
            url: "http://127.0.0.1:7801".to_owned(),
        }],
    }
}

#[tokio::test]
async fn the_clock_moves_forward_and_its_owner_is_told() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let mut controls = controls();
    controls.on_advance = Some(Arc::new(move |offset: SignedDuration| {
        listener.lock().unwrap().push(offset);
        Ok(())
    }));
    let api = Api::with(AppConfig {
        dev: Some(controls.clone()),
        ..AppConfig::default()
    })
    .await;
    let still = api.get("/v1/dev/clock").send().await.expect(StatusCode::OK);
    assert_eq!(
        (&still.body["offset"], &still.body["offset_seconds"]),
        (&json!("0s"), &json!(0))
    );
    let moved = api
        .post("/v1/dev/clock", &json!({"advance": "48h"}))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&moved.body["offset"], &moved.body["offset_seconds"]),
        (&json!("2d"), &json!(172_800))
    );
    let moved = api
        .post("/v1/dev/clock", &json!({"advance": "1h"}))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(moved.body["offset"], "2d1h");
    assert_eq!(
        *told.lock().unwrap(),
        [
            SignedDuration::from_hours(48),
            SignedDuration::from_hours(49)
        ]
    );
    assert_eq!(controls.clock.offset(), SignedDuration::from_hours(49));
}

#[tokio::test]
async fn an_unusable_move_is_refused() {
    let api = Api::with(config()).await;
    for body in [
        json!({}),
        json!({"advance": 48}),
        json!({"advance": "48"}),
        json!({"advance": "-1h"}),
        json!({"advance": "200y"}),
    ] {
        let reply = api.post("/v1/dev/clock", &body).send().await;
        assert_eq!(reply.problem(), (400, "SH0401", ""), "{body}");
    }
    let century = json!({"advance": "36525d"});
    api.post("/v1/dev/clock", &century)
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        api.post("/v1/dev/clock", &century).send().await.problem(),
        (400, "SH0401", "")
    );
}

#[tokio::test]
async fn a_move_that_cannot_be_kept_says_so() {
    let mut controls = controls();
    controls.on_advance = Some(Arc::new(|_| Err("the file is read-only".to_owned())));
    let api = Api::with(AppConfig {
        dev: Some(controls),
        ..AppConfig::default()
    })
    .await;
    let reply = api
        .post("/v1/dev/clock", &json!({"advance": "1h"}))
        .send()
        .await;
    assert_eq!(reply.problem(), (500, "SH0409", ""));
    assert!(reply.detail().contains("the file is read-only"));
}

#[tokio::test]
async fn the_first_page_leads_to_machines_mocks_and_documents() {
    let api = Api::with(config()).await;
    let page = api.get("/").send().await.expect(StatusCode::OK);
    for part in [
        "href=\"/docs\"",
        "href=\"/v1/machines/parcel\"",
        "http://127.0.0.1:7801",
        "mailer &lt;b&gt;",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let status = api.get("/v1/status").send().await.expect(StatusCode::OK);
    assert_eq!(
        (&status.body["dev"], &status.body["store"]),
        (&json!(true), &json!("memory"))
    );
}

#[tokio::test]
async fn other_servers_have_neither_the_clock_nor_the_page() {
    let api = Api::new().await;
    let clock = api.get("/v1/dev/clock").send().await;
    assert_eq!(clock.problem(), (404, "SH0403", ""));
    assert!(clock.detail().contains("development servers only"));
    let first = api
        .get("/")
        .send()
        .await
        .expect(StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(first.header("location"), "/docs");
    let document = api.get("/openapi.json").send().await.expect(StatusCode::OK);
    assert!(document.body["paths"].get("/v1/dev/clock").is_none());
}
