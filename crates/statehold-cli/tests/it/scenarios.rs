//! `test`: what it prints of scenarios that hold and of those that do not, and how it ends.

use crate::support::{Place, expect_file};

/// The example with one wrong expectation and without the scenarios that come by the rest of the chart.
fn with_a_wrong_expectation() -> Place {
    let place = Place::example("order");
    place.write(
        "order.test.yaml",
        "test: 1
scenarios:
  - name: an order can be cancelled after it was shipped
    given: { state: shipped, context: { customer_id: cust_1, total: 1200 } }
    steps:
      - advance: 1d
      - fire: cancel
        expect: cancelled
  - name: a parcel counts as delivered after thirty days
    given: { state: shipped, context: { customer_id: cust_1, total: 1200 } }
    steps:
      - advance: 30d
        expect: delivered
",
    );
    place
}

#[test]
fn a_failed_scenario_is_drawn_with_what_was_possible_and_the_way_until_then() {
    let ran = with_a_wrong_expectation().run(&["test"]).ended(1);
    expect_file("test_failed.txt", &ran.stdout);
}

#[test]
fn coverage_lists_what_no_scenario_comes_by_and_may_be_a_rule() {
    let place = with_a_wrong_expectation();
    let args = ["test", "--only", "thirty", "--fail-under", "90"];
    let ran = place.run(&args).ended(1);
    expect_file("test_coverage.txt", &ran.stdout);
    place.run(&["test", "--only", "thirty"]).ended(0);
    place
        .run(&["test", "--only", "thirty", "--fail-under", "5"])
        .ended(0);
}

#[test]
fn the_example_passes_with_all_of_its_chart_covered() {
    let ran = Place::example("order")
        .run(&["test", "--coverage", "--json"])
        .ended(0);
    let document = ran.json();
    assert_eq!(document["failed"], 0);
    assert_eq!(document["coverage"][0]["percent"], 100.0);
    assert!(
        document["scenarios"]
            .as_u64()
            .is_some_and(|scenarios| scenarios > 20),
        "{document}"
    );
}

#[test]
fn junit_has_one_case_per_scenario() {
    let place = with_a_wrong_expectation();
    place.run(&["test", "--junit", "results.xml"]).ended(1);
    let xml = place.read("results.xml");
    assert!(
        xml.contains("<testsuite name=\"order.test.yaml\" tests=\"2\" failures=\"1\">"),
        "{xml}"
    );
    assert_eq!(xml.matches("<testcase ").count(), 2);
    assert!(
        xml.contains("expected applied, found no_transition"),
        "{xml}"
    );
}

#[test]
fn a_scenario_file_that_cannot_be_used_names_the_place() {
    let place = Place::example("order");
    place.write(
        "order.test.yaml",
        "test: 1\nscenarios:\n  - name: a\n    steps: [ { fier: pay } ]\n",
    );
    for args in [["test", "."], ["check", "."]] {
        let ran = place.run(&args).ended(1);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(
            said.contains("SH0103") && said.contains("did you mean `fire`?"),
            "{said}"
        );
    }
}

#[test]
fn a_scenario_file_without_its_chart_says_where_it_looked() {
    let place = Place::empty();
    place.write("door.test.yaml", "test: 1\nscenarios: []\n");
    let ran = place.run(&["test"]).ended(2);
    assert!(ran.stderr.contains("door.chart.yaml"), "{}", ran.stderr);
    let ran = Place::empty().run(&["test"]).ended(2);
    assert!(ran.stderr.contains("scenarios"), "{}", ran.stderr);
}
