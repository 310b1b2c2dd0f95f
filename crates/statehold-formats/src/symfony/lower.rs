//! A workflow becomes a draft.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};
use statehold_core::machine::StateKind;
use statehold_core::source::{Key, Node, NodeValue};

use super::definition::{Transition, Workflow, read};
use super::expression::rewrite;
use super::net::{Division, Level, Part, levels};
use super::place::Name;
use crate::draft::{
    Draft, GuardDraft, InitialDraft, Piece, Slugs, StateDraft, TransitionDraft, event_slug, finish,
    join, slug,
};
use crate::notes::Notes;
use crate::{FormatError, ImportOptions, Imported};

/// Makes a chart of one workflow.
///
/// # Errors
/// What keeps it from becoming one.
pub(super) fn chart(
    key: Option<&Key>,
    node: &Node,
    names: &mut Slugs,
    mut notes: Notes<'_>,
    options: &ImportOptions,
) -> Result<Imported, FormatError> {
    let name = match key {
        Some(key) => Name::at(&key.text, key.span.start),
        None => node
            .get("name")
            .and_then(Name::of)
            .unwrap_or_else(|| Name::at("workflow", node.span.start)),
    };
    let mut draft = Draft::new(&name.of_machine());
    draft.machine = names.name(&format!("{}", name.at), |_| draft.machine.clone());
    if name.is_constant {
        draft.label = Some(name.written.clone());
        let message = format!(
            "`{}` is not known here; the machine is called `{}`",
            name.written, draft.machine
        );
        notes.loss(name.at, "constant", message);
    }
    let workflow = read(node, &mut notes);
    if !notes.is_refused() {
        let lowered = levels_of(&workflow).map(|level| {
            let mut lowering = Lowering::new(&workflow, &mut draft, &mut notes);
            lowering.whole(&level);
        });
        if let Err((at, message)) = lowered {
            notes.refuse(at, message);
        }
    }
    finish(draft, notes, options)
}

/// The levels of a net; a machine has one.
fn levels_of(workflow: &Workflow<'_>) -> Result<Level, (usize, String)> {
    if workflow.is_net {
        return levels(workflow);
    }
    let nodes = (0..workflow.places.len()).map(Part::Place).collect();
    Ok(Level {
        nodes,
        initial: workflow.initial.first().copied().unwrap_or(0),
    })
}

struct Lowering<'l, 'n, 't> {
    workflow: &'l Workflow<'n>,
    draft: &'l mut Draft,
    notes: &'l mut Notes<'t>,
    events: Slugs,
    /// Paths of places, by number.
    paths: HashMap<usize, String>,
    /// Transitions by the first place that they take from.
    leaving: HashMap<usize, Vec<usize>>,
    noted: BTreeSet<String>,
}

impl<'l, 'n, 't> Lowering<'l, 'n, 't> {
    fn new(workflow: &'l Workflow<'n>, draft: &'l mut Draft, notes: &'l mut Notes<'t>) -> Self {
        let mut leaving: HashMap<usize, Vec<usize>> = HashMap::new();
        for (number, transition) in workflow.transitions.iter().enumerate() {
            for place in &transition.from {
                leaving.entry(*place).or_default().push(number);
            }
        }
        Self {
            workflow,
            draft,
            notes,
            events: Slugs::default(),
            paths: HashMap::new(),
            leaving,
            noted: BTreeSet::new(),
        }
    }

    fn whole(&mut self, level: &Level) {
        let Metadata {
            label,
            description,
            meta,
        } = metadata(self.workflow.metadata);
        if label.is_some() {
            self.draft.label = label;
        }
        self.draft.description = description;
        if let Some(meta) = meta {
            self.draft.head.insert("meta".to_owned(), meta);
        }
        let mut root = StateDraft::with_kind("", StateKind::Compound, 0);
        self.states(&mut root, level, "");
        self.transitions(&mut root, level);
        self.draft.root = root;
    }

    /// Adds the states of a level, names and words only. Depth is bounded by the net.
    fn states(&mut self, state: &mut StateDraft, level: &Level, path: &str) {
        let mut names = Slugs::default();
        let mut initial = String::new();
        for (at, part) in level.nodes.iter().enumerate() {
            let mut child = match part {
                Part::Place(place) => self.place(*place),
                Part::Division(division) => self.division(division),
            };
            child.name = names.name(&format!("{at}"), |_| child.name.clone());
            let path = join(path, &child.name);
            match part {
                Part::Place(place) => {
                    self.paths.insert(*place, path.clone());
                }
                Part::Division(division) => {
                    for (number, region) in division.regions.iter().enumerate() {
                        let name = format!("region_{}", number + 1);
                        let mut inner = StateDraft::with_kind(&name, StateKind::Compound, child.at);
                        self.states(&mut inner, region, &join(&path, &name));
                        child.states.push(inner);
                    }
                }
            }
            if at == level.initial {
                initial = path;
            }
            state.states.push(child);
        }
        state.initial = Some(InitialDraft::at(initial));
    }

    fn place(&mut self, number: usize) -> StateDraft {
        let place = &self.workflow.places[number];
        let name = &place.name;
        let mut state = StateDraft::new(&name.short, name.at);
        if name.is_constant {
            state.label = Some(name.written.clone());
            let message = format!(
                "its value is not known here; the place is called `{}`",
                state.name
            );
            self.notes.loss(name.at, "constant", message);
        }
        let words = metadata(place.metadata);
        if words.label.is_some() {
            state.label = words.label;
        }
        state.description = words.description;
        if let Some(meta) = words.meta {
            state.more.insert("meta".to_owned(), meta);
        }
        if !self.leaving.contains_key(&number) {
            state.kind = StateKind::Final;
        }
        state
    }

    fn division(&self, division: &Division) -> StateDraft {
        let (name, at) = match division.fork {
            Some(fork) => {
                let fork = &self.workflow.transitions[fork];
                (fork.name.short.as_str(), fork.at)
            }
            None => ("beginning", 0),
        };
        let mut state = StateDraft::with_kind(name, StateKind::Parallel, at);
        state.label = None;
        state
    }

    /// Adds the transitions of a level and everything inside it.
    fn transitions(&mut self, state: &mut StateDraft, level: &Level) {
        for (child, part) in state.states.iter_mut().zip(&level.nodes) {
            match part {
                Part::Place(place) => self.leave(child, *place, level),
                Part::Division(division) => {
                    self.check_names(division);
                    for join in &division.joins {
                        self.join(child, *join);
                    }
                    for (inner, region) in child.states.iter_mut().zip(&division.regions) {
                        self.transitions(inner, region);
                    }
                }
            }
        }
    }

    fn leave(&mut self, state: &mut StateDraft, place: usize, level: &Level) {
        let workflow = self.workflow;
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        for number in self.leaving.get(&place).cloned().unwrap_or_default() {
            let transition = &workflow.transitions[number];
            if transition.from.len() > 1 {
                continue;
            }
            if !taken.insert(&transition.name.written) {
                let message = format!(
                    "`{}` leaves `{}` twice; one event has to lead to one state",
                    transition.name.written, workflow.places[place].name.written
                );
                self.notes.refuse(transition.at, message);
                continue;
            }
            let targets = self.targets(transition, level);
            self.add(state, transition, targets, None);
        }
    }

    /// Paths of where a transition leads; into a division, one in each region.
    fn targets(&self, transition: &Transition<'_>, level: &Level) -> Vec<String> {
        let paths = transition.to.iter().map(|place| self.paths[place].clone());
        let is_beginning = |part: &Part| match part {
            Part::Division(division) => division
                .fork
                .is_some_and(|fork| self.workflow.transitions[fork].to == transition.to),
            Part::Place(_) => false,
        };
        // Where the regions begin anyway, the state around them says it all.
        if transition.to.len() > 1
            && level.nodes.iter().any(is_beginning)
            && let Some(path) = self.paths.get(&transition.to[0])
        {
            let outer: Vec<&str> = path.rsplitn(3, '.').collect();
            return outer
                .get(2)
                .map(|path| vec![(*path).to_owned()])
                .unwrap_or_default();
        }
        paths.collect()
    }

    /// A transition that takes a token from every region: it waits until all are where they have to be.
    fn join(&mut self, state: &mut StateDraft, number: usize) {
        let workflow = self.workflow;
        let transition = &workflow.transitions[number];
        let places: Vec<String> = (transition.from.iter())
            .map(|place| format!("in_state('{}')", self.paths[place]))
            .collect();
        let targets = transition
            .to
            .iter()
            .map(|place| self.paths[place].clone())
            .collect();
        self.add(state, transition, targets, Some(places.join(" && ")));
    }

    /// An event that moves a region is not seen by the state around it; in the net both would be taken.
    fn check_names(&mut self, division: &Division) {
        let workflow = self.workflow;
        let mut inside = BTreeSet::new();
        for place in division.places() {
            for number in self.leaving.get(&place).into_iter().flatten() {
                if !division.joins.contains(number) {
                    inside.insert(workflow.transitions[*number].name.written.as_str());
                }
            }
        }
        for join in &division.joins {
            let join = &workflow.transitions[*join];
            if inside.contains(join.name.written.as_str()) {
                let message = format!(
                    "`{}` moves a token inside regions and takes them together; give one of the two another name",
                    join.name.written
                );
                self.notes.refuse(join.at, message);
            }
        }
    }

    fn add(
        &mut self,
        state: &mut StateDraft,
        from: &Transition<'_>,
        targets: Vec<String>,
        places: Option<String>,
    ) {
        let event = self.event(&from.name);
        let mut transition = TransitionDraft {
            targets,
            at: from.at,
            ..TransitionDraft::default()
        };
        // Leaving a place and coming back to it are two steps for whoever listens.
        transition.reenter = from.from == from.to;
        transition.guard = self.guard(from, places);
        let words = metadata(from.metadata);
        transition.label = words.label;
        transition.description = words.description;
        if let Some(meta) = words.meta {
            transition.more.insert("meta".to_owned(), meta);
        }
        state.on_event(&event, transition);
    }

    fn event(&mut self, name: &Name) -> String {
        let mut is_new = false;
        let event = self.events.name(&name.written, |_| {
            is_new = true;
            event_slug(&name.short)
        });
        if is_new && event != name.written {
            let construct = if name.is_constant {
                "constant"
            } else {
                "event name"
            };
            let message = format!(
                "`{}` is called `{event}` here; callers must use that name",
                name.written
            );
            self.notes.loss(name.at, construct, message);
            self.draft
                .events
                .insert(event.clone(), Piece::new(json!({ "label": name.written })));
        }
        event
    }

    fn guard(&mut self, from: &Transition<'_>, places: Option<String>) -> Option<GuardDraft> {
        let Some(node) = from.guard else {
            return places.map(GuardDraft::Expr);
        };
        let text = match &node.value {
            NodeValue::Str(text) => text.trim().to_owned(),
            _ => node.to_json().to_string(),
        };
        let at = node.span.start;
        let with_places = |source: String| match &places {
            Some(places) => format!("{places} && ({source})"),
            None => source,
        };
        let Some(rewritten) = rewrite(&text) else {
            if self.noted.insert(text.clone()) {
                let message = format!(
                    "`{text}` is a guard that is `true` until you write it as an expression"
                );
                self.notes.loss(at, "guard", message);
            }
            let key = format!("{text}\n{}", places.as_deref().unwrap_or_default());
            let name = self
                .draft
                .guard_apart(&key, &text, places, &[format!("TODO: {text}")]);
            return Some(GuardDraft::Named(name));
        };
        if rewritten.has_roles && self.noted.insert("roles".to_owned()) {
            let message = "roles are those of the caller here; voters and the hierarchy of roles are not asked";
            self.notes.loss(at, "is_granted", message);
        }
        for field in rewritten.fields {
            let key = format!("{}?", slug(&field, "field"));
            if !self.draft.context.contains_key(&key) {
                let message = format!(
                    "`{field}` is a field of the context now; say what type it has, and fill it"
                );
                self.notes.loss(at, "field of the subject", message);
                self.draft
                    .context
                    .insert(key, Piece::new(json!({ "default": null })));
            }
        }
        Some(GuardDraft::Expr(with_places(rewritten.source)))
    }
}

/// What metadata says for people, and the rest of it.
struct Metadata {
    label: Option<String>,
    description: Option<String>,
    meta: Option<Value>,
}

fn metadata(node: Option<&Node>) -> Metadata {
    let mut words = Metadata {
        label: None,
        description: None,
        meta: None,
    };
    let mut meta = Map::new();
    for (key, value) in node.map(super::entries).unwrap_or_default() {
        let text = value.as_str().map(str::to_owned);
        match key.text.as_str() {
            "title" | "label" if text.is_some() && words.label.is_none() => words.label = text,
            "description" if text.is_some() => words.description = text,
            other => {
                meta.insert(other.to_owned(), value.to_json());
            }
        }
    }
    words.meta = (!meta.is_empty()).then_some(Value::Object(meta));
    words
}
