//! Conditions tried out before any entity meets them: which can never hold, and which of one event hold together.
//!
//! Values are made up around every literal that the conditions compare with, and the conditions are evaluated on them
//! as a step would. What a try shows is certain, because it comes with the values that show it; what no try shows is
//! claimed only where the values tried stand for all there are. All of it is bounded, and beyond the bounds it is silent.

mod configurations;
mod tries;
mod values;

use std::cell::Cell;

use super::chart::Loader;
use super::exprs::View;
use crate::codes;
use crate::diagnostic::{Diagnostic, Span};
use crate::expr::{Expr, Variables};
use crate::interpreter::is_reserved;
use crate::machine::{Definition, Descriptor, Guard, State, Transition};
use tries::{Answers, Setting};

/// Most evaluations for one chart. At some microseconds each this is felt by nobody who waits for a check.
const EVALUATIONS_MAX: usize = 20_000;

/// Most candidates of one event in one state that are compared with each other: pairs grow with the square.
const CANDIDATES_MAX: usize = 20;

/// Tries the guards of a chart that is otherwise right.
pub(super) fn check(loader: &Loader<'_>, definition: &Definition) {
    let trial = Trial {
        loader,
        definition,
        left: Cell::new(EVALUATIONS_MAX),
    };
    for state in &definition.states {
        for group in groups(&state.transitions) {
            trial.group(state, &group);
        }
        trial.group(state, &state.always.iter().collect::<Vec<_>>());
    }
}

/// The transitions of each event, in the order in which they are tried.
fn groups(transitions: &[Transition]) -> Vec<Vec<&Transition>> {
    let mut groups: Vec<Vec<&Transition>> = Vec::new();
    for transition in transitions {
        let same = groups
            .iter_mut()
            .find(|group| group[0].on == transition.on && group[0].invoke == transition.invoke);
        match same {
            Some(group) => group.push(transition),
            None => groups.push(vec![transition]),
        }
    }
    groups
}

struct Trial<'t, 'n> {
    loader: &'t Loader<'n>,
    definition: &'t Definition,
    /// Evaluations that may still be made.
    left: Cell<usize>,
}

impl<'t> Trial<'t, '_> {
    fn group(&self, state: &'t State, transitions: &[&'t Transition]) {
        let guarded: Vec<(&Transition, &Guard)> = (transitions.iter())
            .map_while(|transition| Some((*transition, transition.guard.as_ref()?)))
            .take(CANDIDATES_MAX)
            .collect();
        let setting = self.setting(state, transitions);
        let mut live: Vec<(&Transition, &Guard)> = Vec::new();
        for (transition, guard) in guarded {
            if self.is_constant(state, transition, guard, &setting) {
                continue;
            }
            let rival = (live.iter()).find_map(|(earlier, first)| {
                self.rivalry(&setting, first, guard)
                    .map(|rivalry| (*earlier, *first, rivalry))
            });
            if let Some((earlier, first, rivalry)) = rival {
                let places = (place(earlier, first), place(transition, guard));
                self.report(state, places, rivalry);
            }
            live.push((transition, guard));
        }
    }

    /// What the guards of these transitions see.
    fn setting(&self, state: &'t State, transitions: &[&'t Transition]) -> Setting<'t> {
        let on = transitions.first().and_then(|first| first.on.as_ref());
        let view = match on {
            Some(Descriptor::Exact(event)) => self.loader.view_of(event),
            _ => View::default(),
        };
        Setting {
            definition: self.definition,
            state,
            event: view.event.unwrap_or_default(),
            input: view.input,
            parts: self.loader.event_parts(view),
        }
    }

    /// Permissions without which nobody gets to the guards of an event.
    fn rules(&self, event: &str) -> Vec<&'t Expr> {
        if event.is_empty() || is_reserved(event) {
            return Vec::new();
        }
        let own = self.definition.event(event);
        let own = own.and_then(|declared| declared.authorize.as_ref());
        self.definition.authorize.iter().chain(own).collect()
    }

    /// Whether a guard has the same answer whatever happens; that is noted.
    fn is_constant(
        &self,
        state: &State,
        transition: &Transition,
        guard: &Guard,
        setting: &Setting<'_>,
    ) -> bool {
        let variables = Variables::of([&guard.expr]);
        let is_shared = guard.name.is_some();
        if !variables.is_complete()
            || variables.is_empty()
            || self.is_known_constant(guard)
            // A guard that several transitions share may well be always true for one of them.
            || is_shared && !variables.states.is_empty()
        {
            return false;
        }
        let Some(answers) = self.answers(setting, &variables, &[], &[&guard.expr]) else {
            return false;
        };
        let (words, help) = match &answers {
            _ if !answers.is_complete || answers.tried == 0 => return false,
            Answers { both: None, .. } => ("never", "no transition with it is ever taken"),
            Answers { held, tried, .. } if held[0] == *tried => (
                "always",
                "leave it out, or look for what it should have said",
            ),
            _ => return false,
        };
        let message = format!("this guard {words} holds");
        let span = match is_shared {
            true => guard.span.clone(),
            false => place(transition, guard),
        };
        self.warn(state, codes::CONSTANT, span, message, help, None);
        true
    }

    /// Whether a comparison inside the guard was already found to be constant.
    fn is_known_constant(&self, guard: &Guard) -> bool {
        let known = self.loader.constants.borrow();
        known
            .iter()
            .any(|span| span.start >= guard.span.start && span.end <= guard.span.end)
    }

    /// How two guards of one event stand to each other, if they can both hold.
    fn rivalry(&self, setting: &Setting<'_>, first: &Guard, second: &Guard) -> Option<Rivalry> {
        if first.expr == second.expr {
            return Some(Rivalry::Shadowed);
        }
        let guards = [&first.expr, &second.expr];
        let own = Variables::of(guards);
        if own.is_costly() || own.is_empty() {
            return None;
        }
        // Who may fire the event does not matter to what the guards say of each other.
        let answers = self.answers(setting, &own, &[], &guards)?;
        let example = answers.both?;
        if answers.is_complete && answers.held[1] == answers.held_both {
            return Some(Rivalry::Shadowed);
        }
        let rules = self.rules(setting.event);
        if rules.is_empty() {
            return Some(Rivalry::Overlap(example));
        }
        let all = Variables::of(guards.into_iter().chain(rules.iter().copied()));
        if all.is_costly() {
            return None;
        }
        let permitted = self.answers(setting, &all, &rules, &guards)?;
        permitted.both.map(Rivalry::Overlap)
    }

    /// The answers of conditions to everything that is tried. None if nothing may be tried any more.
    fn answers(
        &self,
        setting: &Setting<'_>,
        variables: &Variables,
        rules: &[&Expr],
        conditions: &[&Expr],
    ) -> Option<Answers> {
        let left = self.left.get();
        if left == 0 || self.loader.reader.is_full() {
            return None;
        }
        let answers = tries::answers(setting, variables, rules, conditions, left);
        self.left.set(left.saturating_sub(answers.evaluated));
        Some(answers)
    }

    fn report(&self, state: &State, (first, second): (Span, Span), rivalry: Rivalry) {
        match rivalry {
            Rivalry::Shadowed => self.warn(
                state,
                codes::SHADOWED,
                second,
                "this transition can never be taken: where its guard holds, an earlier one holds too".to_owned(),
                "let the earlier guard leave out what this one is for, or remove this one",
                Some((first, "taken instead")),
            ),
            Rivalry::Overlap(example) => self.warn(
                state,
                codes::OVERLAP,
                second,
                format!("this guard and an earlier one both hold when {example}"),
                "the first in order is taken; if that is not what is meant, let the guards exclude each other",
                Some((first, "taken then")),
            ),
        }
    }

    fn warn(
        &self,
        state: &State,
        code: codes::Code,
        span: Span,
        message: String,
        help: &str,
        related: Option<(Span, &str)>,
    ) {
        let pointer = self.loader.outline.draft(state.id).item.pointer.clone();
        let mut problem = Diagnostic::warning(code, span, message)
            .help(help)
            .at(pointer);
        if let Some((span, words)) = related {
            problem = problem.related(span, words);
        }
        self.loader.reader.report(problem);
    }
}

/// How two guards that can both hold stand to each other.
enum Rivalry {
    /// The second holds only where the first does.
    Shadowed,
    /// Both hold in this example, in words.
    Overlap(String),
}

/// Where a guard stands: itself where it was written, the transition where it was named.
fn place(transition: &Transition, guard: &Guard) -> Span {
    match guard.name {
        Some(_) => transition.span.clone(),
        None => guard.span.clone(),
    }
}
