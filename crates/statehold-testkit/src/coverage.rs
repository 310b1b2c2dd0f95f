//! [`Coverage`]: which parts of a chart the scenarios came by, and which they did not.
//!
//! Everything a chart can do is an [`Item`], known before the first scenario runs; scenarios mark items as seen. A
//! condition counts twice, once for each answer, and so does each operand it joins with `&&`, `||` and `!`.

mod items;

use std::cell::RefCell;

use indexmap::IndexMap;
use serde::Serialize;
use statehold_core::diagnostic::Span;
use statehold_core::expr::{Expr, Operand};
use statehold_core::machine::Transition;
use statehold_core::{Event, Machine, Observer, Origin, Outcome, Refusal, Snapshot, Step};

/// What an item is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A state that is entered.
    State,
    /// A transition that is taken.
    Transition,
    /// A condition that holds, or does not.
    Condition,
    /// A part of a condition that holds, or does not.
    Operand,
    /// An event whose permission is given, or refused.
    Permission,
    /// An event whose input is refused.
    Input,
    /// An effect that is asked for, succeeds, or fails.
    Effect,
}

impl Kind {
    /// All of them, in the order of reports.
    pub const ALL: [Kind; 7] = [
        Kind::State,
        Kind::Transition,
        Kind::Condition,
        Kind::Operand,
        Kind::Permission,
        Kind::Input,
        Kind::Effect,
    ];

    /// The word for several of them.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::State => "states",
            Self::Transition => "transitions",
            Self::Condition => "conditions",
            Self::Operand => "operands",
            Self::Permission => "permissions",
            Self::Input => "inputs",
            Self::Effect => "effects",
        }
    }
}

/// One thing a chart can do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Item {
    /// What it is a part of.
    pub kind: Kind,
    /// In words, unique within the chart: `pending on pay -> charging`.
    pub name: String,
    /// Bytes of the chart it stands for.
    pub span: Span,
}

/// Parts of a chart with how often each was seen.
#[derive(Debug, Clone)]
pub struct Coverage {
    machine: Machine,
    seen: RefCell<IndexMap<Item, u64>>,
}

/// Seen and all, of one kind or of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Share {
    /// Items seen at least once.
    pub seen: usize,
    /// Items there are.
    pub of: usize,
}

impl Share {
    /// In percent; a chart without such items is covered.
    #[must_use]
    pub fn percent(self) -> f64 {
        match self.of {
            0 => 100.0,
            of => 100.0 * self.seen as f64 / of as f64,
        }
    }
}

impl Coverage {
    /// Nothing was seen yet.
    #[must_use]
    pub fn new(machine: &Machine) -> Self {
        let items = items::of(machine).into_iter().map(|item| (item, 0));
        Self {
            seen: RefCell::new(items.collect()),
            machine: machine.clone(),
        }
    }

    /// Every item with how often it was seen, in the order of the chart.
    #[must_use]
    pub fn items(&self) -> Vec<(Item, u64)> {
        let mut items: Vec<(Item, u64)> = self
            .seen
            .borrow()
            .iter()
            .map(|(item, seen)| (item.clone(), *seen))
            .collect();
        items.sort_by(|(a, _), (b, _)| {
            (a.span.start, a.kind, &a.name).cmp(&(b.span.start, b.kind, &b.name))
        });
        items
    }

    /// What was never seen.
    #[must_use]
    pub fn missing(&self) -> Vec<Item> {
        self.items()
            .into_iter()
            .filter(|(_, seen)| *seen == 0)
            .map(|(item, _)| item)
            .collect()
    }

    /// How much of one kind was seen.
    #[must_use]
    pub fn share(&self, kind: Kind) -> Share {
        self.count(|item| item.kind == kind)
    }

    /// How much of everything was seen.
    #[must_use]
    pub fn total(&self) -> Share {
        self.count(|_| true)
    }

    fn count(&self, is_meant: impl Fn(&Item) -> bool) -> Share {
        let seen = self.seen.borrow();
        let meant = seen.iter().filter(|(item, _)| is_meant(item));
        meant.fold(Share::default(), |share, (_, seen)| Share {
            seen: share.seen + usize::from(*seen > 0),
            of: share.of + 1,
        })
    }

    /// Adds what another run of the same chart saw.
    pub fn add(&mut self, other: &Coverage) {
        let mut seen = self.seen.borrow_mut();
        for (item, count) in other.seen.borrow().iter() {
            *seen.entry(item.clone()).or_default() += count;
        }
    }

    fn mark(&self, item: &Item) {
        // What is not an item, such as the guard of a transition that a macro made, is not counted.
        if let Some(seen) = self.seen.borrow_mut().get_mut(item) {
            *seen += 1;
        }
    }

    /// Marks the states an entity is in.
    pub(crate) fn note_states(&self, snapshot: &Snapshot) {
        for id in snapshot.configuration.iter() {
            self.mark(&items::state(self.machine.state(id)));
        }
    }

    /// Marks what a step shows beside its transitions.
    pub(crate) fn note_step(&self, step: &Step) {
        self.note_states(&step.snapshot);
        for effect in &step.effects {
            if let Some(def) = self.machine.effects.get(&effect.name) {
                self.mark(&items::effect(def, items::ASKED));
            }
        }
    }

    /// Marks what became of the permission and the input of an event from outside.
    pub(crate) fn note_door(&self, event: &Event, refusal: Option<&Refusal>) {
        if event.origin != Origin::External {
            return;
        }
        let outcome = refusal.map(|refusal| refusal.outcome);
        if self
            .machine
            .event(&event.kind)
            .is_some_and(|def| def.authorize.is_some())
        {
            let is_given = outcome != Some(Outcome::Forbidden);
            self.mark(&items::permission(&event.kind, is_given));
        }
        if outcome == Some(Outcome::InvalidInput) {
            self.mark(&items::input(&event.kind));
        }
    }

    /// Marks how an effect ended.
    pub(crate) fn note_answer(&self, effect: &str, is_ok: bool) {
        if let Some(def) = self.machine.effects.get(effect) {
            self.mark(&items::effect(
                def,
                if is_ok { items::OK } else { items::FAILED },
            ));
        }
    }
}

impl Observer for Coverage {
    fn condition(
        &self,
        condition: &Expr,
        transition: Option<&Transition>,
        holds: bool,
        operands: &[Operand<'_>],
    ) {
        let place = transition.map(|transition| items::title(&self.machine, transition));
        self.mark(&items::condition(
            condition,
            place.as_deref(),
            transition,
            holds,
        ));
        // A condition that joins nothing is counted once, as itself.
        if operands
            .first()
            .is_some_and(|first| first.source.len() < condition.source().len())
        {
            for operand in operands {
                self.mark(&items::operand(
                    operand.source,
                    place.as_deref(),
                    transition,
                    operand.holds,
                ));
            }
        }
    }

    fn taken(&self, transition: &Transition) {
        self.mark(&items::transition(&self.machine, transition));
    }
}
