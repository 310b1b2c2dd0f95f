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
    assert_eq!(verdicts.len(), 21);
}

#[test]
fn the_scenarios_of_the_order_example_come_by_everything() {
    let machine = Machine::from_yaml(CHART).expect("a chart");
    let file = ScenarioFile::load("order.test.yaml", TESTS).expect("scenarios");
    let (_, coverage) = statehold_testkit::run_observed(&machine, &file.scenarios);
    let missing: Vec<String> = coverage
        .missing()
        .into_iter()
        .map(|item| item.name)
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
