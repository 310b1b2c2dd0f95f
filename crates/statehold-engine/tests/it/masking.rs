//! Sensitive values show up nowhere that people look.

use serde_json::json;
use statehold_engine::FireEvent;

use crate::support::{CARD_TOKEN, customer, on_every_store, to_value};

#[tokio::test]
async fn s06_sensitive_values_are_in_no_view() {
    on_every_store(|mut world| async move {
        world.create("o-1").await;
        let fired = world.pay("o-1").await.expect("applied");
        let again = world.pay("o-1").await;
        assert!(again.is_err());
        let bad = FireEvent::new("pay")
            .input(json!({ "payment_token": CARD_TOKEN, "x": 1 }))
            .actor(customer());
        assert!(world.engine.fire("order", "o-1", bad).await.is_err());
        world.start_workers();
        world.until_effect("o-1", "send_receipt", "ok").await;
        let engine = &world.engine;
        let seen = [
            to_value(&fired),
            to_value(&again.map_err(|e| e.to_string()).err()),
            to_value(&engine.get("order", "o-1").await.expect("a view")),
            to_value(&engine.log("order", "o-1", 0, 1000).await.expect("a log")),
            to_value(&engine.refusals("order", "o-1").await.expect("attempts")),
            to_value(
                &engine
                    .entity_effects("order", "o-1")
                    .await
                    .expect("effects"),
            ),
            to_value(
                &engine
                    .effect(&fired.effects[0].id)
                    .await
                    .expect("an effect"),
            ),
            to_value(
                &engine
                    .list("order", None, None, None, 10)
                    .await
                    .expect("a list"),
            ),
        ];
        for view in &seen {
            let text = view.to_string();
            assert!(!text.contains(CARD_TOKEN), "{text}");
            assert!(!text.contains("ada@example.org"), "{text}");
        }
        assert_eq!(seen[2]["context"]["email"], "[masked]");
        let sent = world.outside.calls();
        assert_eq!(
            sent[0].body,
            Some(json!({ "amount": 1200, "source": CARD_TOKEN })),
            "the peer gets the real one"
        );
        world.stop_workers().await;
    })
    .await;
}
