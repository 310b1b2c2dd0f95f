//! Many callers, one entity.

use std::sync::Arc;

use futures::future::join_all;
use serde_json::json;
use statehold_core::{Machine, codes};
use statehold_engine::testing::{ManualClock, ScriptedTransport};
use statehold_engine::{Engine, FireEvent, NewEntity};

use crate::support::{destinations, order_chart, outcome, pay, sqlite};

/// Two engines over one store: neither can know of the other but through the rows.
async fn two_nodes(folder: &tempfile::TempDir) -> Vec<Engine> {
    let store = Arc::new(sqlite(folder));
    let now = "2026-03-01T12:00:00Z".parse().expect("an instant");
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let engine = Engine::builder(store.clone())
            .clock(Arc::new(ManualClock::at(now)))
            .transport(Arc::new(ScriptedTransport::new([])))
            .destinations(destinations())
            .open()
            .await
            .expect("an engine");
        engine
            .publish(order_chart(), "tests")
            .await
            .expect("published");
        nodes.push(engine);
    }
    nodes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_concurrent_payments_one_is_applied() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let nodes = two_nodes(&folder).await;
    for round in 0..100 {
        let id = format!("o-{round}");
        let input = json!({ "customer_id": "c-1", "total": 1200 });
        nodes[0]
            .create("order", NewEntity::input(input).id(&id))
            .await
            .expect("created");
        let calls = (0..50).map(|n| {
            let (node, id) = (nodes[n % 2].clone(), id.clone());
            tokio::spawn(async move { node.fire("order", &id, pay()).await })
        });
        let results: Vec<_> = join_all(calls)
            .await
            .into_iter()
            .map(|r| r.expect("no panic"))
            .collect();
        let count = |name| results.iter().filter(|r| outcome(r) == name).count();
        assert_eq!(
            (count("applied"), count("no_transition")),
            (1, 49),
            "round {round}"
        );
        assert_eq!(
            nodes[1]
                .entity_effects("order", &id)
                .await
                .expect("effects")
                .len(),
            1
        );
        let seqs: Vec<_> = nodes[1]
            .log("order", &id, 0, 1000)
            .await
            .expect("a log")
            .iter()
            .map(|row| row.seq)
            .collect();
        assert_eq!(seqs, [0, 1]);
    }
}

/// Conflicts between callers of one entity must be settled by the engine, but for the rare caller whose bounded retries
/// run out on a busy machine: that one is told so, nothing of its event is kept, and it asks again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hot_entity_swallows_its_conflicts() {
    let chart = "
statehold: 1
machine: pad
version: 1
context: { notes: { type: integer, default: 0 } }
initial: open
states:
  open: { on: { note: { assign: { notes: ctx.notes + 1 } } } }
";
    let machine = Machine::load("pad.chart.yaml", chart)
        .expect("valid")
        .machine;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let nodes = two_nodes(&folder).await;
    for node in &nodes {
        node.publish(machine.clone(), "tests")
            .await
            .expect("published");
    }
    nodes[0]
        .create("pad", NewEntity::input(json!({})).id("p"))
        .await
        .expect("created");
    let callers = (0..16).map(|n| {
        let node = nodes[n % 2].clone();
        tokio::spawn(async move {
            let (mut applied, mut conflicts) = (0, 0);
            while applied < 13 {
                match node.fire("pad", "p", FireEvent::new("note")).await {
                    Ok(_) => applied += 1,
                    Err(error) if error.code() == codes::CONFLICT => conflicts += 1,
                    Err(error) => panic!("{error}"),
                }
            }
            conflicts
        })
    });
    let mut conflicts = 0;
    for caller in join_all(callers).await {
        conflicts += caller.expect("no panic");
    }
    assert!(conflicts <= 10, "{conflicts} of 208 firings were refused");
    let pad = nodes[0].get("pad", "p").await.expect("a pad");
    assert_eq!(
        (pad.context["notes"].clone(), pad.revision),
        (json!(208), 208)
    );
    let log = nodes[0].log("pad", "p", 0, 1000).await.expect("a log");
    assert!(log.iter().enumerate().all(|(at, row)| row.seq == at as u64));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_event_id_fired_at_once_is_applied_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let nodes = two_nodes(&folder).await;
    let input = json!({ "customer_id": "c-1", "total": 1200 });
    nodes[0]
        .create("order", NewEntity::input(input).id("o"))
        .await
        .expect("created");
    let calls = (0..20).map(|n| {
        let node = nodes[n % 2].clone();
        tokio::spawn(async move { node.fire("order", "o", pay().id("e-1")).await })
    });
    let results: Vec<_> = join_all(calls)
        .await
        .into_iter()
        .map(|r| r.expect("no panic"))
        .collect();
    let count = |name| results.iter().filter(|r| outcome(r) == name).count();
    assert_eq!((count("applied"), count("duplicate")), (1, 19));
}
