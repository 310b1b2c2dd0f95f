//! The order chart in every format, as it was last looked at.

use statehold_core::Machine;
#[cfg(feature = "elk")]
use statehold_diagram::{Options, svg};
use statehold_diagram::{dot, mermaid, plantuml};

use crate::charts;

fn order() -> Machine {
    charts::load(include_str!("../../../../examples/order/order.chart.yaml"))
}

#[cfg(feature = "elk")]
#[test]
fn order_as_svg() {
    insta::assert_snapshot!(svg(&order(), &Options::default()));
}

#[test]
fn order_as_mermaid() {
    insta::assert_snapshot!(mermaid(&order()).text);
}

#[test]
fn order_as_dot() {
    insta::assert_snapshot!(dot(&order()).text);
}

#[test]
fn order_as_plantuml() {
    insta::assert_snapshot!(plantuml(&order()).text);
}

#[test]
fn nothing_of_the_order_is_lost() {
    for exported in [mermaid(&order()), dot(&order()), plantuml(&order())] {
        assert_eq!(exported.losses, Vec::<String>::new());
    }
}
