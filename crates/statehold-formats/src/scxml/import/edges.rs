//! Transitions: which keys a state gets, and which candidates stand under each, so that every event finds the same
//! transitions in the same order as in the document.
//!
//! A document tries its transitions in order, and a descriptor takes a whole family of events. A chart tries the exact
//! name, then longer prefixes, then `*`, and takes events that are raised inside by their exact name only. So a key
//! lists what was written for it alone where that is what a document would try first, else everything that it would
//! try for such an event.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use statehold_core::machine::{StateId, StateKind};

use super::super::document::{Edge, Node};
use super::super::rewrite::EventWords;
use super::Importer;
use crate::draft::{StateDraft, TransitionDraft, takes};

/// Most candidates that one state may grow to.
const CANDIDATES_MAX: usize = 10_000;

/// A descriptor as a key of a chart, with the number of its transition.
struct Descriptor {
    key: String,
    edge: usize,
}

impl Importer<'_> {
    /// The transitions of a state.
    pub(super) fn transitions(&mut self, state: &mut StateDraft, id: StateId, node: &Node) {
        let mut descriptors = Vec::new();
        for (number, edge) in node.transitions.iter().enumerate() {
            for event in &edge.events {
                for key in self.keys(event, edge.span.start) {
                    descriptors.push(Descriptor { key, edge: number });
                }
            }
        }
        let drafts: Vec<Option<TransitionDraft>> = (node.transitions.iter())
            .map(|edge| self.transition(edge, id))
            .collect();
        state.always = node
            .transitions
            .iter()
            .zip(&drafts)
            .filter(|(edge, _)| edge.events.is_empty())
            .filter_map(|(_, draft)| draft.clone())
            .collect();
        let plan = plan(&descriptors, &self.inner_keys(&descriptors), &drafts);
        let count: usize = plan.values().map(Vec::len).sum();
        if count > CANDIDATES_MAX {
            self.refuse(
                node.span.start,
                "events and transitions make too many candidates",
            );
            return;
        }
        let mut used = BTreeSet::new();
        let end = format!("done.state.{}", self.lower.skeleton.states[id.index()].path);
        for (key, edges) in plan {
            used.extend(edges.iter().copied());
            let candidates: Vec<TransitionDraft> = (edges.iter())
                .filter_map(|at| drafts[*at].clone())
                .collect();
            if candidates.is_empty() {
                continue;
            }
            if key == end {
                state.on_done = candidates;
            } else {
                state.on.insert(key, candidates);
            }
        }
        for (at, edge) in node.transitions.iter().enumerate() {
            if !edge.events.is_empty() && !used.contains(&at) && drafts[at].is_some() {
                let message = "it can never be taken: another one always comes first";
                self.loss(edge.span.start, "transition", message);
            }
        }
    }

    /// Keys of a chart for a descriptor. Several only for a prefix of the engine's own events.
    fn keys(&mut self, event: &str, at: usize) -> Vec<String> {
        if event == "*" {
            return vec!["*".to_owned()];
        }
        let prefix = event
            .strip_suffix(".*")
            .or(event.strip_suffix('.'))
            .unwrap_or(event);
        match prefix {
            "done" | "done.state" => return self.ends().collect(),
            "error" | "error.execution" => return vec!["error.execution".to_owned()],
            _ => {}
        }
        if let Some(path) = prefix
            .strip_prefix("done.state.")
            .and_then(|id| self.lower.path(id))
        {
            let key = format!("done.state.{path}");
            if self.ends().any(|end| end == key) {
                return vec![key];
            }
        }
        let name = self.event(prefix, at);
        vec![format!("{name}.*")]
    }

    /// Events of the inside that a prefix or `*` of these would take.
    fn inner_keys(&self, descriptors: &[Descriptor]) -> BTreeSet<String> {
        let mut inner: BTreeSet<String> = self.raised.clone();
        if descriptors.iter().any(|descriptor| descriptor.key == "*") {
            inner.extend(self.ends());
            inner.insert("error.execution".to_owned());
        }
        inner.retain(|event| {
            descriptors
                .iter()
                .any(|descriptor| takes(&descriptor.key, event))
        });
        inner
    }

    fn transition(&mut self, edge: &Edge, id: StateId) -> Option<TransitionDraft> {
        let targets = self.lower.targets(&edge.targets, &edge.span)?;
        let place = &self.lower.skeleton.states[id.index()];
        let (source, last, kind) = (place.id, place.last, place.kind);
        let is_inside = |target: &StateId| *target > source && *target <= last;
        let is_internal =
            edge.internal && kind == StateKind::Compound && targets.iter().all(is_inside);
        let stays = targets
            .iter()
            .all(|target| *target == source || is_inside(target));
        let event = match edge.events.as_slice() {
            [] => EventWords::Input,
            events if events.iter().all(|event| event.starts_with("done.state")) => {
                EventWords::Output
            }
            _ => EventWords::Input,
        };
        let mut transition = TransitionDraft::nowhere(edge.span.start);
        transition.targets = self.paths(&targets);
        transition.reenter = stays && !targets.is_empty() && !is_internal;
        transition.guard =
            (edge.condition.as_ref()).map(|source| self.condition(source, event, edge.span.start));
        let leaves = !targets.is_empty() && (transition.reenter || !stays);
        transition.actions = match leaves {
            true => self.actions(&self.on_the_way_out(&edge.actions, id), event, id),
            false => self.actions(&edge.actions, event, id),
        };
        Some(transition)
    }
}

/// Candidates by key, in the order in which the keys are first met.
fn plan(
    descriptors: &[Descriptor],
    inner: &BTreeSet<String>,
    drafts: &[Option<TransitionDraft>],
) -> IndexMap<String, Vec<usize>> {
    let mut plan = IndexMap::new();
    let outer: Vec<&str> = descriptors.iter().map(|one| one.key.as_str()).collect();
    for key in outer.into_iter().chain(inner.iter().map(String::as_str)) {
        if plan.contains_key(key) {
            continue;
        }
        let all = covering(descriptors, key, |_| true);
        let own = covering(descriptors, key, |descriptor| descriptor == key);
        // Prefixes of a chart do not take inner events, so an exact name has to list all of them.
        let is_exact = !key.ends_with('*');
        let edges = if !is_exact && all.starts_with(&own) {
            own
        } else {
            all
        };
        plan.insert(key.to_owned(), until_certain(edges, drafts));
    }
    plan
}

/// Numbers of the transitions that take every event of this key, each once.
fn covering(descriptors: &[Descriptor], key: &str, wanted: impl Fn(&str) -> bool) -> Vec<usize> {
    let mut edges = Vec::new();
    for descriptor in descriptors.iter().filter(|one| wanted(&one.key)) {
        let event = key.strip_suffix(".*").unwrap_or(key);
        let covers = descriptor.key == key || (key != "*" && takes(&descriptor.key, event));
        if covers && !edges.contains(&descriptor.edge) {
            edges.push(descriptor.edge);
        }
    }
    edges
}

/// What stands behind a transition that is always taken is never tried.
fn until_certain(edges: Vec<usize>, drafts: &[Option<TransitionDraft>]) -> Vec<usize> {
    let is_certain = |at: &usize| drafts[*at].as_ref().is_some_and(|one| one.guard.is_none());
    let end = edges
        .iter()
        .position(is_certain)
        .map_or(edges.len(), |at| at + 1);
    edges.into_iter().take(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::GuardDraft;

    fn planned(keys: &[&str], guarded: &[usize], inner: &[&str]) -> Vec<(String, Vec<usize>)> {
        let descriptors: Vec<Descriptor> = (keys.iter().enumerate())
            .map(|(edge, key)| Descriptor {
                key: (*key).to_owned(),
                edge,
            })
            .collect();
        let drafts: Vec<Option<TransitionDraft>> = (0..keys.len())
            .map(|at| {
                let guard = guarded
                    .contains(&at)
                    .then(|| GuardDraft::Expr("x".to_owned()));
                Some(TransitionDraft {
                    guard,
                    ..TransitionDraft::default()
                })
            })
            .collect();
        let inner = inner.iter().map(|event| (*event).to_owned()).collect();
        plan(&descriptors, &inner, &drafts).into_iter().collect()
    }

    #[test]
    fn keys_in_the_order_of_charts_list_their_own() {
        let plan = planned(&["a.b.*", "a.*", "*"], &[0, 1], &[]);
        let expected = [("a.b.*", vec![0]), ("a.*", vec![1]), ("*", vec![2])];
        assert_eq!(plan, expected.map(|(key, edges)| (key.to_owned(), edges)));
    }

    #[test]
    fn what_a_document_tries_first_comes_first() {
        let plan = planned(&["a.*", "*", "a.b.*"], &[0, 1], &["a.b"]);
        let expected = [
            ("a.*", vec![0]),
            ("*", vec![1]),
            ("a.b.*", vec![0, 1, 2]),
            ("a.b", vec![0, 1, 2]),
        ];
        assert_eq!(plan, expected.map(|(key, edges)| (key.to_owned(), edges)));
    }

    #[test]
    fn nothing_stands_behind_what_is_always_taken() {
        let plan = planned(&["*", "a.*"], &[], &[]);
        assert_eq!(plan[1], ("a.*".to_owned(), vec![0]));
    }
}
