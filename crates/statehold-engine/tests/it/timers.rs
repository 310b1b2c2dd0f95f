//! Timers: never early, at most once, gone with their state.

use std::time::Duration;

use statehold_engine::FireEvent;

use crate::support::on_every_store;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_timer_fires_when_its_time_has_come_and_not_before() {
    on_every_store(|mut world| async move {
        world.start_workers();
        world.create("o-1").await;
        world.clock.advance(HOUR * 48 - Duration::from_micros(1));
        // Something that is due wakes the workers; whatever they would do early they would have done by then.
        world.create("o-2").await;
        let due = world
            .store
            .due_timers(world.engine.now(), 10)
            .await
            .expect("answered");
        assert!(due.is_empty());
        assert_eq!(world.state("o-1").await, "pending");
        world.clock.advance(Duration::from_micros(1));
        world.until_state("o-1", "expired").await;
        let log = world
            .engine
            .log("order", "o-1", 0, 1000)
            .await
            .expect("a log");
        assert_eq!(log[1].event, "timer.pending.48h");
        assert_eq!(log[1].actor["kind"], "system");
        assert_eq!(world.state("o-2").await, "pending");
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn a_timer_is_gone_with_its_state() {
    on_every_store(|mut world| async move {
        world.create("o-1").await;
        world.create("o-2").await;
        world
            .engine
            .fire("order", "o-1", FireEvent::new("cancel"))
            .await
            .expect("applied");
        world.start_workers();
        world.clock.advance(HOUR * 49);
        world.until_state("o-2", "expired").await;
        assert_eq!(world.state("o-1").await, "cancelled");
        assert!(world.store.next_due().await.expect("answered").is_none());
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn a_backlog_of_timers_fires_each_exactly_once() {
    on_every_store(|mut world| async move {
        for n in 0..300 {
            world.create(&format!("o-{n}")).await;
        }
        world.clock.advance(HOUR * 48);
        world.start_workers();
        for n in 0..300 {
            world.until_state(&format!("o-{n}"), "expired").await;
            let log = world
                .engine
                .log("order", &format!("o-{n}"), 0, 1000)
                .await
                .expect("a log");
            assert_eq!(log.len(), 2);
        }
        world.stop_workers().await;
    })
    .await;
}

#[tokio::test]
async fn a_timer_of_the_root_fires_too() {
    const CHART: &str = "
statehold: 1
machine: offer
version: 1
context: {}
initial: open
after: { 7d: closed }
states:
  open: { on: { view: seen } }
  seen: {}
  closed: { type: final }
";
    on_every_store(|mut world| async move {
        let machine = statehold_core::Machine::load("offer.chart.yaml", CHART);
        let machine = machine.expect("valid").machine;
        world
            .engine
            .publish(machine, "tests")
            .await
            .expect("published");
        let new = statehold_engine::NewEntity::input(serde_json::json!({})).id("o");
        world.engine.create("offer", new).await.expect("created");
        world.start_workers();
        world.clock.advance(HOUR * 24 * 7);
        world
            .until(|| async {
                let offer = world.engine.get("offer", "o").await.expect("an offer");
                offer.state == "closed"
            })
            .await;
        world.stop_workers().await;
    })
    .await;
}
