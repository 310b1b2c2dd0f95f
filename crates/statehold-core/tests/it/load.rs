//! What a chart becomes: the machine's model, field by field.

use std::time::Duration;

use statehold_core::Machine;
use statehold_core::machine::{
    Action, Descriptor, OnDead, StateId, StateKind, TimerWhen, Unhandled,
};
use statehold_core::source::parse_yaml;

const ORDER: &str = include_str!("../../../../examples/order/order.chart.yaml");

fn machine(text: &str) -> Machine {
    let head = "statehold: 1\nmachine: m\nversion: 1\n";
    let text = if text.contains("statehold:") {
        text.to_owned()
    } else {
        format!("{head}{text}")
    };
    match Machine::load("x.chart.yaml", &text) {
        Ok(loaded) => loaded.machine,
        Err(error) => panic!("{error}"),
    }
}

/// `EVENT -> TARGETS` of every transition of a state, in the order in which they are tried.
fn transitions(machine: &Machine, path: &str) -> Vec<String> {
    let state = machine.state_at(path).expect(path);
    (state.transitions.iter().chain(&state.always))
        .map(|transition| {
            let event = transition
                .on
                .as_ref()
                .map(Descriptor::text)
                .unwrap_or_default();
            let paths = transition
                .targets
                .iter()
                .map(|id| machine.state(*id).path.as_str());
            format!("{event} -> {}", paths.collect::<Vec<_>>().join(", "))
        })
        .collect()
}

#[test]
fn the_order_chart_loads_without_a_warning() {
    let loaded = Machine::load("order.chart.yaml", ORDER).unwrap();
    assert_eq!(loaded.warnings, []);
    let order = loaded.machine;
    assert_eq!((order.name.as_str(), order.version), ("order", 3));
    assert_eq!(order.label.as_deref(), Some("Customer order"));
    assert_eq!(order.unhandled, Unhandled::Reject);
    assert_eq!(order.destinations, ["MAILER", "PAYMENTS"]);
    assert_eq!(order.source, ORDER);
    assert_eq!(
        order.hash,
        blake3::hash(ORDER.as_bytes()).to_hex().to_string()
    );
    assert_eq!(
        transitions(&order, "pending"),
        [
            "pay -> charging",
            "cancel -> cancelled",
            "abort -> cancelled",
            "timer.pending.48h -> expired",
        ]
    );
    assert_eq!(
        transitions(&order, "charging"),
        [
            "done.effect.charge_card -> paid",
            "error.effect.charge_card -> pending",
        ]
    );
    assert!(
        order
            .state_at("charging")
            .unwrap()
            .transitions
            .iter()
            .all(|t| t.invoke == Some(0))
    );
    let abort = order.event("abort").unwrap().deprecated.as_ref().unwrap();
    assert_eq!(
        (abort.use_instead.as_deref(), abort.since),
        (Some("cancel"), Some(2))
    );
}

#[test]
fn what_may_be_sensitive_in_a_request_is_marked() {
    let order = machine(ORDER);
    assert_eq!(
        order.effects["charge_card"].http().unwrap().sensitive,
        ["/source"]
    );
    assert_eq!(
        order.effects["send_receipt"].http().unwrap().sensitive,
        ["/to"]
    );
    assert_eq!(
        order.effects["refund_card"].http().unwrap().sensitive,
        [""; 0]
    );
}

#[test]
fn sensitive_values_are_followed_into_nested_bodies_headers_and_whole_records() {
    let machine = machine(
        "initial: a
context:
  who: { type: object, properties: { name: string, secret: { type: string, sensitive: true } }, required: [ name ] }
  plain: string
events: { x: { input: { card: { type: string, sensitive: true }, n: integer } } }
states: { a: { on: { x: { effects: [ { effect: e, input: { card: event.input.card, n: event.input.n } }, { effect: f, input: { event: event.input } } ] } } } }
effects:
  e:
    http:
      method: POST
      url: \"${env.X}\"
      headers: { X-Card: \"card ${input.card}\", X-N: \"${input.n}\" }
      body:
        a: [ \"${ctx.plain}\", \"${ctx.who.secret}\" ]
        b: { \"c/d\": \"${ctx.who}\", e: \"${ctx.who.name}\", f: \"n ${input.n}\" }
        g: \"${input}\"
        h: \"${ctx}\"
  f: { http: { method: POST, url: \"${env.X}\", body: { all: \"${input.event}\", other: 1 } } }
",
    );
    assert_eq!(
        machine.effects["e"].http().unwrap().sensitive,
        ["header:X-Card", "/a/1", "/b/c~1d", "/g", "/h"]
    );
    assert_eq!(machine.effects["f"].http().unwrap().sensitive, ["/all"]);
}

#[test]
fn effects_keep_their_settings_and_defaults() {
    let machine = machine(
        "initial: a
states: { a: { entry: [ { effect: e }, { effect: f } ] } }
effects:
  e:
    http: { method: PUT, url: \"${env.X}/y\" }
    timeout: 3s
    retry: { attempts: 2, backoff: 1s..5s, on: [ timeout, 409 ], total: 1m }
    mode: fire_and_forget
    on_dead: continue
  f: { http: { method: POST, url: \"${env.Y}?z=1\" } }
",
    );
    let effect = &machine.effects["e"];
    assert_eq!(effect.http().unwrap().method, "PUT");
    assert_eq!(effect.timeout, Duration::from_secs(3));
    assert_eq!(
        (effect.retry.attempts, effect.retry.total),
        (2, Some(Duration::from_secs(60)))
    );
    assert_eq!(effect.retry.backoff_max, Duration::from_secs(5));
    assert!(
        effect.retry.on.timeout && !effect.retry.on.throttled && !effect.retry.on.server_errors
    );
    assert_eq!(effect.retry.on.statuses, [409]);
    assert_eq!(
        (effect.reports, effect.on_dead),
        (false, Some(OnDead::Continue))
    );
    let effect = &machine.effects["f"];
    assert_eq!(
        (effect.retry.attempts, effect.timeout),
        (5, Duration::from_secs(10))
    );
    assert_eq!((effect.reports, effect.on_dead), (true, None));
    assert_eq!(effect.http().unwrap().destination, "Y");
}

#[test]
fn states_stand_in_document_order_with_their_descendants_after_them() {
    let machine = machine(
        "initial: a
states:
  a: { initial: b, on: { x: g }, states: { b: { initial: c, states: { c: {}, d: {} }, on: { n: .d } }, e: {} }, onDone: g, after: { 1h: .e } }
  f: { type: parallel, onDone: g, states: { r: {}, s: { initial: t, states: { t: {}, h: { type: history, history: deep } } } } }
  g: { always: f }
",
    );
    let paths: Vec<&str> = machine
        .states
        .iter()
        .map(|state| state.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "", "a", "a.b", "a.b.c", "a.b.d", "a.e", "f", "f.r", "f.s", "f.s.t", "f.s.h", "g"
        ]
    );
    let last: Vec<u16> = machine.states.iter().map(|state| state.last.0).collect();
    assert_eq!(last, [11, 5, 4, 3, 4, 5, 10, 7, 10, 9, 10, 11]);
    for (at, state) in machine.states.iter().enumerate() {
        assert_eq!(state.id.index(), at);
        assert_eq!(state.parent.is_none(), state.id == StateId::ROOT);
        for child in &state.children {
            assert_eq!(machine.state(*child).parent, Some(state.id));
            assert_eq!(machine.state(*child).depth, state.depth + 1);
        }
        if at > 0 {
            assert_eq!(machine.by_path[&state.path], state.id);
        }
    }
    assert_eq!(
        machine.state_at("f.s.h").unwrap().kind,
        StateKind::History { deep: true }
    );
    assert_eq!(
        transitions(&machine, "a"),
        ["x -> g", "done.state.a -> g", "timer.a.1h -> a.e"]
    );
    assert_eq!(transitions(&machine, "f"), ["done.state.f -> g"]);
}

#[test]
fn exact_events_are_tried_before_longer_prefixes_and_any_event_last() {
    let machine = machine(
        "initial: a
states: { a: { on: { \"*\": a, p.*: a, p.q.r.*: a, z: a, p.q.*: [ { guard: 1 < 2 }, {} ], b: a } } }
",
    );
    assert_eq!(
        transitions(&machine, "a"),
        [
            "z -> a",
            "b -> a",
            "p.q.r.* -> a",
            "p.q.* -> ",
            "p.q.* -> ",
            "p.* -> a",
            "* -> a",
        ]
    );
    let state = machine.state_at("a").unwrap();
    assert!(state.transitions[3].guard.is_some() && state.transitions[4].guard.is_none());
}

#[test]
fn an_event_with_braces_is_handled_and_does_nothing() {
    let machine = machine("initial: a\nstates: { a: { on: { x: {} } } }\n");
    let transition = &machine.state_at("a").unwrap().transitions[0];
    assert!(transition.targets.is_empty() && transition.actions.is_empty() && !transition.reenter);
}

#[test]
fn timers_have_names_of_their_own() {
    let machine = machine(
        "initial: a
context: { due: timestamp }
after: { 30d: a }
states:
  a:
    after:
      - { delay: 14d, target: a }
      - { delay: 14d }
      - { at: ctx.due }
      - { at: ctx.due, name: soon }
      - { at: ctx.due, target: a }
      - { delay: PT0.5S }
",
    );
    let names = |path: &str| -> Vec<&str> {
        machine
            .state_at(path)
            .unwrap()
            .timers
            .iter()
            .map(|timer| timer.event.as_str())
            .collect()
    };
    assert_eq!(names(""), ["timer.30d"]);
    assert_eq!(
        names("a"),
        [
            "timer.a.14d",
            "timer.a.14d_2",
            "timer.a.at",
            "timer.a.soon",
            "timer.a.at_2",
            "timer.a.PT0_5S",
        ]
    );
    let timers = &machine.state_at("a").unwrap().timers;
    assert!(
        matches!(timers[0].when, TimerWhen::After(length) if length == Duration::from_secs(14 * 86_400))
    );
    assert!(matches!(timers[2].when, TimerWhen::At(_)));
}

#[test]
fn assign_comes_first_and_effects_last() {
    let machine = machine(
        "initial: a
context: { n: integer }
states: { a: { on: { x: { effects: [ e ], actions: [ { raise: y } ], assign: { n: 1 } } } } }
effects: { e: { http: { method: POST, url: \"${env.X}\" } } }
",
    );
    let actions = &machine.state_at("a").unwrap().transitions[0].actions;
    assert!(matches!(
        actions.as_slice(),
        [
            Action::Assign(_),
            Action::Raise { .. },
            Action::Effect { .. }
        ]
    ));
}

#[test]
fn initials_may_be_deep_paths_lists_and_have_actions() {
    let machine = machine(
        "initial: { target: p, actions: [ { raise: x } ] }
states:
  p:
    initial: [ q.r.b, q.s.d ]
    on: { x: p }
    states:
      q:
        type: parallel
        states:
          r: { initial: a, states: { a: {}, b: {} } }
          s: { initial: c, states: { c: {}, d: {} } }
",
    );
    let initial = machine.state(StateId::ROOT).initial.as_ref().unwrap();
    assert_eq!((initial.targets.len(), initial.actions.len()), (1, 1));
    let initial = machine.state_at("p").unwrap().initial.as_ref().unwrap();
    let paths: Vec<&str> = initial
        .targets
        .iter()
        .map(|id| machine.state(*id).path.as_str())
        .collect();
    assert_eq!(paths, ["p.q.r.b", "p.q.s.d"]);
}

#[test]
fn named_guards_bring_their_words() {
    let machine = machine(
        "initial: a
context: { n: integer }
guards: { big: { if: ctx.n > 1, reason: too small, code: small } }
states: { a: { on: { x: { guard: big }, y: { guard: { if: big, reason: other } } } } }
",
    );
    let guard = |at: usize| {
        machine.state_at("a").unwrap().transitions[at]
            .guard
            .as_ref()
            .unwrap()
    };
    assert_eq!(guard(0).name.as_deref(), Some("big"));
    assert_eq!(
        (guard(0).reason.as_deref(), guard(0).code.as_deref()),
        (Some("too small"), Some("small"))
    );
    assert_eq!(
        (guard(1).name.as_deref(), guard(1).reason.as_deref()),
        (None, Some("other"))
    );
    assert_eq!(guard(0).expr, guard(1).expr);
}

#[test]
fn a_chart_in_json_is_the_same_machine() {
    let json = serde_json::to_string_pretty(&parse_yaml(ORDER).unwrap().to_json()).unwrap();
    let from_json = Machine::from_json(&json).unwrap();
    let from_yaml = Machine::from_yaml(ORDER).unwrap();
    let shape = |machine: &Machine| -> Vec<(String, Vec<String>)> {
        let states = machine.states.iter().map(|state| state.path.clone());
        states
            .map(|path| (path.clone(), transitions(machine, &path)))
            .collect()
    };
    assert_eq!(shape(&from_json), shape(&from_yaml));
    assert_ne!(from_json.hash, from_yaml.hash);
}

#[test]
fn errors_say_file_line_and_code() {
    let error = Machine::load(
        "dir/x.chart.yaml",
        "statehold: 1\nmachine: m\nversion: 1\nstates: { a: {} }\n",
    );
    let error = error.unwrap_err();
    assert_eq!(
        error.to_string(),
        "dir/x.chart.yaml:1:1: SH0104 the chart needs the key `initial`"
    );
    assert_eq!(error.name, "dir/x.chart.yaml");
}

#[test]
fn a_value_under_an_alias_is_judged_once() {
    let error = Machine::from_yaml(
        "statehold: 1
machine: m
version: 1
initial: a
states:
  a: { on: &all { x: nowhere } }
  b: { on: *all }
",
    )
    .unwrap_err();
    assert_eq!(
        error
            .diagnostics
            .iter()
            .filter(|d| d.message.contains("nowhere"))
            .count(),
        1
    );
}

#[test]
fn an_event_is_declared_by_its_own_name_or_else_by_the_longest_prefix() {
    let machine = machine(
        "
events: { '*': { label: any }, a.*: { label: a }, a.b.*: { label: ab }, a.b.c: { label: abc } }
initial: s
states: { s: {} }
",
    );
    for (event, label) in [
        ("a.b.c", "abc"),
        ("a.b.c.d", "ab"),
        ("a.b", "ab"),
        ("a.x", "a"),
        ("a", "a"),
        ("ab", "any"),
        ("x.a.b", "any"),
    ] {
        let found = machine.event(event).and_then(|def| def.label.as_deref());
        assert_eq!(found, Some(label), "{event}");
    }
}
