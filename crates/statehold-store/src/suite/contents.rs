//! Everything a store holds about some entities, to compare before with after or one store with another.

use crate::Store;
use crate::rows::*;

/// More rows than any rule writes.
const ROWS_MAX: u32 = 10_000;

/// All rows of some entities and their tenants.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    entities: Vec<Entity>,
    tenants: Vec<Tenant>,
    next_due: Option<jiff::Timestamp>,
}

#[derive(Debug, Clone, PartialEq)]
struct Entity {
    row: Option<EntityRow>,
    log: Vec<LogRow>,
    timers: Vec<TimerRow>,
    refusals: Vec<RefusalRow>,
}

#[derive(Debug, Clone, PartialEq)]
struct Tenant {
    machines: Vec<MachineVersionRow>,
    effects: Vec<Effect>,
}

#[derive(Debug, Clone, PartialEq)]
struct Effect {
    row: EffectRow,
    attempts: Vec<EffectAttemptRow>,
    acts: Vec<OperatorRow>,
}

impl Contents {
    /// Gives timers other numbers, to compare stores that count differently.
    pub fn renumber_timers(&mut self, other: impl Fn(i64) -> i64) {
        let timers = self
            .entities
            .iter_mut()
            .flat_map(|entity| &mut entity.timers);
        for timer in timers {
            timer.number = other(timer.number);
        }
    }
}

/// Reads everything about the entities, and all effects and machines of their tenants.
pub async fn contents(store: &dyn Store, keys: &[EntityKey]) -> Contents {
    let mut tenants: Vec<&str> = keys.iter().map(|key| key.tenant.as_str()).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let mut found = Contents {
        entities: Vec::new(),
        tenants: Vec::new(),
        next_due: store.next_due().await.expect("next_due"),
    };
    for key in keys {
        found.entities.push(entity(store, key).await);
    }
    for name in tenants {
        found.tenants.push(tenant(store, name).await);
    }
    found
}

async fn entity(store: &dyn Store, key: &EntityKey) -> Entity {
    let loaded = store.load(key, None).await.expect("load");
    Entity {
        row: loaded.map(|(row, _)| row),
        log: store.log(key, 0, ROWS_MAX).await.expect("log"),
        timers: store.timers(key).await.expect("timers"),
        refusals: store.refusals(key, ROWS_MAX).await.expect("refusals"),
    }
}

async fn tenant(store: &dyn Store, name: &str) -> Tenant {
    let page = Page {
        after: None,
        limit: ROWS_MAX,
    };
    let rows = store.effects(name, &EffectFilter::default(), &page).await;
    let mut effects = Vec::new();
    for row in rows.expect("effects") {
        let attempts = store.effect_attempts(name, &row.id).await;
        let acts = store.operator_acts(name, &row.id).await;
        effects.push(Effect {
            row,
            attempts: attempts.expect("effect_attempts"),
            acts: acts.expect("operator_acts"),
        });
    }
    Tenant {
        machines: store.machine_versions(Some(name)).await.expect("versions"),
        effects,
    }
}
