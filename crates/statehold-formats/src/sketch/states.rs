//! What is written in the boxes, and the assembly of the draft.

use std::collections::HashSet;

use statehold_core::machine::StateKind;

use super::effects::known_effects;
use super::label::{Label, Trigger};
use super::moves::Move;
use super::tree::{ROOT, Tree};
use super::{ShapeKind, Sketch};
use crate::draft::{ActionDraft, Draft, InitialDraft, InvokeDraft, StateDraft};
use crate::notes::Notes;

/// A draft that is being filled.
pub(super) struct Filler<'f, 't> {
    pub(super) sketch: &'f Sketch,
    pub(super) tree: &'f Tree,
    pub(super) draft: &'f mut Draft,
    pub(super) notes: &'f mut Notes<'t>,
    /// One for each node of the tree.
    pub(super) states: Vec<StateDraft>,
    pub(super) moves: Vec<Move>,
    /// Guards and effects that were noted as stubs.
    pub(super) noted: HashSet<String>,
    pub(super) known_effects: HashSet<String>,
}

/// Puts the states of the tree into the draft.
pub(super) fn fill(sketch: &Sketch, tree: &Tree, draft: &mut Draft, notes: &mut Notes<'_>) {
    let mut filler = Filler {
        sketch,
        tree,
        draft,
        notes,
        states: tree
            .nodes
            .iter()
            .map(|node| blank(node.kind, &node.name, node.at))
            .collect(),
        moves: Vec::new(),
        noted: HashSet::new(),
        known_effects: known_effects(sketch),
    };
    for node in 0..tree.nodes.len() {
        filler.words(node);
        filler.begin(node);
    }
    filler.arrows();
    filler.settle_moves();
    let root = assemble(filler.states, tree);
    draft.root = root;
}

fn blank(kind: StateKind, name: &str, at: usize) -> StateDraft {
    let mut state = StateDraft::with_kind("", kind, at);
    name.clone_into(&mut state.name);
    state
}

/// The states as a tree. Children stand behind their parents, so they are complete when these come.
fn assemble(states: Vec<StateDraft>, tree: &Tree) -> StateDraft {
    let mut states: Vec<Option<StateDraft>> = states.into_iter().map(Some).collect();
    for (at, node) in tree.nodes.iter().enumerate().rev() {
        let children: Vec<StateDraft> = node
            .children
            .iter()
            .filter_map(|child| states[*child].take())
            .collect();
        if let Some(state) = &mut states[at] {
            state.states = children;
        }
    }
    let root = states.swap_remove(ROOT);
    root.unwrap_or_else(|| StateDraft::with_kind("", StateKind::Compound, 0))
}

/// A line of text in a box.
enum Line {
    Tags(Vec<String>),
    Entry(Label),
    Exit(Label),
    Invoke(Vec<String>),
    /// Something that happens without leaving.
    Inside(Label),
    Words,
}

/// What a line is. In our own exports words for people come first: behind the first line of something that happens,
/// `happens`, a lone event is one that does nothing.
fn line(text: &str, is_own: bool, happens: bool) -> Line {
    let tags: Option<Vec<&str>> = text
        .split_whitespace()
        .map(|word| word.strip_prefix('#'))
        .collect();
    if let Some(tags) = tags.filter(|tags| !tags.is_empty() && tags.iter().all(|tag| is_tag(tag))) {
        return Line::Tags(tags.into_iter().map(str::to_owned).collect());
    }
    for (word, make) in [
        ("entry", Line::Entry as fn(Label) -> Line),
        ("exit", Line::Exit),
    ] {
        if let Some(actions) = behind(text, word) {
            return make(Label::parse(actions));
        }
    }
    if let Some(actions) = behind(text, "do") {
        return Line::Invoke(Label::parse(actions).actions);
    }
    let label = Label::parse(text);
    // `Draft [v2]` is a name rather than an event that does nothing.
    let does_something = !label.actions.is_empty() || happens;
    let is_inside = match label.kind() {
        Trigger::None => does_something,
        Trigger::Event(_) => does_something && label.is_strict(),
        Trigger::Done(name) => does_something || !name.is_empty(),
        Trigger::Error(_) | Trigger::After(_) | Trigger::At(_) | Trigger::Cron(..) => true,
    };
    if is_own && is_inside {
        Line::Inside(label)
    } else {
        Line::Words
    }
}

fn is_tag(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// What stands behind `word /`, the slash included.
fn behind<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let rest = text.trim_start().strip_prefix(word)?.trim_start();
    rest.starts_with('/').then_some(rest)
}

/// Lines with their places.
type Lines<'s> = Vec<&'s (usize, String)>;

/// Lines of text in a shape, and those of notes. In our own exports a box with others inside has its lines in a note.
fn lines(sketch: &Sketch, shape: usize) -> (Lines<'_>, Lines<'_>) {
    let drawn = &sketch.shapes[shape];
    let mut texts: Vec<_> = drawn.texts.iter().collect();
    if sketch.is_own(shape) {
        texts.extend(&drawn.notes);
        return (texts, Vec::new());
    }
    (texts, drawn.notes.iter().collect())
}

/// Whether a shape does something that a final state cannot.
pub(super) fn waits(sketch: &Sketch, shape: usize) -> bool {
    let is_own = sketch.is_own(shape);
    let (texts, _) = lines(sketch, shape);
    texts
        .iter()
        .any(|(_, text)| matches!(line(text, is_own, false), Line::Invoke(_) | Line::Inside(_)))
}

impl Filler<'_, '_> {
    /// Names, words and everything that happens inside a state.
    fn words(&mut self, node: usize) {
        let (sketch, tree) = (self.sketch, self.tree);
        let place = &tree.nodes[node];
        self.states[node].label = place.original.clone();
        let Some(shape) = place.shape else { return };
        let is_own = sketch.is_own(shape);
        let (texts, notes) = lines(sketch, shape);
        let mut words: Vec<&str> = Vec::new();
        let mut happens = false;
        for (at, text) in texts {
            let line = line(text, is_own, happens);
            happens |= !matches!(line, Line::Words | Line::Tags(_));
            match line {
                Line::Tags(tags) => self.states[node].tags.extend(tags),
                Line::Entry(label) => {
                    let actions = self.actions(&label, *at);
                    self.states[node].entry.extend(actions);
                }
                Line::Exit(label) => {
                    let actions = self.actions(&label, *at);
                    self.states[node].exit.extend(actions);
                }
                Line::Invoke(effects) => self.invoke(node, &effects, *at),
                Line::Inside(label) => self.moves.push(Move::inside(node, label, *at)),
                Line::Words => {
                    self.note_unread(text, *at);
                    words.push(text);
                }
            }
        }
        let alias = sketch.shapes[shape].alias.as_deref().filter(|_| !is_own);
        let first_is_label = is_own || sketch.first_text_is_label && alias.is_none();
        let label = match alias {
            Some(alias) => Some(alias),
            None if first_is_label && !words.is_empty() => Some(words.remove(0)),
            None => None,
        };
        words.extend(notes.iter().map(|(_, text)| text.as_str()));
        self.describe(node, label, &words);
    }

    /// A diagram shows its words on lines; what our own exports cut into lines is one sentence.
    fn describe(&mut self, node: usize, label: Option<&str>, words: &[&str]) {
        let state = &mut self.states[node];
        if let Some(label) = label.map(str::trim).filter(|label| !label.is_empty()) {
            // The name keeps what it was called, unless there is something better to read.
            state.label = (label != state.name).then(|| label.to_owned());
        }
        let words: Vec<&str> = words
            .iter()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
            .collect();
        if words.is_empty() {
            return;
        }
        let words = words.join(" ");
        if node == ROOT {
            self.draft.description.get_or_insert(words);
        } else {
            state.description = Some(words);
        }
    }

    /// Words that could mean something that happens.
    fn note_unread(&mut self, text: &str, at: usize) {
        let label = Label::parse(text);
        if !label.actions.is_empty() && label.is_strict() {
            let message = "kept as words; if it is something that happens inside, write it under `on` without a target";
            self.notes.loss(at, "text", message);
        }
    }

    fn invoke(&mut self, node: usize, effects: &[String], at: usize) {
        for effect in effects {
            let effect = self.effect(effect, at);
            let state = &mut self.states[node];
            if state.kind == StateKind::Final {
                self.notes
                    .loss(at, "effect of an end", "an end asks for nothing");
            } else if !state.invoke.iter().any(|invoke| invoke.effect == effect) {
                state.invoke.push(InvokeDraft::of(effect));
            }
        }
    }

    fn begin(&mut self, node: usize) {
        let (sketch, tree) = (self.sketch, self.tree);
        let place = &tree.nodes[node];
        if place.kind != StateKind::Compound {
            return;
        }
        let mut actions: Vec<ActionDraft> = Vec::new();
        for arrow in &place.start {
            let arrow = &sketch.arrows[*arrow];
            let label = Label::parse(&arrow.label.join(" "));
            if !label.trigger.is_empty() || label.guard.is_some() {
                let message = format!(
                    "`{}` is left out: an entity is created, and a scope entered, without an event",
                    arrow.label.join(" ")
                );
                self.notes.loss(arrow.at, "words of a start", message);
            }
            // An arrow for each region says the same again.
            if actions.is_empty() {
                actions = self.actions(&label, arrow.at);
            }
        }
        let targets = place
            .initial
            .iter()
            .map(|target| tree.nodes[*target].path.clone());
        self.states[node].initial = Some(InitialDraft {
            targets: targets.collect(),
            actions,
        });
    }

    /// Whether a node is a choice, which is left at once.
    pub(super) fn is_choice(&self, node: usize) -> bool {
        let shape = self.tree.nodes[node].shape;
        shape.is_some_and(|shape| self.sketch.shapes[shape].kind == ShapeKind::Choice)
    }

    /// Whether a node comes from an export of our own.
    pub(super) fn is_own(&self, node: usize) -> bool {
        let shape = self.tree.nodes[node].shape;
        shape.is_some_and(|shape| self.sketch.is_own(shape))
    }
}
