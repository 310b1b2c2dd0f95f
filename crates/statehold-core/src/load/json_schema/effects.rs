//! What editors show for the keys of effects, their requests and retries.

use serde_json::json;

use super::super::keys::{EFFECT, REQUEST, RETRY};
use super::shared::{anything, of, text};
use super::{Doc, doc};
use crate::retry::MAX_ATTEMPTS;

pub(super) const DOCS: &[Doc] = &[
    doc(
        EFFECT,
        "http",
        || of("request"),
        "The HTTP request to send. It is filled in and frozen in the transaction of the step, and carries an `Idempotency-Key` that stays the same over all attempts.",
        || json!([{ "method": "POST", "url": "${env.PAYMENTS}/charges", "body": { "amount": "${ctx.total}" } }]),
    ),
    doc(
        EFFECT,
        "handler",
        || json!({ "type": "string", "minLength": 1 }),
        "Name of the code that does it, in whatever form its own world gives names. It gets the arguments of the effect.",
        || json!(["sendMail"]),
    ),
    doc(
        EFFECT,
        "timeout",
        || json!({ "$ref": "#/$defs/duration", "default": "10s" }),
        "How long one call may take, at most five minutes.",
        || json!(["10s"]),
    ),
    doc(
        EFFECT,
        "retry",
        || of("retry"),
        "What is tried again, how often and how far apart. Left out: five attempts, 1 s to 1 min apart.",
        || json!([{ "attempts": 6, "backoff": "2s..5m", "on": ["timeout", 429, "5xx"] }]),
    ),
    doc(
        EFFECT,
        "ok",
        || of("condition"),
        "When a reply means yes, in CEL over `response.status` and `response.body`. Left out: any 2xx.",
        || json!(["response.status == 200 && response.body.state == 'settled'"]),
    ),
    doc(
        EFFECT,
        "refused",
        || of("condition"),
        "When a reply means a business no that is not tried again. Left out: 4xx but 408, 425 and 429.",
        || json!(["response.body.code == 'card_declined'"]),
    ),
    doc(
        EFFECT,
        "mode",
        || json!({ "enum": ["async", "fire_and_forget"], "default": "async" }),
        "`async`: the end comes back as `done.effect.NAME` or `error.effect.NAME`. `fire_and_forget`: the chart hears nothing of it.",
        || json!(["fire_and_forget"]),
    ),
    doc(
        EFFECT,
        "on_dead",
        || json!({ "enum": ["raise", "continue"] }),
        "What happens when all attempts are used up: `raise` fires `error.effect.NAME`, `continue` leaves it to a person. Left out: it is raised only if the call can certainly not have happened.",
        || json!(["raise"]),
    ),
    doc(EFFECT, "label", text, "Name for people.", || {
        json!(["Charge the card"])
    }),
    doc(
        EFFECT,
        "description",
        text,
        "Words for people. Markdown is welcome.",
        || json!(["Asks the bank for the whole amount."]),
    ),
    doc(
        EFFECT,
        "meta",
        anything,
        "Free data that nobody looks at.",
        || json!([{ "owner": "payments" }]),
    ),
    doc(
        REQUEST,
        "method",
        || json!({ "enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] }),
        "The HTTP method.",
        || json!(["POST"]),
    ),
    doc(
        REQUEST,
        "url",
        || json!({ "type": "string", "pattern": r"^\$\{env\.[A-Za-z_][A-Za-z0-9_]*\}(?:[/?].*)?$" }),
        "The address. It begins with a destination that the configuration names, so that no chart and no event chooses the host; `${CEL}` further on is encoded by itself.",
        || json!(["${env.PAYMENTS}/charges/${ctx.charge_id}"]),
    ),
    doc(
        REQUEST,
        "headers",
        || json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        "Header fields. A value that is `${env.NAME}` alone is a secret: it is filled in when the request is sent and never stored.",
        || json!([{ "Authorization": "${env.PAYMENTS_TOKEN}" }]),
    ),
    doc(
        REQUEST,
        "body",
        anything,
        "JSON body. Text is literal but for `${CEL}`; a text that is one expression alone keeps the type of its value.",
        || json!([{ "amount": "${ctx.total}", "note": "order ${entity.id}" }]),
    ),
    doc(
        RETRY,
        "attempts",
        || json!({ "type": "integer", "minimum": 1, "maximum": MAX_ATTEMPTS, "default": 5 }),
        "Attempts in all, the first one included.",
        || json!([6]),
    ),
    doc(
        RETRY,
        "backoff",
        || json!({ "$ref": "#/$defs/backoff", "default": "1s..1m" }),
        "Shortest and longest pause. It grows from one to the other, with chance in it.",
        || json!(["2s..5m"]),
    ),
    doc(
        RETRY,
        "on",
        || {
            let one = json!({ "anyOf": [{ "enum": ["timeout", "5xx"] }, { "type": "integer", "minimum": 400, "maximum": 599 }] });
            json!({ "anyOf": [one, { "type": "array", "items": one }] })
        },
        "Failures that are tried again: `timeout`, `5xx`, `429`, or other statuses from 400 to 599. What could not be sent always is.",
        || json!([["timeout", 429, "5xx", 409]]),
    ),
    doc(
        RETRY,
        "total",
        || of("duration"),
        "No attempt begins later than this after the first one.",
        || json!(["1h"]),
    ),
];
