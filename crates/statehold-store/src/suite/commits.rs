//! Rules of `commit` and `load`: what is checked in which order, and that nothing is written unless everything is.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use jiff::SignedDuration;
use tokio::task::JoinSet;

use super::contents::contents;
use super::fixtures::*;
use crate::Store;
use crate::rows::*;

/// A creation is read back as it was written.
pub async fn creation_writes_entity_and_log(store: Arc<dyn Store>) {
    let commit = creation(&key("1"));
    let outcome = store.commit(commit.clone()).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Applied);
    let loaded = store.load(&key("1"), Some("created")).await.expect("load");
    assert_eq!(loaded, Some((commit.entity, Some(commit.log.clone()))));
    let log = store.log(&key("1"), 0, 10).await.expect("log");
    assert_eq!(log, [commit.log]);
}

/// A step replaces the entity row and adds a log row.
pub async fn step_moves_entity_and_appends_log(store: Arc<dyn Store>) {
    let created = creation(&key("1"));
    let row = apply(&*store, created.clone()).await;
    let mut commit = step(&row, "pay", "paid");
    commit.entity.chart_version = 7;
    commit.log.chart_version = 7;
    commit.entity.status = EntityStatus::Done;
    let row = apply(&*store, commit.clone()).await;
    assert_eq!(row, commit.entity);
    let log = store.log(&key("1"), 0, 10).await.expect("log");
    assert_eq!(log, [created.log, commit.log]);
    let other = store.load(&key("1"), Some("other")).await.expect("load");
    assert_eq!(other, Some((row, None)));
}

/// Only the creation says when the entity was created.
pub async fn created_at_survives_a_step(store: Arc<dyn Store>) {
    let row = create(&*store, "1").await;
    let mut commit = step(&row, "pay", "paid");
    commit.entity.created_at = at(999);
    let moved = apply(&*store, commit).await;
    assert_eq!(moved.created_at, row.created_at);
}

/// Whoever creates second learns at which revision the first stands.
pub async fn second_creation_is_a_conflict(store: Arc<dyn Store>) {
    let row = create(&*store, "1").await;
    apply(&*store, step(&row, "pay", "paid")).await;
    let before = contents(&*store, &[key("1")]).await;
    let mut again = creation(&key("1"));
    again.log.event_id = "created again".to_owned();
    let outcome = store.commit(again).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Conflict { found: Some(1) });
    assert_eq!(contents(&*store, &[key("1")]).await, before);
}

/// A lost race changes nothing at all: no log, effect, timer, cancelling or settling.
pub async fn wrong_revision_is_a_conflict_and_writes_nothing(store: Arc<dyn Store>) {
    let mut commit = creation(&key("1"));
    commit.effects = vec![invoke("e1", "pending", 1)];
    commit.timers = vec![timer("pending", 1, "48h", at(60))];
    let row = apply(&*store, commit).await;
    apply(&*store, step(&row, "pay", "paid")).await;
    let before = contents(&*store, &[key("1")]).await;
    for stale in [0, 5] {
        let mut commit = step(&row, "late", "cancelled");
        commit.expected = Expected::Revision(stale);
        commit.entity.revision = stale + 1;
        commit.log.seq = stale + 1;
        commit.effects = vec![effect("e2", at(0))];
        commit.timers = vec![timer("cancelled", 1, "1h", at(0))];
        commit.cancel_timers = vec![entry_of("pending", 1)];
        commit.cancel_invokes = vec![entry_of("pending", 1)];
        let outcome = store.commit(commit).await.expect("commit");
        assert_eq!(outcome, CommitOutcome::Conflict { found: Some(1) });
        assert_eq!(contents(&*store, &[key("1")]).await, before);
    }
}

/// There is nothing to step.
pub async fn step_of_missing_entity_is_a_conflict(store: Arc<dyn Store>) {
    let absent = creation(&key("1")).entity;
    let outcome = store.commit(step(&absent, "pay", "paid")).await;
    assert_eq!(
        outcome.expect("commit"),
        CommitOutcome::Conflict { found: None }
    );
    assert_eq!(store.load(&key("1"), None).await.expect("load"), None);
}

/// A repeat gets the first answer, however different it is otherwise.
pub async fn repeated_event_returns_its_log_row_and_writes_nothing(store: Arc<dyn Store>) {
    let row = create(&*store, "1").await;
    let first = step(&row, "pay", "paid");
    let row = apply(&*store, first.clone()).await;
    let before = contents(&*store, &[key("1")]).await;
    let mut again = step(&row, "pay", "elsewhere");
    again.effects = vec![effect("e1", at(0))];
    let outcome = store.commit(again).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Duplicate(Box::new(first.log)));
    assert_eq!(contents(&*store, &[key("1")]).await, before);
}

/// A retry after a lost answer expects the old revision; it is a duplicate, not a conflict.
pub async fn repeated_event_is_found_before_the_revision_is_checked(store: Arc<dyn Store>) {
    let created = creation(&key("1"));
    let row = apply(&*store, created.clone()).await;
    let first = step(&row, "pay", "paid");
    apply(&*store, first.clone()).await;
    let outcome = store.commit(first.clone()).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Duplicate(Box::new(first.log)));
    let outcome = store.commit(created.clone()).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Duplicate(Box::new(created.log)));
}

/// Event ids are unique per entity, not beyond.
pub async fn event_id_is_free_in_another_entity(store: Arc<dyn Store>) {
    for other in [
        key("1"),
        key("2"),
        key_of("main", "payment", "1"),
        key_of("other", "order", "1"),
    ] {
        let row = apply(&*store, creation(&other)).await;
        apply(&*store, step(&row, "pay", "paid")).await;
    }
}

/// Somebody who lost the race and the timer is told of the race, and reloads.
pub async fn revision_is_checked_before_consumed_work(store: Arc<dyn Store>) {
    let row = create(&*store, "1").await;
    apply(&*store, step(&row, "pay", "paid")).await;
    let mut commit = step(&row, "late", "cancelled");
    commit.consume = Some(Consume::Timer { number: 404 });
    let outcome = store.commit(commit).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Conflict { found: Some(1) });
}

/// Of many writers at one revision one wins and the others are told what it made.
pub async fn fifty_commits_at_one_revision_apply_once(store: Arc<dyn Store>) {
    let row = create(&*store, "1").await;
    let mut racers = JoinSet::new();
    for n in 0..50 {
        let commit = step(&row, &format!("event {n}"), &format!("state_{n}"));
        let store = Arc::clone(&store);
        racers.spawn(async move { store.commit(commit).await.expect("commit") });
    }
    let outcomes = racers.join_all().await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes
        .into_iter()
        .partition(|outcome| *outcome == CommitOutcome::Applied);
    assert_eq!(won.len(), 1);
    assert!(
        lost.iter()
            .all(|outcome| *outcome == CommitOutcome::Conflict { found: Some(1) }),
        "{lost:?}"
    );
    let log = store.log(&key("1"), 0, 100).await.expect("log");
    assert_eq!(log.len(), 2);
    assert_eq!(current(&*store, &key("1")).await.state, log[1].to_state);
}

/// Entities do not stand in each other's way.
pub async fn fifty_entities_commit_at_once(store: Arc<dyn Store>) {
    let mut creators = JoinSet::new();
    for n in 0..50 {
        let commit = creation(&key(&format!("{n:02}")));
        let store = Arc::clone(&store);
        creators.spawn(async move { store.commit(commit).await.expect("commit") });
    }
    let outcomes: BTreeSet<bool> = creators
        .join_all()
        .await
        .into_iter()
        .map(|outcome| outcome == CommitOutcome::Applied)
        .collect();
    assert_eq!(outcomes, BTreeSet::from([true]));
    let listed = store
        .entities("main", "order", &EntityFilter::default(), &first(100))
        .await;
    assert_eq!(listed.expect("entities").len(), 50);
}

/// A commit whose parts do not fit together comes from a bug, and none of it is written.
pub async fn contradictory_commit_is_broken_and_writes_nothing(store: Arc<dyn Store>) {
    let row = create(&*store, "1").await;
    let before = contents(&*store, &[key("1"), key("2")]).await;
    let good = || step(&row, "pay", "paid");
    let mut seq = good();
    seq.log.seq = 7;
    let mut other_key = good();
    other_key.log.key = key("2");
    let mut skips = good();
    skips.entity.revision = 7;
    skips.log.seq = 7;
    let mut elsewhere = good();
    elsewhere.log.to_state = "elsewhere".to_owned();
    let mut nameless = good();
    nameless.log.event_id = String::new();
    let mut nowhere = good();
    nowhere.entity.state = String::new();
    nowhere.log.to_state = String::new();
    let mut rootless = good();
    rootless.log.from_state = String::new();
    let mut open_end = good();
    open_end.consume = Some(Consume::Effect(Settle {
        effect: "e1".to_owned(),
        epoch: 1,
        attempt: None,
        to: SettleTo::End {
            status: EffectStatus::Ready,
            at: at(0),
            error: None,
            reply: None,
        },
    }));
    let mut anonymous = good();
    anonymous.effects = vec![effect("", at(0))];
    let mut late_creation = creation(&key("2"));
    late_creation.entity.revision = 1;
    late_creation.log.seq = 1;
    for commit in [
        seq,
        other_key,
        skips,
        elsewhere,
        nameless,
        nowhere,
        rootless,
        open_end,
        anonymous,
        late_creation,
    ] {
        assert_broken(store.commit(commit).await);
    }
    assert_eq!(contents(&*store, &[key("1"), key("2")]).await, before);
}

/// The log of an entity is a path, so a row that starts elsewhere comes from a bug.
pub async fn log_must_continue_where_it_ended(store: Arc<dyn Store>) {
    let row = create(&*store, "1").await;
    let before = contents(&*store, &[key("1")]).await;
    let mut commit = step(&row, "pay", "paid");
    commit.log.from_state = "elsewhere".to_owned();
    assert_broken(store.commit(commit).await);
    assert_eq!(contents(&*store, &[key("1")]).await, before);
}

/// Workers name an effect by its id alone.
pub async fn taken_effect_id_is_broken_and_writes_nothing(store: Arc<dyn Store>) {
    let row = create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let keys = [key("1"), key_of("other", "order", "1")];
    let before = contents(&*store, &keys).await;
    let mut taken = step(&row, "pay", "paid");
    taken.effects = vec![effect("e2", at(0)), effect("e1", at(0))];
    taken.timers = vec![timer("paid", 1, "1h", at(0))];
    assert_broken(store.commit(taken).await);
    let mut twice = step(&row, "pay", "paid");
    twice.effects = vec![effect("e2", at(0)), effect("e2", at(0))];
    assert_broken(store.commit(twice).await);
    let mut other_tenant = creation(&keys[1]);
    other_tenant.effects = vec![effect("e1", at(0))];
    assert_broken(store.commit(other_tenant).await);
    assert_eq!(contents(&*store, &keys).await, before);
}

/// Nothing finer than a microsecond comes back, from any store.
pub async fn times_are_cut_to_microseconds(store: Arc<dyn Store>) {
    let fine = |second| at(second) + SignedDuration::from_nanos(1_999);
    let cut = |second| at(second) + SignedDuration::from_micros(1);
    let mut commit = creation(&key("1"));
    commit.entity.created_at = fine(0);
    commit.entity.updated_at = fine(1);
    commit.log.at = fine(2);
    commit.effects = vec![effect("e1", fine(3))];
    commit.timers = vec![timer("pending", 1, "48h", fine(4))];
    let row = apply(&*store, commit).await;
    assert_eq!((row.created_at, row.updated_at), (cut(0), cut(1)));
    let log = store.log(&key("1"), 0, 1).await.expect("log");
    assert_eq!(log[0].at, cut(2));
    let timers = store.timers(&key("1")).await.expect("timers");
    assert_eq!(timers[0].timer.due, cut(4));
    let held = claim_one(&*store, fine(10)).await;
    assert_eq!(held.due, cut(3));
    assert_eq!(held.lease_until, Some(cut(10) + LEASE));
    let early = at(-3_000_000_000) - SignedDuration::from_nanos(1);
    let mut commit = creation(&key("2"));
    commit.entity.created_at = early;
    let stored = apply(&*store, commit).await.created_at;
    assert!(early.duration_since(stored).unsigned_abs().as_nanos() < 1_000);
}

/// A caller that goes away leaves its commit done or not begun, and the store as usable as before.
pub async fn dropped_commit_happened_or_did_not_begin(store: Arc<dyn Store>) {
    for polls in 0..4 {
        let new = key(&format!("{polls}"));
        {
            let mut commit = pin!(store.commit(creation(&new)));
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..polls {
                if commit.as_mut().poll(&mut context).is_ready() {
                    break;
                }
            }
        }
        let again = store.commit(creation(&new)).await.expect("commit");
        assert!(
            matches!(again, CommitOutcome::Applied | CommitOutcome::Duplicate(_)),
            "{again:?}"
        );
        assert_eq!(current(&*store, &new).await.revision, 0);
        assert_eq!(store.log(&new, 0, 10).await.expect("log").len(), 1);
    }
}
