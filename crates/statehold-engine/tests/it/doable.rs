//! Charts that ask for what this release does not do.

use serde_json::json;
use statehold_core::{Event, FrozenRequest, Machine, Outcome, codes};
use statehold_engine::Engine;

use crate::support::on_every_store;

const CHART: &str = "
statehold: 1
machine: letter
version: 1
initial: draft
states: { draft: { on: { send: { target: sent, effects: [ mail ] } } }, sent: {} }
effects: { mail: { handler: sendMail } }
";

#[tokio::test]
async fn a_chart_whose_work_nobody_does_can_be_tried_and_not_published() {
    on_every_store(|world| async move {
        let machine = Machine::load("letter.chart.yaml", CHART)
            .expect("valid")
            .machine;
        let draft = machine
            .start(json!({}), world.engine.now())
            .expect("created");
        let sent = machine.step(&draft.snapshot, &Event::new("send"), world.engine.now());
        let request = &sent.expect("taken").effects[0].request;
        assert!(matches!(request, FrozenRequest::Handler(work) if work.handler == "sendMail"));
        let checked = Engine::check_doable(&machine).expect_err("nobody does it");
        let refused = world.engine.publish(machine, "tests").await;
        let refused = refused.expect_err("nobody does it");
        assert_eq!(refused.code(), codes::NOT_SUPPORTED_YET);
        assert_eq!(refused.outcome(), Some(Outcome::InvalidInput));
        assert_eq!(refused.to_string(), checked.to_string());
        assert!(
            refused
                .to_string()
                .contains("handler `sendMail` to do effect `mail`")
        );
        assert!(world.engine.machine("letter", None).is_err());
    })
    .await;
}
