//! Dead letters: nothing is lost, and an operator can bring it back.

use std::time::Duration;

use serde_json::{Value, json};
use statehold_engine::SendError;
use statehold_engine::testing::reply;

use crate::support::{World, actor, on_every_store};

/// An order whose payment times out for ever.
async fn dead_payment(world: &mut World) -> String {
    world
        .outside
        .answer([Err(SendError::TimedOut(Duration::from_secs(10)))]);
    world.start_workers();
    world.create("o-1").await;
    world.pay("o-1").await.expect("applied");
    for attempts in 1..6 {
        world.until_attempts("o-1", "charge_card", attempts).await;
    }
    world.until_effect("o-1", "charge_card", "dead").await;
    world.effect("o-1", "charge_card").await.id
}

#[tokio::test]
async fn a_payment_that_times_out_for_ever_is_a_dead_letter_with_its_attempts() {
    on_every_store(|mut world| async move {
        let id = dead_payment(&mut world).await;
        let letters = world
            .engine
            .dead_letters(None, None, 10)
            .await
            .expect("letters");
        assert_eq!(letters.items.len(), 1);
        let details = world.engine.effect(&id).await.expect("an effect");
        assert_eq!(details.tries.len(), 6);
        assert!(details.tries.iter().all(|t| t.outcome == "unknown"));
        assert_eq!(world.state("o-1").await, "charging");
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn a_retried_dead_letter_keeps_its_key_and_brings_the_order_home() {
    on_every_store(|mut world| async move {
        let id = dead_payment(&mut world).await;
        let key = world.effect("o-1", "charge_card").await.key;
        world
            .outside
            .answer([Ok(reply(200, json!({ "id": "ch_1" })))]);
        let operator = actor("ops", &[]);
        let retried = world
            .engine
            .retry_dead_letter(&id, &operator, "provider is back")
            .await
            .expect("retried");
        assert_eq!(
            (retried.generation, retried.attempts, &retried.key),
            (1, 0, &key)
        );
        world.until_state("o-1", "paid").await;
        let charges: Vec<_> = world
            .outside
            .calls()
            .into_iter()
            .filter(|c| c.url.ends_with("/charges"))
            .collect();
        assert_eq!(charges.len(), 7);
        assert!(charges.iter().all(|call| call.key == key));
        let details = world.engine.effect(&id).await.expect("an effect");
        assert_eq!(details.operators[0].reason, "provider is back");
        assert_eq!(details.operators[0].actor["id"], "ops");
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn operators_verbs_need_a_reason_and_a_dead_letter() {
    on_every_store(|mut world| async move {
        let id = dead_payment(&mut world).await;
        let operator = actor("ops", &[]);
        let code = |error: statehold_engine::EngineError| error.code().id();
        let engine = &world.engine;
        assert_eq!(
            code(
                engine
                    .retry_dead_letter(&id, &operator, "  ")
                    .await
                    .expect_err("no reason")
            ),
            "SH0303"
        );
        assert_eq!(
            code(
                engine
                    .retry_dead_letter("nope", &operator, "x")
                    .await
                    .expect_err("missing")
            ),
            "SH0301"
        );
        engine
            .discard_dead_letter(&id, &operator, "refunded by hand")
            .await
            .expect("discarded");
        assert_eq!(
            code(
                engine
                    .retry_dead_letter(&id, &operator, "x")
                    .await
                    .expect_err("closed")
            ),
            "SH0302"
        );
        assert_eq!(world.effect("o-1", "charge_card").await.status, "discarded");
        assert!(
            world
                .engine
                .dead_letters(None, None, 10)
                .await
                .expect("letters")
                .items
                .is_empty()
        );
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn a_result_that_the_chart_passes_over_settles_the_effect() {
    on_every_store(|mut world| async move {
        world.outside.answer([Ok(reply(200, Value::Null))]);
        world.start_workers();
        world.create("o-1").await;
        world.pay("o-1").await.expect("applied");
        world.until_effect("o-1", "send_receipt", "ok").await;
        let log = world
            .engine
            .log("order", "o-1", 0, 1000)
            .await
            .expect("a log");
        assert_eq!(log.len(), 3, "an unawaited result moves nothing");
        world.stop_workers().await;
    })
    .await;
}
