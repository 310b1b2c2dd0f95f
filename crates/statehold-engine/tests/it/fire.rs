//! Creating, firing, explaining: outcomes and what they leave behind.

use serde_json::json;
use statehold_engine::{FireEvent, NewEntity};

use crate::support::{World, actor, customer, on_every_store, outcome, pay, ship};

#[tokio::test]
async fn creation_enters_the_initial_state_and_fills_defaults() {
    on_every_store(|world| async move {
        let created = world.create("o-1").await;
        assert_eq!(
            (created.from.as_str(), created.to.as_str(), created.seq),
            ("", "pending", 0)
        );
        assert_eq!(created.entity.context["currency"], "EUR");
        assert_eq!(created.entity.available_events, ["pay", "cancel", "abort"]);
        let timers = world.engine.timers("order", "o-1").await.expect("timers");
        assert_eq!(timers[0].event, "timer.pending.48h");
    })
    .await;
}

#[tokio::test]
async fn an_applied_event_writes_row_log_and_effects_together() {
    on_every_store(|world| async move {
        world.create("o-1").await;
        let paid = world.pay("o-1").await.expect("applied");
        assert_eq!(
            (paid.from.as_str(), paid.to.as_str(), paid.seq),
            ("pending", "charging", 1)
        );
        assert_eq!(paid.effects.len(), 1);
        let log = world
            .engine
            .log("order", "o-1", 0, 1000)
            .await
            .expect("a log");
        let seen: Vec<_> = log
            .iter()
            .map(|row| (row.seq, row.event.as_str(), row.to.as_str()))
            .collect();
        assert_eq!(seen, [(0, "create", "pending"), (1, "pay", "charging")]);
        assert_eq!(log[1].effects[0]["key"], paid.effects[0].key);
        assert!(
            world
                .engine
                .timers("order", "o-1")
                .await
                .expect("timers")
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn a_refused_event_changes_nothing_and_leaves_an_attempt() {
    on_every_store(|world| async move {
        world.create("o-1").await;
        let before = world.engine.get("order", "o-1").await.expect("an order");
        let refused = [
            (ship(), "no_transition"),
            (FireEvent::new("fly").actor(customer()), "unknown_event"),
            (pay().actor(actor("c-2", &[])), "forbidden"),
            (
                FireEvent::new("ship").input(json!({})).actor(customer()),
                "forbidden",
            ),
            (pay().input(json!({})), "invalid_input"),
            (pay().input(json!({ "payment_token": 7 })), "invalid_input"),
            (
                pay().input(json!({ "payment_token": "t", "extra": 1 })),
                "invalid_input",
            ),
            (pay().if_revision(3), "stale_revision"),
        ];
        for (event, expected) in refused {
            let result = world.engine.fire("order", "o-1", event).await;
            assert_eq!(outcome(&result), expected, "{result:?}");
        }
        assert_eq!(
            world.engine.get("order", "o-1").await.expect("an order"),
            before
        );
        assert_eq!(
            world
                .engine
                .log("order", "o-1", 0, 1000)
                .await
                .expect("a log")
                .len(),
            1
        );
        let attempts = world
            .engine
            .refusals("order", "o-1")
            .await
            .expect("attempts");
        let outcomes: Vec<_> = attempts.iter().map(|a| a.outcome.as_str()).collect();
        assert_eq!(
            outcomes,
            [
                "no_transition",
                "unknown_event",
                "forbidden",
                "forbidden",
                "invalid_input",
                "invalid_input",
                "invalid_input"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_refusal_says_why_and_what_is_allowed() {
    on_every_store(|world| async move {
        world.create("o-1").await;
        let error = world
            .engine
            .fire("order", "o-1", ship())
            .await
            .expect_err("refused");
        let statehold_engine::EngineError::Refused(refusal) = error else {
            panic!("a refusal, not {error:?}");
        };
        assert_eq!(refusal.accepted_events, ["pay", "cancel", "abort"]);
        assert!(
            refusal
                .message
                .contains("`ship` is not accepted in state `pending`")
        );
    })
    .await;
}

#[tokio::test]
async fn an_unknown_entity_or_machine_is_told_apart() {
    on_every_store(|world| async move {
        let missing = world.pay("nobody").await;
        assert_eq!(outcome(&missing), "unknown_entity");
        let error = world
            .engine
            .get("ordr", "o-1")
            .await
            .expect_err("no machine");
        assert_eq!(error.code().id(), "SH0208");
    })
    .await;
}

#[tokio::test]
async fn a_repeated_event_id_gives_the_first_result_again() {
    on_every_store(|world| async move {
        world.create("o-1").await;
        let first = world
            .engine
            .fire("order", "o-1", pay().id("e-1"))
            .await
            .expect("applied");
        let again = world
            .engine
            .fire("order", "o-1", pay().id("e-1"))
            .await
            .expect("duplicate");
        assert_eq!(again.outcome.name(), "duplicate");
        assert_eq!(
            (again.seq, &again.from, &again.to),
            (first.seq, &first.from, &first.to)
        );
        assert_eq!(again.effects, first.effects);
        let other = world
            .engine
            .fire(
                "order",
                "o-1",
                pay().id("e-1").input(json!({ "payment_token": "x" })),
            )
            .await;
        assert_eq!(other.expect_err("another event").code().id(), "SH0212");
        assert_eq!(
            world
                .engine
                .log("order", "o-1", 0, 1000)
                .await
                .expect("a log")
                .len(),
            2
        );
    })
    .await;
}

#[tokio::test]
async fn a_repeated_creation_finds_the_first_entity() {
    on_every_store(|world| async move {
        let new =
            || NewEntity::input(json!({ "customer_id": "c-1", "total": 5 })).event_id("web-77");
        let first = world.engine.create("order", new()).await.expect("created");
        let again = world.engine.create("order", new()).await.expect("found");
        assert_eq!(again.outcome.name(), "duplicate");
        assert_eq!(again.entity.id, first.entity.id);
        let taken = world
            .engine
            .create(
                "order",
                NewEntity::input(json!({ "customer_id": "c-2", "total": 5 })).id(first.entity.id),
            )
            .await;
        assert_eq!(taken.expect_err("the id is taken").code().id(), "SH0213");
    })
    .await;
}

#[tokio::test]
async fn an_invalid_creation_leaves_nothing() {
    on_every_store(|world| async move {
        let new = NewEntity::input(json!({ "total": "many", "colour": "red" })).id("o-1");
        let error = world
            .engine
            .create("order", new)
            .await
            .expect_err("invalid");
        let statehold_engine::EngineError::Refused(refusal) = error else {
            panic!("a refusal, not {error:?}");
        };
        assert_eq!(
            refusal.blockers.len(),
            3,
            "every violation at once: {refusal:?}"
        );
        assert_eq!(outcome(&world.pay("o-1").await), "unknown_entity");
    })
    .await;
}

#[tokio::test]
async fn explain_gives_the_verdict_of_fire_and_writes_nothing() {
    on_every_store(|world| async move {
        world.create("o-1").await;
        for event in [
            pay(),
            ship(),
            pay().actor(actor("c-2", &[])),
            FireEvent::new("fly"),
        ] {
            let explained = world
                .engine
                .explain("order", "o-1", event.clone())
                .await
                .expect("a verdict");
            assert_eq!(world.state("o-1").await, "pending");
            if explained.outcome.name() != "applied" {
                let fired = world.engine.fire("order", "o-1", event).await;
                assert_eq!(explained.outcome.name(), outcome(&fired));
            } else {
                assert_eq!(explained.to.as_deref(), Some("charging"));
                assert_eq!(explained.effects, ["charge_card"]);
            }
        }
        let all = world
            .engine
            .explain_all("order", "o-1", &customer())
            .await
            .expect("verdicts");
        let seen: Vec<_> = all
            .iter()
            .map(|e| (e.event.as_str(), e.outcome.name()))
            .collect();
        assert_eq!(
            seen,
            [
                ("pay", "invalid_input"),
                ("cancel", "applied"),
                ("abort", "applied")
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_deprecated_event_works_and_is_flagged() {
    on_every_store(|world| async move {
        let created = world.create("o-1").await;
        let warning = "event `abort` is deprecated since version 2, use `cancel`";
        assert_eq!(created.entity.warnings, [warning]);
        let fired = world
            .engine
            .fire("order", "o-1", FireEvent::new("abort"))
            .await
            .expect("applied");
        assert_eq!(fired.warnings, [warning]);
        assert_eq!(fired.to, "cancelled");
    })
    .await;
}

#[tokio::test]
async fn a_done_entity_takes_no_events() {
    on_every_store(|world| async move {
        world.create("o-1").await;
        world
            .engine
            .fire("order", "o-1", FireEvent::new("cancel"))
            .await
            .expect("applied");
        let view = world.engine.get("order", "o-1").await.expect("an order");
        assert_eq!((view.status, view.state.as_str()), ("done", "cancelled"));
        assert!(view.available_events.is_empty());
        assert_eq!(outcome(&world.pay("o-1").await), "no_transition");
    })
    .await;
}

#[tokio::test]
async fn a_published_version_never_changes() {
    on_every_store(|world: World| async move {
        let again = world
            .engine
            .publish(crate::support::order_chart(), "tests")
            .await
            .expect("the same");
        assert!(!again.new);
        let text =
            include_str!("../../../../examples/order/order.chart.yaml").replace("48h", "47h");
        let changed = statehold_core::Machine::load("order.chart.yaml", &text)
            .expect("valid")
            .machine;
        let error = world
            .engine
            .publish(changed, "tests")
            .await
            .expect_err("taken");
        assert_eq!(error.code().id(), "SH0413");
    })
    .await;
}

#[tokio::test]
async fn tenants_do_not_see_each_other() {
    on_every_store(|world| async move {
        world.create("o-1").await;
        let other = world.engine.for_tenant("acme");
        assert_eq!(
            other
                .get("order", "o-1")
                .await
                .expect_err("no machine")
                .code()
                .id(),
            "SH0208"
        );
        other
            .publish(crate::support::order_chart(), "tests")
            .await
            .expect("published");
        assert_eq!(
            other
                .get("order", "o-1")
                .await
                .expect_err("no entity")
                .code()
                .id(),
            "SH0207"
        );
        assert!(
            other
                .list("order", None, None, None, 10)
                .await
                .expect("a list")
                .items
                .is_empty()
        );
    })
    .await;
}
