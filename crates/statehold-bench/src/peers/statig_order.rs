//! The order as a statig machine: states are methods, guards and assignments plain Rust on the fields of a struct.

use std::hint::black_box;

use statig::prelude::*;

use crate::step::nanos_of;

/// A step takes a few nanoseconds: many more of them than elsewhere between two looks at the clock.
const STEPS: u32 = 100_000;

struct Order {
    total: i64,
    limit: i64,
    paid: i64,
}

enum Event {
    Charge,
    Refund,
}

#[state_machine(initial = "State::pending()")]
impl Order {
    #[state]
    fn pending(&mut self, event: &Event) -> Outcome<State> {
        match event {
            Event::Charge if self.total <= self.limit => {
                self.paid = self.total;
                Transition(State::paid())
            }
            _ => Super,
        }
    }

    #[state]
    fn paid(&mut self, event: &Event) -> Outcome<State> {
        match event {
            Event::Refund if self.paid > 0 => {
                self.paid = 0;
                Transition(State::pending())
            }
            _ => Super,
        }
    }
}

pub(super) fn nanos_per_step() -> f64 {
    let order = Order {
        total: 1200,
        limit: 5000,
        paid: 0,
    };
    let mut machine = order.state_machine();
    nanos_of(STEPS, || {
        for _ in 0..STEPS / 2 {
            black_box(&mut machine).handle(black_box(&Event::Charge));
            black_box(&mut machine).handle(black_box(&Event::Refund));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_goes_there_and_back() {
        let order = Order {
            total: 1200,
            limit: 5000,
            paid: 0,
        };
        let mut machine = order.state_machine();
        machine.handle(&Event::Charge);
        assert!(matches!(machine.state(), State::Paid {}));
        assert_eq!(machine.inner().paid, 1200);
        machine.handle(&Event::Refund);
        assert!(matches!(machine.state(), State::Pending {}));
        assert_eq!(machine.inner().paid, 0);
    }
}
