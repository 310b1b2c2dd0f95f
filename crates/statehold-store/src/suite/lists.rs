//! Rules of lists: complete, in order, in pages, and only what was asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fixtures::*;
use crate::Store;
use crate::rows::*;

async fn listed(store: &dyn Store, filter: &EntityFilter, page: &Page) -> Vec<String> {
    let rows = store.entities("main", "order", filter, page).await;
    let rows = rows.expect("entities").into_iter();
    rows.map(|row| row.key.id).collect()
}

async fn in_state(store: &dyn Store, state: &str) -> Vec<String> {
    let filter = EntityFilter {
        state: Some(state.to_owned()),
        status: None,
    };
    listed(store, &filter, &first(100)).await
}

/// Publishing again is harmless, publishing something else under a number is told.
pub async fn published_version_is_immutable(store: Arc<dyn Store>) {
    let publish = async |row| store.publish(row).await.expect("publish");
    let row = version("main", "order", 1, "aa");
    assert_eq!(publish(row.clone()).await, PublishOutcome::Published);
    let mut again = row.clone();
    again.source = "the same meaning, written otherwise".to_owned();
    assert_eq!(publish(again).await, PublishOutcome::Unchanged);
    let other = version("main", "order", 1, "bb");
    let different = PublishOutcome::Different("aa".to_owned());
    assert_eq!(publish(other).await, different);
    let stored = store
        .machine_versions(Some("main"))
        .await
        .expect("versions");
    assert_eq!(stored, [row]);
    assert_broken(store.publish(version("main", "order", 0, "aa")).await);
}

/// Versions are numbers: 10 comes after 9.
pub async fn versions_come_by_machine_and_number(store: Arc<dyn Store>) {
    for (machine, number) in [("payment", 1), ("order", 10), ("order", 9), ("order", 1)] {
        let row = version("main", machine, number, "aa");
        store.publish(row).await.expect("publish");
    }
    let rows = store
        .machine_versions(Some("main"))
        .await
        .expect("versions");
    let order: Vec<_> = rows
        .iter()
        .map(|row| (row.machine.as_str(), row.version))
        .collect();
    let expected = [("order", 1), ("order", 9), ("order", 10), ("payment", 1)];
    assert_eq!(order, expected);
}

/// The next page begins after the last row of the one before.
pub async fn entities_come_by_id_in_pages(store: Arc<dyn Store>) {
    for id in ["c", "a", "e", "b", "d"] {
        create(&*store, id).await;
    }
    apply(&*store, creation(&key_of("main", "payment", "x"))).await;
    let page = async |page| listed(&*store, &EntityFilter::default(), &page).await;
    assert_eq!(page(first(2)).await, ["a", "b"]);
    assert_eq!(page(after("b", 2)).await, ["c", "d"]);
    assert_eq!(page(after("d", 2)).await, ["e"]);
    assert_eq!(page(after("e", 2)).await, [] as [&str; 0]);
    assert_eq!(page(after("bb", 1)).await, ["c"]);
}

/// Whatever is created meanwhile, a walk over the pages meets each row that was there from the start exactly once.
pub async fn pages_are_complete_under_concurrent_inserts(store: Arc<dyn Store>) {
    let there: BTreeSet<String> = (0..40).map(|n| format!("{n:02}")).collect();
    for id in &there {
        create(&*store, id).await;
    }
    let writer = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            for n in 0..40 {
                create(&*store, &format!("{:02}.new", 39 - n)).await;
            }
        }
    });
    let mut met = Vec::new();
    let mut page = first(3);
    loop {
        let ids = listed(&*store, &EntityFilter::default(), &page).await;
        let Some(last) = ids.last() else {
            break;
        };
        page = after(last, 3);
        met.extend(ids);
    }
    writer.await.expect("the writer ends");
    let once: BTreeSet<String> = met.iter().cloned().collect();
    assert_eq!(once.len(), met.len(), "no row twice");
    assert!(met.is_sorted());
    assert!(once.is_superset(&there));
}

/// "In processing" means the state and all below it, in any region, and not the one whose name only begins alike.
pub async fn state_filter_holds_descendants_and_no_namesakes(store: Arc<dyn Store>) {
    let states = [
        "processing",
        "processing.payment",
        "processing.payment.authorizing",
        "processing(payment.done|shipping.picking)",
        "processing_fee",
        "processing_fee.due",
        "processing2",
        "processings",
        "pending",
        "proces",
    ];
    for (n, state) in states.iter().enumerate() {
        let mut commit = creation(&key(&format!("{n}")));
        commit.entity.state = (*state).to_owned();
        commit.log.to_state = (*state).to_owned();
        apply(&*store, commit).await;
    }
    assert_eq!(in_state(&*store, "processing").await, ["0", "1", "2", "3"]);
    assert_eq!(in_state(&*store, "processing.payment").await, ["1", "2"]);
    assert_eq!(in_state(&*store, "processing_fee").await, ["4", "5"]);
    assert_eq!(in_state(&*store, "pending").await, ["8"]);
    assert_eq!(in_state(&*store, "pend").await, [] as [&str; 0]);
    assert_eq!(in_state(&*store, "PENDING").await, [] as [&str; 0]);
    let filter = EntityFilter {
        state: Some("processing".to_owned()),
        status: None,
    };
    assert_eq!(listed(&*store, &filter, &first(2)).await, ["0", "1"]);
    assert_eq!(listed(&*store, &filter, &after("1", 2)).await, ["2", "3"]);
    let row = current(&*store, &key("2")).await;
    apply(&*store, step(&row, "pay", "pending")).await;
    assert_eq!(in_state(&*store, "processing").await, ["0", "1", "3"]);
    assert_eq!(in_state(&*store, "pending").await, ["2", "8"]);
}

/// Active, done, or both; together with a state, both conditions hold.
pub async fn status_filter_holds(store: Arc<dyn Store>) {
    for id in ["1", "2"] {
        create(&*store, id).await;
    }
    for id in ["3", "4"] {
        let row = create(&*store, id).await;
        let mut commit = step(&row, "pay", "paid");
        commit.entity.status = EntityStatus::Done;
        apply(&*store, commit).await;
    }
    let row = current(&*store, &key("2")).await;
    apply(&*store, step(&row, "pay", "paid")).await;
    let filtered = async |state: Option<&str>, status| {
        let filter = EntityFilter {
            state: state.map(str::to_owned),
            status: Some(status),
        };
        listed(&*store, &filter, &first(10)).await
    };
    assert_eq!(filtered(None, EntityStatus::Active).await, ["1", "2"]);
    assert_eq!(filtered(None, EntityStatus::Done).await, ["3", "4"]);
    assert_eq!(filtered(Some("paid"), EntityStatus::Active).await, ["2"]);
    assert_eq!(filtered(Some("paid"), EntityStatus::Done).await, ["3", "4"]);
}

/// A reader goes on where it stopped.
pub async fn log_is_read_from_any_position(store: Arc<dyn Store>) {
    let mut row = create(&*store, "1").await;
    for n in 1..=12 {
        row = apply(&*store, step(&row, &format!("event {n}"), "pending")).await;
    }
    create(&*store, "2").await;
    let seqs = async |from, limit| {
        let rows = store.log(&key("1"), from, limit).await.expect("log");
        rows.into_iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(0, 100).await, (0..=12).collect::<Vec<_>>());
    assert_eq!(seqs(9, 2).await, [9, 10]);
    assert_eq!(seqs(12, 5).await, [12]);
    assert_eq!(seqs(13, 5).await, [] as [u64; 0]);
    assert_eq!(seqs(u64::MAX, 5).await, [] as [u64; 0]);
}

/// Refused fires are kept beside the log, also those of an entity that never came to be.
pub async fn refusals_come_oldest_first(store: Arc<dyn Store>) {
    let rows = ["b", "a", "c", "a"].map(|event_id| refusal(&key("1"), event_id));
    for row in &rows {
        store.refuse(row.clone()).await.expect("refuse");
    }
    store.refuse(refusal(&key("2"), "x")).await.expect("refuse");
    let kept = store.refusals(&key("1"), 10).await.expect("refusals");
    assert_eq!(kept, rows);
    let kept = store.refusals(&key("1"), 2).await.expect("refusals");
    assert_eq!(kept, rows[..2]);
    assert_eq!(store.load(&key("1"), None).await.expect("load"), None);
}

/// By entity, machine and status, and all of them together.
pub async fn effects_are_filtered(store: Arc<dyn Store>) {
    create_dead(&*store, "1", "dead").await;
    create_with(&*store, "2", vec![effect("ready", at(500))]).await;
    let mut commit = creation(&key_of("main", "payment", "1"));
    commit.effects = vec![effect("held", at(0))];
    apply(&*store, commit).await;
    claim_one(&*store, at(10)).await;
    create_dead(&*store, "3", "dead2").await;
    let filtered = async |filter: EffectFilter| {
        let rows = store.effects("main", &filter, &first(10)).await;
        let rows = rows.expect("effects").into_iter();
        rows.map(|row| row.id).collect::<Vec<_>>()
    };
    let any = EffectFilter::default;
    let of = |entity: EntityKey| EffectFilter {
        entity: Some(entity),
        ..any()
    };
    let on = |machine: &str, statuses: &[EffectStatus]| EffectFilter {
        machine: Some(machine.to_owned()),
        statuses: statuses.to_vec(),
        ..any()
    };
    let with = |statuses: &[EffectStatus]| EffectFilter {
        statuses: statuses.to_vec(),
        ..any()
    };
    use EffectStatus::{Claimed, Dead, Ok, Ready};
    let none = [] as [&str; 0];
    assert_eq!(filtered(any()).await, ["dead", "dead2", "held", "ready"]);
    assert_eq!(filtered(of(key("2"))).await, ["ready"]);
    assert_eq!(filtered(of(key("9"))).await, none);
    assert_eq!(filtered(of(key_of("other", "order", "2"))).await, none);
    assert_eq!(filtered(on("payment", &[])).await, ["held"]);
    assert_eq!(filtered(on("order", &[Dead])).await, ["dead", "dead2"]);
    assert_eq!(filtered(on("payment", &[Dead])).await, none);
    assert_eq!(filtered(with(&[Dead])).await, ["dead", "dead2"]);
    assert_eq!(filtered(with(&[Ready, Claimed])).await, ["held", "ready"]);
    assert_eq!(filtered(with(&[Ok])).await, none);
    let mut both = of(key("1"));
    both.statuses = vec![Dead];
    assert_eq!(filtered(both.clone()).await, ["dead"]);
    both.statuses = vec![Ready];
    assert_eq!(filtered(both.clone()).await, none);
    both.statuses = Vec::new();
    both.machine = Some("payment".to_owned());
    assert_eq!(filtered(both).await, none);
}

/// Every kind of effect list has pages.
pub async fn effects_come_by_id_in_pages(store: Arc<dyn Store>) {
    let asked = ["c", "a", "e", "b", "d"].map(|id| effect(id, at(0)));
    create_with(&*store, "1", asked.to_vec()).await;
    for held in claim(&*store, at(10), 10).await {
        settle(&*store, end(&held, EffectStatus::Dead)).await;
    }
    let dead = EffectFilter {
        statuses: vec![EffectStatus::Dead],
        ..EffectFilter::default()
    };
    let of_entity = EffectFilter {
        entity: Some(key("1")),
        ..EffectFilter::default()
    };
    for filter in [EffectFilter::default(), dead, of_entity] {
        let page = async |page| {
            store
                .effects("main", &filter, &page)
                .await
                .expect("effects")
        };
        assert_eq!(ids(&page(first(2)).await), ["a", "b"]);
        assert_eq!(ids(&page(after("b", 2)).await), ["c", "d"]);
        assert_eq!(ids(&page(after("d", 2)).await), ["e"]);
        assert_eq!(ids(&page(after("e", 2)).await), [] as [&str; 0]);
    }
}

/// Asking for nothing gets nothing, not everything.
pub async fn zero_limit_is_empty(store: Arc<dyn Store>) {
    create_with(&*store, "1", vec![effect("e1", at(0))]).await;
    store.refuse(refusal(&key("1"), "x")).await.expect("refuse");
    let any = EntityFilter::default();
    assert_eq!(listed(&*store, &any, &first(0)).await, [] as [&str; 0]);
    assert_eq!(store.log(&key("1"), 0, 0).await.expect("log"), []);
    assert_eq!(store.refusals(&key("1"), 0).await.expect("refusals"), []);
    assert_eq!(store.due_timers(at(0), 0).await.expect("due_timers"), []);
    assert_eq!(claim(&*store, at(10), 0).await, []);
    let effects = store
        .effects("main", &EffectFilter::default(), &first(0))
        .await;
    assert_eq!(effects.expect("effects"), []);
}
