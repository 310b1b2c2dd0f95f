//! A draft as a tree of YAML, every part in its shortest form.

use serde_json::Value;
use statehold_core::machine::StateKind;

use super::layout::{Form, Part};
use super::model::{Draft, StateDraft};
use super::parts::{InitialDraft, InvokeDraft, Piece, TimerDraft, TimerWhen};
use super::targets::{Paths, join, within};
use super::transitions::{Edges, actions_part, content};

/// Keys of the whole file, in the order in which charts are written.
pub(super) fn chart(draft: &Draft) -> Vec<(String, Part)> {
    let paths = Paths::of(&draft.root);
    let mut entries = Vec::new();
    entry(&mut entries, "statehold", Form::Number(1.into()));
    entry(&mut entries, "machine", Form::Text(draft.machine.clone()));
    entry(&mut entries, "version", Form::Number(draft.version.into()));
    text(&mut entries, "label", draft.label.as_deref());
    text(&mut entries, "description", draft.description.as_deref());
    for (key, value) in &draft.head {
        entry(&mut entries, key, Form::from(value));
    }
    section(&mut entries, "context", &draft.context);
    section(&mut entries, "events", &draft.events);
    section(&mut entries, "guards", &draft.guards);
    entries.extend(state_entries(&draft.root, "", &paths));
    section(&mut entries, "effects", &draft.effects);
    entries
}

fn section(
    entries: &mut Vec<(String, Part)>,
    key: &str,
    declared: &indexmap::IndexMap<String, Piece>,
) {
    if declared.is_empty() {
        return;
    }
    let inner = declared
        .iter()
        .map(|(name, declared)| (name.clone(), piece(declared)));
    entries.push((key.to_owned(), Part::open(Form::Map(inner.collect()))));
}

fn state(state: &StateDraft, path: &str, paths: &Paths) -> Part {
    let entries = state_entries(state, path, paths);
    // One or two short keys read well on a line; a state with more to it, or with a name for people, does not.
    let is_short = entries.len() <= 2 && state.states.is_empty() && state.label.is_none();
    Part {
        form: map(entries),
        comments: state.comments.clone(),
        open: !is_short,
    }
}

fn state_entries(state: &StateDraft, path: &str, paths: &Paths) -> Vec<(String, Part)> {
    let mut entries = Vec::new();
    kind(&mut entries, state);
    words(&mut entries, state, path.is_empty());
    initial(&mut entries, state, path, paths);
    for (key, actions) in [("entry", &state.entry), ("exit", &state.exit)] {
        if !actions.is_empty() {
            entries.push((key.to_owned(), actions_part(actions)));
        }
    }
    let edges = Edges {
        paths,
        source: path,
    };
    behaviour(&mut entries, state, &edges);
    if let Some(output) = &state.output {
        entry(&mut entries, "output", Form::from(output));
    }
    if !state.states.is_empty() {
        let inner = state.states.iter().map(|child| {
            let path = join(path, &child.name);
            (child.name.clone(), self::state(child, &path, paths))
        });
        entries.push(("states".to_owned(), Part::open(Form::Map(inner.collect()))));
    }
    entries
}

/// Words for people; those of the root stand at the top of the file.
fn words(entries: &mut Vec<(String, Part)>, state: &StateDraft, is_root: bool) {
    if !is_root {
        text(entries, "label", state.label.as_deref());
        text(entries, "description", state.description.as_deref());
    }
    match state.tags.as_slice() {
        [] => {}
        [tag] => entry(entries, "tags", Form::Text(tag.clone())),
        tags => {
            let items = tags.iter().map(|tag| Part::new(Form::Text(tag.clone())));
            entry(entries, "tags", Form::List(items.collect()));
        }
    }
    for (key, value) in &state.more {
        entry(entries, key, Form::from(value));
    }
}

/// Everything that a state waits for.
fn behaviour(entries: &mut Vec<(String, Part)>, state: &StateDraft, edges: &Edges<'_>) {
    if !state.invoke.is_empty() {
        entries.push(("invoke".to_owned(), invokes(&state.invoke, edges)));
    }
    let (timers, fired) = timers(state, edges.source, edges);
    let mut on: Vec<(String, Part)> = Vec::new();
    for (event, candidates) in &state.on {
        // What a timer fires may be awaited by name as well; those candidates come first.
        let more = fired.get(event).map(Vec::as_slice).unwrap_or_default();
        let all: Vec<_> = candidates.iter().chain(more).cloned().collect();
        on.push((event.clone(), edges.candidates(&all)));
    }
    let of_timers = fired
        .iter()
        .filter(|(event, _)| !state.on.contains_key(*event));
    for (event, candidates) in of_timers {
        on.push((event.clone(), edges.candidates(candidates)));
    }
    if !on.is_empty() {
        entry(entries, "on", map(on));
    }
    if !state.on_done.is_empty() {
        entries.push(("onDone".to_owned(), edges.candidates(&state.on_done)));
    }
    if !timers.is_empty() {
        entries.push(("after".to_owned(), after(timers)));
    }
    if !state.always.is_empty() {
        entries.push(("always".to_owned(), edges.candidates(&state.always)));
    }
}

fn kind(entries: &mut Vec<(String, Part)>, state: &StateDraft) {
    let name = match state.kind {
        StateKind::Atomic | StateKind::Compound => return,
        StateKind::Parallel => "parallel",
        StateKind::Final => "final",
        StateKind::History { .. } => "history",
    };
    entry(entries, "type", Form::Text(name.to_owned()));
    if state.kind == (StateKind::History { deep: true }) {
        entry(entries, "history", Form::Text("deep".to_owned()));
    }
}

fn initial(entries: &mut Vec<(String, Part)>, state: &StateDraft, path: &str, paths: &Paths) {
    let Some(InitialDraft { targets, actions }) = &state.initial else {
        return;
    };
    if state.is_history() {
        let target = path_list(targets, |target| paths.reference(target, path));
        if let Some(target) = target {
            entry(entries, "target", target);
        }
        return;
    }
    let target = path_list(targets, |target| {
        within(target, path).unwrap_or(target).to_owned()
    });
    let Some(target) = target else {
        return;
    };
    if actions.is_empty() {
        entry(entries, "initial", target);
        return;
    }
    let mut inner = vec![("target".to_owned(), Part::new(target))];
    content(&mut inner, actions);
    entry(entries, "initial", map(inner));
}

fn invokes(invokes: &[InvokeDraft], edges: &Edges<'_>) -> Part {
    let one = |invoke: &InvokeDraft| {
        let mut entries = vec![(
            "effect".to_owned(),
            Part::new(Form::Text(invoke.effect.clone())),
        )];
        if let Some(input) = &invoke.input {
            entry(&mut entries, "input", Form::from(input));
        }
        for (key, candidates) in [("onDone", &invoke.on_done), ("onError", &invoke.on_error)] {
            if !candidates.is_empty() {
                entries.push((key.to_owned(), edges.candidates(candidates)));
            }
        }
        for (key, value) in &invoke.more {
            entry(&mut entries, key, Form::from(value));
        }
        let form = match entries.as_slice() {
            [(_, only)] => only.form.clone(),
            _ => map(entries),
        };
        Part::new(form).comments(&invoke.comments)
    };
    match invokes {
        [invoke] => one(invoke),
        several => Part::new(Form::List(several.iter().map(one).collect())),
    }
}

/// Timers as they are written, and candidates of theirs that have to stand under `on`.
type Timers = (
    Vec<TimerPart>,
    indexmap::IndexMap<String, Vec<super::TransitionDraft>>,
);

#[derive(Clone)]
enum TimerPart {
    /// `48h: target`
    Short(String, Part),
    /// `{ delay: 48h, target: ... }`
    Long(Part),
}

fn timers(state: &StateDraft, path: &str, edges: &Edges<'_>) -> Timers {
    let mut fired = indexmap::IndexMap::new();
    let mut names: Vec<&str> = Vec::new();
    let short = state.after.iter().all(|timer| match &timer.when {
        TimerWhen::Delay(delay) => {
            let is_new = !names.contains(&delay.as_str());
            names.push(delay);
            is_new && timer.name.is_none() && timer.more.is_empty()
        }
        _ => false,
    });
    let parts = state.after.iter().map(|timer| match &timer.when {
        TimerWhen::Delay(delay) if short => {
            let part = edges.candidates(&timer.transitions);
            let comments = [timer.comments.as_slice(), part.comments.as_slice()].concat();
            TimerPart::Short(delay.clone(), Part { comments, ..part })
        }
        _ => TimerPart::Long(long_timer(timer, path, edges, &mut fired)),
    });
    (parts.collect(), fired)
}

/// A timer of the list form has one transition: those before the last wait for its event by name.
fn long_timer(
    timer: &TimerDraft,
    path: &str,
    edges: &Edges<'_>,
    fired: &mut indexmap::IndexMap<String, Vec<super::TransitionDraft>>,
) -> Part {
    let mut entries = Vec::new();
    let name = match &timer.when {
        TimerWhen::Delay(delay) => {
            entry(&mut entries, "delay", Form::Text(delay.clone()));
            delay.as_str()
        }
        TimerWhen::At(source) => {
            entry(&mut entries, "at", Form::Text(source.clone()));
            "at"
        }
        TimerWhen::Other => "at",
    };
    text(&mut entries, "name", timer.name.as_deref());
    for (key, value) in &timer.more {
        entry(&mut entries, key, Form::from(value));
    }
    let mut comments = timer.comments.clone();
    if let [before @ .., last] = timer.transitions.as_slice() {
        entries.extend(edges.entries(last));
        comments.extend(last.comments.iter().cloned());
        if !before.is_empty() {
            let name = timer.name.as_deref().unwrap_or(name);
            let event = statehold_core::machine::timer_event(path, name);
            fired.insert(event, before.to_vec());
        }
    }
    Part::new(map(entries)).comments(&comments)
}

fn after(timers: Vec<TimerPart>) -> Part {
    let mut short = Vec::new();
    let mut long = Vec::new();
    for timer in timers {
        match timer {
            TimerPart::Short(delay, part) => short.push((delay, part)),
            TimerPart::Long(part) => long.push(part),
        }
    }
    if long.is_empty() {
        Part::new(map(short))
    } else {
        Part::new(Form::List(long))
    }
}

pub(super) fn map(entries: Vec<(String, Part)>) -> Form {
    Form::Map(entries)
}

pub(super) fn entry(entries: &mut Vec<(String, Part)>, key: &str, form: Form) {
    entries.push((key.to_owned(), Part::new(form)));
}

pub(super) fn text(entries: &mut Vec<(String, Part)>, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        entry(entries, key, Form::Text(text.to_owned()));
    }
}

pub(super) fn piece(piece: &Piece) -> Part {
    Part::new(Form::from(&piece.value)).comments(&piece.comments)
}

/// `true` and `false` need no quotes where a condition is expected.
pub(super) fn flag(source: &str) -> Form {
    match source {
        "true" => Form::Bool(true),
        "false" => Form::Bool(false),
        source => Form::from(&Value::from(source)),
    }
}

/// One path, or a list of them.
pub(super) fn path_list(paths: &[String], write: impl Fn(&str) -> String) -> Option<Form> {
    match paths {
        [] => None,
        [path] => Some(Form::Text(write(path))),
        paths => {
            let items = paths.iter().map(|path| Part::new(Form::Text(write(path))));
            Some(Form::List(items.collect()))
        }
    }
}
