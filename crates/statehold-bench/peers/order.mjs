// The order of charts/order.chart.yaml, as far as the comparison goes: `charge` and `refund` in turn, each with a guard
// and an assign, through XState's pure `transition`. Prints nanoseconds per step of each round as one JSON line.
// Usage: node order.mjs ROUNDS STEPS

import { assign, initialTransition, setup, transition } from "xstate";

const [rounds, steps] = process.argv.slice(2).map(Number);

const machine = setup({
  guards: {
    within_limit: ({ context }) => context.total <= context.limit,
    is_paid: ({ context }) => context.paid > 0,
  },
  actions: {
    note_paid: assign({ paid: ({ context }) => context.total }),
    clear_paid: assign({ paid: 0 }),
  },
}).createMachine({
  id: "order",
  context: ({ input }) => ({ currency: "EUR", paid: 0, ...input }),
  initial: "pending",
  states: {
    pending: {
      on: {
        abort: "cancelled",
        charge: { target: "paid", guard: "within_limit", actions: "note_paid" },
      },
    },
    paid: {
      on: {
        refund: { target: "pending", guard: "is_paid", actions: "clear_paid" },
        ship: "shipped",
      },
    },
    shipped: { on: { delivered: "delivered" } },
    delivered: { type: "final" },
    cancelled: { type: "final" },
  },
});

const charge = { type: "charge" };
const refund = { type: "refund" };
let [snapshot] = initialTransition(machine, { customer_id: "c-1", total: 1200, limit: 5000 });

function round() {
  const begin = process.hrtime.bigint();
  for (let step = 0; step < steps; step += 2) {
    [snapshot] = transition(machine, snapshot, charge);
    if (snapshot.value !== "paid" || snapshot.context.paid !== 1200) throw new Error("not paid");
    [snapshot] = transition(machine, snapshot, refund);
    if (snapshot.value !== "pending" || snapshot.context.paid !== 0) throw new Error("not refunded");
  }
  return Number(process.hrtime.bigint() - begin) / steps;
}

// The first rounds are interpreted and compiled; they do not count.
for (let warm = 0; warm < 20; warm += 1) round();
const nanos = Array.from({ length: rounds }, round);
process.stdout.write(`${JSON.stringify(nanos)}\n`);
