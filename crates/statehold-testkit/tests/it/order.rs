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

#[test]
fn the_scenarios_of_the_guide_pass() {
    let guide = include_str!("../../../../docs/guides/test-your-chart.md");
    let machine = Machine::from_yaml(CHART).expect("a chart");
    let blocks: Vec<&str> = guide
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let file = ScenarioFile::load("guide.test.yaml", block)
            .unwrap_or_else(|problems| panic!("{problems:#?}"));
        for verdict in run(&machine, &file.scenarios) {
            assert!(verdict.passed(), "{verdict:#?}");
        }
    }
}
