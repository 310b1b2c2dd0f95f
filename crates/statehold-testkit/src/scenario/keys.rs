//! Every key of a scenario file, where it is valid and what it is for.

use statehold_core::source::{Format, KeySpec};

pub(super) const FILE: &str = "a scenario file";
pub(super) const SCENARIO: &str = "a scenario";
pub(super) const GIVEN: &str = "a beginning";
pub(super) const STEP: &str = "a step";
pub(super) const EXPECT: &str = "an expectation";
pub(super) const ACTOR: &str = "an actor";
pub(super) const REPLY: &str = "an answer";
pub(super) const REQUEST: &str = "an expected request";
pub(super) const DEFAULTS: &str = "the defaults";

const fn key(place: &'static str, key: &'static str, meaning: &'static str) -> KeySpec {
    KeySpec {
        place,
        key,
        meaning,
        built: true,
    }
}

pub(super) static FORMAT: Format = Format {
    keys: &[
        key(FILE, "test", "format version, 1"),
        key(FILE, "chart", "the chart file, beside this one"),
        key(FILE, "actors", "actors by name"),
        key(
            FILE,
            "defaults",
            "what scenarios begin with unless they say otherwise",
        ),
        key(FILE, "scenarios", "the scenarios"),
        key(DEFAULTS, "now", "the instant at which scenarios begin"),
        key(DEFAULTS, "as", "who acts unless a step says otherwise"),
        key(DEFAULTS, "create", "the input of creations"),
        key(SCENARIO, "name", "what it shows, one sentence"),
        key(SCENARIO, "description", "words for people"),
        key(SCENARIO, "now", "the instant at which it begins"),
        key(SCENARIO, "as", "who acts unless a step says otherwise"),
        key(SCENARIO, "create", "creates the entity with this input"),
        key(SCENARIO, "given", "puts the entity into a state"),
        key(
            SCENARIO,
            "cases",
            "runs it once for each, `${case.NAME}` standing for the case's values",
        ),
        key(SCENARIO, "steps", "what happens, in order"),
        key(GIVEN, "state", "the state column"),
        key(GIVEN, "context", "the context, defaults filled in"),
        key(GIVEN, "id", "id of the entity"),
        key(GIVEN, "owner", "id of the actor that owns it"),
        key(STEP, "create", "creates the entity with this input"),
        key(STEP, "fire", "type of an event to fire"),
        key(STEP, "input", "input of the event"),
        key(STEP, "as", "who acts: a name under `actors`, or an actor"),
        key(STEP, "effect", "an open effect to answer"),
        key(STEP, "reply", "what the service answers"),
        key(
            STEP,
            "until",
            "`ended`: answers every attempt so, until none is left",
        ),
        key(STEP, "advance", "moves the clock on, e.g. `48h`"),
        key(STEP, "expect", "what must hold after the step"),
        key(REPLY, "status", "HTTP status"),
        key(REPLY, "body", "JSON body"),
        key(
            EXPECT,
            "outcome",
            "what became of the event, `applied` unless said",
        ),
        key(EXPECT, "state", "the state column"),
        key(EXPECT, "in", "states that are active, by path"),
        key(EXPECT, "status", "active or done"),
        key(
            EXPECT,
            "context",
            "fields and values the context has; null for an absent one",
        ),
        key(EXPECT, "output", "output of an entity that is done"),
        key(
            EXPECT,
            "effects",
            "effects the step asks for, all of them in order",
        ),
        key(
            EXPECT,
            "open",
            "names of all effects that wait for an answer",
        ),
        key(
            EXPECT,
            "timers",
            "timers that run: names, or names with due times",
        ),
        key(
            EXPECT,
            "code",
            "code of the refusal or of one of its reasons",
        ),
        key(EXPECT, "reason", "text that one of the reasons holds"),
        key(
            EXPECT,
            "accepts",
            "events the state waits for, all of them in any order",
        ),
        key(REQUEST, "method", "the request method"),
        key(
            REQUEST,
            "destination",
            "name of the destination, e.g. PAYMENTS",
        ),
        key(REQUEST, "path", "the rest of the address"),
        key(REQUEST, "body", "fields and values the body has"),
        key(REQUEST, "handler", "name of the handler"),
        key(
            REQUEST,
            "input",
            "fields and values the handler's input has",
        ),
        key(ACTOR, "id", "the id"),
        key(ACTOR, "kind", "user, service or system"),
        key(ACTOR, "roles", "the roles"),
    ],
};
