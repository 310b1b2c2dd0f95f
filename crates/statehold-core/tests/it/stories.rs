//! The programs of `examples/` do what they say.

#[allow(dead_code)]
#[path = "../../examples/order.rs"]
mod order;
#[allow(dead_code)]
#[path = "../../examples/turnstile.rs"]
mod turnstile;

#[test]
fn the_turnstile_refuses_without_a_coin() {
    assert_eq!(
        turnstile::story().unwrap(),
        "push: no_transition: `push` is not accepted in state `locked` [\"coin\"]\n\
         coin: locked -> open\n\
         coin: open -> open\n\
         push: open -> locked\n\
         2 coins\n"
    );
}

#[test]
fn the_order_is_paid_by_its_customer_and_refundable_for_two_weeks() {
    assert_eq!(
        order::story().unwrap(),
        "created pending: 48h is due 2026-01-03T00:00:00Z\n\
         anybody: forbidden: actor `anonymous` may not fire `pay`; actor `anonymous` may not fire `pay` (pay)\n\
         ann: charging, asks for charge_card\n\
         the bank: paid, paid at \"2026-01-01T00:00:02Z\"\n\
         15 days later: guard_failed: `cancel` is refused in state `paid`; guard `in_refund_window` is false (paid on cancel)\n"
    );
}
