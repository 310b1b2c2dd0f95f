//! Charts at random, as an author could have written them: hierarchy, regions, memory, guards, timers, effects.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

/// Shape of a state before it has a name.
#[derive(Debug, Clone)]
enum Shape {
    Atomic,
    Final,
    Compound(Vec<Shape>, bool),
    Parallel(Vec<Shape>),
}

/// Decisions about one state.
#[derive(Debug, Clone)]
struct Choices {
    edges: Vec<Edge>,
    words: usize,
    actions: Vec<usize>,
    timers: usize,
    invoke: usize,
    initial: Index,
}

/// Decisions about one transition.
#[derive(Debug, Clone)]
struct Edge {
    event: usize,
    target: Index,
    guard: usize,
    actions: Vec<usize>,
    reenter: bool,
    words: usize,
}

const EVENTS: [&str; 7] = ["pay", "PAY_2", "a.b", "a.b.c", "a.*", "*", "x-1"];

const TEXTS: [&str; 6] = [
    "Plain words",
    "it's \"quoted\" <b> & ${x} {{y}}",
    "two\nlines",
    "# no: comment",
    "ü 漢 \u{1f600} \u{2028}",
    "trailing \\ ",
];

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![4 => Just(Shape::Atomic), 1 => Just(Shape::Final)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let many = || proptest::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            (many(), any::<bool>()).prop_map(|(inner, memory)| Shape::Compound(inner, memory)),
            many().prop_map(Shape::Parallel),
        ]
    })
}

fn edge() -> impl Strategy<Value = Edge> {
    let actions = proptest::collection::vec(0..8_usize, 0..3);
    (
        0..EVENTS.len(),
        any::<Index>(),
        0..8_usize,
        actions,
        any::<bool>(),
        0..10_usize,
    )
        .prop_map(|(event, target, guard, actions, reenter, words)| Edge {
            event,
            target,
            guard,
            actions,
            reenter,
            words,
        })
}

fn choices() -> impl Strategy<Value = Choices> {
    let edges = proptest::collection::vec(edge(), 0..4);
    let actions = proptest::collection::vec(0..8_usize, 0..3);
    (
        edges,
        0..16_usize,
        actions,
        0..8_usize,
        0..8_usize,
        any::<Index>(),
    )
        .prop_map(|(edges, words, actions, timers, invoke, initial)| Choices {
            edges,
            words,
            actions,
            timers,
            invoke,
            initial,
        })
}

/// A chart in its JSON form.
pub(crate) fn chart() -> impl Strategy<Value = Value> {
    let states = proptest::collection::vec(shape(), 1..5);
    let choices = proptest::collection::vec(choices(), 40);
    (states, choices, 0..16_usize).prop_map(|(states, choices, head)| {
        let mut maker = Maker {
            choices,
            next: 0,
            places: Vec::new(),
        };
        maker.place(&states, "", &[]);
        maker.chart(&states, head)
    })
}

/// A state's path, and the regions it stands in: parallel states with their child.
struct Place {
    path: String,
    regions: Vec<(String, String)>,
    is_parallel: bool,
}

struct Maker {
    choices: Vec<Choices>,
    next: usize,
    places: Vec<Place>,
}

impl Maker {
    fn place(&mut self, states: &[Shape], outer: &str, regions: &[(String, String)]) {
        for (at, shape) in states.iter().enumerate() {
            let path = join(outer, &format!("s{at}"));
            self.places.push(Place {
                path: path.clone(),
                regions: regions.to_vec(),
                is_parallel: matches!(shape, Shape::Parallel(_)),
            });
            match shape {
                Shape::Compound(inner, memory) => {
                    self.place(inner, &path, regions);
                    if *memory {
                        self.places.push(Place {
                            path: join(&path, "memory"),
                            regions: regions.to_vec(),
                            is_parallel: false,
                        });
                    }
                }
                Shape::Parallel(inner) => {
                    for at in 0..inner.len() {
                        let mut regions = regions.to_vec();
                        regions.push((path.clone(), format!("s{at}")));
                        let name = format!("s{at}");
                        let region = join(&path, &name);
                        self.places.push(Place {
                            path: region.clone(),
                            regions: regions.to_vec(),
                            is_parallel: matches!(inner[at], Shape::Parallel(_)),
                        });
                        if let Shape::Compound(inner, _) = &inner[at] {
                            self.place(inner, &region, &regions);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn chart(&mut self, states: &[Shape], head: usize) -> Value {
        let mut chart = json!({
            "statehold": 1, "machine": "random", "version": 1 + head,
            "context": {
                "n": { "type": "integer", "default": 0 }, "name?": "string", "when?": "timestamp",
                "any?": { "default": null }, "list": { "type": "list", "default": [1, "a"] },
                "secret?": { "type": "string", "sensitive": true, "maxLength": 9 },
            },
            "events": {
                "pay": { "input": { "amount": "integer", "note?": { "type": "string", "enum": ["a", "b'c"] } }, "authorize": "has_role('x')" },
                "a.b": { "label": TEXTS[head % 6] },
            },
            "guards": {
                "rich": "ctx.n > 3",
                "told": { "if": "ctx.n != 1", "reason": TEXTS[1], "code": "not-one" },
            },
            "effects": {
                "call": { "http": { "method": "POST", "url": "${env.API}/x", "headers": { "X-A": "${env.TOKEN}" }, "body": { "n": "${ctx.n}" } }, "timeout": "5s" },
                "ask": { "http": { "method": "GET", "url": "${env.API}/y" }, "retry": { "attempts": 3, "backoff": "1s..1m", "on": ["timeout", 429, "5xx"] }, "ok": "response.status == 200" },
            },
            "initial": "s0",
        });
        chart["effects"]["work"] = json!({ "handler": "work it!", "mode": "fire_and_forget" });
        chart["effects"]["work_2"] = json!({ "handler": "work", "timeout": "1m" });
        if head % 2 == 1 {
            chart["unhandled"] = json!("ignore");
            chart["label"] = json!(TEXTS[head % 6]);
            chart["description"] = json!(TEXTS[(head + 1) % 6]);
        }
        if head % 5 == 2 {
            chart["on"] = json!({ "PAY_2": { "target": "s0", "reenter": true }, "*": { "actions": [action(1)] } });
            chart["after"] = json!({ "90d": { "actions": [action(2)] } });
            chart["exit"] = json!({ "effect": "work" });
            chart["invoke"] = json!({ "effect": "work_2", "onDone": { "target": "s0" } });
            chart["tags"] = json!(["root", "tag"]);
            chart["output"] = json!({ "n": "ctx.n" });
            chart["maxMicrosteps"] = json!(50);
            chart["invariants"] = json!({ "small": "ctx.n < 1000000" });
        }
        if head % 3 == 1 {
            chart["meta"] = json!({ "x": [1, "two"] });
            chart["authorize"] = json!("actor.kind != 'nobody'");
            chart["onExpressionError"] = json!("raise");
            chart["entry"] = json!([{ "assign": { "n": 1 } }]);
        }
        let mut all = Map::new();
        for (at, shape) in states.iter().enumerate() {
            let name = format!("s{at}");
            all.insert(name.clone(), self.state(shape, &name));
        }
        chart["states"] = Value::Object(all);
        chart
    }

    fn state(&mut self, shape: &Shape, path: &str) -> Value {
        let choices = self.choices[self.next % self.choices.len()].clone();
        self.next += 1;
        let mut state = json!({});
        words(&mut state, choices.words);
        let actions: Vec<Value> = choices.actions.iter().map(|at| action(*at)).collect();
        match (actions.len(), choices.words % 2) {
            (0, _) => {}
            (1, 0) => state["entry"] = actions[0].clone(),
            (_, 0) => state["entry"] = json!(actions),
            _ => state["exit"] = json!(actions),
        }
        match shape {
            Shape::Atomic => {}
            Shape::Final => {
                state["type"] = json!("final");
                if choices.words.is_multiple_of(3) {
                    state["output"] =
                        json!({ "n": "ctx.n + 1", "list": [1, "'x'"], "deep": { "a": null } });
                }
                return state;
            }
            Shape::Compound(inner, memory) => {
                self.compound(&mut state, inner, *memory, path, &choices);
            }
            Shape::Parallel(inner) => self.parallel(&mut state, inner, path, &choices),
        }
        self.behaviour(&mut state, path, &choices);
        state
    }

    fn compound(
        &mut self,
        state: &mut Value,
        inner: &[Shape],
        memory: bool,
        path: &str,
        choices: &Choices,
    ) {
        let first = format!("s{}", choices.initial.index(inner.len()));
        state["initial"] = match choices.words % 4 {
            0 => json!({ "target": first, "actions": [action(0)] }),
            _ => json!(first),
        };
        let mut states = Map::new();
        for (at, shape) in inner.iter().enumerate() {
            let name = format!("s{at}");
            let path = join(path, &name);
            states.insert(name, self.state(shape, &path));
        }
        if memory {
            let mut history = json!({ "type": "history" });
            if choices.words.is_multiple_of(2) {
                history["history"] = json!("deep");
            }
            if choices.words.is_multiple_of(3) {
                history["target"] = json!("s0");
            }
            states.insert("memory".to_owned(), history);
        }
        state["states"] = Value::Object(states);
        if choices.words.is_multiple_of(5) {
            state["onDone"] = json!({ "actions": [action(1)] });
        }
    }

    fn parallel(&mut self, state: &mut Value, inner: &[Shape], path: &str, choices: &Choices) {
        state["type"] = json!("parallel");
        let mut states = Map::new();
        for (at, shape) in inner.iter().enumerate() {
            let name = format!("s{at}");
            let path = join(path, &name);
            // Deeper parallels and memories of regions were not placed as targets; the region itself is.
            let shape = match shape {
                Shape::Final => &Shape::Atomic,
                shape => shape,
            };
            states.insert(name, self.state(shape, &path));
        }
        state["states"] = Value::Object(states);
        if choices.words.is_multiple_of(5) {
            state["onDone"] =
                json!([{ "guard": "rich", "actions": [action(2)] }, { "actions": [action(1)] }]);
        }
    }

    fn behaviour(&self, state: &mut Value, path: &str, choices: &Choices) {
        let mut on: Map<String, Value> = Map::new();
        for edge in &choices.edges {
            let mut form = self.edge(edge, path);
            let event = EVENTS[edge.event];
            if event == "pay" && edge.guard == 5 {
                form["guard"] = json!("event.input.amount > 5");
            }
            match on.get_mut(event) {
                None => {
                    on.insert(event.to_owned(), form);
                }
                Some(Value::Array(known)) => known.insert(0, form),
                Some(known) => *known = json!([form, known.clone()]),
            }
        }
        if !on.is_empty() {
            state["on"] = Value::Object(on);
        }
        let target = |at: usize| self.target(path, choices.initial, at);
        match choices.timers {
            0 => {
                state["after"] = json!({ "48h": target(1), "1d": [{ "guard": "rich", "actions": [action(3)] }, target(0)] });
            }
            1 => {
                state["after"] = json!([
                    { "delay": "30d", "name": "late", "actions": [action(1)] },
                    { "at": "ctx.when", "guard": "has(ctx.when)" },
                    { "delay": "1500us" }, { "delay": "30d" },
                    { "cron": "0 9 * * 1-5", "tz": "Europe/Berlin", "effects": ["call"] },
                ]);
            }
            _ => {}
        }
        match choices.invoke {
            0 => state["invoke"] = json!("ask"),
            1 => {
                state["invoke"] = json!([
                    { "effect": "call", "input": { "a": "ctx.n" }, "onDone": { "assign": { "any": "event.output" } }, "onError": target(1), "label": TEXTS[0] },
                    { "effect": "ask", "onDone": target(0) },
                ]);
            }
            _ => {}
        }
        if choices.timers == 5 {
            state["always"] = json!([{ "guard": "ctx.n > 1000", "actions": [action(2)] }]);
        }
    }

    fn edge(&self, edge: &Edge, path: &str) -> Value {
        let mut form = json!({});
        let target = self.target(path, edge.target, edge.words);
        if let Some(target) = target.get("target") {
            form["target"] = target.clone();
            if edge.reenter {
                form["reenter"] = json!(true);
            }
        }
        match edge.guard {
            0 => form["guard"] = json!("rich"),
            1 => form["guard"] = json!("told"),
            2 => form["guard"] = json!("!in_state('s0') && ctx.n < 7"),
            3 => {
                form["guard"] =
                    json!({ "if": "ctx.n >= 2 || false", "reason": TEXTS[edge.words % 6] });
            }
            4 => form["guard"] = json!(true),
            _ => {}
        }
        let actions: Vec<Value> = edge.actions.iter().map(|at| action(*at)).collect();
        if !actions.is_empty() {
            form["actions"] = json!(actions);
        }
        match edge.words {
            0 => {
                form["assign"] =
                    json!({ "n": "ctx.n + 1", "list": [1, "'a'"], "name": "'it\\'s'" });
            }
            1 => form["effects"] = json!(["call", { "effect": "ask", "input": { "x": 1 } }]),
            2 => form["label"] = json!(TEXTS[edge.event % 6]),
            3 => form["description"] = json!(TEXTS[edge.event % 6]),
            4 => form["meta"] = json!({ "k": TEXTS[edge.event % 6] }),
            _ => {}
        }
        form
    }

    /// A target that the loader lets pass, as a transition; none of it if the choice falls on a bad one.
    fn target(&self, source: &str, index: Index, salt: usize) -> Value {
        let at = (index.index(self.places.len()) + salt) % self.places.len();
        let target = &self.places[at];
        let own = self.places.iter().find(|place| place.path == source);
        let is_crossing = own.is_none_or(|own| {
            (own.regions.iter()).any(|(parallel, region)| {
                let inside = target.path.starts_with(&format!("{parallel}."));
                inside && !(target.regions.iter()).any(|(p, r)| p == parallel && r == region)
            })
        });
        // From a parallel state into its own inside, other regions would begin anew; that is only a warning.
        if is_crossing || (target.is_parallel && target.path == source) {
            return json!({ "actions": [action(2)] });
        }
        json!({ "target": format!("/{}", target.path) })
    }
}

fn words(state: &mut Value, at: usize) {
    match at {
        1 => state["label"] = json!(TEXTS[1]),
        2 => state["description"] = json!(TEXTS[2]),
        3 => state["tags"] = json!(["one", TEXTS[3]]),
        4 => state["meta"] = json!({ "a": { "b": [TEXTS[4]] } }),
        5 => state["deprecated"] = json!({ "since": 1 }),
        6 => state["tags"] = json!("yes"),
        7 => {
            state["label"] = json!(TEXTS[4]);
            state["description"] = json!(TEXTS[5]);
        }
        _ => {}
    }
}

fn action(at: usize) -> Value {
    match at {
        0 => json!({ "assign": { "n": "ctx.n + 1" } }),
        1 => json!({ "effect": "call" }),
        2 => json!({ "raise": "a.b" }),
        3 => {
            json!({ "effect": "ask", "input": { "list": ["ctx.n", 1, null, true], "text": "'<&\">'" } })
        }
        4 => json!({ "raise": "inner", "input": { "x": "ctx.n", "y": 1.5 } }),
        5 => {
            json!({ "if": "rich", "then": { "effect": "call" }, "else": [{ "assign": { "n": 0, "any": null } }, { "raise": "a.b" }] })
        }
        6 => json!({ "if": "ctx.n == 2", "then": [{ "if": "told", "then": [] }] }),
        _ => {
            json!({ "assign": { "any": { "a": "ctx.n", "b": [1, "'x'"] }, "name": "'\u{1}\\n'" } })
        }
    }
}

fn join(outer: &str, name: &str) -> String {
    if outer.is_empty() {
        name.to_owned()
    } else {
        format!("{outer}.{name}")
    }
}
