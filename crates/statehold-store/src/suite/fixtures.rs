//! Rows and requests for the rules: small, valid, and different from each other in every field that a store might mix up.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::rows::*;
use crate::{Store, StoreError};

/// A new store, with or without something that must outlive it (such as its folder), or none where it cannot be had.
pub trait Fresh {
    /// What must outlive the store.
    type Guard;

    /// The store and its guard.
    fn split(self) -> Option<(Arc<dyn Store>, Self::Guard)>;
}

impl Fresh for Arc<dyn Store> {
    type Guard = ();

    fn split(self) -> Option<(Arc<dyn Store>, ())> {
        Some((self, ()))
    }
}

impl<G> Fresh for (Arc<dyn Store>, G) {
    type Guard = G;

    fn split(self) -> Option<(Arc<dyn Store>, G)> {
        Some(self)
    }
}

impl<F: Fresh> Fresh for Option<F> {
    type Guard = F::Guard;

    fn split(self) -> Option<(Arc<dyn Store>, F::Guard)> {
        self.and_then(Fresh::split)
    }
}

/// The lease that [`claim`] asks for.
pub const LEASE: Duration = Duration::from_secs(30);

/// The instant `seconds` after the beginning of the tests' time.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("a time within the calendar")
}

/// A microsecond earlier.
pub fn just_before(instant: Timestamp) -> Timestamp {
    instant - jiff::SignedDuration::from_micros(1)
}

/// The entity `id` of machine `order` of tenant `main`.
pub fn key(id: &str) -> EntityKey {
    key_of("main", "order", id)
}

/// Any entity.
pub fn key_of(tenant: &str, machine: &str, id: &str) -> EntityKey {
    EntityKey {
        tenant: tenant.to_owned(),
        machine: machine.to_owned(),
        id: id.to_owned(),
    }
}

/// The commit that creates an entity in `pending`, by the event `created`.
pub fn creation(key: &EntityKey) -> Commit {
    let entity = EntityRow {
        key: key.clone(),
        revision: 0,
        chart_version: 1,
        state: "pending".to_owned(),
        status: EntityStatus::Active,
        context: r#"{"total":0}"#.to_owned(),
        memory: r#"{"entries":{"pending":1}}"#.to_owned(),
        created_at: at(0),
        entered_at: at(1),
        updated_at: at(2),
    };
    let log = log_row(&entity, "", "created");
    Commit {
        expected: Expected::New,
        entity,
        log,
        effects: Vec::new(),
        timers: Vec::new(),
        cancel_timers: Vec::new(),
        cancel_invokes: Vec::new(),
        consume: None,
    }
}

/// The commit that moves `from` on to `state`, by the event `event_id`.
pub fn step(from: &EntityRow, event_id: &str, state: &str) -> Commit {
    let revision = from.revision + 1;
    let second = i64::try_from(revision).expect("a small revision") * 10;
    let entity = EntityRow {
        revision,
        state: state.to_owned(),
        context: format!(r#"{{"total":{revision}}}"#),
        memory: format!(r#"{{"entries":{{"{state}":{revision}}}}}"#),
        entered_at: at(second + 1),
        updated_at: at(second + 2),
        ..from.clone()
    };
    let log = log_row(&entity, &from.state, event_id);
    Commit {
        expected: Expected::Revision(from.revision),
        entity,
        log,
        ..creation(&from.key)
    }
}

fn log_row(entity: &EntityRow, from_state: &str, event_id: &str) -> LogRow {
    LogRow {
        key: entity.key.clone(),
        seq: entity.revision,
        at: entity.entered_at,
        event: format!("event.{event_id}"),
        event_id: event_id.to_owned(),
        fingerprint: format!("fingerprint of {event_id}"),
        actor: r#"{"id":"alice"}"#.to_owned(),
        cause: (entity.revision > 0).then(|| format!("cause of {event_id}")),
        from_state: from_state.to_owned(),
        to_state: entity.state.clone(),
        transitions: r#"["t1"]"#.to_owned(),
        patch: r#"{"total":1}"#.to_owned(),
        input: r#"{"n":1}"#.to_owned(),
        result: r#"{"outcome":"applied"}"#.to_owned(),
        chart_version: entity.chart_version,
    }
}

/// An effect that is due at `due`.
pub fn effect(id: &str, due: Timestamp) -> NewEffect {
    NewEffect {
        id: id.to_owned(),
        path: format!("0.{id}"),
        name: "charge_card".to_owned(),
        kind: "http".to_owned(),
        request: format!(r#"{{"url":"/{id}"}}"#),
        key: format!("key of {id}"),
        invoke: None,
        due,
    }
}

/// An effect that is tied to a state entry, due at once.
pub fn invoke(id: &str, state: &str, entry: u64) -> NewEffect {
    NewEffect {
        invoke: Some(entry_of(state, entry)),
        ..effect(id, at(0))
    }
}

/// A state entry.
pub fn entry_of(state: &str, entry: u64) -> InvokeRef {
    InvokeRef {
        state: state.to_owned(),
        entry,
    }
}

/// A timer.
pub fn timer(state: &str, entry: u64, name: &str, due: Timestamp) -> NewTimer {
    NewTimer {
        state: state.to_owned(),
        name: name.to_owned(),
        entry,
        due,
    }
}

/// An attempt with this outcome, under this epoch.
pub fn attempt(epoch: u64, outcome: &str) -> EffectAttempt {
    EffectAttempt {
        epoch,
        started_at: at(100),
        ended_at: at(101),
        outcome: outcome.to_owned(),
        http_status: Some(503),
        detail: format!("it was {outcome}"),
        next_due: Some(at(200)),
    }
}

/// The settle that ends a held effect, with an attempt.
pub fn end(held: &EffectRow, status: EffectStatus) -> Settle {
    Settle {
        effect: held.id.clone(),
        epoch: held.epoch,
        attempt: Some(attempt(held.epoch, status.as_str())),
        to: SettleTo::End {
            status,
            at: at(300),
            error: Some(format!("ended as {}", status.as_str())),
            reply: Some(r#"{"status":200}"#.to_owned()),
        },
    }
}

/// The settle that tries a held effect again at `due`, with an attempt.
pub fn retry(held: &EffectRow, due: Timestamp) -> Settle {
    Settle {
        to: SettleTo::Retry { due },
        ..end(held, EffectStatus::Failed)
    }
}

/// An operator's act.
pub fn act(second: i64, reason: &str) -> OperatorAct {
    OperatorAct {
        at: at(second),
        actor: r#"{"id":"olga"}"#.to_owned(),
        reason: reason.to_owned(),
    }
}

/// A refusal of event `event_id`.
pub fn refusal(key: &EntityKey, event_id: &str) -> RefusalRow {
    RefusalRow {
        key: key.clone(),
        at: at(50),
        event: "pay".to_owned(),
        event_id: event_id.to_owned(),
        actor: r#"{"id":"mallory"}"#.to_owned(),
        outcome: "guard_failed".to_owned(),
        blockers: r#"[{"code":"too_late"}]"#.to_owned(),
        input: r#"{"n":2}"#.to_owned(),
        state: "pending".to_owned(),
        revision: 3,
    }
}

/// A version of a machine.
pub fn version(tenant: &str, machine: &str, version: u32, hash: &str) -> MachineVersionRow {
    MachineVersionRow {
        tenant: tenant.to_owned(),
        machine: machine.to_owned(),
        version,
        source: format!("machine: {machine} # {hash}\n"),
        hash: hash.to_owned(),
        published_at: at(5),
        published_by: "alice".to_owned(),
    }
}

/// A first page.
pub fn first(limit: u32) -> Page {
    Page { after: None, limit }
}

/// The page after a row.
pub fn after(id: &str, limit: u32) -> Page {
    Page {
        after: Some(id.to_owned()),
        limit,
    }
}

/// Commits, which must apply.
pub async fn apply(store: &dyn Store, commit: Commit) -> EntityRow {
    let (key, event_id) = (commit.entity.key.clone(), commit.log.event_id.clone());
    let outcome = store.commit(commit).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Applied, "{key:?} {event_id}");
    current(store, &key).await
}

/// Creates an entity.
pub async fn create(store: &dyn Store, id: &str) -> EntityRow {
    apply(store, creation(&key(id))).await
}

/// Creates an entity that asks for effects.
pub async fn create_with(store: &dyn Store, id: &str, effects: Vec<NewEffect>) -> EntityRow {
    let mut commit = creation(&key(id));
    commit.effects = effects;
    apply(store, commit).await
}

/// The entity's row, which must be there.
pub async fn current(store: &dyn Store, key: &EntityKey) -> EntityRow {
    let loaded = store.load(key, None).await.expect("load");
    loaded.expect("the entity is there").0
}

/// The effect of tenant `main`, which must be there.
pub async fn stored(store: &dyn Store, id: &str) -> EffectRow {
    let found = store.effect("main", id).await.expect("effect");
    found.expect("the effect is there")
}

/// Claims up to `limit` effects at `now`.
pub async fn claim(store: &dyn Store, now: Timestamp, limit: u32) -> Vec<EffectRow> {
    let claimed = store.claim_effects(now, LEASE, limit).await;
    claimed.expect("claim_effects")
}

/// Claims the only effect there is to claim at `now`.
pub async fn claim_one(store: &dyn Store, now: Timestamp) -> EffectRow {
    let mut claimed = claim(store, now, 10).await;
    assert_eq!(claimed.len(), 1, "one effect is claimable: {claimed:?}");
    claimed.remove(0)
}

/// Creates an entity with one effect and makes that effect dead.
pub async fn create_dead(store: &dyn Store, entity: &str, effect_id: &str) -> EffectRow {
    create_with(store, entity, vec![effect(effect_id, at(0))]).await;
    let held = claim_one(store, at(10)).await;
    settle(store, end(&held, EffectStatus::Dead)).await;
    stored(store, effect_id).await
}

/// Settles, which must be taken.
pub async fn settle(store: &dyn Store, settle: Settle) {
    let effect = settle.effect.clone();
    assert!(store.settle(settle).await.expect("settle"), "{effect}");
}

/// The ids of rows.
pub fn ids(rows: &[EffectRow]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

/// Asserts an error that trying again does not mend.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "takes what a call returned, without a name in between"
)]
pub fn assert_broken<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(
        matches!(result, Err(StoreError::Broken { .. })),
        "broken, not {result:?}"
    );
}

/// Asserts an error after which nothing was written and another try may work.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "takes what a call returned, without a name in between"
)]
pub fn assert_unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(
        matches!(result, Err(StoreError::Unavailable { .. })),
        "unavailable, not {result:?}"
    );
}
