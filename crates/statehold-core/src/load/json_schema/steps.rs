//! What editors show for the keys of transitions, timers, invokes, actions, guards and invariants.

use serde_json::{Value, json};

use super::super::MAX_NAME_BYTES;
use super::super::keys::{ACTION, GUARD, INITIAL, INVARIANT, INVOKE, TIMER, TRANSITION};
use super::shared::{anything, of, text};
use super::{Doc, doc};

const TARGET: &str = "The state to enter: a name is looked for beside the source, then further out; `a.b` leads down, `.a` begins below the source, `/a` at the root. A list names states in different regions. Without a target nothing is left or entered.";
const GUARDED: &str = "The condition: CEL, the name of a declared guard, or `{if, reason, code}`. All guards see the entity as it was before the step.";
const ASSIGN: &str = "Context fields to write. Text is CEL, so text itself needs quotes of its own: `\"'EUR'\"`. All right sides see the context as it was.";
const ACTIONS: &str = "What to do, in order, after `assign` and before `effects`.";
const EFFECTS: &str = "Effects to ask for, by name or as `{effect, input}`.";
const REENTER: &str = "Leaves and enters the source again even if the target is the source or inside it: entry actions, timers and invokes begin anew.";
const LABEL: &str = "Name for people.";
const DESCRIPTION: &str = "Words for people. Markdown is welcome.";
const META: &str = "Free data that nobody looks at.";

fn yes_or_no() -> Value {
    json!({ "type": "boolean", "default": false })
}

fn a_target() -> Value {
    json!(["paid", ["payment.due", "delivery.open"]])
}

fn a_guard() -> Value {
    json!(["ctx.total > 0", { "if": "ctx.total > 0", "reason": "The total is zero" }])
}

fn an_assignment() -> Value {
    json!([{ "paid_at": "now", "tries": 0 }])
}

fn some_actions() -> Value {
    json!([[{ "raise": "checked" }]])
}

fn some_effects() -> Value {
    json!([["send_receipt"]])
}

fn a_label() -> Value {
    json!(["Paid in time"])
}

fn a_description() -> Value {
    json!(["The usual way."])
}

fn some_meta() -> Value {
    json!([{ "x": 1 }])
}

pub(super) const DOCS: &[Doc] = &[
    doc(TRANSITION, "target", || of("target"), TARGET, a_target),
    doc(TRANSITION, "guard", || of("guarded"), GUARDED, a_guard),
    doc(
        TRANSITION,
        "assign",
        || of("assignments"),
        ASSIGN,
        an_assignment,
    ),
    doc(
        TRANSITION,
        "actions",
        || of("actions"),
        ACTIONS,
        some_actions,
    ),
    doc(
        TRANSITION,
        "effects",
        || of("effect_uses"),
        EFFECTS,
        some_effects,
    ),
    doc(TRANSITION, "reenter", yes_or_no, REENTER, || json!([true])),
    doc(TRANSITION, "label", text, LABEL, a_label),
    doc(TRANSITION, "description", text, DESCRIPTION, a_description),
    doc(TRANSITION, "meta", anything, META, some_meta),
    doc(
        TIMER,
        "delay",
        || of("duration"),
        "How long after the state was entered: `48h`, `14d`, `1h30m`, `P14D`.",
        || json!(["14d", "PT90M"]),
    ),
    doc(
        TIMER,
        "at",
        text,
        "An instant in CEL, computed when the state is entered, after the entry actions.",
        || json!(["ctx.period_end", "now + hours(24 * ctx.failures)"]),
    ),
    doc(
        TIMER,
        "cron",
        text,
        "Recurring times: minute, hour, day of the month, month, weekday. It recurs for as long as the state lasts.",
        || json!(["0 9 1 * *", "*/15 8-18 * * mon-fri"]),
    ),
    doc(
        TIMER,
        "tz",
        || json!({ "type": "string", "default": "UTC" }),
        "The time zone of `cron`, by its name in the IANA database.",
        || json!(["Europe/Berlin"]),
    ),
    doc(
        TIMER,
        "name",
        || of("name"),
        "Name of the timer in its event `timer.STATE.NAME`. Without one it is the text of the delay.",
        || json!(["reminder"]),
    ),
    doc(TIMER, "target", || of("target"), TARGET, a_target),
    doc(TIMER, "guard", || of("guarded"), GUARDED, a_guard),
    doc(TIMER, "assign", || of("assignments"), ASSIGN, an_assignment),
    doc(TIMER, "actions", || of("actions"), ACTIONS, some_actions),
    doc(
        TIMER,
        "effects",
        || of("effect_uses"),
        EFFECTS,
        some_effects,
    ),
    doc(TIMER, "reenter", yes_or_no, REENTER, || json!([true])),
    doc(TIMER, "label", text, LABEL, a_label),
    doc(TIMER, "description", text, DESCRIPTION, a_description),
    doc(TIMER, "meta", anything, META, some_meta),
    doc(
        INVOKE,
        "effect",
        || of("name"),
        "The effect, as it is declared under `effects`.",
        || json!(["charge_card"]),
    ),
    doc(
        INVOKE,
        "input",
        || of("arguments"),
        "Arguments, which the request of the effect sees as `input`. Text is CEL.",
        || json!([{ "token": "event.input.payment_token" }]),
    ),
    doc(
        INVOKE,
        "onDone",
        || of("candidates"),
        "Where it leads when the call went well. `event.output` is the reply, `{status, body}`.",
        || json!([{ "target": "paid", "assign": { "paid_at": "now" } }]),
    ),
    doc(
        INVOKE,
        "onError",
        || of("candidates"),
        "Where it leads when the answer was no, or all attempts were used up. `event.error` is `{kind, status, body, message}`.",
        || json!(["pending"]),
    ),
    doc(INVOKE, "label", text, LABEL, a_label),
    doc(INVOKE, "description", text, DESCRIPTION, a_description),
    doc(INVOKE, "meta", anything, META, some_meta),
    doc(
        ACTION,
        "assign",
        || of("assignments"),
        ASSIGN,
        an_assignment,
    ),
    doc(
        ACTION,
        "raise",
        || of("event_name"),
        "Fires an event inside the step: it is taken before the step ends, and before anything from outside.",
        || json!(["checked"]),
    ),
    doc(
        ACTION,
        "effect",
        || of("name"),
        "Asks for an effect, whatever state the entity is in when its result comes.",
        || json!(["send_receipt"]),
    ),
    doc(
        ACTION,
        "input",
        || of("arguments"),
        "Arguments of the effect, or the input of the event. Text is CEL.",
        || json!([{ "to": "ctx.email" }]),
    ),
    doc(
        ACTION,
        "if",
        || of("condition"),
        "The condition under which `then` is done: CEL, or the name of a declared guard.",
        || json!(["has(ctx.email)"]),
    ),
    doc(
        ACTION,
        "then",
        || of("actions"),
        "What is done if the condition holds.",
        || json!([[{ "effect": "send_receipt" }]]),
    ),
    doc(
        ACTION,
        "else",
        || of("actions"),
        "What is done if it does not.",
        some_actions,
    ),
    doc(
        INITIAL,
        "target",
        || of("target"),
        "The state inside that is entered first.",
        || json!(["address"]),
    ),
    doc(
        INITIAL,
        "assign",
        || of("assignments"),
        ASSIGN,
        an_assignment,
    ),
    doc(INITIAL, "actions", || of("actions"), ACTIONS, some_actions),
    doc(
        INITIAL,
        "effects",
        || of("effect_uses"),
        EFFECTS,
        some_effects,
    ),
    doc(
        GUARD,
        "if",
        || of("condition"),
        "The condition, in CEL, or the name of a declared guard.",
        || json!(["ctx.total > 0"]),
    ),
    doc(
        GUARD,
        "reason",
        text,
        "What a caller reads whose event is refused by this guard.",
        || json!(["The cart is empty"]),
    ),
    doc(
        GUARD,
        "code",
        || json!({ "type": "string", "pattern": "^(?:[A-RT-Za-z0-9_.-]|S(?:[A-GI-Za-z0-9_.-]|$))[A-Za-z0-9_.-]*$", "maxLength": MAX_NAME_BYTES }),
        "A code of your own that a refused caller gets. Codes that begin with `SH` are ours.",
        || json!(["cart_empty"]),
    ),
    doc(
        INVARIANT,
        "check",
        || of("condition"),
        "The condition, in CEL, or the name of a declared guard.",
        || json!(["ctx.open >= 0"]),
    ),
    doc(
        INVARIANT,
        "enforce",
        yes_or_no,
        "Whether a step that breaks it fails. Otherwise the step is taken and says so.",
        || json!([true]),
    ),
    doc(
        INVARIANT,
        "reason",
        text,
        "What a caller reads whose event would break it.",
        || json!(["Nothing leaves unpaid"]),
    ),
];
