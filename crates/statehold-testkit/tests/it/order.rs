//! The scenarios of the order example hold.

use statehold_core::Machine;
use statehold_testkit::{ScenarioFile, run};

const CHART: &str = include_str!("../../../../examples/order/order.chart.yaml");
const TESTS: &str = include_str!("../../../../examples/order/order.test.yaml");

#[test]
fn every_scenario_of_the_order_example_passes() {
    let machine = Machine::from_yaml(CHART).expect("a chart");
    let file = ScenarioFile::load("order.test.yaml", TESTS)
        .unwrap_or_else(|problems| panic!("{problems:#?}"));
    let verdicts = run(&machine, &file.scenarios);
    let failed: Vec<_> = verdicts
        .iter()
        .filter(|verdict| !verdict.passed())
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(verdicts.len(), 19);
}
