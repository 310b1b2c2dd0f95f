//! What only the whole chart shows: definitions nobody uses, states nobody reaches, steps that would never end.

use std::collections::BTreeSet;

use super::chart::Loader;
use super::{dead_ends, loops, never, reach, trial};
use crate::codes;
use crate::configuration::StateSet;
use crate::diagnostic::Diagnostic;
use crate::interpreter::is_reserved;
use crate::machine::{Definition, State, StateId};
use crate::source::{Item, MapReader};

pub(super) fn check(loader: &Loader<'_>, chart: &MapReader<'_>, definition: &Definition) {
    loader.check_unused_guards();
    unused_effects(loader, chart);
    unused_events(loader, chart);
    // A target that could not be read leaves states unreached that its author meant to reach.
    if loader.reader.has_errors() {
        return;
    }
    let states = &definition.states;
    let reached = reach::reached(states);
    unreachable(loader, states, &reached);
    for id in dead_ends::dead_ends(states, &reached) {
        dead_end(loader, &states[id.index()]);
    }
    never::check(loader, definition);
    for id in loops::endless(states) {
        endless_loop(loader, id, definition);
    }
    trial::check(loader, definition);
}

fn unused_effects(loader: &Loader<'_>, chart: &MapReader<'_>) {
    let uses = loader.uses.borrow();
    let used: BTreeSet<&str> = uses
        .effects
        .iter()
        .map(|used| used.effect.as_str())
        .collect();
    for_declared(chart, "effects", |name, item| {
        if !used.contains(name) {
            report_unused(loader, item, format!("the effect `{name}` is never used"));
        }
    });
}

fn unused_events(loader: &Loader<'_>, chart: &MapReader<'_>) {
    let uses = loader.uses.borrow();
    let awaited = |name: &str| uses.raised.contains(name) || is_awaited(&uses.events, name);
    for_declared(chart, "events", |name, item| {
        if !awaited(name) && !is_reserved(name) {
            report_unused(
                loader,
                item,
                format!("no transition waits for the event `{name}`"),
            );
        }
    });
}

/// Whether a transition waits for a declared event, or for one of those that a declared descriptor stands for.
fn is_awaited(awaited: &BTreeSet<String>, declared: &str) -> bool {
    let prefix = declared.strip_suffix(".*").unwrap_or(declared);
    let mut outwards = std::iter::successors(Some(prefix), |prefix| {
        prefix.rfind('.').map(|dot| &prefix[..dot])
    });
    if awaited.contains("*")
        || awaited.contains(prefix)
        || outwards.any(|prefix| awaited.contains(&format!("{prefix}.*")))
    {
        return true;
    }
    let below = format!("{prefix}.");
    let stands_for_several = prefix != declared;
    declared == "*"
        || stands_for_several
            && (awaited.range(below.clone()..).next())
                .is_some_and(|event| event.starts_with(&below))
}

fn for_declared(chart: &MapReader<'_>, key: &str, mut each: impl FnMut(&str, &Item<'_>)) {
    let Some(item) = chart.optional(key) else {
        return;
    };
    // Anything but a mapping was noted when it was read.
    if matches!(item.node.value, crate::source::NodeValue::Map(_)) {
        for (key, item) in item.entries().unwrap_or_default() {
            each(&key.text, &item);
        }
    }
}

fn report_unused(loader: &Loader<'_>, item: &Item<'_>, message: String) {
    let span = item.key.map_or_else(|| item.head(), |key| key.span.clone());
    let problem = Diagnostic::warning(codes::UNUSED, span, message).at(item.pointer.clone());
    loader.reader.report(problem.help("remove it, or use it"));
}

fn unreachable(loader: &Loader<'_>, states: &[State], reached: &StateSet) {
    for state in states {
        let parent_is_reached = state.parent.is_none_or(|parent| reached.contains(parent));
        if reached.contains(state.id) || !parent_is_reached {
            continue;
        }
        let draft = loader.outline.draft(state.id);
        let problem = Diagnostic::warning(
            codes::UNREACHABLE,
            state.span.clone(),
            format!("state `{}` can never be reached", state.path),
        );
        let is_initial = (state
            .parent
            .and_then(|parent| states[parent.index()].initial.as_ref()))
        .is_some_and(|initial| initial.targets.contains(&state.id));
        let help = match is_initial {
            true => {
                "the state around it never begins there: every way in names another state inside"
            }
            false => "no transition leads to it, and it is nobody's initial state",
        };
        loader
            .reader
            .report(problem.help(help).at(draft.item.pointer.clone()));
    }
}

fn dead_end(loader: &Loader<'_>, state: &State) {
    let draft = loader.outline.draft(state.id);
    let message = format!(
        "state `{}` can never be left, and it is not final",
        state.path
    );
    let problem = Diagnostic::warning(codes::DEAD_END, state.span.clone(), message);
    loader.reader.report(
        problem
            .help("add the transition that leads out, or `type: final` if the story ends here")
            .at(draft.item.pointer.clone()),
    );
}

fn endless_loop(loader: &Loader<'_>, id: StateId, definition: &Definition) {
    let state = &definition.states[id.index()];
    let span = state
        .always
        .first()
        .map_or(state.span.clone(), |transition| transition.span.clone());
    let problem = Diagnostic::error(
        codes::ALWAYS_LOOP,
        span,
        format!(
            "{} never comes to rest: its eventless transition has no guard and leads back to it",
            loader.outline.title(id)
        ),
    );
    let pointer = format!("{}/always", loader.outline.draft(id).item.pointer);
    loader.reader.report(
        problem
            .help("give one transition of the loop a guard that becomes false")
            .at(pointer),
    );
}
