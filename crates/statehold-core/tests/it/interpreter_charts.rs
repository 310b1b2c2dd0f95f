//! Charts that nobody would draw: built from a tape of numbers, so that a failing one shrinks.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};
use statehold_core::Machine;
use statehold_core::cron::Cron;
use statehold_core::expr::Expr;
use statehold_core::machine::{
    Action, Definition, Descriptor, Guard, Initial, OnExpressionError, State, StateId, StateKind,
    TimerDef, TimerWhen, Transition, Unhandled, ValueExpr,
};
use statehold_core::schema::{Field, Record, Type};

/// Events that transitions wait for.
pub(crate) const EVENTS: [&str; 4] = ["e0", "e1", "e2", "e3"];

/// Decisions, one number each; zeros when it is used up.
struct Tape<'t>(std::slice::Iter<'t, u16>);

impl Tape<'_> {
    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % bound.max(1)
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == chances - 1
    }
}

/// The machine that a tape describes. Entries and exits are logged as `+path` and `-path`.
pub(crate) fn build(tape: &[u16]) -> Machine {
    let mut tape = Tape(tape.iter());
    let mut states = Vec::new();
    let root = if tape.one_in(4) {
        StateKind::Parallel
    } else {
        StateKind::Compound
    };
    add_state(&mut states, &mut tape, None, "", root);
    for at in 0..states.len() {
        fill(&mut states, &mut tape, at);
    }
    let by_path: HashMap<String, StateId> = states
        .iter()
        .skip(1)
        .map(|state| (state.path.clone(), state.id))
        .collect();
    let counter = Field::new("n", Type::Integer).default(json!(0));
    let definition = Definition {
        name: "random".to_owned(),
        version: 1,
        label: None,
        description: None,
        deprecated: None,
        unhandled: match tape.below(3) {
            0 => Unhandled::Defer,
            _ => Unhandled::Reject,
        },
        max_microsteps: 60,
        on_expression_error: OnExpressionError::Reject,
        context: Record::new(vec![counter]).unwrap(),
        events: Default::default(),
        authorize: None,
        invariants: Vec::new(),
        states,
        by_path,
        effects: Default::default(),
        destinations: Vec::new(),
        source: String::new(),
        hash: String::new(),
    };
    Machine::new(definition).expect("the generator keeps the invariants")
}

fn add_state(
    states: &mut Vec<State>,
    tape: &mut Tape<'_>,
    parent: Option<StateId>,
    name: &str,
    kind: StateKind,
) -> StateId {
    let id = StateId(u16::try_from(states.len()).unwrap());
    let (depth, path) = match parent.map(|parent| &states[parent.index()]) {
        None => (0, String::new()),
        Some(outer) if outer.path.is_empty() => (1, name.to_owned()),
        Some(outer) => (outer.depth + 1, format!("{}.{name}", outer.path)),
    };
    states.push(State {
        id,
        parent,
        last: id,
        depth,
        name: name.to_owned(),
        kind,
        children: Vec::new(),
        initial: None,
        entry: vec![log(&format!("+{path}"))],
        exit: vec![log(&format!("-{path}"))],
        transitions: Vec::new(),
        always: Vec::new(),
        timers: Vec::new(),
        invokes: Vec::new(),
        output: None,
        label: None,
        description: None,
        tags: Vec::new(),
        deprecated: None,
        span: 0..0,
        path,
    });
    if matches!(kind, StateKind::Compound | StateKind::Parallel) {
        add_children(states, tape, id);
    }
    let last = StateId(u16::try_from(states.len() - 1).unwrap());
    states[id.index()].last = last;
    id
}

fn add_children(states: &mut Vec<State>, tape: &mut Tape<'_>, parent: StateId) {
    let depth = states[parent.index()].depth;
    for at in 0..=tape.below(3) {
        let kind = match tape.below(8) {
            _ if states.len() > 30 || depth > 4 => StateKind::Atomic,
            0..=2 => StateKind::Atomic,
            3 | 4 => StateKind::Compound,
            5 | 6 => StateKind::Parallel,
            _ => StateKind::Final,
        };
        let child = add_state(states, tape, Some(parent), &format!("s{at}"), kind);
        states[parent.index()].children.push(child);
    }
    if tape.one_in(3) {
        let kind = StateKind::History {
            deep: tape.one_in(2),
        };
        let history = add_state(states, tape, Some(parent), "h", kind);
        states[parent.index()].children.push(history);
    }
}

fn fill(states: &mut [State], tape: &mut Tape<'_>, at: usize) {
    let (id, last, kind) = (states[at].id, states[at].last, states[at].kind);
    match kind {
        StateKind::Compound => {
            let real: Vec<StateId> = inside(states, id, last, tape);
            let child = real.first().copied().unwrap_or(states[at].children[0]);
            states[at].initial = Some(initial(child));
        }
        StateKind::History { .. } => {
            let parent = states[at].parent.unwrap();
            if tape.one_in(2) {
                let real = inside(states, parent, states[parent.index()].last, tape);
                states[at].initial = real.first().copied().map(initial);
            }
            return;
        }
        StateKind::Final => return,
        StateKind::Atomic | StateKind::Parallel => {}
    }
    for _ in 0..tape.below(4) {
        let transition = transition(states, tape, id);
        match transition.on {
            Some(_) => states[at].transitions.push(transition),
            None => states[at].always.push(transition),
        }
    }
    if tape.one_in(4) && id != StateId::ROOT {
        let event = format!("timer.{}.t", states[at].path);
        let mut fires = transition(states, tape, id);
        fires.on = Some(Descriptor::Exact(event.clone()));
        states[at].transitions.push(fires);
        states[at].timers.push(TimerDef {
            name: "t".to_owned(),
            event,
            when: match tape.below(5) {
                4 => TimerWhen::Cron(Cron::new("*/5 * * * *", "UTC").unwrap()),
                seconds => TimerWhen::After(Duration::from_secs(seconds as u64)),
            },
        });
    }
}

/// A real state somewhere below `outer`, as a list of none or one.
fn inside(states: &[State], outer: StateId, last: StateId, tape: &mut Tape<'_>) -> Vec<StateId> {
    let real: Vec<StateId> = states[outer.index() + 1..=last.index()]
        .iter()
        .filter(|state| !matches!(state.kind, StateKind::History { .. }))
        .map(|state| state.id)
        .collect();
    let at = tape.below(real.len());
    real.get(at).copied().into_iter().collect()
}

fn transition(states: &[State], tape: &mut Tape<'_>, source: StateId) -> Transition {
    let is_eventless = tape.one_in(6);
    let targets = match tape.below(8) {
        0 => Vec::new(),
        1 | 2 => across_regions(states, tape),
        _ => vec![StateId(u16::try_from(tape.below(states.len())).unwrap())],
    };
    let condition = match tape.below(6) {
        0 => Some("false".to_owned()),
        1 => Some(format!(
            "in_state('{}')",
            states[tape.below(states.len())].path
        )),
        2 => Some("ctx.n % 2 == 0".to_owned()),
        _ if is_eventless => Some("ctx.n % 3 == 0".to_owned()),
        _ => None,
    };
    let count = Action::Assign(vec![(
        "n".to_owned(),
        ValueExpr::Expr(Expr::compile("ctx.n + 1").unwrap()),
    )]);
    let mut actions = vec![count];
    if tape.one_in(6) {
        actions.push(Action::Raise {
            event: EVENTS[tape.below(EVENTS.len())].to_owned(),
            input: ValueExpr::Literal(json!({})),
        });
    }
    Transition {
        on: (!is_eventless).then(|| Descriptor::Exact(EVENTS[tape.below(EVENTS.len())].to_owned())),
        invoke: None,
        source,
        targets,
        reenter: tape.one_in(3),
        guard: condition.map(|condition| Guard {
            expr: Expr::compile(&condition).unwrap(),
            name: None,
            reason: None,
            code: None,
            span: 0..0,
        }),
        actions,
        label: None,
        span: 0..0,
    }
}

/// Targets in two regions of one parallel state, if there is one with two.
fn across_regions(states: &[State], tape: &mut Tape<'_>) -> Vec<StateId> {
    let parallels: Vec<&State> = states
        .iter()
        .filter(|state| state.kind == StateKind::Parallel && regions(states, state).len() > 1)
        .collect();
    let Some(parallel) = parallels.get(tape.below(parallels.len())) else {
        return Vec::new();
    };
    let regions = regions(states, parallel);
    regions[..2]
        .iter()
        .map(|region| {
            let last = states[region.index()].last;
            let span = usize::from(last.0 - region.0) + 1;
            StateId(region.0 + u16::try_from(tape.below(span)).unwrap())
        })
        .collect()
}

fn regions(states: &[State], parallel: &State) -> Vec<StateId> {
    let is_real = |id: &StateId| !matches!(states[id.index()].kind, StateKind::History { .. });
    parallel.children.iter().copied().filter(is_real).collect()
}

fn initial(target: StateId) -> Initial {
    Initial {
        targets: vec![target],
        actions: Vec::new(),
    }
}

fn log(label: &str) -> Action {
    Action::Log {
        label: label.to_owned(),
        value: ValueExpr::Literal(Value::Null),
    }
}
