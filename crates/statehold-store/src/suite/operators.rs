//! Rules of what operators do to dead effects: with a reason that is kept, and only to dead ones.

use std::sync::Arc;

use super::contents::contents;
use super::fixtures::*;
use crate::Store;
use crate::rows::*;

async fn acts(store: &dyn Store, id: &str) -> Vec<OperatorRow> {
    let rows = store.operator_acts("main", id).await;
    rows.expect("operator_acts")
}

/// A redrive is new tries of the same request: everything from zero, but never the key or the epoch.
pub async fn retried_dead_effect_starts_again_under_its_key(store: Arc<dyn Store>) {
    let dead = create_dead(&*store, "1", "e1").await;
    let outcome = store.retry_dead("main", "e1", act(700, "card fixed")).await;
    let expected = EffectRow {
        status: EffectStatus::Ready,
        due: at(700),
        claims: 0,
        attempts: 0,
        generation: 1,
        reply: None,
        settled_at: None,
        ..dead.clone()
    };
    let done = OperateOutcome::Done(Box::new(expected.clone()));
    assert_eq!(outcome.expect("retry_dead"), done);
    assert_eq!(stored(&*store, "e1").await, expected);
    assert_eq!(claim(&*store, at(699), 10).await, []);
    let held = claim_one(&*store, at(700)).await;
    assert_eq!(held.key, dead.key);
    assert_eq!(held.epoch, dead.epoch + 1);
}

/// A discarded effect never runs again, and keeps why it was dead.
pub async fn discarded_effect_is_closed(store: Arc<dyn Store>) {
    let dead = create_dead(&*store, "1", "e1").await;
    let outcome = store
        .discard_dead("main", "e1", act(700, "paid by hand"))
        .await;
    let expected = EffectRow {
        status: EffectStatus::Discarded,
        settled_at: Some(at(700)),
        ..dead
    };
    let done = OperateOutcome::Done(Box::new(expected.clone()));
    assert_eq!(outcome.expect("discard_dead"), done);
    assert_eq!(stored(&*store, "e1").await, expected);
    assert_eq!(claim(&*store, at(9_000), 10).await, []);
}

/// Work that is still going on, or has ended, is not an operator's to touch.
pub async fn only_dead_effects_can_be_operated(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let refused = async |status| {
        let before = contents(&*store, &[key("1")]).await;
        let retried = store.retry_dead("main", "e1", act(1, "why")).await;
        let discarded = store.discard_dead("main", "e1", act(1, "why")).await;
        assert_eq!(retried.expect("retry"), OperateOutcome::NotDead(status));
        assert_eq!(discarded.expect("discard"), OperateOutcome::NotDead(status));
        assert_eq!(contents(&*store, &[key("1")]).await, before);
    };
    refused(EffectStatus::Ready).await;
    let held = claim_one(&*store, at(10)).await;
    refused(EffectStatus::Claimed).await;
    settle(&*store, end(&held, EffectStatus::Ok)).await;
    refused(EffectStatus::Ok).await;
    create_dead(&*store, "2", "e2").await;
    let discarded = store.discard_dead("main", "e2", act(1, "why")).await;
    assert!(matches!(discarded, Ok(OperateOutcome::Done(_))));
    let again = store.retry_dead("main", "e2", act(2, "why")).await;
    let closed = OperateOutcome::NotDead(EffectStatus::Discarded);
    assert_eq!(again.expect("retry"), closed);
}

/// There is nothing to operate on.
pub async fn missing_effect_cannot_be_operated(store: Arc<dyn Store>) {
    let retried = store.retry_dead("main", "absent", act(1, "why")).await;
    let discarded = store.discard_dead("main", "absent", act(1, "why")).await;
    assert_eq!(retried.expect("retry"), OperateOutcome::Missing);
    assert_eq!(discarded.expect("discard"), OperateOutcome::Missing);
}

/// Who did what, when and why stays, in the order it was done.
pub async fn acts_are_kept_oldest_first(store: Arc<dyn Store>) {
    create_dead(&*store, "1", "e1").await;
    let retried = store.retry_dead("main", "e1", act(700, "first")).await;
    retried.expect("retry_dead");
    let held = claim_one(&*store, at(700)).await;
    settle(&*store, end(&held, EffectStatus::Dead)).await;
    // An operator whose clock is behind still comes second.
    let discarded = store.discard_dead("main", "e1", act(600, "second")).await;
    discarded.expect("discard_dead");
    let kept = |verb: &str, act| OperatorRow {
        verb: verb.to_owned(),
        effect: "e1".to_owned(),
        act,
    };
    let expected = [
        kept("retry", act(700, "first")),
        kept("discard", act(600, "second")),
    ];
    assert_eq!(acts(&*store, "e1").await, expected);
}

/// A redriven effect keeps its whole story.
pub async fn attempts_are_numbered_over_generations(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let held = claim_one(&*store, at(10)).await;
    settle(&*store, retry(&held, at(20))).await;
    let held = claim_one(&*store, at(20)).await;
    settle(&*store, end(&held, EffectStatus::Dead)).await;
    let retried = store.retry_dead("main", "e1", act(700, "again")).await;
    retried.expect("retry_dead");
    let held = claim_one(&*store, at(700)).await;
    settle(&*store, end(&held, EffectStatus::Ok)).await;
    let rows = store.effect_attempts("main", "e1").await.expect("attempts");
    let story: Vec<_> = rows
        .iter()
        .map(|row| (row.n, row.generation, row.attempt.epoch))
        .collect();
    assert_eq!(story, [(1, 0, 1), (2, 0, 2), (3, 1, 3)]);
    assert_eq!(stored(&*store, "e1").await.attempts, 1);
}

/// A worker from before the redrive does not speak for it.
pub async fn write_from_before_a_redrive_is_refused(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let old = claim_one(&*store, at(10)).await;
    settle(&*store, end(&old, EffectStatus::Dead)).await;
    let retried = store.retry_dead("main", "e1", act(700, "again")).await;
    retried.expect("retry_dead");
    let held = claim_one(&*store, at(700)).await;
    let late = store.settle(end(&old, EffectStatus::Ok)).await;
    assert!(!late.expect("settle"));
    assert_eq!(stored(&*store, "e1").await, held);
}
