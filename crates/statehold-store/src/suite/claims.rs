//! Rules of claiming and holding effects: one holder at a time, proven by its epoch.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::task::JoinSet;

use super::fixtures::*;
use crate::Store;
use crate::rows::*;

/// What a commit asks for is stored as it was asked for.
pub async fn new_effect_is_ready_with_epoch_zero(store: Arc<dyn Store>) {
    let row = create(&*store, "1").await;
    let mut commit = step(&row, "pay", "paid");
    let new = invoke("e1", "paid", 4);
    commit.effects = vec![new.clone()];
    apply(&*store, commit.clone()).await;
    let expected = EffectRow {
        id: new.id,
        entity: key("1"),
        seq: 1,
        path: new.path,
        name: new.name,
        kind: new.kind,
        request: new.request,
        key: new.key,
        invoke: new.invoke,
        status: EffectStatus::Ready,
        due: new.due,
        lease_until: None,
        epoch: 0,
        claims: 0,
        attempts: 0,
        generation: 0,
        last_error: None,
        reply: None,
        created_at: commit.log.at,
        settled_at: None,
    };
    assert_eq!(stored(&*store, "e1").await, expected);
}

/// The claim is counted when it is made, so that an effect which kills its worker is found out.
pub async fn claim_raises_epoch_and_claims(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let before = stored(&*store, "e1").await;
    let held = claim_one(&*store, at(10)).await;
    let expected = EffectRow {
        status: EffectStatus::Claimed,
        lease_until: Some(at(10) + LEASE),
        epoch: 1,
        claims: 1,
        ..before
    };
    assert_eq!(held, expected);
    assert_eq!(stored(&*store, "e1").await, expected);
    let held = claim_one(&*store, at(10) + LEASE).await;
    assert_eq!((held.epoch, held.claims), (2, 2));
}

/// The longest overdue first; ties by id.
pub async fn claims_come_by_due_then_id(store: Arc<dyn Store>) {
    let asked = vec![
        effect("e4", at(2)),
        effect("e3", at(1)),
        effect("e2", at(2)),
        effect("e1", at(3)),
    ];
    create_with(&*store, "1", asked).await;
    let claimed = claim(&*store, at(10), 3).await;
    assert_eq!(ids(&claimed), ["e3", "e2", "e4"]);
    let late = at(10) + LEASE;
    let claimed = claim(&*store, late, 10).await;
    assert_eq!(ids(&claimed), ["e3", "e2", "e4", "e1"]);
}

/// Which lease ended first does not matter.
pub async fn leases_that_ran_out_come_by_due_too(store: Arc<dyn Store>) {
    let asked = vec![effect("early", at(1)), effect("late", at(2))];
    create_with(&*store, "1", asked).await;
    let held = claim(&*store, at(10), 10).await;
    let until = at(10) + LEASE + LEASE;
    let prolonged = store.heartbeat("early", held[0].epoch, until).await;
    assert!(prolonged.expect("heartbeat"));
    assert_eq!(ids(&claim(&*store, until, 1).await), ["early"]);
    assert_eq!(ids(&claim(&*store, until, 1).await), ["late"]);
}

/// Not a microsecond early.
pub async fn effect_is_claimable_at_its_due_instant_and_not_before(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(60))]).await;
    assert_eq!(claim(&*store, just_before(at(60)), 10).await, []);
    assert_eq!(ids(&claim(&*store, at(60), 10).await), ["e1"]);
}

/// While a lease runs the effect is nobody else's.
pub async fn held_effect_is_not_claimed_again(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    claim_one(&*store, at(10)).await;
    let last = just_before(at(10) + LEASE);
    assert_eq!(claim(&*store, last, 10).await, []);
}

/// There is no other recovery: what a dead worker held is claimed by the next one.
pub async fn lease_that_ran_out_is_claimable(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    claim_one(&*store, at(10)).await;
    let again = claim_one(&*store, at(10) + LEASE).await;
    assert_eq!(again.epoch, 2);
    assert_eq!(again.lease_until, Some(at(10) + LEASE + LEASE));
}

/// However many claim at once, each effect is handed out once.
pub async fn claimers_at_once_never_get_the_same_effect(store: Arc<dyn Store>) {
    let asked = (0..40).map(|n| effect(&format!("e{n:02}"), at(0)));
    create_with(&*store, "1", asked.collect()).await;
    let mut claimers = JoinSet::new();
    for _ in 0..12 {
        let store = Arc::clone(&store);
        claimers.spawn(async move { claim(&*store, at(10), 5).await });
    }
    let mut times_claimed = BTreeMap::<String, u32>::new();
    for claimed in claimers.join_all().await {
        assert!(claimed.len() <= 5);
        for row in claimed {
            assert_eq!(row.epoch, 1);
            *times_claimed.entry(row.id).or_default() += 1;
        }
    }
    assert_eq!(times_claimed.len(), 40);
    assert!(times_claimed.values().all(|times| *times == 1));
}

/// A worker that is still at it keeps the effect.
pub async fn heartbeat_prolongs_the_lease(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let held = claim_one(&*store, at(10)).await;
    let until = at(1_000);
    let taken = store.heartbeat("e1", held.epoch, until).await;
    assert!(taken.expect("heartbeat"));
    let expected = EffectRow {
        lease_until: Some(until),
        ..held
    };
    assert_eq!(stored(&*store, "e1").await, expected);
    assert_eq!(claim(&*store, just_before(until), 10).await, []);
}

/// A worker that lost the effect cannot keep it from the next.
pub async fn stale_heartbeat_is_refused(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let beat = async |epoch| store.heartbeat("e1", epoch, at(9_000)).await;
    assert!(!beat(0).await.expect("heartbeat"), "nobody holds it");
    let first = claim_one(&*store, at(10)).await;
    let second = claim_one(&*store, at(100)).await;
    for epoch in [first.epoch, second.epoch + 1, u64::MAX] {
        assert!(!beat(epoch).await.expect("heartbeat"));
    }
    assert_eq!(stored(&*store, "e1").await, second);
    settle(&*store, end(&second, EffectStatus::Ok)).await;
    assert!(!beat(second.epoch).await.expect("heartbeat"), "settled");
    let absent = store.heartbeat("absent", 1, at(0)).await;
    assert!(!absent.expect("heartbeat"));
}

/// A worker that is told to stop gives back what it has not tried.
pub async fn released_effect_is_ready_and_uncounted(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let before = stored(&*store, "e1").await;
    let held = claim_one(&*store, at(10)).await;
    assert!(store.release("e1", held.epoch).await.expect("release"));
    let expected = EffectRow { epoch: 1, ..before };
    assert_eq!(stored(&*store, "e1").await, expected);
    let again = claim_one(&*store, at(10)).await;
    assert_eq!((again.epoch, again.claims), (2, 1));
}

/// A worker that lost the effect cannot give it back, nor can it be given back twice.
pub async fn stale_release_is_refused(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let first = claim_one(&*store, at(10)).await;
    let second = claim_one(&*store, at(100)).await;
    let release = async |epoch| store.release("e1", epoch).await.expect("release");
    assert!(!release(first.epoch).await);
    assert_eq!(stored(&*store, "e1").await, second);
    assert!(release(second.epoch).await);
    assert!(!release(second.epoch).await);
    assert_eq!(stored(&*store, "e1").await.claims, 1);
    assert!(!store.release("absent", 1).await.expect("release"));
}

/// A lease that no calendar holds is refused, not cut short.
pub async fn lease_beyond_the_calendar_is_broken(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    for lease in [Duration::MAX, SignedDuration::MAX.unsigned_abs()] {
        assert_broken(store.claim_effects(at(10), lease, 1).await);
    }
    assert_eq!(stored(&*store, "e1").await.epoch, 0);
}
