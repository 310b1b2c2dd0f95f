//! What there is to be seen in a chart, and what each thing is called.

use statehold_core::expr::Expr;
use statehold_core::machine::{Action, EffectDef, State, StateId, StateKind, Transition};
use statehold_core::{Machine, is_reserved};

use super::{Item, Kind};

pub(super) const ASKED: &str = "asked for";
pub(super) const OK: &str = "succeeds";
pub(super) const FAILED: &str = "fails";

/// Every item of a chart.
pub(super) fn of(machine: &Machine) -> Vec<Item> {
    let mut items = Vec::new();
    for state in &machine.states {
        if !matches!(state.kind, StateKind::History { .. }) && state.id != StateId::ROOT {
            items.push(self::state(state));
        }
        for transition in state.transitions.iter().chain(&state.always) {
            items.push(self::transition(machine, transition));
            if let Some(guard) = &transition.guard {
                let place = title(machine, transition);
                both_ways(&guard.expr, Some(&place), Some(transition), &mut items);
            }
        }
        let lists = [&state.entry, &state.exit];
        let own = state
            .transitions
            .iter()
            .chain(&state.always)
            .map(|transition| &transition.actions);
        for actions in lists.into_iter().chain(own) {
            conditions(actions, &mut items);
        }
    }
    for (kind, event) in &machine.events {
        if event.authorize.is_some() {
            items.extend([true, false].map(|is_given| permission(kind, is_given)));
        }
        if event.input.is_some() && !is_reserved(kind) && !kind.contains('*') {
            items.push(input(kind));
        }
    }
    for def in machine.effects.values() {
        items.push(effect(def, ASKED));
        if def.reports && is_awaited(machine, &def.name) {
            items.extend([OK, FAILED].map(|way| effect(def, way)));
        }
    }
    items
}

/// Whether the chart does anything with the end of an effect.
fn is_awaited(machine: &Machine, name: &str) -> bool {
    let waits = |transition: &Transition| {
        let on = transition
            .on
            .as_ref()
            .map(statehold_core::machine::Descriptor::text);
        on.is_some_and(|on| {
            on == format!("done.effect.{name}") || on == format!("error.effect.{name}")
        })
    };
    machine
        .states
        .iter()
        .flat_map(|state| &state.transitions)
        .any(waits)
}

fn conditions(actions: &[Action], items: &mut Vec<Item>) {
    for action in actions {
        match action {
            Action::If {
                branches,
                otherwise,
            } => {
                for (condition, then) in branches {
                    both_ways(condition, None, None, items);
                    conditions(then, items);
                }
                conditions(otherwise, items);
            }
            Action::Block(actions) | Action::Foreach { actions, .. } => conditions(actions, items),
            _ => {}
        }
    }
}

fn both_ways(
    expr: &Expr,
    place: Option<&str>,
    transition: Option<&Transition>,
    items: &mut Vec<Item>,
) {
    for holds in [true, false] {
        items.push(condition(expr, place, transition, holds));
    }
    let parts = expr.operand_sources();
    if parts.len() > 1 {
        for part in parts {
            items.extend([true, false].map(|holds| operand(part, place, transition, holds)));
        }
    }
}

pub(super) fn state(state: &State) -> Item {
    Item {
        kind: Kind::State,
        name: state.path.clone(),
        span: state.span.clone(),
    }
}

pub(super) fn transition(machine: &Machine, transition: &Transition) -> Item {
    Item {
        kind: Kind::Transition,
        name: title(machine, transition),
        span: transition.span.clone(),
    }
}

/// `pending on pay -> charging`, with the number among its like where that is not unique.
pub(super) fn title(machine: &Machine, transition: &Transition) -> String {
    let source = machine.state(transition.source);
    let on = transition
        .on
        .as_ref()
        .map(statehold_core::machine::Descriptor::text);
    let like: Vec<&Transition> = source
        .transitions
        .iter()
        .chain(&source.always)
        .filter(|other| other.on == transition.on)
        .collect();
    let number = match like
        .iter()
        .position(|other| std::ptr::eq(*other, transition))
    {
        Some(at) if like.len() > 1 => format!(" [{}]", at + 1),
        _ => String::new(),
    };
    let targets: Vec<&str> = transition
        .targets
        .iter()
        .map(|id| machine.state(*id).path.as_str())
        .collect();
    let path = if source.path.is_empty() {
        machine.name.as_str()
    } else {
        source.path.as_str()
    };
    let what = on.map_or_else(|| "always".to_owned(), |on| format!("on {on}"));
    match targets.as_slice() {
        [] => format!("{path} {what}{number}"),
        targets => format!("{path} {what}{number} -> {}", targets.join(", ")),
    }
}

pub(super) fn condition(
    expr: &Expr,
    place: Option<&str>,
    transition: Option<&Transition>,
    holds: bool,
) -> Item {
    said(Kind::Condition, expr.source(), place, transition, holds)
}

pub(super) fn operand(
    source: &str,
    place: Option<&str>,
    transition: Option<&Transition>,
    holds: bool,
) -> Item {
    said(Kind::Operand, source, place, transition, holds)
}

fn said(
    kind: Kind,
    source: &str,
    place: Option<&str>,
    transition: Option<&Transition>,
    holds: bool,
) -> Item {
    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
    let guard = transition.and_then(|transition| transition.guard.as_ref());
    Item {
        kind,
        name: format!("`{source}` is {holds}{place}"),
        span: guard.map_or(0..0, |guard| guard.span.clone()),
    }
}

pub(super) fn permission(event: &str, is_given: bool) -> Item {
    let word = if is_given { "allowed" } else { "forbidden" };
    Item {
        kind: Kind::Permission,
        name: format!("{event} {word}"),
        span: 0..0,
    }
}

pub(super) fn input(event: &str) -> Item {
    Item {
        kind: Kind::Input,
        name: format!("{event} with input that does not fit"),
        span: 0..0,
    }
}

pub(super) fn effect(def: &EffectDef, way: &str) -> Item {
    Item {
        kind: Kind::Effect,
        name: format!("{} {way}", def.name),
        span: def.span.clone(),
    }
}
