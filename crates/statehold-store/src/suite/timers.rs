//! Rules of timers, and of when the next work is due.

use std::sync::Arc;

use jiff::Timestamp;

use super::contents::contents;
use super::fixtures::*;
use crate::Store;
use crate::rows::*;

async fn create_with_timers(store: &dyn Store, id: &str, timers: Vec<NewTimer>) -> EntityRow {
    let mut commit = creation(&key(id));
    commit.timers = timers;
    apply(store, commit).await
}

async fn due(store: &dyn Store, now: Timestamp) -> Vec<TimerRow> {
    store.due_timers(now, 100).await.expect("due_timers")
}

async fn names(store: &dyn Store, id: &str) -> Vec<String> {
    let rows = store.timers(&key(id)).await.expect("timers");
    rows.into_iter().map(|row| row.timer.name).collect()
}

/// Equal due times keep the order in which they were set, within an entity and between entities.
pub async fn timers_come_by_due_then_creation_number(store: Arc<dyn Store>) {
    let set = vec![
        timer("pending", 1, "b", at(60)),
        timer("pending", 1, "a", at(60)),
        timer("pending", 1, "c", at(50)),
    ];
    create_with_timers(&*store, "2", set.clone()).await;
    create_with_timers(&*store, "1", vec![timer("pending", 1, "d", at(60))]).await;
    let rows = store.timers(&key("2")).await.expect("timers");
    assert!(rows.iter().all(|row| row.entity == key("2")));
    let timers: Vec<NewTimer> = rows.into_iter().map(|row| row.timer).collect();
    assert_eq!(timers, [set[2].clone(), set[0].clone(), set[1].clone()]);
    let rows = due(&*store, at(60)).await;
    let order: Vec<&str> = rows.iter().map(|row| row.timer.name.as_str()).collect();
    assert_eq!(order, ["c", "b", "a", "d"]);
    assert!(rows[1].number < rows[2].number && rows[2].number < rows[3].number);
}

/// Not a microsecond early.
pub async fn timer_is_due_at_its_instant_and_not_before(store: Arc<dyn Store>) {
    create_with_timers(&*store, "1", vec![timer("pending", 1, "48h", at(60))]).await;
    assert_eq!(due(&*store, just_before(at(60))).await, []);
    assert_eq!(due(&*store, at(60)).await.len(), 1);
}

/// One worker serves all tenants, the longest overdue first.
pub async fn due_timers_are_limited_and_of_all_tenants(store: Arc<dyn Store>) {
    for (tenant, second) in [("a", 3), ("b", 1), ("c", 2)] {
        let mut commit = creation(&key_of(tenant, "order", "1"));
        commit.timers = vec![timer("pending", 1, "48h", at(second))];
        apply(&*store, commit).await;
    }
    let rows = store.due_timers(at(10), 2).await.expect("due_timers");
    let tenants: Vec<&str> = rows.iter().map(|row| row.entity.tenant.as_str()).collect();
    assert_eq!(tenants, ["b", "c"]);
}

/// A timer fires once: the commit that it causes takes it away.
pub async fn consumed_timer_is_removed(store: Arc<dyn Store>) {
    let row = create_with_timers(&*store, "1", vec![timer("pending", 1, "48h", at(60))]).await;
    let number = due(&*store, at(60)).await[0].number;
    let mut commit = step(&row, "timer.pending.48h", "expired");
    commit.consume = Some(Consume::Timer { number });
    apply(&*store, commit).await;
    assert_eq!(due(&*store, at(60)).await, []);
}

/// A timer that leads out of its state is cancelled by its own step.
pub async fn timer_may_be_consumed_by_the_step_that_cancels_it(store: Arc<dyn Store>) {
    let row = create_with_timers(&*store, "1", vec![timer("pending", 1, "48h", at(60))]).await;
    let number = due(&*store, at(60)).await[0].number;
    let mut commit = step(&row, "timer.pending.48h", "expired");
    commit.consume = Some(Consume::Timer { number });
    commit.cancel_timers = vec![entry_of("pending", 1)];
    apply(&*store, commit).await;
    assert_eq!(due(&*store, at(60)).await, []);
}

/// Of an event that cancels the timer and the timer itself, the second finds the other's work.
pub async fn gone_timer_makes_the_commit_stale(store: Arc<dyn Store>) {
    let row = create_with_timers(&*store, "1", vec![timer("pending", 1, "48h", at(60))]).await;
    let number = due(&*store, at(60)).await[0].number;
    assert!(store.drop_timer(number).await.expect("drop_timer"));
    let before = contents(&*store, &[key("1")]).await;
    let mut commit = step(&row, "timer.pending.48h", "expired");
    commit.consume = Some(Consume::Timer { number });
    commit.timers = vec![timer("expired", 1, "1h", at(90))];
    let outcome = store.commit(commit).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Stale);
    assert_eq!(contents(&*store, &[key("1")]).await, before);
}

/// A number alone is no right to a timer.
pub async fn timer_of_another_entity_makes_the_commit_stale(store: Arc<dyn Store>) {
    create_with_timers(&*store, "1", vec![timer("pending", 1, "48h", at(60))]).await;
    let row = create(&*store, "2").await;
    let number = due(&*store, at(60)).await[0].number;
    let mut commit = step(&row, "timer.pending.48h", "expired");
    commit.consume = Some(Consume::Timer { number });
    let outcome = store.commit(commit).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Stale);
    assert_eq!(names(&*store, "1").await, ["48h"]);
}

/// Another state, another entry of the same state and another entity keep theirs.
pub async fn timers_are_cancelled_by_state_and_entry(store: Arc<dyn Store>) {
    let set = vec![
        timer("pending", 1, "a", at(1)),
        timer("pending", 1, "b", at(2)),
        timer("pending", 2, "c", at(3)),
        timer("pending.inner", 1, "d", at(4)),
    ];
    let row = create_with_timers(&*store, "1", set.clone()).await;
    create_with_timers(&*store, "2", set).await;
    let mut commit = step(&row, "pay", "paid");
    commit.cancel_timers = vec![entry_of("pending", 1), entry_of("absent", 1)];
    apply(&*store, commit).await;
    assert_eq!(names(&*store, "1").await, ["c", "d"]);
    assert_eq!(names(&*store, "2").await, ["a", "b", "c", "d"]);
}

/// Cancelling comes before setting.
pub async fn timer_set_by_the_cancelling_step_stays(store: Arc<dyn Store>) {
    let row = create_with_timers(&*store, "1", vec![timer("pending", 1, "old", at(60))]).await;
    let mut commit = step(&row, "again", "pending");
    commit.cancel_timers = vec![entry_of("pending", 1)];
    commit.timers = vec![timer("pending", 1, "new", at(60))];
    apply(&*store, commit).await;
    assert_eq!(names(&*store, "1").await, ["new"]);
}

/// A worker holds on to a number; it must never mean another timer.
pub async fn timer_numbers_are_never_given_again(store: Arc<dyn Store>) {
    let row = create_with_timers(&*store, "1", vec![timer("pending", 1, "a", at(60))]).await;
    let first = due(&*store, at(60)).await[0].number;
    assert!(store.drop_timer(first).await.expect("drop_timer"));
    let mut commit = step(&row, "again", "pending");
    commit.timers = vec![timer("pending", 1, "b", at(60))];
    apply(&*store, commit).await;
    assert!(due(&*store, at(60)).await[0].number > first);
}

/// The second dropper is told that there was nothing to drop.
pub async fn dropped_timer_was_there_once(store: Arc<dyn Store>) {
    create_with_timers(&*store, "1", vec![timer("pending", 1, "48h", at(60))]).await;
    let number = due(&*store, at(60)).await[0].number;
    assert!(store.drop_timer(number).await.expect("drop_timer"));
    assert!(!store.drop_timer(number).await.expect("drop_timer"));
    assert_eq!(names(&*store, "1").await, [] as [&str; 0]);
}

/// A timer whose firing failed comes again later; it is still the same timer.
pub async fn postponed_timer_is_due_later_under_its_number(store: Arc<dyn Store>) {
    let set = vec![
        timer("pending", 1, "a", at(60)),
        timer("pending", 1, "b", at(60)),
    ];
    let row = create_with_timers(&*store, "1", set).await;
    let number = due(&*store, at(60)).await[0].number;
    let postponed = store.postpone_timer(number, at(90)).await;
    assert!(postponed.expect("postpone_timer"));
    assert_eq!(due(&*store, at(60)).await.len(), 1);
    let rows = due(&*store, at(90)).await;
    assert_eq!(rows[1].number, number);
    assert_eq!(rows[1].timer, timer("pending", 1, "a", at(90)));
    let mut commit = step(&row, "timer.pending.a", "expired");
    commit.consume = Some(Consume::Timer { number });
    apply(&*store, commit).await;
    let postponed = store.postpone_timer(number, at(90)).await;
    assert!(!postponed.expect("postpone_timer"), "it is gone");
}

/// A worker sleeps until then, so nothing that is open may be left out, and nothing settled may wake it.
pub async fn next_due_is_the_earliest_of_timers_effects_and_leases(store: Arc<dyn Store>) {
    let next = async || store.next_due().await.expect("next_due");
    assert_eq!(next().await, None);
    let row = create_with_timers(&*store, "1", vec![timer("pending", 1, "48h", at(500))]).await;
    assert_eq!(next().await, Some(at(500)));
    let mut commit = step(&row, "pay", "paid");
    commit.effects = vec![effect("e1", at(100)), effect("e2", at(110))];
    apply(&*store, commit).await;
    assert_eq!(next().await, Some(at(100)));
    let held = claim_one(&*store, at(105)).await;
    assert_eq!(next().await, Some(at(110)));
    let second = claim_one(&*store, at(110)).await;
    assert_eq!(next().await, Some(at(105) + LEASE));
    settle(&*store, end(&held, EffectStatus::Dead)).await;
    assert_eq!(next().await, Some(at(110) + LEASE));
    settle(&*store, end(&second, EffectStatus::Ok)).await;
    assert_eq!(next().await, Some(at(500)));
}
