//! Deferred events: accepted, kept, and taken in commits of their own, also across a crash.

use std::sync::Arc;

use serde_json::json;
use statehold_core::{Actor, DEFERRED_MAX, Machine, Outcome, codes};
use statehold_engine::{FireEvent, NewEntity};
use statehold_store::{EntityKey, MemoryStore, Store};

use crate::deaf_store::DeafStore;
use crate::support::{World, actor, on_every_store, outcome, sqlite, to_value};

const TICKET: &str = "
statehold: 1
machine: ticket
version: 1
unhandled: defer
context: { seen: { type: list, default: [] } }
events:
  pay: { input: { amount: integer, card?: { type: string, sensitive: true } } }
  urgent: { unhandled: reject }
initial: draft
states:
  draft: { on: { submit: open, close: closed } }
  open:
    on:
      pay: { assign: { seen: 'ctx.seen + [event.input.amount]' }, actions: [ { effect: thank } ] }
      hold: held
      urgent: {}
      close: closed
  held: { on: { free: open, close: closed } }
  closed: { type: final }
effects: { thank: { http: { method: POST, url: '${env.MAILER}/thanks' } } }
";

const CARD: &str = "4242-canary-4242";

async fn with_ticket(world: &World) {
    let machine = Machine::load("ticket.chart.yaml", TICKET).expect("valid");
    let published = world.engine.publish(machine.machine, "tests").await;
    published.expect("published");
    let new = NewEntity::input(json!({})).id("t");
    world.engine.create("ticket", new).await.expect("created");
}

fn pay(amount: i64) -> FireEvent {
    FireEvent::new("pay")
        .input(json!({ "amount": amount, "card": CARD }))
        .id(format!("p-{amount}"))
        .actor(payer())
}

fn payer() -> Actor {
    actor("payer", &["customer"])
}

fn key() -> EntityKey {
    EntityKey {
        tenant: "main".to_owned(),
        machine: "ticket".to_owned(),
        id: "t".to_owned(),
    }
}

async fn fire(world: &World, event: FireEvent) -> statehold_engine::Fired {
    let fired = world.engine.fire("ticket", "t", event).await;
    fired.expect("not refused")
}

async fn seen(world: &World) -> serde_json::Value {
    let entity = world.engine.get("ticket", "t").await.expect("a ticket");
    entity.context["seen"].clone()
}

/// Event ids of the log, oldest first.
async fn log_ids(world: &World) -> Vec<String> {
    let log = world.engine.log("ticket", "t", 0, 1_000).await;
    let rows = log.expect("a log").into_iter().skip(1);
    rows.map(|row| row.event_id).collect()
}

async fn nothing_is_left_to_do(world: &World) -> bool {
    let timers = world.store.timers(&key()).await;
    timers.expect("answered").is_empty()
}

#[tokio::test]
async fn a_deferred_event_is_accepted_and_taken_once_a_state_takes_it() {
    on_every_store(|world| async move {
        with_ticket(&world).await;
        let accepted = fire(&world, pay(1)).await;
        assert_eq!(accepted.outcome, Outcome::Accepted);
        assert_eq!(
            (accepted.from.as_str(), accepted.to.as_str()),
            ("draft", "draft")
        );
        assert_eq!((accepted.seq, accepted.entity.revision), (1, 1));
        assert_eq!(accepted.entity.deferred[0].event_id, "p-1");
        assert!(accepted.transitions.is_empty() && accepted.effects.is_empty());
        fire(&world, FireEvent::new("submit").id("s")).await;
        assert_eq!(seen(&world).await, json!([1]));
        assert_eq!(log_ids(&world).await, ["p-1", "s", "deferred/p-1"]);
        let log = world.engine.log("ticket", "t", 3, 1).await.expect("a log");
        assert_eq!(log[0].event, "pay");
        assert_eq!(log[0].cause.as_deref(), Some("p-1"));
        assert_eq!(log[0].actor, to_value(&payer()));
        assert_eq!(log[0].effects.as_array().map(Vec::len), Some(1));
        assert!(nothing_is_left_to_do(&world).await);
    })
    .await;
}

#[tokio::test]
async fn deferred_events_are_taken_in_their_order_each_in_a_commit_of_its_own() {
    on_every_store(|world| async move {
        with_ticket(&world).await;
        fire(&world, FireEvent::new("free").id("f")).await;
        for amount in [3, 1, 2] {
            fire(&world, pay(amount)).await;
        }
        fire(&world, FireEvent::new("submit").id("s")).await;
        assert_eq!(seen(&world).await, json!([3, 1, 2]));
        let ids = log_ids(&world).await;
        let taken = ["s", "deferred/p-3", "deferred/p-1", "deferred/p-2"];
        assert_eq!(ids[4..], taken);
        // What no state takes yet waits on, and is taken when its turn comes.
        let entity = world.engine.get("ticket", "t").await.expect("a ticket");
        assert_eq!(entity.deferred.len(), 1);
        assert_eq!(entity.deferred[0].event, "free");
        assert!(nothing_is_left_to_do(&world).await);
        fire(&world, FireEvent::new("hold").id("h")).await;
        assert_eq!(log_ids(&world).await[8..], ["h", "deferred/f"]);
        assert_eq!(
            world.engine.get("ticket", "t").await.expect("it").state,
            "open"
        );
    })
    .await;
}

#[tokio::test]
async fn a_repeated_event_is_answered_with_its_first_result_before_and_after_it_is_taken() {
    on_every_store(|world| async move {
        with_ticket(&world).await;
        fire(&world, pay(1)).await;
        let again = fire(&world, pay(1)).await;
        assert_eq!((again.outcome, again.seq), (Outcome::Duplicate, 1));
        fire(&world, FireEvent::new("submit")).await;
        let later = fire(&world, pay(1)).await;
        assert_eq!((later.outcome, later.seq), (Outcome::Duplicate, 1));
        assert_eq!((later.from.as_str(), later.to.as_str()), ("draft", "draft"));
        assert_eq!(seen(&world).await, json!([1]));
        let other = FireEvent::new("pay")
            .input(json!({ "amount": 9 }))
            .id("p-1");
        let reused = world.engine.fire("ticket", "t", other).await;
        let reused = reused.expect_err("another event");
        assert_eq!(reused.code(), codes::EVENT_ID_REUSED);
    })
    .await;
}

#[tokio::test]
async fn two_callers_with_one_event_defer_it_once() {
    on_every_store(|world| async move {
        with_ticket(&world).await;
        let (a, b) = tokio::join!(
            world.engine.fire("ticket", "t", pay(1)),
            world.engine.fire("ticket", "t", pay(1))
        );
        let mut outcomes = [outcome(&a), outcome(&b)];
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["accepted", "duplicate"]);
        let entity = world.engine.get("ticket", "t").await.expect("a ticket");
        assert_eq!(entity.deferred.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_id_that_the_engine_makes_for_deferred_events_is_refused_from_outside() {
    on_every_store(|world| async move {
        with_ticket(&world).await;
        let event = FireEvent::new("submit").id("deferred/p-1");
        let refused = world.engine.fire("ticket", "t", event).await;
        assert_eq!(refused.expect_err("reserved").code(), codes::BAD_ID);
    })
    .await;
}

/// Fires over a store that fails right after the commit which calls for an offer, then opens another engine on it.
async fn after_a_crash(inner: Arc<dyn Store>) {
    let store = Arc::new(DeafStore::new(inner));
    let world = World::new(Arc::clone(&store) as _).await;
    with_ticket(&world).await;
    for amount in [1, 2] {
        fire(&world, pay(amount)).await;
    }
    store.set_deaf(true);
    let submitted = fire(&world, FireEvent::new("submit").id("s")).await;
    assert_eq!(submitted.outcome, Outcome::Applied);
    store.set_deaf(false);
    assert_eq!(seen(&world).await, json!([]));
    // The mark is there, due at once, and no timer of the chart.
    assert!(!nothing_is_left_to_do(&world).await);
    let due = store.next_due().await.expect("answered");
    assert!(due.is_some_and(|due| due <= world.engine.now()));
    let timers = world.engine.timers("ticket", "t").await.expect("timers");
    assert!(timers.is_empty());
    drop(world);

    let mut world = World::new(store).await;
    world.start_workers();
    world
        .until(|| async { seen(&world).await == json!([1, 2]) })
        .await;
    world.until(|| nothing_is_left_to_do(&world)).await;
    assert_eq!(
        log_ids(&world).await,
        ["p-1", "p-2", "s", "deferred/p-1", "deferred/p-2"]
    );
    world.stop_workers().await;
}

#[tokio::test]
async fn what_was_deferred_survives_a_crash_right_after_the_commit_that_calls_for_it() {
    after_a_crash(Arc::new(MemoryStore::default())).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    after_a_crash(Arc::new(sqlite(&folder))).await;
}

#[tokio::test]
async fn what_waits_is_masked_wherever_people_read() {
    on_every_store(|world| async move {
        with_ticket(&world).await;
        fire(&world, pay(1)).await;
        fire(&world, FireEvent::new("free")).await;
        let entity = to_value(&world.engine.get("ticket", "t").await.expect("a ticket"));
        assert_eq!(entity["deferred"][0]["input"]["amount"], 1);
        assert!(!entity.to_string().contains(CARD), "{entity}");
        fire(&world, FireEvent::new("submit")).await;
        fire(&world, FireEvent::new("hold")).await;
        fire(&world, pay(2)).await;
        fire(&world, FireEvent::new("close")).await;
        let log = world
            .engine
            .log("ticket", "t", 0, 100)
            .await
            .expect("a log");
        let refusals = world
            .engine
            .refusals("ticket", "t")
            .await
            .expect("refusals");
        let read = format!("{}{}", to_value(&log), to_value(&refusals));
        assert!(
            read.contains("\"amount\":2") && !read.contains(CARD),
            "{read}"
        );
    })
    .await;
}

#[tokio::test]
async fn explain_says_accepted_and_writes_nothing() {
    on_every_store(|world| async move {
        with_ticket(&world).await;
        let explained = world.engine.explain("ticket", "t", pay(1)).await;
        let explained = explained.expect("a verdict");
        assert_eq!(explained.outcome, Outcome::Accepted);
        assert_eq!(explained.to.as_deref(), Some("draft"));
        assert!(explained.refusal.is_none() && explained.transitions.is_empty());
        let entity = world.engine.get("ticket", "t").await.expect("a ticket");
        assert_eq!((entity.revision, entity.deferred.len()), (0, 0));
        assert_eq!(entity.available_events, ["submit", "close"]);
        assert_eq!(fire(&world, pay(1)).await.outcome, Outcome::Accepted);
        let urgent = FireEvent::new("urgent");
        let explained = world.engine.explain("ticket", "t", urgent.clone()).await;
        assert_eq!(explained.expect("a verdict").outcome, Outcome::NoTransition);
        let refused = world.engine.fire("ticket", "t", urgent).await;
        assert_eq!(outcome(&refused), "no_transition");
    })
    .await;
}

#[tokio::test]
async fn more_than_an_entity_keeps_is_refused_and_explained_alike() {
    on_every_store(|world| async move {
        with_ticket(&world).await;
        for amount in 0..DEFERRED_MAX as i64 {
            fire(&world, pay(amount)).await;
        }
        let one_more = pay(1_000);
        let explained = world.engine.explain("ticket", "t", one_more.clone()).await;
        let refusal = explained.expect("a verdict").refusal.expect("a refusal");
        assert_eq!(refusal.code, codes::DEFERRED_FULL);
        let refused = world.engine.fire("ticket", "t", one_more).await;
        let refused = refused.expect_err("there is no room");
        assert_eq!(refused.code(), codes::DEFERRED_FULL);
        fire(&world, FireEvent::new("submit")).await;
        let all: Vec<i64> = (0..DEFERRED_MAX as i64).collect();
        assert_eq!(seen(&world).await, json!(all));
    })
    .await;
}

#[tokio::test]
async fn what_waits_when_the_entity_is_done_is_recorded_as_refused() {
    on_every_store(|world| async move {
        with_ticket(&world).await;
        fire(&world, pay(1)).await;
        let closed = fire(&world, FireEvent::new("close")).await;
        assert_eq!(closed.entity.status, "done");
        assert!(closed.entity.deferred.is_empty());
        let refusals = world
            .engine
            .refusals("ticket", "t")
            .await
            .expect("refusals");
        assert_eq!(refusals.len(), 1);
        assert_eq!(refusals[0].event_id, "deferred/p-1");
        assert_eq!(refusals[0].outcome, "no_transition");
        assert!(nothing_is_left_to_do(&world).await);
    })
    .await;
}

#[tokio::test]
async fn deferring_raises_the_revision_that_a_caller_may_rely_on() {
    on_every_store(|world| async move {
        with_ticket(&world).await;
        fire(&world, pay(1).if_revision(0)).await;
        let stale = FireEvent::new("submit").if_revision(0);
        let stale = world.engine.fire("ticket", "t", stale).await;
        assert_eq!(outcome(&stale), "stale_revision");
        fire(&world, FireEvent::new("submit").if_revision(1)).await;
    })
    .await;
}
