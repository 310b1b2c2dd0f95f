//! Effects: one key over all attempts, honest outcomes, results that move the chart.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use statehold_engine::testing::{ScriptedTransport, reply};
use statehold_engine::{Destinations, Engine, EngineConfig, SendError};

use crate::support::{World, destinations, on_every_store, ship, sqlite};

#[tokio::test]
async fn a_payment_that_fails_twice_is_made_once_under_one_key() {
    on_every_store(|mut world| async move {
        world.outside.answer([
            Ok(reply(503, Value::Null)),
            Ok(reply(503, Value::Null)),
            Ok(reply(200, json!({ "id": "ch_1" }))),
        ]);
        world.start_workers();
        world.create("o-1").await;
        let fired = world.pay("o-1").await.expect("applied");
        world.until_attempts("o-1", "charge_card", 1).await;
        world.until_attempts("o-1", "charge_card", 2).await;
        world.until_state("o-1", "paid").await;
        world.until_effect("o-1", "send_receipt", "ok").await;
        let charges: Vec<_> = world
            .outside
            .calls()
            .into_iter()
            .filter(|c| c.url.ends_with("/charges"))
            .collect();
        assert_eq!(charges.len(), 3);
        assert!(charges.iter().all(|call| call.key == fired.effects[0].key));
        assert_eq!(
            charges[0].body,
            Some(json!({ "amount": 1200, "source": "tok_canary_4242" }))
        );

        let details = world
            .engine
            .effect(&fired.effects[0].id)
            .await
            .expect("an effect");
        let tries: Vec<_> = details
            .tries
            .iter()
            .map(|t| (t.n, t.outcome.as_str(), t.http_status))
            .collect();
        assert_eq!(
            tries,
            [
                (1, "transient", Some(503)),
                (2, "transient", Some(503)),
                (3, "ok", Some(200))
            ]
        );
        for pair in details.tries.windows(2) {
            let pause = pair[1].started_at.duration_since(pair[0].ended_at);
            assert!(
                pause.as_secs() >= 2,
                "the backoff begins at 2 s, not {pause:#}"
            );
        }
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn a_business_no_moves_the_chart_and_is_not_tried_again() {
    on_every_store(|mut world| async move {
        world
            .outside
            .answer([Ok(reply(402, json!({ "error": "card_declined" })))]);
        world.start_workers();
        world.create("o-1").await;
        world.pay("o-1").await.expect("applied");
        world.until_state("o-1", "pending").await;
        assert_eq!(world.outside.calls().len(), 1);
        let effect = world.effect("o-1", "charge_card").await;
        assert_eq!((effect.status, effect.attempts), ("failed", 1));
        let log = world
            .engine
            .log("order", "o-1", 0, 1000)
            .await
            .expect("a log");
        assert_eq!(log[2].event, "error.effect.charge_card");
        assert_eq!(log[2].cause.as_deref(), Some(effect.key.as_str()));
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn a_definite_failure_without_an_answer_in_the_chart_is_a_dead_letter() {
    on_every_store(|mut world| async move {
        world
            .outside
            .answer([Ok(reply(200, Value::Null)), Ok(reply(400, Value::Null))]);
        world.start_workers();
        world.create("o-1").await;
        world.pay("o-1").await.expect("applied");
        world.until_effect("o-1", "send_receipt", "dead").await;
        assert_eq!(world.state("o-1").await, "paid");
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn exhausted_retries_of_a_definite_failure_move_the_chart() {
    on_every_store(|mut world| async move {
        world.outside.answer([Ok(reply(503, Value::Null))]);
        world.start_workers();
        world.create("o-1").await;
        world.pay("o-1").await.expect("applied");
        for attempts in 1..6 {
            world.until_attempts("o-1", "charge_card", attempts).await;
        }
        world.until_state("o-1", "pending").await;
        assert_eq!(world.outside.calls().len(), 6);
        assert_eq!(world.effect("o-1", "charge_card").await.status, "failed");
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn an_unknown_outcome_is_never_reported_as_a_failure() {
    on_every_store(|mut world| async move {
        // The first attempt may have charged the card; five definite failures afterwards do not change that.
        world.outside.answer([
            Err(SendError::TimedOut(Duration::from_secs(10))),
            Ok(reply(503, Value::Null)),
        ]);
        world.start_workers();
        world.create("o-1").await;
        world.pay("o-1").await.expect("applied");
        for attempts in 1..6 {
            world.until_attempts("o-1", "charge_card", attempts).await;
        }
        world.until_effect("o-1", "charge_card", "dead").await;
        assert_eq!(world.state("o-1").await, "charging");
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn retry_after_postpones_the_next_attempt() {
    on_every_store(|mut world| async move {
        let mut busy = reply(429, Value::Null);
        busy.retry_after = Some(Duration::from_secs(600));
        world
            .outside
            .answer([Ok(busy), Ok(reply(200, Value::Null))]);
        world.start_workers();
        world.create("o-1").await;
        world.pay("o-1").await.expect("applied");
        world.until_attempts("o-1", "charge_card", 1).await;
        world.until_state("o-1", "paid").await;
        let details = world.effect("o-1", "charge_card").await;
        let tries = world
            .engine
            .effect(&details.id)
            .await
            .expect("an effect")
            .tries;
        let pause = tries[1].started_at.duration_since(tries[0].ended_at);
        assert!(pause.as_secs() >= 600);
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn an_effect_left_by_a_crashed_worker_is_taken_over_when_its_lease_ends() {
    on_every_store(|mut world| async move {
        world.create("o-1").await;
        world.pay("o-1").await.expect("applied");
        // A worker that claims and dies: nothing but its lease is left.
        let lost = world
            .store
            .claim_effects(world.engine.now(), Duration::from_secs(10), 8)
            .await
            .expect("claimed");
        assert_eq!(lost.len(), 1);
        world.start_workers();
        world.clock.advance(Duration::from_secs(11));
        world.until_state("o-1", "paid").await;
        let stale = statehold_store::Settle {
            effect: lost[0].id.clone(),
            epoch: lost[0].epoch,
            attempt: None,
            to: statehold_store::SettleTo::Retry {
                due: world.engine.now(),
            },
        };
        assert!(
            !world.store.settle(stale).await.expect("answered"),
            "the dead worker's claim is void"
        );
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn an_effect_that_kills_its_worker_is_parked_as_poison() {
    on_every_store(|mut world| async move {
        world.create("o-1").await;
        world.pay("o-1").await.expect("applied");
        for _ in 0..5 {
            let claimed = world
                .store
                .claim_effects(world.engine.now(), Duration::from_secs(10), 8)
                .await
                .expect("claimed");
            assert_eq!(claimed.len(), 1);
            world.clock.advance(Duration::from_secs(11));
        }
        world.start_workers();
        world.until_effect("o-1", "charge_card", "dead").await;
        assert!(world.outside.calls().is_empty());
        let effect = world.effect("o-1", "charge_card").await;
        assert!(effect.last_error.expect("a reason").starts_with("poison"));
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn a_missing_destination_is_tried_again_and_nothing_is_sent() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Arc::new(sqlite(&folder));
    let mut world = World::new(store.clone()).await;
    world.create("o-1").await;
    world.pay("o-1").await.expect("applied");
    let outside = Arc::new(ScriptedTransport::new([]));
    world.engine = Engine::builder(store)
        .clock(Arc::clone(&world.clock) as _)
        .transport(Arc::clone(&outside) as _)
        .destinations(Destinations::default())
        .open()
        .await
        .expect("an engine");
    assert_eq!(world.engine.missing_destinations(), ["MAILER", "PAYMENTS"]);
    world.start_workers();
    world
        .until(|| async { world.effect("o-1", "charge_card").await.attempts == 1 })
        .await;
    assert!(outside.calls().is_empty());
    let effect = world.effect("o-1", "charge_card").await;
    assert!(effect.last_error.expect("a reason").contains("PAYMENTS"));
    world.stop_workers().await;
}

#[tokio::test]
async fn a_restarted_engine_goes_on_where_the_first_one_stopped() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Arc::new(sqlite(&folder));
    let mut world = World::new(store.clone()).await;
    world.create("o-1").await;
    world.pay("o-1").await.expect("applied");
    world.engine = Engine::builder(store)
        .clock(Arc::clone(&world.clock) as _)
        .transport(Arc::clone(&world.outside) as _)
        .destinations(destinations())
        .config(EngineConfig::default())
        .open()
        .await
        .expect("an engine that reads its machines from the store");
    world.start_workers();
    world.until_state("o-1", "paid").await;
    let shipped = world
        .engine
        .fire("order", "o-1", ship())
        .await
        .expect("applied");
    assert_eq!(shipped.entity.context["tracking"], "T-9");
    world.stop_workers().await;
}
