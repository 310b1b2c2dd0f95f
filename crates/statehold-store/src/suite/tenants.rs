//! Rules of tenants: for each verb, what belongs to one is not there for another.

use std::sync::Arc;

use super::contents::contents;
use super::fixtures::*;
use crate::Store;
use crate::rows::*;

fn theirs(id: &str) -> EntityKey {
    key_of("theirs", "order", id)
}

/// Creates entity `1` of the tenant `theirs`, with one of everything.
async fn create_theirs(store: &dyn Store) -> (EntityRow, EffectRow) {
    let mut commit = creation(&theirs("1"));
    commit.effects = vec![invoke("e1", "pending", 1)];
    commit.timers = vec![timer("pending", 1, "48h", at(60))];
    let row = apply(store, commit).await;
    let published = store.publish(version("theirs", "order", 1, "aa")).await;
    published.expect("publish");
    let refused = store.refuse(refusal(&theirs("1"), "x")).await;
    refused.expect("refuse");
    let held = claim_one(store, at(10)).await;
    settle(store, end(&held, EffectStatus::Dead)).await;
    let dead = store.effect("theirs", "e1").await.expect("effect");
    (row, dead.expect("the effect is there"))
}

/// Nothing about a name is taken by its use in another tenant.
pub async fn same_names_in_two_tenants_are_two_entities(store: Arc<dyn Store>) {
    let ours = create(&*store, "1").await;
    let other = apply(&*store, creation(&theirs("1"))).await;
    let moved = apply(&*store, step(&other, "pay", "paid")).await;
    assert_eq!(current(&*store, &key("1")).await, ours);
    assert_eq!(current(&*store, &theirs("1")).await, moved);
    let log = store.log(&key("1"), 0, 10).await.expect("log");
    assert_eq!(log.len(), 1);
}

/// Every read that names a tenant sees nothing of another.
pub async fn reads_stay_inside_the_tenant(store: Arc<dyn Store>) {
    let (_, dead) = create_theirs(&*store).await;
    let retried = store.retry_dead("theirs", "e1", act(700, "again")).await;
    retried.expect("retry_dead");
    let (ours, any) = (key("1"), EntityFilter::default());
    assert_eq!(
        store.load(&ours, Some("created")).await.expect("load"),
        None
    );
    let listed = store.entities("main", "order", &any, &first(10)).await;
    assert_eq!(listed.expect("entities"), []);
    let any = EntityFilter {
        state: Some("pending".to_owned()),
        status: None,
    };
    let listed = store.entities("main", "order", &any, &first(10)).await;
    assert_eq!(listed.expect("entities"), []);
    assert_eq!(store.log(&ours, 0, 10).await.expect("log"), []);
    assert_eq!(store.refusals(&ours, 10).await.expect("refusals"), []);
    assert_eq!(store.timers(&ours).await.expect("timers"), []);
    assert_eq!(
        store
            .machine_versions(Some("main"))
            .await
            .expect("versions"),
        []
    );
    assert_eq!(store.effect("main", &dead.id).await.expect("effect"), None);
    let attempts = store.effect_attempts("main", &dead.id).await;
    assert_eq!(attempts.expect("effect_attempts"), []);
    let acts = store.operator_acts("main", &dead.id).await;
    assert_eq!(acts.expect("operator_acts"), []);
    for filter in [
        EffectFilter::default(),
        EffectFilter {
            entity: Some(theirs("1")),
            ..EffectFilter::default()
        },
        EffectFilter {
            machine: Some("order".to_owned()),
            ..EffectFilter::default()
        },
        EffectFilter {
            statuses: vec![EffectStatus::Ready],
            ..EffectFilter::default()
        },
        EffectFilter {
            statuses: vec![EffectStatus::Dead],
            ..EffectFilter::default()
        },
    ] {
        let listed = store.effects("main", &filter, &first(10)).await;
        assert_eq!(listed.expect("effects"), [], "{filter:?}");
    }
}

/// An operator cannot touch, or learn of, another tenant's dead letters.
pub async fn operators_stay_inside_the_tenant(store: Arc<dyn Store>) {
    create_theirs(&*store).await;
    let before = contents(&*store, &[theirs("1")]).await;
    let retried = store.retry_dead("main", "e1", act(1, "why")).await;
    let discarded = store.discard_dead("main", "e1", act(1, "why")).await;
    assert_eq!(retried.expect("retry"), OperateOutcome::Missing);
    assert_eq!(discarded.expect("discard"), OperateOutcome::Missing);
    assert_eq!(contents(&*store, &[theirs("1")]).await, before);
}

/// A commit cannot use up the timer or effect of an entity of the same name elsewhere.
pub async fn consumed_work_stays_inside_the_tenant(store: Arc<dyn Store>) {
    create_theirs(&*store).await;
    let retried = store.retry_dead("theirs", "e1", act(700, "again")).await;
    retried.expect("retry_dead");
    let held = claim_one(&*store, at(700)).await;
    let row = create(&*store, "1").await;
    let number = store.timers(&theirs("1")).await.expect("timers")[0].number;
    let before = contents(&*store, &[theirs("1"), key("1")]).await;
    for consume in [
        Consume::Timer { number },
        Consume::Effect(end(&held, EffectStatus::Ok)),
    ] {
        let mut commit = step(&row, "theft", "paid");
        commit.consume = Some(consume);
        let outcome = store.commit(commit).await.expect("commit");
        assert_eq!(outcome, CommitOutcome::Stale);
    }
    assert_eq!(contents(&*store, &[theirs("1"), key("1")]).await, before);
}

/// Leaving a state cancels nothing of an entity of the same name elsewhere.
pub async fn cancelling_stays_inside_the_tenant(store: Arc<dyn Store>) {
    create_theirs(&*store).await;
    let row = create(&*store, "1").await;
    let effects_and_timers = async || {
        let timers = store.timers(&theirs("1")).await.expect("timers");
        (timers, store.effect("theirs", "e1").await.expect("effect"))
    };
    let before = effects_and_timers().await;
    let mut commit = step(&row, "pay", "paid");
    commit.cancel_timers = vec![entry_of("pending", 1)];
    commit.cancel_invokes = vec![entry_of("pending", 1)];
    apply(&*store, commit).await;
    assert_eq!(effects_and_timers().await, before);
}
