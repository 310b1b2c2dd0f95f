//! Which states a target means, and whether several can be active together.
//!
//! A bare name is looked for among the siblings of the source, then further out; dots lead down from what was found.
//! `.child` begins below the source, `/a.b` at the root.

use super::outline::Outline;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::machine::{StateId, StateKind};
use crate::source::Item;

impl<'n> Outline<'n> {
    /// The states that a target, or a list of targets, of a transition of `source` means. None if something is
    /// wrong with one of them, which has been noted.
    pub(super) fn targets(&self, item: &Item<'n>, source: StateId) -> Option<Vec<StateId>> {
        let items = item.one_or_many();
        if items.is_empty() {
            item.reader.report(
                item.error(codes::BAD_VALUE, "a list of targets needs at least one")
                    .help("leave `target` out for a transition that goes nowhere"),
            );
            return None;
        }
        if items.len() > self.drafts.len() {
            item.reader.report(item.error(
                codes::TARGETS_CONFLICT,
                "there are more targets than states",
            ));
            return None;
        }
        let resolved: Vec<_> = (items.iter())
            .map(|item| self.target(item, source))
            .collect();
        let targets: Vec<StateId> = resolved.into_iter().collect::<Option<_>>()?;
        self.check_together(item, &targets).then_some(targets)
    }

    /// The states that an `initial` means: below `owner`.
    pub(super) fn initial_targets(&self, item: &Item<'n>, owner: StateId) -> Option<Vec<StateId>> {
        let items = item.one_or_many();
        if items.is_empty() || items.len() > self.drafts.len() {
            item.reader.report(item.error(
                codes::BAD_VALUE,
                "an initial is one state, or one in each region",
            ));
            return None;
        }
        let resolved: Vec<_> = (items.iter())
            .map(|item| self.initial_target(item, owner))
            .collect();
        let targets: Vec<StateId> = resolved.into_iter().collect::<Option<_>>()?;
        self.check_together(item, &targets).then_some(targets)
    }

    fn target(&self, item: &Item<'n>, source: StateId) -> Option<StateId> {
        let text = item.text()?;
        let found = self.resolve(text, source);
        if found.is_none() {
            item.reader.report(self.unknown(item, text, source));
        }
        found
    }

    fn initial_target(&self, item: &Item<'n>, owner: StateId) -> Option<StateId> {
        let text = item.text()?;
        let found = self.descend(owner, text.strip_prefix('.').unwrap_or(text));
        let Some(target) = found else {
            let names = self
                .draft(owner)
                .children
                .iter()
                .map(|id| self.draft(*id).name.as_str());
            let known: Vec<&str> = names.collect();
            let problem = item.error(
                codes::UNKNOWN_STATE,
                format!("{} has no state `{text}` inside", self.title(owner)),
            );
            item.reader.report(problem.help(
                match item.reader.nearest(text, known.iter().copied()) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => format!("inside are: {}", known.join(", ")),
                },
            ));
            return None;
        };
        if let StateKind::History { .. } = self.draft(target).kind {
            let message = "a state cannot begin in its memory: there is none yet";
            let problem = item.error(codes::BAD_STRUCTURE, message);
            item.reader
                .report(problem.help("name the state that the history state's `target` names"));
            return None;
        }
        Some(target)
    }

    /// The state that a target of `source` means.
    pub(super) fn resolve(&self, text: &str, source: StateId) -> Option<StateId> {
        if let Some(path) = text.strip_prefix('/') {
            return self.descend(StateId::ROOT, path);
        }
        if let Some(path) = text.strip_prefix('.') {
            return self.descend(source, path);
        }
        let outwards = self.ancestors(source);
        // The root has no siblings: its targets are looked for below it.
        let scopes = outwards.chain((source == StateId::ROOT).then_some(StateId::ROOT));
        scopes
            .map(|scope| self.descend(scope, text))
            .find_map(|found| found)
    }

    fn descend(&self, from: StateId, path: &str) -> Option<StateId> {
        (path.split('.')).try_fold(from, |state, name| self.child(state, name))
    }

    fn unknown(&self, item: &Item<'n>, text: &str, source: StateId) -> Diagnostic {
        let problem = item.error(codes::UNKNOWN_STATE, format!("there is no state `{text}`"));
        if let Some(id) = text.strip_prefix('#') {
            return problem.help(format!(
                "ids are not used here: write the path from the root, `/{id}`"
            ));
        }
        if self
            .child(source, text.split('.').next().unwrap_or(text))
            .is_some()
            && self.descend(source, text).is_some()
        {
            return problem.help(format!(
                "a state inside the source is written with a dot: `.{text}`"
            ));
        }
        let last = text.rsplit(['.', '/']).next().unwrap_or(text);
        let elsewhere = self
            .drafts
            .iter()
            .find(|draft| !draft.name.is_empty() && draft.name == last);
        if let Some(draft) = elsewhere {
            return problem.help(format!(
                "from here it is written `/{}`: a bare name is looked for among the siblings of the source, then further out",
                draft.path
            ));
        }
        let names = self.drafts.iter().filter(|draft| !draft.name.is_empty());
        match item
            .reader
            .nearest(last, names.map(|draft| draft.name.as_str()))
        {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!("add it under `states`: `{last}: {{}}`")),
        }
    }

    /// Notes targets that exclude each other.
    ///
    /// In document order, only neighbours need to be compared: what lies between two states lies in every state
    /// that holds both, so if two exclude each other, two neighbours between them do.
    fn check_together(&self, item: &Item<'n>, targets: &[StateId]) -> bool {
        let mut sorted = targets.to_vec();
        sorted.sort_by_key(|id| self.restored(*id));
        let problem = (sorted.windows(2)).find_map(|pair| self.conflict(pair[0], pair[1]));
        if let Some(problem) = problem {
            let help = "several targets must stand in different regions of one parallel state";
            item.reader
                .report(item.error(codes::TARGETS_CONFLICT, problem).help(help));
            return false;
        }
        true
    }

    fn conflict(&self, a: StateId, b: StateId) -> Option<String> {
        let (path_a, path_b) = (&self.draft(a).path, &self.draft(b).path);
        // A history state stands for whatever its parent restores.
        let (a, b) = (self.restored(a), self.restored(b));
        let common = self.common_ancestor(a, b);
        if common == a || common == b {
            return Some(format!(
                "`{path_a}` and `{path_b}` overlap: one of them decides the other"
            ));
        }
        (self.draft(common).kind != StateKind::Parallel).then(|| {
            format!("`{path_a}` and `{path_b}` cannot be active together: {} has one active state at a time", self.title(common))
        })
    }

    fn restored(&self, id: StateId) -> StateId {
        match (self.draft(id).kind, self.draft(id).parent) {
            (StateKind::History { .. }, Some(parent)) => parent,
            _ => id,
        }
    }

    /// The state in the words of messages.
    pub(super) fn title(&self, id: StateId) -> String {
        match self.draft(id).path.as_str() {
            "" => "the chart".to_owned(),
            path => format!("state `{path}`"),
        }
    }
}
