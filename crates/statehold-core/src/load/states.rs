//! The second pass over the states: their content, and what each kind may have.

use super::chart::{Loader, words};
use super::exprs::{Texts, View};
use super::keys::INITIAL;
use super::names::at_key;
use super::outline::Draft;
use super::transitions::{Trigger, sort};
use crate::codes;
use crate::machine::{Descriptor, Initial, State, StateId, StateKind, Transition, ValueExpr};
use crate::source::{Item, MapReader, NodeValue};

impl<'n> Loader<'n> {
    /// All states in document order.
    pub(super) fn read_states(&self) -> Vec<State> {
        self.outline
            .drafts
            .iter()
            .map(|draft| self.state(draft))
            .collect()
    }

    fn state(&self, draft: &Draft<'n>) -> State {
        let mut state = State {
            id: draft.id,
            parent: draft.parent,
            last: draft.last,
            depth: draft.depth,
            name: draft.name.clone(),
            path: draft.path.clone(),
            kind: draft.kind,
            children: draft.children.clone(),
            initial: None,
            entry: Vec::new(),
            exit: Vec::new(),
            transitions: Vec::new(),
            always: Vec::new(),
            timers: Vec::new(),
            invokes: Vec::new(),
            output: None,
            label: None,
            description: None,
            tags: Vec::new(),
            deprecated: None,
            span: draft
                .item
                .key
                .map_or(draft.item.node.span.clone(), |key| key.span.clone()),
        };
        if let Some(map) = &draft.map {
            self.check_kind(draft, map);
            self.fill(&mut state, map);
        }
        state
    }

    fn fill(&self, state: &mut State, map: &MapReader<'n>) {
        let id = state.id;
        let any = View::default();
        state.initial = self.initial(map, state);
        let list = |key: &str| map.optional(key).map(|item| self.actions(&item, any));
        state.entry = list("entry").unwrap_or_default();
        state.exit = list("exit").unwrap_or_default();
        if let Some(item) = map.optional("on") {
            state.transitions = self.on(&item, id);
        }
        if let Some(item) = optional(map, "onDone") {
            state.transitions.extend(self.on_done(&item, state));
        }
        if let Some(item) = map.optional("after") {
            let after = self.after(&item, id);
            state.timers = after.timers;
            state.transitions.extend(after.transitions);
        }
        if let Some(item) = map.optional("invoke") {
            self.invokes(&item, state);
        }
        sort(&mut state.transitions);
        if let Some(item) = map.optional("always") {
            let trigger = Trigger {
                on: None,
                invoke: None,
                view: any,
            };
            state.always = self.candidates(&item, id, trigger);
        }
        state.output = map.optional("output").and_then(|item| self.output(&item));
        self.describe(state, map);
    }

    /// What a final state hands on is shown with the entity, as it is.
    fn output(&self, item: &Item<'n>) -> Option<ValueExpr> {
        let any = View::default();
        let output = self.value(item, Texts::Expressions, any)?;
        if self.is_sensitive_value(&output, any) {
            let message = "a sensitive value goes into the output, which is not masked";
            let problem = item.warning(codes::SENSITIVE_LEAK, message);
            self.reader
                .report(problem.help("leave it out: who may see it finds it in the context"));
        }
        Some(output)
    }

    fn describe(&self, state: &mut State, map: &MapReader<'n>) {
        state.label = words(map, "label");
        state.description = words(map, "description");
        if let Some(item) = map.optional("tags") {
            let tags = item.one_or_many();
            state.tags = tags
                .iter()
                .filter_map(|tag| Some(tag.text()?.to_owned()))
                .collect();
        }
        // The chart's own note was read with the head.
        if state.id != StateId::ROOT {
            let source = state.id;
            state.deprecated =
                self.deprecated(map, |other| self.outline.resolve(other, source).is_some());
        }
    }

    /// Notes keys that a state of this kind cannot have, and those it cannot do without.
    fn check_kind(&self, draft: &Draft<'n>, map: &MapReader<'n>) {
        let (kind, refused): (&str, &[&str]) = match draft.kind {
            StateKind::Atomic => (
                "a state without children",
                &["initial", "onDone", "output", "target", "history"],
            ),
            StateKind::Compound => ("a compound state", &["target", "history"]),
            StateKind::Parallel => ("a parallel state", &["initial", "target", "history"]),
            StateKind::Final => (
                "a final state",
                &[
                    "initial", "states", "on", "always", "after", "invoke", "onDone", "target",
                    "history",
                ],
            ),
            StateKind::History { .. } => (
                "a history state",
                &[
                    "initial", "states", "on", "always", "after", "entry", "exit", "invoke",
                    "onDone", "output",
                ],
            ),
        };
        for key in refused {
            if let Some(item) = optional(map, key) {
                let problem = at_key(
                    &item,
                    codes::BAD_STRUCTURE,
                    format!("{kind} cannot have `{key}`"),
                );
                self.reader.report(match kind_help(draft.kind, key) {
                    Some(help) => problem.help(help),
                    None => problem,
                });
            }
        }
        if draft.kind == StateKind::Compound
            && draft.id != StateId::ROOT
            && let Some(item) = map.optional("output")
        {
            let problem = at_key(
                &item,
                codes::BAD_STRUCTURE,
                "a compound state cannot have `output`",
            );
            self.reader
                .report(problem.help("`output` belongs to its final child"));
        }
        self.check_children(draft, map);
    }

    fn check_children(&self, draft: &Draft<'n>, map: &MapReader<'n>) {
        if draft.is_cut {
            return;
        }
        let is_history =
            |id: &StateId| matches!(self.outline.draft(*id).kind, StateKind::History { .. });
        let real: Vec<StateId> = draft
            .children
            .iter()
            .copied()
            .filter(|id| !is_history(id))
            .collect();
        let needs_children = matches!(draft.kind, StateKind::Compound | StateKind::Parallel);
        if needs_children && real.is_empty() {
            let has_states = map.optional("states").is_some();
            if has_states || draft.id != StateId::ROOT {
                let problem = draft.item.error(
                    codes::BAD_STRUCTURE,
                    format!("{} needs states inside", self.outline.title(draft.id)),
                );
                self.reader
                    .report(problem.help("list them under `states`, or leave `type` out"));
            }
            return;
        }
        if draft.kind == StateKind::Compound && map.optional("initial").is_none() {
            let first = real
                .first()
                .map(|id| self.outline.draft(*id).name.clone())
                .unwrap_or_default();
            let message = format!("{} needs the key `initial`", self.outline.title(draft.id));
            let problem = draft.item.error(codes::MISSING_KEY, message);
            self.reader.report(problem.help(format!(
                "the state inside that is entered first, like `initial: {first}`"
            )));
        }
    }

    /// Where a compound state begins, or a history state without memory leads.
    fn initial(&self, map: &MapReader<'n>, state: &State) -> Option<Initial> {
        match state.kind {
            StateKind::Compound if self.outline.draft(state.id).is_cut => None,
            StateKind::Compound => self.initial_of(&map.optional("initial")?, state.id),
            StateKind::History { .. } => {
                let item = map.optional("target")?;
                let targets = self.outline.targets(&item, state.id)?;
                self.check_history_target(&item, state, &targets);
                Some(Initial {
                    targets,
                    actions: Vec::new(),
                })
            }
            _ => None,
        }
    }

    fn initial_of(&self, item: &Item<'n>, owner: StateId) -> Option<Initial> {
        if !matches!(item.node.value, NodeValue::Map(_)) {
            return Some(Initial {
                targets: self.outline.initial_targets(item, owner)?,
                actions: Vec::new(),
            });
        }
        let map = item.map(INITIAL)?.checked();
        let actions = self.content(&map, View::default());
        let targets = map
            .required("target")
            .and_then(|item| self.outline.initial_targets(&item, owner));
        Some(Initial {
            targets: targets?,
            actions,
        })
    }

    /// Memory restores what is inside the parent, so what stands in for it must be there too, and be no memory.
    fn check_history_target(&self, item: &Item<'n>, state: &State, targets: &[StateId]) {
        let parent = state.parent.unwrap_or(StateId::ROOT);
        for target in targets {
            let draft = self.outline.draft(*target);
            let problem = if matches!(draft.kind, StateKind::History { .. }) {
                "a history state cannot lead to a history state"
            } else if *target == parent || !self.outline.is_within(*target, parent) {
                "a history state leads to a state beside it, or further inside"
            } else {
                continue;
            };
            self.reader
                .report(item.error(codes::BAD_STRUCTURE, problem));
        }
    }

    fn on_done(&self, item: &Item<'n>, state: &State) -> Vec<Transition> {
        let event = format!("done.state.{}", state.path);
        let descriptor = Descriptor::Exact(event.clone());
        let trigger = Trigger {
            on: Some(&descriptor),
            invoke: None,
            view: self.view_of(&event),
        };
        self.candidates(item, state.id, trigger)
    }
}

/// The value under a key that the chart's root, being a state too, does not have.
fn optional<'n>(map: &MapReader<'n>, key: &str) -> Option<Item<'n>> {
    map.knows(key).then(|| map.optional(key)).flatten()
}

fn kind_help(kind: StateKind, key: &str) -> Option<&'static str> {
    Some(match (kind, key) {
        (StateKind::Final, "on" | "always" | "after" | "invoke") => {
            "nothing happens after a final state; leave `type: final` out if something does"
        }
        (StateKind::Parallel, "initial") => {
            "all its regions begin at once; each region has its own `initial`"
        }
        (StateKind::Atomic, "initial" | "onDone") => "add `states`, or remove it",
        (_, "output") => "`output` belongs to a final state",
        (_, "target") => {
            "a transition belongs under `on`, `always` or `after`; only a history state has a `target` itself"
        }
        (_, "history") => "add `type: history`",
        _ => return None,
    })
}
