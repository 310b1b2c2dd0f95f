//! What the door refuses, whichever way it came in.

use serde_json::json;
use statehold_engine::{EVENT_BYTES_MAX, FireEvent, ID_BYTES_MAX, NewEntity};

use crate::support::{on_every_store, pay};

#[tokio::test]
async fn ids_and_types_that_cannot_be_used_are_refused() {
    on_every_store(|world| async move {
        world.create("o-1").await;
        let long = "x".repeat(ID_BYTES_MAX + 1);
        for id in ["", ".", "..", "a\0b", "a\nb", long.as_str()] {
            let new = NewEntity::input(json!({ "customer_id": "c", "total": 1 })).id(id);
            let error = world
                .engine
                .create("order", new)
                .await
                .expect_err("refused");
            assert_eq!(error.code().id(), "SH0214", "{id:?}");
        }
        for event_id in [
            "",
            "timer/pending/1/48h",
            "effect/1/0",
            "a\u{7f}",
            long.as_str(),
        ] {
            let error = world
                .engine
                .fire("order", "o-1", pay().id(event_id))
                .await
                .expect_err("refused");
            assert_eq!(error.code().id(), "SH0214", "{event_id:?}");
        }
        for kind in [
            "done.effect.charge_card",
            "error.x",
            "timer.pending.48h",
            "effect.x",
        ] {
            let error = world
                .engine
                .fire("order", "o-1", FireEvent::new(kind))
                .await
                .expect_err("refused");
            assert_eq!(error.code().id(), "SH0209", "{kind:?}");
        }
        let usable = "é\"'; DROP TABLE entity --".to_owned() + &"y".repeat(100);
        world.create(&usable).await;
        assert_eq!(world.state(&usable).await, "pending");
    })
    .await;
}

#[tokio::test]
async fn an_input_over_the_limit_is_refused() {
    on_every_store(|world| async move {
        world.create("o-1").await;
        let event = pay().input(json!({ "payment_token": "x".repeat(EVENT_BYTES_MAX) }));
        let error = world
            .engine
            .fire("order", "o-1", event)
            .await
            .expect_err("refused");
        assert_eq!(error.code().id(), "SH0402");
        assert_eq!(world.state("o-1").await, "pending");
    })
    .await;
}
