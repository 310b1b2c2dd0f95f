//! Reading: entities, logs, refusals, timers, effects, as views.

use statehold_core::codes;
use statehold_store::{EffectFilter, EffectStatus, EntityFilter, EntityStatus, Page};

use crate::door;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::recall;
use crate::views::{
    self, EffectDetails, EffectView, EntityView, LogView, Paged, RefusalView, TimerView,
};

/// Rows of one page, at most. A reply of this many full contexts is what a caller can still swallow.
pub const PAGE_MAX: u32 = 1_000;

/// Rows of one entity's log, refusals or effects in one answer, at most.
pub const HISTORY_MAX: u32 = 10_000;

impl Engine {
    /// One entity.
    ///
    /// # Errors
    /// There is none, or the store failed.
    pub async fn get(&self, machine: &str, id: &str) -> Result<EntityView, EngineError> {
        self.machine(machine, None)?;
        let key = door::entity_key(&self.tenant, machine, id)?;
        let (row, _) = self.load(&key, None).await?;
        self.view(&row)
    }

    /// Entities of a machine by id, those in `state` or below and of `status` (`active`, `done`) if given.
    ///
    /// # Errors
    /// There is no such machine, the status is unknown, or the store failed.
    pub async fn list(
        &self,
        machine: &str,
        state: Option<&str>,
        status: Option<&str>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Paged<EntityView>, EngineError> {
        self.machine(machine, None)?;
        let filter = EntityFilter {
            state: state.map(str::to_owned),
            status: status.map(parse_status).transpose()?,
        };
        let page = page(cursor, limit);
        let rows = self
            .shared
            .store
            .entities(&self.tenant, machine, &filter, &page)
            .await;
        let rows = rows.map_err(EngineError::store(format!("list entities of `{machine}`")))?;
        let next_cursor = next_cursor(&rows, page.limit, |row| &row.key.id);
        let items = rows
            .iter()
            .map(|row| self.view(row))
            .collect::<Result<_, _>>()?;
        Ok(Paged { items, next_cursor })
    }

    /// An entity's log, oldest first: at most `limit` rows from a position on.
    ///
    /// # Errors
    /// There is no such entity, or the store failed.
    pub async fn log(
        &self,
        machine: &str,
        id: &str,
        from_seq: u64,
        limit: u32,
    ) -> Result<Vec<LogView>, EngineError> {
        let key = self.existing(machine, id).await?;
        let limit = limit.clamp(1, HISTORY_MAX);
        let rows = self.shared.store.log(&key, from_seq, limit).await;
        let rows = rows.map_err(EngineError::store(format!("read the log of `{id}`")))?;
        Ok(rows.into_iter().map(views::log).collect())
    }

    /// Refused events of an entity, oldest first.
    ///
    /// # Errors
    /// There is no such entity, or the store failed.
    pub async fn refusals(&self, machine: &str, id: &str) -> Result<Vec<RefusalView>, EngineError> {
        let key = self.existing(machine, id).await?;
        let rows = self.shared.store.refusals(&key, HISTORY_MAX).await;
        let rows = rows.map_err(EngineError::store(format!("read the refusals of `{id}`")))?;
        Ok(rows.into_iter().map(views::refusal).collect())
    }

    /// Timers of an entity, the next one first.
    ///
    /// # Errors
    /// There is no such entity, or the store failed.
    pub async fn timers(&self, machine: &str, id: &str) -> Result<Vec<TimerView>, EngineError> {
        let key = self.existing(machine, id).await?;
        let rows = self.shared.store.timers(&key).await;
        let rows = rows.map_err(EngineError::store(format!("read the timers of `{id}`")))?;
        // What the engine marks for itself is no timer of the chart.
        let own = rows.into_iter().filter(|row| !recall::is_mark(&row.timer));
        Ok(own.map(views::timer).collect())
    }

    /// Effects of an entity, oldest first.
    ///
    /// # Errors
    /// There is no such entity, or the store failed.
    pub async fn entity_effects(
        &self,
        machine: &str,
        id: &str,
    ) -> Result<Vec<EffectView>, EngineError> {
        let filter = EffectFilter {
            entity: Some(self.existing(machine, id).await?),
            ..EffectFilter::default()
        };
        let page = Page {
            after: None,
            limit: HISTORY_MAX,
        };
        let rows = self
            .shared
            .store
            .effects(&self.tenant, &filter, &page)
            .await;
        let rows = rows.map_err(EngineError::store(format!("read the effects of `{id}`")))?;
        Ok(rows.into_iter().map(views::effect).collect())
    }

    /// Effects by id, those of a machine and with a status if given.
    ///
    /// # Errors
    /// The status is unknown, or the store failed.
    pub async fn effects(
        &self,
        machine: Option<&str>,
        status: Option<&str>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Paged<EffectView>, EngineError> {
        let statuses = match status {
            None => Vec::new(),
            Some(name) => vec![parse_effect_status(name)?],
        };
        let filter = EffectFilter {
            entity: None,
            machine: machine.map(str::to_owned),
            statuses,
        };
        self.effects_page(&filter, cursor, limit).await
    }

    /// Dead letters by id: effects that will not be tried again without a person.
    ///
    /// # Errors
    /// The store failed.
    pub async fn dead_letters(
        &self,
        machine: Option<&str>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Paged<EffectView>, EngineError> {
        let filter = EffectFilter {
            entity: None,
            machine: machine.map(str::to_owned),
            statuses: vec![EffectStatus::Dead],
        };
        self.effects_page(&filter, cursor, limit).await
    }

    /// One effect with its attempts and what operators did to it.
    ///
    /// # Errors
    /// There is none, or the store failed.
    pub async fn effect(&self, id: &str) -> Result<EffectDetails, EngineError> {
        let store = &self.shared.store;
        let doing = || EngineError::store(format!("read effect `{id}`"));
        let row = store.effect(&self.tenant, id).await.map_err(doing())?;
        let row = row.ok_or_else(|| unknown_effect(id))?;
        let tries = store
            .effect_attempts(&self.tenant, id)
            .await
            .map_err(doing())?;
        let operators = store
            .operator_acts(&self.tenant, id)
            .await
            .map_err(doing())?;
        Ok(EffectDetails {
            effect: views::effect(row),
            tries: tries.into_iter().map(views::attempt).collect(),
            operators: operators.into_iter().map(views::operator).collect(),
        })
    }

    async fn effects_page(
        &self,
        filter: &EffectFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Paged<EffectView>, EngineError> {
        let page = page(cursor, limit);
        let rows = self.shared.store.effects(&self.tenant, filter, &page).await;
        let rows = rows.map_err(EngineError::store("list effects"))?;
        let next_cursor = next_cursor(&rows, page.limit, |row| &row.id);
        Ok(Paged {
            items: rows.into_iter().map(views::effect).collect(),
            next_cursor,
        })
    }

    async fn existing(
        &self,
        machine: &str,
        id: &str,
    ) -> Result<statehold_store::EntityKey, EngineError> {
        self.machine(machine, None)?;
        let key = door::entity_key(&self.tenant, machine, id)?;
        self.load(&key, None).await?;
        Ok(key)
    }
}

pub(crate) fn unknown_effect(id: &str) -> EngineError {
    EngineError::invalid(
        codes::UNKNOWN_EFFECT_ID,
        format!("there is no effect `{id}`"),
    )
}

fn page(cursor: Option<&str>, limit: u32) -> Page {
    Page {
        after: cursor.map(str::to_owned),
        limit: limit.clamp(1, PAGE_MAX),
    }
}

fn next_cursor<T>(rows: &[T], limit: u32, id: impl Fn(&T) -> &String) -> Option<String> {
    let full = rows.len() >= limit as usize;
    rows.last().filter(|_| full).map(|row| id(row).clone())
}

fn parse_status(name: &str) -> Result<EntityStatus, EngineError> {
    EntityStatus::from_name(name).ok_or_else(|| {
        EngineError::invalid(
            codes::BAD_QUERY,
            format!("status `{name}`: expected `active` or `done`"),
        )
    })
}

fn parse_effect_status(name: &str) -> Result<EffectStatus, EngineError> {
    EffectStatus::from_name(name).ok_or_else(|| {
        let known = EffectStatus::ALL.map(EffectStatus::as_str).join(", ");
        EngineError::invalid(
            codes::BAD_QUERY,
            format!("status `{name}`: expected one of {known}"),
        )
    })
}
