//! Known charts in every format, as they were last looked at. The pictures of the documentation are the golden SVGs.

use statehold_core::Machine;
use statehold_diagram::{dot, mermaid, plantuml};

use crate::charts;

fn order() -> Machine {
    charts::load(include_str!("../../../../examples/order/order.chart.yaml"))
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

#[cfg(feature = "elk")]
#[test]
fn pictures_in_the_documentation_are_current() {
    use statehold_diagram::{Highlight, Options, svg};

    let checkout = charts::load(include_str!("../charts/checkout.chart.yaml"));
    let active = checkout
        .decode("processing(payment.declined|fulfilment.picking)")
        .unwrap();
    let highlighted = Options {
        highlight: Highlight::of(&checkout, &active),
        ..Options::default()
    };
    for (name, drawn) in [
        ("order", svg(&order(), &Options::default())),
        ("checkout", svg(&checkout, &highlighted)),
    ] {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/pictures");
        let path = format!("{root}/{name}.svg");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&path, &drawn).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(
            kept == drawn,
            "docs/pictures/{name}.svg is not what is drawn today; look at the difference, then run the test with UPDATE_EXPECTED=1"
        );
    }
}
