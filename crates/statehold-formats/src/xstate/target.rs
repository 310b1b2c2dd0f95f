//! What targets mean: siblings, `.children`, and `#ids`.

use statehold_core::machine::StateId;
use statehold_core::source::Node;

use super::outline::{Config, one_or_many};

/// Keys of a dotted path; `\.` is a dot within a key.
pub(super) fn path_segments(path: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        let next = match c {
            '\\' => chars.next(),
            '.' => {
                segments.push(String::new());
                continue;
            }
            c => Some(c),
        };
        if let Some(segment) = segments.last_mut() {
            segment.extend(next);
        }
    }
    segments
}

impl Config<'_> {
    /// The states that the targets of a transition of `source` mean. None if one of them is nowhere.
    pub(super) fn targets(&self, node: &Node, source: StateId) -> Option<Vec<StateId>> {
        self.each(node, |text| self.resolve(text, source))
    }

    /// The states that an `initial` of `owner` means.
    pub(super) fn initial_target(&self, node: &Node, owner: StateId) -> Option<Vec<StateId>> {
        self.each(node, |text| match text.starts_with('#') {
            true => self.by_id(text),
            false => self.descend(owner, text.strip_prefix('.').unwrap_or(text)),
        })
    }

    fn each(&self, node: &Node, resolve: impl Fn(&str) -> Option<StateId>) -> Option<Vec<StateId>> {
        let found: Vec<Option<StateId>> = one_or_many(node)
            .iter()
            .map(|node| {
                let found = node.as_str().and_then(&resolve);
                if found.is_none() {
                    let text = node.as_str().unwrap_or(node.kind());
                    self.problem(node, format!("there is no state `{text}`"));
                }
                found
            })
            .collect();
        found.into_iter().collect()
    }

    fn resolve(&self, text: &str, source: StateId) -> Option<StateId> {
        if text.starts_with('#') {
            return self.by_id(text);
        }
        if let Some(path) = text.strip_prefix('.') {
            return self.descend(source, path);
        }
        let parent = self.skeleton.states[source.index()].parent;
        self.descend(parent.unwrap_or(StateId::ROOT), text)
    }

    /// `#id`, or `#id.key.key`. A dot always ends the id.
    pub(super) fn by_id(&self, text: &str) -> Option<StateId> {
        let text = text.strip_prefix('#')?;
        match text.split_once('.') {
            None => self.ids.get(text).copied(),
            Some((id, path)) => self.descend(*self.ids.get(id)?, path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::path_segments;

    #[test]
    fn a_backslash_keeps_a_dot_within_its_key() {
        assert_eq!(path_segments("a.b"), ["a", "b"]);
        assert_eq!(path_segments(r"v1\.2.b"), ["v1.2", "b"]);
    }
}
