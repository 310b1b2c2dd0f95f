//! Recurring timers, and timers that are due together.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use statehold_core::Machine;
use statehold_engine::{EntityView, FireEvent, NewEntity, TimerView};

use crate::support::{World, on_every_store};

const DAY: Duration = Duration::from_secs(24 * 3600);

const PLAN: &str = "
statehold: 1
machine: plan
version: 1
context:
  on: { type: boolean, default: true }
  n: { type: integer, default: 0 }
  trail: { type: list, default: [] }
initial: active
states:
  active:
    after:
      - { cron: '0 9 * * *', tz: Europe/Berlin, guard: ctx.on, assign: { n: ctx.n + 1 } }
    on:
      toggle: { assign: { on: '!ctx.on' } }
      again: { target: active, reenter: true }
      race: race
      stop: stopped
  race:
    after:
      - { delay: 2h, name: zulu, assign: { trail: \"ctx.trail + ['zulu']\" } }
      - { delay: 2h, name: alpha, assign: { trail: \"ctx.trail + ['alpha']\" } }
      - { delay: 1h, name: mike, assign: { trail: \"ctx.trail + ['mike']\" } }
      - { delay: 2h, name: lima, assign: { trail: \"ctx.trail + ['lima']\" } }
  stopped: {}
";

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

/// The world's clock begins on 1 March 2026 at noon, UTC; nine o'clock in Berlin is eight o'clock UTC until the 29th.
async fn with_plan(world: &mut World) {
    let machine = Machine::load("plan.chart.yaml", PLAN).expect("valid");
    let published = world.engine.publish(machine.machine, "tests").await;
    published.expect("published");
    let new = NewEntity::input(json!({})).id("p");
    world.engine.create("plan", new).await.expect("created");
    world.start_workers();
}

async fn plan(world: &World) -> EntityView {
    world.engine.get("plan", "p").await.expect("a plan")
}

async fn timers(world: &World) -> Vec<TimerView> {
    world.engine.timers("plan", "p").await.expect("timers")
}

async fn fire(world: &World, kind: &str) {
    let fired = world.engine.fire("plan", "p", FireEvent::new(kind)).await;
    fired.expect("applied");
}

async fn until_count(world: &World, count: i64) {
    world
        .until(|| async { plan(world).await.context["n"] == count })
        .await;
}

/// Waits until the only timer is due at this instant.
async fn until_due(world: &World, due: &str) {
    let due = at(due);
    world
        .until(|| async { matches!(timers(world).await.as_slice(), [one] if one.due == due) })
        .await;
}

#[tokio::test]
async fn a_recurring_timer_fires_each_time_and_is_one_row() {
    on_every_store(|mut world| async move {
        with_plan(&mut world).await;
        until_due(&world, "2026-03-02T08:00:00Z").await;
        for day in 1..=3 {
            world.clock.advance(DAY);
            until_count(&world, day).await;
        }
        until_due(&world, "2026-03-05T08:00:00Z").await;
        let log = world.engine.log("plan", "p", 1, 100).await.expect("a log");
        assert_eq!(log.len(), 3);
        let mut ids: Vec<&str> = log.iter().map(|row| row.event_id.as_str()).collect();
        ids.dedup();
        assert_eq!(ids.len(), 3, "{ids:?}");
        assert!(log.iter().all(|row| row.event == "timer.active.cron"));
        world.stop_workers().await;
    })
    .await;
}

/// A node that was down for days, or a clock that jumps, must not fire a backlog.
#[tokio::test]
async fn missed_times_are_one_firing_and_the_next_keeps_the_zone() {
    on_every_store(|mut world| async move {
        with_plan(&mut world).await;
        world.clock.advance(DAY * 30);
        until_count(&world, 1).await;
        // Summer time has begun: nine in Berlin is seven, UTC.
        until_due(&world, "2026-04-01T07:00:00Z").await;
        assert_eq!(plan(&world).await.revision, 1);
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn a_firing_that_a_guard_refuses_does_not_end_the_recurrence() {
    on_every_store(|mut world| async move {
        with_plan(&mut world).await;
        fire(&world, "toggle").await;
        world.clock.advance(DAY);
        until_due(&world, "2026-03-03T08:00:00Z").await;
        assert_eq!(plan(&world).await.context["n"], 0);
        fire(&world, "toggle").await;
        world.clock.advance(DAY);
        until_count(&world, 1).await;
        until_due(&world, "2026-03-04T08:00:00Z").await;
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn leaving_the_state_ends_the_recurrence_and_entering_again_begins_another() {
    on_every_store(|mut world| async move {
        with_plan(&mut world).await;
        world.clock.advance(DAY);
        until_count(&world, 1).await;
        fire(&world, "again").await;
        until_due(&world, "2026-03-03T08:00:00Z").await;
        world.clock.advance(DAY);
        until_count(&world, 2).await;
        fire(&world, "stop").await;
        assert!(timers(&world).await.is_empty());
        assert_eq!(world.store.next_due().await.expect("answered"), None);
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn timers_due_together_fire_by_due_time_and_then_as_they_were_set() {
    on_every_store(|mut world| async move {
        with_plan(&mut world).await;
        fire(&world, "race").await;
        world.clock.advance(DAY);
        let all = json!(["mike", "zulu", "alpha", "lima"]);
        world
            .until(|| async {
                let trail = plan(&world).await.context["trail"].clone();
                trail.as_array().is_some_and(|trail| trail.len() == 4)
            })
            .await;
        assert_eq!(plan(&world).await.context["trail"], all);
        world.stop_workers().await;
    })
    .await;
}
