//! A workflow becomes a draft.

use std::collections::{BTreeSet, HashMap};

use statehold_core::machine::StateKind;
use statehold_core::source::{Key, Node};

use super::definition::{Transition, Workflow, read};
use super::net::{Division, Level, Part, levels};
use super::place::Name;
use super::words::{Metadata, metadata};
use crate::draft::{Draft, InitialDraft, Slugs, StateDraft, TransitionDraft, finish, join};
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

pub(super) struct Lowering<'l, 'n, 't> {
    workflow: &'l Workflow<'n>,
    pub(super) draft: &'l mut Draft,
    pub(super) notes: &'l mut Notes<'t>,
    pub(super) events: Slugs,
    /// Paths of places, by number.
    paths: HashMap<usize, String>,
    /// Transitions by the first place that they take from.
    leaving: HashMap<usize, Vec<usize>>,
    pub(super) noted: BTreeSet<String>,
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
}
