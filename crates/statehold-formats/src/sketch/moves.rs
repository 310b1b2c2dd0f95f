//! Arrows become transitions: words behave as UML has them, `event [guard] / actions`, `after 5m`, `done`.

use std::collections::HashMap;

use serde_json::{Map, Value};
use statehold_core::machine::StateKind;

use super::label::{Label, Trigger, field_of, is_descriptor, is_event};
use super::states::Filler;
use super::tree::ROOT;
use super::{Arrow, Origin, ShapeKind, Tip};
use crate::draft::{InitialDraft, Piece, StateDraft, TimerDraft, TimerWhen, TransitionDraft, free};

/// A transition to be.
#[derive(Debug)]
pub(super) struct Move {
    pub(super) source: usize,
    pub(super) targets: Vec<usize>,
    pub(super) label: Label,
    pub(super) trigger: Trigger,
    pub(super) origin: Origin,
    pub(super) at: usize,
}

impl Move {
    /// One that does not leave its state.
    pub(super) fn inside(source: usize, label: Label, at: usize) -> Self {
        Self {
            source,
            targets: Vec::new(),
            trigger: label.kind(),
            label,
            origin: Origin::Drawn,
            at,
        }
    }

    /// The words of the event that it waits for and nothing else decides.
    pub(super) fn plain_event(&self) -> Option<&str> {
        match &self.trigger {
            Trigger::Event(words) if self.label.guard.is_none() && !self.targets.is_empty() => {
                Some(words)
            }
            _ => None,
        }
    }
}

impl Filler<'_, '_> {
    /// Collects the moves of all arrows.
    pub(super) fn arrows(&mut self) {
        let sketch = self.sketch;
        for arrow in &sketch.arrows {
            let Tip::Shape(shape) = arrow.from else {
                continue;
            };
            match sketch.shapes[shape].kind {
                ShapeKind::AnyState => self.arrow(ROOT, arrow),
                ShapeKind::History { .. } => self.default_of_memory(shape, arrow),
                _ => {
                    if let Some(source) = self.tree.of_shape(shape) {
                        self.arrow(source, arrow);
                    }
                }
            }
        }
    }

    fn arrow(&mut self, source: usize, arrow: &Arrow) {
        if self.tree.nodes[source].kind == StateKind::Final {
            // The arrow to the dot that made it final.
            return;
        }
        let Some(targets) = self.targets(arrow) else {
            self.notes
                .refuse(arrow.at, "this arrow leads to something that is no state");
            return;
        };
        for label in self.labels(source, arrow, &targets) {
            self.moves.push(Move {
                source,
                targets: targets.clone(),
                trigger: label.kind(),
                label,
                origin: arrow.origin.clone(),
                at: arrow.at,
            });
        }
    }

    fn targets(&self, arrow: &Arrow) -> Option<Vec<usize>> {
        let mut targets = vec![self.tree.target(arrow)?];
        for shape in &arrow.also {
            targets.push(self.tree.of_shape(*shape)?);
        }
        Some(targets)
    }

    /// Our own exports write all arrows of a box to itself at one.
    fn labels(&self, source: usize, arrow: &Arrow, targets: &[usize]) -> Vec<Label> {
        if self.is_own(source) && targets == [source] && arrow.label.len() > 1 {
            let lines: Vec<Label> = arrow.label.iter().map(|line| Label::parse(line)).collect();
            if lines.iter().all(Label::is_strict) {
                return lines;
            }
        }
        vec![Label::parse(&arrow.label.join(" "))]
    }

    fn default_of_memory(&mut self, shape: usize, arrow: &Arrow) {
        let Some(node) = self.tree.of_shape(shape) else {
            return;
        };
        let targets = self.targets(arrow);
        let is_memory = matches!(self.tree.nodes[node].kind, StateKind::History { .. });
        let Some(targets) = targets.filter(|_| is_memory && self.states[node].initial.is_none())
        else {
            self.notes.refuse(
                arrow.at,
                "one arrow leads out of a memory, to where it leads while it is empty",
            );
            return;
        };
        if !arrow.is_bare() {
            let message = "the way out of a memory has no words here";
            self.notes.loss(arrow.at, "words of a history", message);
        }
        let targets = targets
            .iter()
            .map(|target| self.tree.nodes[*target].path.clone())
            .collect();
        self.states[node].initial = Some(InitialDraft {
            targets,
            actions: Vec::new(),
        });
    }

    /// Gives every move its place in its state.
    pub(super) fn settle_moves(&mut self) {
        let mut moves = std::mem::take(&mut self.moves);
        for one in &mut moves {
            self.settle_trigger(one);
        }
        self.tell_apart(&mut moves);
        let mut branches: HashMap<usize, usize> = HashMap::new();
        for one in &moves {
            if self.is_choice(one.source) && !self.has_condition(one) {
                *branches.entry(one.source).or_default() += 1;
            }
        }
        // What has a condition is tried before what has none, wherever it is drawn.
        let (with, without): (Vec<Move>, Vec<Move>) =
            moves.into_iter().partition(|one| self.has_condition(one));
        for one in with.into_iter().chain(without) {
            if self.is_choice(one.source) {
                self.branch(&one, &mut branches);
            } else {
                self.place(&one);
            }
        }
    }

    /// A way out of a choice. The last one without a condition is what is left; those before it are told apart.
    fn branch(&mut self, one: &Move, without: &mut HashMap<usize, usize>) {
        let words = one.label.trigger.as_str();
        let mut transition = self.transition(one);
        if self.has_condition(one) {
            let words = words.strip_prefix("if ").unwrap_or(words).trim();
            let text = match (&one.label.guard, words.is_empty()) {
                (Some(guard), true) => guard.clone(),
                (Some(guard), false) => format!("{words} [{guard}]"),
                (None, _) => words.to_owned(),
            };
            transition.guard = Some(self.guard_of(&text, false, one.at));
        } else if let Some(left) = without.get_mut(&one.source) {
            *left -= 1;
            if *left > 0 {
                let name = self.called(one.targets[0]);
                transition.guard = Some(self.guard_of(&format!("to {name}"), false, one.at));
            }
        }
        self.states[one.source].always.push(transition);
    }

    /// The transition without what it waits for.
    fn transition(&mut self, one: &Move) -> TransitionDraft {
        let paths = one
            .targets
            .iter()
            .map(|target| self.tree.nodes[*target].path.clone());
        let mut transition = TransitionDraft {
            targets: paths.collect(),
            at: one.at,
            ..TransitionDraft::default()
        };
        if !self.is_choice(one.source) {
            transition.guard = self.guard(&one.label, one.trigger != Trigger::None, one.at);
        }
        transition.actions = self.actions(&one.label, one.at);
        let stays = |target: &usize| self.tree.is_within(*target, one.source);
        // An arrow from a box to itself leaves it; our own exports say when it does.
        let leaves =
            !self.is_own(one.source) && one.source != ROOT && one.targets.iter().all(stays);
        transition.reenter = !one.targets.is_empty()
            && (one.label.reenters || leaves && !self.is_choice(one.source));
        transition
    }

    fn place(&mut self, one: &Move) {
        let transition = self.transition(one);
        match &one.trigger {
            Trigger::None => self.states[one.source].always.push(transition),
            Trigger::After(delay) => {
                timer(
                    &mut self.states[one.source],
                    TimerWhen::Delay(delay.clone()),
                    Map::new(),
                    transition,
                );
            }
            Trigger::Cron(pattern, zone) => {
                let mut when = Map::from_iter([("cron".to_owned(), Value::from(pattern.as_str()))]);
                if zone != "UTC" {
                    when.insert("tz".to_owned(), Value::from(zone.as_str()));
                }
                timer(
                    &mut self.states[one.source],
                    TimerWhen::Other,
                    when,
                    transition,
                );
            }
            Trigger::At(instant) => self.at_instant(one, instant, transition),
            Trigger::Done(name) if name.is_empty() => {
                self.states[one.source].on_done.push(transition);
            }
            Trigger::Done(name) => self.on_end(one, "done", name, transition),
            Trigger::Error(name) => self.on_end(one, "error", name, transition),
            Trigger::Event(words) => self.on_event(one, words, transition),
        }
    }

    fn on_event(&mut self, one: &Move, words: &str, transition: TransitionDraft) {
        let event = if is_descriptor(words) && !is_event(words) || words == "error.execution" {
            words.to_owned()
        } else {
            self.draft.event(words, one.at, self.notes)
        };
        self.states[one.source].on_event(&event, transition);
    }

    /// The end of an effect of the state, of another state, or of an effect that something else asked for.
    fn on_end(&mut self, one: &Move, kind: &str, name: &str, transition: TransitionDraft) {
        let state = &mut self.states[one.source];
        if let Some(invoke) = state.invoke.iter_mut().find(|invoke| invoke.effect == name) {
            let candidates = if kind == "done" {
                &mut invoke.on_done
            } else {
                &mut invoke.on_error
            };
            candidates.push(transition);
            return;
        }
        if kind == "done" && self.tree.at_path(name).is_some() {
            self.states[one.source].on_event(&format!("done.state.{name}"), transition);
            return;
        }
        if name.contains('.') || crate::draft::slug(name, "effect") != name {
            self.on_event(one, &one.label.trigger, transition);
            return;
        }
        let effect = self.effect(name, one.at);
        self.states[one.source].on_event(&format!("{kind}.effect.{effect}"), transition);
    }

    fn at_instant(&mut self, one: &Move, instant: &str, transition: TransitionDraft) {
        if let Some(field) = field_of(instant) {
            let message = format!("`{instant}` must be set before the state is entered");
            self.notes.loss(one.at, "instant", message);
            let key = format!("{field}?");
            self.draft
                .context
                .entry(key)
                .or_insert_with(|| Piece::new("timestamp"));
        }
        timer(
            &mut self.states[one.source],
            TimerWhen::At(instant.to_owned()),
            Map::new(),
            transition,
        );
    }
}

/// Adds a candidate to the timer that is due then. `keys` say when, where no length of time and no instant does.
fn timer(
    state: &mut StateDraft,
    when: TimerWhen,
    keys: Map<String, Value>,
    transition: TransitionDraft,
) {
    let known = state
        .after
        .iter()
        .position(|timer| timer.when == when && timer.more == keys);
    if let Some(known) = known {
        // Candidates before the last one wait for the timer by its name.
        if when == TimerWhen::Other && state.after[known].name.is_none() {
            let is_taken = |name: &str| {
                state
                    .after
                    .iter()
                    .any(|timer| timer.name.as_deref() == Some(name))
            };
            state.after[known].name = Some(free("cron", is_taken));
        }
        state.after[known].transitions.push(transition);
        return;
    }
    let mut timer = TimerDraft::after("", vec![transition]);
    timer.when = when;
    timer.more = keys;
    state.after.push(timer);
}
