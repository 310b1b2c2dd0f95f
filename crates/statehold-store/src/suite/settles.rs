//! Rules of how effects end: by their holder only, alone or together with the step their result causes.

use std::sync::Arc;

use super::contents::contents;
use super::fixtures::*;
use crate::Store;
use crate::rows::*;

async fn attempts(store: &dyn Store, id: &str) -> Vec<EffectAttemptRow> {
    let rows = store.effect_attempts("main", id).await;
    rows.expect("effect_attempts")
}

/// A retry is due later, counts the attempt and forgets the claims before it.
pub async fn retry_postpones_and_records_the_attempt(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    claim_one(&*store, at(10)).await;
    let held = claim_one(&*store, at(100)).await;
    assert_eq!(held.claims, 2);
    let again = retry(&held, at(500));
    settle(&*store, again.clone()).await;
    let expected = EffectRow {
        status: EffectStatus::Ready,
        due: at(500),
        lease_until: None,
        claims: 0,
        attempts: 1,
        last_error: Some("it was failed".to_owned()),
        ..held
    };
    assert_eq!(stored(&*store, "e1").await, expected);
    let recorded = EffectAttemptRow {
        effect: "e1".to_owned(),
        n: 1,
        generation: 0,
        attempt: again.attempt.expect("an attempt"),
    };
    assert_eq!(attempts(&*store, "e1").await, [recorded]);
    assert_eq!(claim(&*store, at(499), 10).await, []);
    assert_eq!(claim_one(&*store, at(500)).await.epoch, 3);
}

/// Each end is kept with its time, error and reply.
pub async fn each_end_settles_the_effect(store: Arc<dyn Store>) {
    let ends = [
        EffectStatus::Ok,
        EffectStatus::Failed,
        EffectStatus::Dead,
        EffectStatus::Cancelled,
    ];
    for status in ends {
        let id = status.as_str();
        create_with(&*store, id, vec![effect(id, at(0))]).await;
        let held = claim_one(&*store, at(10)).await;
        settle(&*store, end(&held, status)).await;
        let expected = EffectRow {
            status,
            lease_until: None,
            claims: 0,
            attempts: 1,
            last_error: Some(format!("ended as {id}")),
            reply: Some(r#"{"status":200}"#.to_owned()),
            settled_at: Some(at(300)),
            ..held
        };
        assert_eq!(stored(&*store, id).await, expected);
        assert_eq!(attempts(&*store, id).await.len(), 1);
        assert_eq!(claim(&*store, at(9_000), 10).await, []);
    }
}

/// An effect that is judged without a try (as poison) keeps the claims that convicted it.
pub async fn settle_without_attempt_keeps_the_counts(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let held = claim_one(&*store, at(10)).await;
    let judged = Settle {
        attempt: None,
        ..end(&held, EffectStatus::Dead)
    };
    settle(&*store, judged).await;
    let row = stored(&*store, "e1").await;
    assert_eq!((row.claims, row.attempts), (1, 0));
    assert_eq!(row.status, EffectStatus::Dead);
    assert_eq!(attempts(&*store, "e1").await, []);
}

/// Ready, claimed and discarded are not for workers to give.
pub async fn settle_as_an_open_status_is_broken(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let held = claim_one(&*store, at(10)).await;
    for status in [
        EffectStatus::Ready,
        EffectStatus::Claimed,
        EffectStatus::Discarded,
    ] {
        assert_broken(store.settle(end(&held, status)).await);
    }
    assert_eq!(stored(&*store, "e1").await, held);
}

/// Whoever lost the effect, or has settled it, writes nothing more.
pub async fn stale_settle_is_refused(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let unheld = stored(&*store, "e1").await;
    let first = claim_one(&*store, at(10)).await;
    let second = claim_one(&*store, at(100)).await;
    let refused = async |stale: Settle| {
        let before = contents(&*store, &[key("1")]).await;
        assert!(!store.settle(stale).await.expect("settle"));
        assert_eq!(contents(&*store, &[key("1")]).await, before);
    };
    refused(end(&unheld, EffectStatus::Ok)).await;
    refused(end(&first, EffectStatus::Ok)).await;
    refused(retry(&first, at(200))).await;
    settle(&*store, retry(&second, at(200))).await;
    refused(end(&second, EffectStatus::Ok)).await;
    refused(retry(&second, at(250))).await;
    let third = claim_one(&*store, at(200)).await;
    settle(&*store, end(&third, EffectStatus::Ok)).await;
    refused(end(&third, EffectStatus::Failed)).await;
    let absent = EffectRow {
        id: "absent".to_owned(),
        ..third
    };
    refused(end(&absent, EffectStatus::Ok)).await;
}

/// As long as nobody else has claimed it, the first worker's result counts.
pub async fn holder_may_settle_after_its_lease_ran_out(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let held = claim_one(&*store, at(10)).await;
    let mut late = end(&held, EffectStatus::Ok);
    if let SettleTo::End { at: when, .. } = &mut late.to {
        *when = at(5_000);
    }
    settle(&*store, late).await;
    assert_eq!(stored(&*store, "e1").await.status, EffectStatus::Ok);
}

/// The result of an effect and the step it causes are one.
pub async fn consumed_effect_is_settled_with_its_commit(store: Arc<dyn Store>) {
    let row = create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let held = claim_one(&*store, at(10)).await;
    let mut commit = step(&row, "done.effect.e1", "paid");
    commit.consume = Some(Consume::Effect(end(&held, EffectStatus::Ok)));
    let row = apply(&*store, commit).await;
    assert_eq!(row.state, "paid");
    let settled = stored(&*store, "e1").await;
    assert_eq!(settled.status, EffectStatus::Ok);
    assert_eq!(settled.settled_at, Some(at(300)));
    assert_eq!(attempts(&*store, "e1").await.len(), 1);
}

/// A step may postpone the effect that caused it.
pub async fn consumed_effect_may_be_retried(store: Arc<dyn Store>) {
    let row = create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let held = claim_one(&*store, at(10)).await;
    let mut commit = step(&row, "attempt failed", "retrying");
    commit.consume = Some(Consume::Effect(retry(&held, at(500))));
    apply(&*store, commit).await;
    let row = stored(&*store, "e1").await;
    assert_eq!((row.status, row.due), (EffectStatus::Ready, at(500)));
}

/// A result under an old epoch moves nothing: the next holder will bring its own.
pub async fn stale_consume_writes_nothing(store: Arc<dyn Store>) {
    let row = create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let first = claim_one(&*store, at(10)).await;
    let second = claim_one(&*store, at(100)).await;
    let stale = async |held: &EffectRow| {
        let before = contents(&*store, &[key("1")]).await;
        let mut commit = step(&row, "done.effect.e1", "paid");
        commit.effects = vec![effect("e2", at(0))];
        commit.consume = Some(Consume::Effect(end(held, EffectStatus::Ok)));
        let outcome = store.commit(commit).await.expect("commit");
        assert_eq!(outcome, CommitOutcome::Stale);
        assert_eq!(contents(&*store, &[key("1")]).await, before);
    };
    stale(&first).await;
    settle(&*store, end(&second, EffectStatus::Failed)).await;
    stale(&second).await;
}

/// An id and an epoch are no right to move another entity.
pub async fn effect_of_another_entity_makes_the_commit_stale(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let row = create(&*store, "2").await;
    let held = claim_one(&*store, at(10)).await;
    let mut commit = step(&row, "done.effect.e1", "paid");
    commit.consume = Some(Consume::Effect(end(&held, EffectStatus::Ok)));
    let outcome = store.commit(commit).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Stale);
    assert_eq!(stored(&*store, "e1").await, held);
}

/// The worker still holds its effect, and tries again on the new revision.
pub async fn conflicting_commit_leaves_its_effect_claimed(store: Arc<dyn Store>) {
    let row = create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    let held = claim_one(&*store, at(10)).await;
    apply(&*store, step(&row, "meanwhile", "paid")).await;
    let mut commit = step(&row, "done.effect.e1", "paid");
    commit.consume = Some(Consume::Effect(end(&held, EffectStatus::Ok)));
    let outcome = store.commit(commit).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Conflict { found: Some(1) });
    assert_eq!(stored(&*store, "e1").await, held);
}

/// Cancelled is what was not sent, of exactly that entry of exactly that state; what a worker holds may have been sent.
pub async fn leaving_a_state_cancels_its_ready_and_dead_invokes_only(store: Arc<dyn Store>) {
    let mut first = invoke("dead", "pending", 1);
    first.due = at(-3);
    let mut second = invoke("held", "pending", 1);
    second.due = at(-2);
    let mut third = invoke("done", "pending", 1);
    third.due = at(-1);
    let asked = vec![
        first,
        second,
        third,
        invoke("ready", "pending", 1),
        invoke("other_entry", "pending", 2),
        invoke("other_state", "pending.inner", 1),
        effect("untied", at(0)),
    ];
    let row = create_with(&*store, "1", asked).await;
    create_with(&*store, "2", vec![invoke("other_entity", "pending", 1)]).await;
    let held = claim(&*store, at(-1), 3).await;
    assert_eq!(ids(&held), ["dead", "held", "done"]);
    settle(&*store, end(&held[0], EffectStatus::Dead)).await;
    settle(&*store, end(&held[2], EffectStatus::Ok)).await;
    let dead = stored(&*store, "dead").await;
    let mut commit = step(&row, "pay", "paid");
    commit.cancel_invokes = vec![entry_of("pending", 1), entry_of("absent", 9)];
    let cancelled_at = commit.log.at;
    apply(&*store, commit).await;
    let expected = EffectRow {
        status: EffectStatus::Cancelled,
        settled_at: Some(cancelled_at),
        ..dead
    };
    assert_eq!(stored(&*store, "dead").await, expected);
    let row = stored(&*store, "ready").await;
    assert_eq!(row.status, EffectStatus::Cancelled);
    assert_eq!(row.settled_at, Some(cancelled_at));
    assert_eq!(stored(&*store, "held").await, held[1]);
    assert_eq!(stored(&*store, "done").await.status, EffectStatus::Ok);
    for id in ["other_entry", "other_state", "untied", "other_entity"] {
        assert_eq!(
            stored(&*store, id).await.status,
            EffectStatus::Ready,
            "{id}"
        );
    }
}

/// The step that an invoke's result causes leaves the invoking state; the invoke keeps its end all the same.
pub async fn cancelling_spares_the_consumed_effect(store: Arc<dyn Store>) {
    let ends: [fn(&EffectRow) -> Settle; 3] = [
        |held| end(held, EffectStatus::Ok),
        |held| end(held, EffectStatus::Dead),
        |held| retry(held, at(9_000)),
    ];
    let kept = [EffectStatus::Ok, EffectStatus::Dead, EffectStatus::Ready];
    for (n, (settle, status)) in ends.into_iter().zip(kept).enumerate() {
        let id = format!("e{n}");
        let row = create_with(&*store, &id, vec![invoke(&id, "pending", 1)]).await;
        let held = claim_one(&*store, at(10)).await;
        let mut commit = step(&row, "result", "paid");
        commit.cancel_invokes = vec![entry_of("pending", 1)];
        commit.consume = Some(Consume::Effect(settle(&held)));
        apply(&*store, commit).await;
        assert_eq!(stored(&*store, &id).await.status, status);
    }
}

/// Cancelling comes before asking.
pub async fn invoke_asked_for_by_the_cancelling_step_stays(store: Arc<dyn Store>) {
    let row = create(&*store, "1").await;
    let mut commit = step(&row, "again", "pending");
    commit.cancel_invokes = vec![entry_of("pending", 1)];
    commit.effects = vec![invoke("e1", "pending", 1)];
    apply(&*store, commit).await;
    assert_eq!(stored(&*store, "e1").await.status, EffectStatus::Ready);
}
