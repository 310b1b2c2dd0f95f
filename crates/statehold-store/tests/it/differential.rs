//! Random plans of verbs, run over the reference and over each database: every answer and the final contents must agree.
//!
//! Names are drawn from a few, so that plans collide all the time: repeated events, lost races, stale epochs, cancelled
//! timers, taken ids.

use std::fmt::Debug;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use statehold_store::suite::contents::contents;
use statehold_store::suite::fixtures::{act, at, attempt, creation, effect, entry_of, key_of};
use statehold_store::suite::fixtures::{first, refusal, step, timer};
use statehold_store::*;

/// One verb of a plan. Numbers pick among what there is when the verb runs.
#[derive(Debug, Clone)]
enum Verb {
    Commit(CommitPlan),
    Claim {
        now: i64,
        limit: u32,
    },
    Heartbeat {
        effect: usize,
        lag: u64,
    },
    Release {
        effect: usize,
        lag: u64,
    },
    Settle(SettlePlan),
    Retry {
        effect: usize,
        tenant: usize,
    },
    Discard {
        effect: usize,
        tenant: usize,
    },
    DropTimer {
        number: i64,
    },
    PostponeTimer {
        number: i64,
        due: i64,
    },
    Refuse {
        entity: usize,
    },
    DueTimers {
        now: i64,
        limit: u32,
    },
    List {
        entity: usize,
        state: usize,
        limit: u32,
    },
    Effects {
        entity: usize,
        status: usize,
        limit: u32,
    },
}

#[derive(Debug, Clone)]
struct CommitPlan {
    entity: usize,
    /// The revision expected, against the one found.
    lead: i64,
    event: usize,
    state: usize,
    effects: Vec<(usize, i64, bool)>,
    timers: Vec<i64>,
    cancels: bool,
    consume: ConsumePlan,
}

#[derive(Debug, Clone)]
enum ConsumePlan {
    Nothing,
    Timer(i64),
    Effect(SettlePlan),
}

#[derive(Debug, Clone)]
struct SettlePlan {
    effect: usize,
    /// How far behind the stored epoch.
    lag: u64,
    end: usize,
    tried: bool,
}

const STATES: [&str; 4] = [
    "pending",
    "processing",
    "processing.payment",
    "processing_fee",
];

const ENDS: [EffectStatus; 5] = [
    EffectStatus::Ok,
    EffectStatus::Failed,
    EffectStatus::Dead,
    EffectStatus::Dead,
    EffectStatus::Cancelled,
];

const TENANTS: [&str; 2] = ["main", "other"];

fn keys() -> Vec<EntityKey> {
    vec![
        key_of("main", "order", "1"),
        key_of("main", "order", "2"),
        key_of("main", "payment", "1"),
        key_of("other", "order", "1"),
    ]
}

fn effect_ids() -> Vec<String> {
    (0..12).map(|n| format!("e{n}")).collect()
}

fn verb() -> impl Strategy<Value = Verb> {
    let effect = 0..12_usize;
    let lag = prop_oneof![4 => Just(0_u64), 1 => Just(1_u64)];
    let limit = 0..5_u32;
    prop_oneof![
        8 => commit_plan().prop_map(Verb::Commit),
        4 => (0..60_i64, limit.clone()).prop_map(|(now, limit)| Verb::Claim { now, limit }),
        1 => (effect.clone(), lag.clone()).prop_map(|(effect, lag)| Verb::Heartbeat { effect, lag }),
        1 => (effect.clone(), lag).prop_map(|(effect, lag)| Verb::Release { effect, lag }),
        4 => settle_plan().prop_map(Verb::Settle),
        2 => (effect.clone(), 0..2_usize).prop_map(|(effect, tenant)| Verb::Retry { effect, tenant }),
        1 => (effect, 0..2_usize).prop_map(|(effect, tenant)| Verb::Discard { effect, tenant }),
        1 => (1..12_i64).prop_map(|number| Verb::DropTimer { number }),
        1 => (1..12_i64, 0..60_i64).prop_map(|(number, due)| Verb::PostponeTimer { number, due }),
        1 => (0..4_usize).prop_map(|entity| Verb::Refuse { entity }),
        1 => (0..60_i64, limit.clone()).prop_map(|(now, limit)| Verb::DueTimers { now, limit }),
        1 => (0..4_usize, 0..5_usize, limit.clone())
            .prop_map(|(entity, state, limit)| Verb::List { entity, state, limit }),
        1 => (0..5_usize, 0..8_usize, limit)
            .prop_map(|(entity, status, limit)| Verb::Effects { entity, status, limit }),
    ]
}

fn commit_plan() -> impl Strategy<Value = CommitPlan> {
    let lead = prop_oneof![8 => Just(0_i64), 1 => Just(-1_i64), 1 => Just(1_i64)];
    let consume = prop_oneof![
        3 => Just(ConsumePlan::Nothing),
        1 => (1..12_i64).prop_map(ConsumePlan::Timer),
        2 => settle_plan().prop_map(ConsumePlan::Effect),
    ];
    (
        0..4_usize,
        lead,
        0..40_usize,
        0..STATES.len(),
        vec((0..12_usize, 0..60_i64, any::<bool>()), 0..3),
        vec(0..60_i64, 0..3),
        any::<bool>(),
        consume,
    )
        .prop_map(
            |(entity, lead, event, state, effects, timers, cancels, consume)| CommitPlan {
                entity,
                lead,
                event,
                state,
                effects,
                timers,
                cancels,
                consume,
            },
        )
}

fn settle_plan() -> impl Strategy<Value = SettlePlan> {
    let lag = prop_oneof![6 => Just(0_u64), 1 => Just(1_u64)];
    (0..12_usize, lag, 0..=ENDS.len(), any::<bool>()).prop_map(|(effect, lag, end, tried)| {
        SettlePlan {
            effect,
            lag,
            end,
            tried,
        }
    })
}

/// An answer as text, so that answers of all verbs compare alike. Errors compare by kind: their words are each store's own.
fn told<T: Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(StoreError::Broken { .. }) => "broken".to_owned(),
        Err(error) => panic!("neither done nor broken: {error:?}"),
    }
}

/// The epoch of an effect in whichever tenant it is, less a lag.
async fn epoch(reference: &dyn Store, effect: &str, lag: u64) -> u64 {
    for tenant in TENANTS {
        if let Some(row) = reference.effect(tenant, effect).await.expect("effect") {
            return row.epoch.saturating_sub(lag);
        }
    }
    0
}

/// The id of effect `n`, or of one that stands so if there is any: plans would rarely hit them otherwise.
async fn id_of(reference: &dyn Store, n: usize, status: EffectStatus) -> String {
    let filter = EffectFilter {
        statuses: vec![status],
        ..EffectFilter::default()
    };
    let mut fitting = Vec::new();
    for tenant in TENANTS {
        let rows = reference.effects(tenant, &filter, &first(100)).await;
        fitting.extend(rows.expect("effects").into_iter().map(|row| row.id));
    }
    // One in three stays as it was drawn.
    if fitting.is_empty() || n.is_multiple_of(3) {
        return format!("e{n}");
    }
    fitting.swap_remove(n % fitting.len())
}

async fn settle_of(reference: &dyn Store, plan: &SettlePlan) -> Settle {
    let effect = id_of(reference, plan.effect, EffectStatus::Claimed).await;
    let epoch = epoch(reference, &effect, plan.lag).await;
    Settle {
        effect,
        epoch,
        attempt: plan.tried.then(|| attempt(epoch, "transient")),
        to: match ENDS.get(plan.end) {
            Some(status) => SettleTo::End {
                status: *status,
                at: at(70),
                error: plan.end.is_multiple_of(2).then(|| "it failed".to_owned()),
                reply: plan
                    .end
                    .is_multiple_of(3)
                    .then(|| r#"{"status":200}"#.to_owned()),
            },
            None => SettleTo::Retry { due: at(40) },
        },
    }
}

async fn commit_of(reference: &dyn Store, plan: &CommitPlan) -> Commit {
    let key = &keys()[plan.entity];
    let found = reference.load(key, None).await.expect("load");
    let mut commit = match found {
        None => creation(key),
        Some((row, _)) => {
            let revision = row.revision.saturating_add_signed(plan.lead);
            let state = STATES[plan.state];
            step(&EntityRow { revision, ..row }, "x", state)
        }
    };
    let event = format!("event {}", plan.event);
    commit.log.event_id = event;
    for (n, due, tied) in &plan.effects {
        let mut new = effect(&format!("e{n}"), at(*due));
        new.invoke = tied.then(|| entry_of(&commit.entity.state, 1));
        commit.effects.push(new);
    }
    for (n, due) in plan.timers.iter().enumerate() {
        let name = format!("{n}");
        commit
            .timers
            .push(timer(&commit.entity.state, 1, &name, at(*due)));
    }
    if plan.cancels && !commit.log.from_state.is_empty() {
        let left = entry_of(&commit.log.from_state, 1);
        commit.cancel_timers = vec![left.clone()];
        commit.cancel_invokes = vec![left, entry_of("pending", 1)];
    }
    commit.consume = match &plan.consume {
        ConsumePlan::Nothing => None,
        ConsumePlan::Timer(number) => Some(Consume::Timer { number: *number }),
        ConsumePlan::Effect(plan) => Some(Consume::Effect(settle_of(reference, plan).await)),
    };
    commit
}

/// Runs one verb over a store. What the plan leaves open is looked up in the reference, before either store runs it.
enum Call {
    Commit(Box<Commit>),
    Claim(Timestamp, u32),
    Heartbeat(String, u64),
    Release(String, u64),
    Settle(Settle),
    Retry(String, String),
    Discard(String, String),
    DropTimer(i64),
    PostponeTimer(i64, Timestamp),
    Refuse(RefusalRow),
    DueTimers(Timestamp, u32),
    List(EntityKey, EntityFilter, Page),
    Effects(String, EffectFilter, Page),
}

async fn call_of(reference: &dyn Store, verb: &Verb) -> Call {
    let id = |n: usize| format!("e{n}");
    let tenant = |n: usize| TENANTS[n].to_owned();
    match verb {
        Verb::Commit(plan) => Call::Commit(Box::new(commit_of(reference, plan).await)),
        Verb::Claim { now, limit } => Call::Claim(at(*now), *limit),
        Verb::Heartbeat { effect, lag } => {
            let epoch = epoch(reference, &id(*effect), *lag).await;
            Call::Heartbeat(id(*effect), epoch)
        }
        Verb::Release { effect, lag } => {
            let epoch = epoch(reference, &id(*effect), *lag).await;
            Call::Release(id(*effect), epoch)
        }
        Verb::Settle(plan) => Call::Settle(settle_of(reference, plan).await),
        Verb::Retry { effect, tenant: t } => {
            let effect = id_of(reference, *effect, EffectStatus::Dead).await;
            Call::Retry(tenant(*t), effect)
        }
        Verb::Discard { effect, tenant: t } => {
            let effect = id_of(reference, *effect, EffectStatus::Dead).await;
            Call::Discard(tenant(*t), effect)
        }
        Verb::DropTimer { number } => Call::DropTimer(*number),
        Verb::PostponeTimer { number, due } => Call::PostponeTimer(*number, at(*due)),
        Verb::Refuse { entity } => Call::Refuse(refusal(&keys()[*entity], "x")),
        Verb::DueTimers { now, limit } => Call::DueTimers(at(*now), *limit),
        Verb::List {
            entity,
            state,
            limit,
        } => {
            let filter = EntityFilter {
                state: STATES.get(*state).map(|state| (*state).to_owned()),
                status: None,
            };
            Call::List(keys()[*entity].clone(), filter, first(*limit))
        }
        Verb::Effects {
            entity,
            status,
            limit,
        } => {
            let filter = EffectFilter {
                entity: keys().get(*entity).cloned(),
                machine: None,
                statuses: EffectStatus::ALL
                    .get(*status)
                    .copied()
                    .into_iter()
                    .collect(),
            };
            let tenant = keys()
                .get(*entity)
                .map_or("main".to_owned(), |k| k.tenant.clone());
            Call::Effects(tenant, filter, first(*limit))
        }
    }
}

async fn run(store: &dyn Store, call: &Call, numbers: &Numbers) -> String {
    let lease = std::time::Duration::from_secs(15);
    match call {
        Call::Commit(commit) => told(store.commit(numbers.in_commit(commit)).await),
        Call::Claim(now, limit) => told(store.claim_effects(*now, lease, *limit).await),
        Call::Heartbeat(id, epoch) => told(store.heartbeat(id, *epoch, at(80)).await),
        Call::Release(id, epoch) => told(store.release(id, *epoch).await),
        Call::Settle(settle) => told(store.settle(settle.clone()).await),
        Call::Retry(tenant, id) => told(store.retry_dead(tenant, id, act(45, "why")).await),
        Call::Discard(tenant, id) => told(store.discard_dead(tenant, id, act(45, "why")).await),
        Call::DropTimer(number) => told(store.drop_timer(numbers.of(*number)).await),
        Call::PostponeTimer(number, due) => {
            told(store.postpone_timer(numbers.of(*number), *due).await)
        }
        Call::Refuse(row) => told(store.refuse(row.clone()).await),
        Call::DueTimers(now, limit) => {
            let mut rows = store.due_timers(*now, *limit).await;
            for row in rows.iter_mut().flatten() {
                row.number = numbers.plain(row.number);
            }
            told(rows)
        }
        Call::List(key, filter, page) => told(
            store
                .entities(&key.tenant, &key.machine, filter, page)
                .await,
        ),
        Call::Effects(tenant, filter, page) => told(store.effects(tenant, filter, page).await),
    }
}

async fn compare(plan: &[Verb], store: &dyn Store) {
    let reference = MemoryStore::new();
    let mut numbers = Numbers::default();
    for (n, verb) in plan.iter().enumerate() {
        let call = call_of(&reference, verb).await;
        let expected = run(&reference, &call, &Numbers::default()).await;
        let found = run(store, &call, &numbers).await;
        assert_eq!(found, expected, "verb {n}: {verb:?}");
        numbers.learn(&reference, store).await;
    }
    let expected = contents(&reference, &keys()).await;
    let mut found = contents(store, &keys()).await;
    found.renumber_timers(|number| numbers.plain(number));
    assert_eq!(found, expected);
}

/// The numbers that a store gave to timers, in the order in which they were set. The reference counts from 1 without
/// gaps; a database that rolled back may leave some out. Empty for a store that counts like the reference.
#[derive(Default)]
struct Numbers(std::collections::BTreeMap<i64, i64>);

impl Numbers {
    /// Pairs the timers that were set since the last time. Each verb sets timers of one entity at most.
    async fn learn(&mut self, reference: &dyn Store, store: &dyn Store) {
        for key in keys() {
            let plain = reference.timers(&key).await.expect("timers");
            let theirs = store.timers(&key).await.expect("timers");
            for (plain, theirs) in plain.iter().zip(&theirs) {
                self.0.insert(plain.number, theirs.number);
            }
        }
    }

    /// The store's number of the reference's timer. One that was never set has a number that no store has given.
    fn of(&self, plain: i64) -> i64 {
        if self.0.is_empty() {
            return plain;
        }
        self.0.get(&plain).copied().unwrap_or(i64::MAX)
    }

    /// The reference's number of the store's timer.
    fn plain(&self, number: i64) -> i64 {
        let known = self.0.iter().find(|(_, theirs)| **theirs == number);
        known.map_or(number, |(plain, _)| *plain)
    }

    fn in_commit(&self, commit: &Commit) -> Commit {
        let mut commit = commit.clone();
        if let Some(Consume::Timer { number }) = &mut commit.consume {
            *number = self.of(*number);
        }
        commit
    }
}

#[cfg(feature = "postgres")]
proptest! {
    // Each takes a database.
    #![proptest_config(ProptestConfig::with_cases(if statehold_testpg::is_nightly() { 200 } else { 16 }))]

    #[test]
    fn postgres_answers_like_the_reference(plan in vec(verb(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            if let Some((store, _database)) = crate::postgres::fresh().await {
                compare(&plan, &*store).await;
            }
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn sqlite_answers_like_the_reference(plan in vec(verb(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let sqlite = SqliteStore::open(SqliteConfig::memory()).expect("open");
        runtime.block_on(compare(&plan, &sqlite));
    }
}

/// The plans are worth something only if they get far: most kinds of answers must come up.
#[tokio::test]
async fn plans_reach_every_kind_of_answer() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut answers = String::new();
    for _ in 0..40 {
        let plan = vec(verb(), 120).new_tree(&mut runner).expect("a plan");
        let reference = MemoryStore::new();
        for verb in plan.current() {
            let call = call_of(&reference, &verb).await;
            answers.push_str(&run(&reference, &call, &Numbers::default()).await);
            answers.push('\n');
        }
    }
    for kind in [
        "Applied",
        "Conflict",
        "Duplicate",
        "Stale",
        "broken",
        "NotDead",
        "Missing",
        "Done",
        "true",
        "false",
        "Claimed",
    ] {
        let reached = answers.lines().filter(|line| line.contains(kind)).count();
        assert!(reached >= 10, "{kind}: {reached}");
    }
    let ids = effect_ids();
    assert!(ids.iter().all(|id| answers.contains(&format!("\"{id}\""))));
}
