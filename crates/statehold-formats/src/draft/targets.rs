//! How a target is written where it stands: the shortest words that the loader reads as the same state.

use std::collections::HashSet;

use statehold_core::Machine;

use super::model::StateDraft;

/// Paths of all states of a draft.
pub(crate) struct Paths {
    all: HashSet<String>,
}

impl Paths {
    /// All states below the root.
    pub(crate) fn of(root: &StateDraft) -> Self {
        let mut all = HashSet::new();
        collect(root, "", &mut all);
        Self { all }
    }

    /// All states of a machine.
    pub(super) fn of_machine(machine: &Machine) -> Self {
        Self {
            all: machine.by_path.keys().cloned().collect(),
        }
    }

    /// Whether there is a state at this path.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.all.contains(path)
    }

    /// The state that a target of the state at `source` means, as the loader reads it.
    pub(crate) fn resolve(&self, text: &str, source: &str) -> Option<String> {
        if let Some(path) = text.strip_prefix('/') {
            return self.known(path.to_owned());
        }
        if let Some(path) = text.strip_prefix('.') {
            return self.known(join(source, path));
        }
        // The root has no siblings: its targets are looked for below it.
        let mut scope = parent(source).unwrap_or_default();
        loop {
            if let Some(found) = self.known(join(scope, text)) {
                return Some(found);
            }
            scope = parent(scope)?;
        }
    }

    fn known(&self, path: String) -> Option<String> {
        self.has(&path).then_some(path)
    }

    /// The words by which a transition of `source` reaches `target`. Both are paths from the root.
    pub(crate) fn reference(&self, target: &str, source: &str) -> String {
        let below = target.strip_prefix(source).and_then(|rest| {
            if source.is_empty() {
                None
            } else {
                rest.strip_prefix('.')
            }
        });
        if let Some(rest) = below {
            return format!(".{rest}");
        }
        let mut scope = parent(source);
        while let Some(outer) = scope {
            if let Some(text) = within(target, outer)
                && self.resolve(text, source).as_deref() == Some(target)
            {
                return text.to_owned();
            }
            scope = parent(outer);
        }
        if source.is_empty() && self.resolve(target, "").as_deref() == Some(target) {
            return target.to_owned();
        }
        format!("/{target}")
    }
}

/// The path of a child.
pub(crate) fn join(outer: &str, name: &str) -> String {
    if outer.is_empty() {
        name.to_owned()
    } else {
        format!("{outer}.{name}")
    }
}

/// The part of a path below `outer`.
pub(crate) fn within<'p>(path: &'p str, outer: &str) -> Option<&'p str> {
    if outer.is_empty() {
        return (!path.is_empty()).then_some(path);
    }
    path.strip_prefix(outer)?.strip_prefix('.')
}

fn parent(path: &str) -> Option<&str> {
    if path.is_empty() {
        return None;
    }
    Some(path.rfind('.').map_or("", |dot| &path[..dot]))
}

fn collect(state: &StateDraft, path: &str, all: &mut HashSet<String>) {
    for child in &state.states {
        let path = join(path, &child.name);
        collect(child, &path, all);
        all.insert(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(all: &[&str]) -> Paths {
        Paths {
            all: all.iter().map(|path| (*path).to_owned()).collect(),
        }
    }

    #[test]
    fn a_target_is_written_as_short_as_it_can_be_read() {
        let paths = paths(&["a", "a.b", "a.c", "a.c.b", "d", "d.e"]);
        for (source, target, text) in [
            ("a", "d", "d"),
            ("a.b", "a.c", "c"),
            ("a.b", "d.e", "d.e"),
            ("a", "a.b", ".b"),
            ("a.c", "a.c.b", ".b"),
            ("a.c.b", "a.b", "a.b"),
            ("a.c", "a.c", "c"),
            ("", "a", "a"),
            ("a.b", "a", "a"),
        ] {
            let written = paths.reference(target, source);
            assert_eq!(written, text, "{source} -> {target}");
            assert_eq!(paths.resolve(&written, source).as_deref(), Some(target));
        }
    }

    #[test]
    fn a_hidden_target_is_written_from_the_root() {
        let paths = paths(&["a", "a.a", "a.a.x", "a.b"]);
        let written = paths.reference("a", "a.b");
        assert_eq!(written, "/a");
    }
}
