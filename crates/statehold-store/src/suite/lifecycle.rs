//! Rules of the store's own life: empty, closed.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::fixtures::*;
use crate::rows::*;
use crate::{Store, StoreError};

/// Nothing there is an answer, not an error.
pub async fn empty_store_answers_everything(store: Arc<dyn Store>) {
    assert_eq!(
        store
            .machine_versions(Some("main"))
            .await
            .expect("versions"),
        []
    );
    assert_eq!(store.load(&key("1"), Some("x")).await.expect("load"), None);
    assert_eq!(store.timers(&key("1")).await.expect("timers"), []);
    assert_eq!(store.due_timers(at(0), 10).await.expect("due_timers"), []);
    assert_eq!(store.next_due().await.expect("next_due"), None);
    assert_eq!(claim(&*store, at(0), 10).await, []);
    assert!(!store.drop_timer(1).await.expect("drop_timer"));
    assert_eq!(store.effect("main", "e1").await.expect("effect"), None);
    let attempts = store.effect_attempts("main", "e1").await;
    assert_eq!(attempts.expect("effect_attempts"), []);
    let acts = store.operator_acts("main", "e1").await;
    assert_eq!(acts.expect("operator_acts"), []);
}

/// Whoever still calls is told to go elsewhere, whatever it calls.
pub async fn closed_store_is_unavailable_for_every_verb(store: Arc<dyn Store>) {
    let row = create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let held = claim_one(&*store, at(10)).await;
    store.close().await.expect("close");
    let ours = key("1");
    assert_unavailable(store.publish(version("main", "order", 1, "aa")).await);
    assert_unavailable(store.machine_versions(Some("main")).await);
    assert_unavailable(store.load(&ours, None).await);
    assert_unavailable(store.commit(step(&row, "pay", "paid")).await);
    assert_unavailable(store.refuse(refusal(&ours, "x")).await);
    let any = EntityFilter::default();
    assert_unavailable(store.entities("main", "order", &any, &first(1)).await);
    assert_unavailable(store.log(&ours, 0, 1).await);
    assert_unavailable(store.refusals(&ours, 1).await);
    assert_unavailable(store.timers(&ours).await);
    assert_unavailable(store.due_timers(at(0), 1).await);
    assert_unavailable(store.drop_timer(1).await);
    assert_unavailable(store.postpone_timer(1, at(0)).await);
    assert_unavailable(store.next_due().await);
    assert_unavailable(store.claim_effects(at(0), LEASE, 1).await);
    assert_unavailable(store.heartbeat("e1", 1, at(0)).await);
    assert_unavailable(store.release("e1", 1).await);
    assert_unavailable(store.settle(end(&held, EffectStatus::Ok)).await);
    let any = EffectFilter::default();
    assert_unavailable(store.effects("main", &any, &first(1)).await);
    assert_unavailable(store.effect("main", "e1").await);
    assert_unavailable(store.effect_attempts("main", "e1").await);
    assert_unavailable(store.retry_dead("main", "e1", act(1, "why")).await);
    assert_unavailable(store.discard_dead("main", "e1", act(1, "why")).await);
    assert_unavailable(store.operator_acts("main", "e1").await);
}

/// Closing what is closed is no error, also when two close at once.
pub async fn close_twice_is_harmless(store: Arc<dyn Store>) {
    let (first, second) = tokio::join!(store.close(), store.close());
    first.expect("close");
    second.expect("close");
    store.close().await.expect("close");
}

/// A commit that races with the closing is done or refused, never lost or left hanging.
pub async fn close_finishes_what_is_queued(store: Arc<dyn Store>) {
    let mut writers = JoinSet::new();
    for n in 0..50 {
        let store = Arc::clone(&store);
        writers.spawn(async move { store.commit(creation(&key(&format!("{n}")))).await });
    }
    tokio::task::yield_now().await;
    store.close().await.expect("close");
    for outcome in writers.join_all().await {
        assert!(
            matches!(
                outcome,
                Ok(CommitOutcome::Applied) | Err(StoreError::Unavailable { .. })
            ),
            "{outcome:?}"
        );
    }
}
