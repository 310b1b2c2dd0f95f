//! Pictures of machines: what is in them, how they may be kept, and that nothing can go wrong by showing them.

use axum::http::StatusCode;
use serde_json::json;
use statehold_diagram::{Options, svg};

use crate::support::{Api, PARCEL};

const PICTURE: &str = "/v1/machines/parcel/diagram.svg";

/// The states that are painted as active.
fn active(text: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(text).expect("XML");
    let groups = document.descendants().filter(|node| {
        node.attribute("class")
            .is_some_and(|class| class.split(' ').any(|word| word == "active"))
    });
    groups
        .filter_map(|group| group.attribute("data-state").map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn a_machine_is_drawn_as_the_library_draws_it() {
    let api = Api::new().await;
    let reply = api.get(PICTURE).send().await.expect(StatusCode::OK);
    let machine = statehold_core::Machine::from_yaml(PARCEL).unwrap();
    assert_eq!(reply.text, svg(&machine, &Options::default()));
    assert_eq!(reply.header("content-type"), "image/svg+xml; charset=utf-8");
}

#[tokio::test]
async fn a_picture_opened_by_itself_can_do_nothing() {
    let api = Api::new().await;
    let reply = api.get(PICTURE).send().await;
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    let policy = reply.header("content-security-policy");
    for part in ["default-src 'none'", "sandbox", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("script-src"), "{policy}");
    assert!(!reply.text.contains("<script"));
}

#[tokio::test]
async fn the_state_of_an_entity_is_highlighted() {
    let api = Api::new().await;
    api.shipped("p-1").await;
    let reply = api.get(&format!("{PICTURE}?entity=p-1")).send().await;
    assert_eq!(active(&reply.expect(StatusCode::OK).text), ["shipped"]);
    let plain = api.get(PICTURE).send().await;
    assert!(active(&plain.text).is_empty());
}

#[tokio::test]
async fn entities_of_the_version_are_counted_where_they_stand() {
    let api = Api::new().await;
    for id in ["p-1", "p-2"] {
        api.parcel(id).await;
    }
    api.shipped("p-3").await;
    let newer = PARCEL.replace("version: 1", "version: 2");
    let published = api.call(axum::http::Method::POST, "/v1/machines");
    let published = published.body("application/yaml", newer).send().await;
    published.expect(StatusCode::CREATED);
    api.parcel("p-4").await;
    let counted = |text: &str| {
        let document = roxmltree::Document::parse(text).expect("XML");
        let counts = (document.descendants())
            .filter(|node| node.attribute("class") == Some("count"))
            .map(|node| {
                let words = node.descendants().filter(roxmltree::Node::is_text);
                words.filter_map(|part| part.text()).collect::<String>()
            });
        counts
            .filter(|text| !text.starts_with("0 "))
            .collect::<Vec<_>>()
    };
    let old = api
        .get(&format!("{PICTURE}?counts=true&version=1"))
        .send()
        .await;
    assert_eq!(counted(&old.text), ["2 entities", "1 entity"]);
    let new = api.get(&format!("{PICTURE}?counts=true")).send().await;
    assert_eq!(counted(&new.text), ["1 entity"]);
}

#[tokio::test]
async fn a_picture_is_sent_again_only_when_it_changed() {
    for (query, changes) in [("", false), ("?entity=p-1", true), ("?counts=true", true)] {
        let api = Api::new().await;
        api.parcel("p-1").await;
        let path = format!("{PICTURE}{query}");
        let first = api.get(&path).send().await.expect(StatusCode::OK);
        assert_eq!(first.header("cache-control"), "private, no-cache");
        let tag = first.header("etag").to_owned();
        for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let again = api.get(&path).header("If-None-Match", &known).send().await;
            let again = again.expect(StatusCode::NOT_MODIFIED);
            assert_eq!(
                (again.text.as_str(), again.header("etag")),
                ("", tag.as_str())
            );
        }
        let pack = json!({"type": "pack", "input": {"boxes": 1}});
        api.fire("p-1", &pack).await.expect(StatusCode::OK);
        let moved = api.get(&path).header("If-None-Match", &tag).send().await;
        moved.expect(match changes {
            true => StatusCode::OK,
            false => StatusCode::NOT_MODIFIED,
        });
    }
}

#[tokio::test]
async fn what_cannot_be_drawn_is_a_problem() {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let other = PARCEL.replace("version: 1", "version: 2");
    let published = api.call(axum::http::Method::POST, "/v1/machines");
    published
        .body("application/yaml", other)
        .send()
        .await
        .expect(StatusCode::CREATED);
    for (path, expected) in [
        ("/v1/machines/none/diagram.svg", (404, "SH0208")),
        (&format!("{PICTURE}?version=9")[..], (404, "SH0219")),
        (&format!("{PICTURE}?version=x")[..], (404, "SH0219")),
        (&format!("{PICTURE}?entity=none")[..], (404, "SH0207")),
        (
            &format!("{PICTURE}?entity=p-1&version=2")[..],
            (400, "SH0406"),
        ),
        (&format!("{PICTURE}?theme=pink")[..], (400, "SH0406")),
        (&format!("{PICTURE}?colour=red")[..], (400, "SH0406")),
    ] {
        let reply = api.get(path).send().await;
        let (status, code, _) = reply.problem();
        assert_eq!((status, code), expected, "{path}: {}", reply.text);
    }
}
