//! [`MapReader`]: a mapping whose keys the format knows, and what to say about those it does not.

use super::item::Item;
use super::node::{Key, Node, NodeValue, Style};
use super::reader::KeySpec;
use crate::codes;
use crate::diagnostic::Diagnostic;

/// A mapping whose keys the format knows. [`checked`](MapReader::checked) notes keys that do not belong in it; call it
/// once per mapping.
#[derive(Debug, Clone)]
pub struct MapReader<'n> {
    /// The mapping itself.
    pub item: Item<'n>,
    entries: &'n [(Key, Node)],
    place: &'static str,
}

impl<'n> MapReader<'n> {
    pub(super) fn new(item: Item<'n>, entries: &'n [(Key, Node)], place: &'static str) -> Self {
        Self {
            item,
            entries,
            place,
        }
    }

    /// Notes every key that is not valid here, is not supported yet, or belongs elsewhere.
    #[must_use]
    pub fn checked(self) -> Self {
        for (key, node) in self.entries {
            match self.item.reader.format.spec(self.place, &key.text) {
                Some(spec) if spec.built => {}
                Some(spec) => self
                    .item
                    .reader
                    .report(not_supported(&self.item, key, node, spec)),
                None => self.item.reader.report(self.unknown(key, node)),
            }
        }
        self
    }

    /// Whether the format has this key here.
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        self.item.reader.format.spec(self.place, key).is_some()
    }

    /// The value under a key, if it is there.
    #[must_use]
    pub fn optional(&self, key: &str) -> Option<Item<'n>> {
        debug_assert!(
            self.knows(key),
            "`{key}` is missing in the key table of {}",
            self.place
        );
        let (key, node) = self.entries.iter().find(|(k, _)| k.text == key)?;
        Some(self.item.child(key, node))
    }

    /// The value under a key; its absence is noted.
    #[must_use]
    pub fn required(&self, key: &str) -> Option<Item<'n>> {
        let found = self.optional(key);
        if found.is_none() {
            let meaning = (self.item.reader.format.spec(self.place, key)).map(|spec| spec.meaning);
            let message = format!("{} needs the key `{key}`", self.place);
            let problem = self.item.error(codes::MISSING_KEY, message);
            self.item.reader.report(match meaning {
                Some(meaning) => problem.help(format!("`{key}`: {meaning}")),
                None => problem,
            });
        }
        found
    }

    fn unknown(&self, key: &Key, node: &Node) -> Diagnostic {
        if looks_cut_off(key, node) {
            return Diagnostic::error(
                codes::YAML_TRAP,
                key.span.clone(),
                format!(
                    "inside {{ }} a comma ends a value, so `{}` is read as a key",
                    key.text
                ),
            )
            .help("put the whole expression in quotes")
            .at(self.item.pointer.clone());
        }
        let format = self.item.reader.format;
        let problem = Diagnostic::error(
            codes::UNKNOWN_KEY,
            key.span.clone(),
            format!("unknown key `{}` in {}", key.text, self.place),
        )
        .at(self.item.child(key, node).pointer);
        if self.item.reader.is_full() {
            return problem;
        }
        let here: Vec<&str> = format.in_place(self.place).map(|spec| spec.key).collect();
        if let Some(elsewhere) = format.keys.iter().find(|spec| spec.key == key.text) {
            return problem.help(format!(
                "`{}` belongs in {}: {}",
                elsewhere.key, elsewhere.place, elsewhere.meaning
            ));
        }
        if let Some(near) = self.item.reader.nearest(&key.text, here.iter().copied()) {
            return problem.help(format!("did you mean `{near}`?"));
        }
        if let Some(spec) = format
            .keys
            .iter()
            .find(|spec| is_same_but_for_case(spec.key, &key.text))
        {
            return problem.help(format!(
                "did you mean `{}`? It belongs in {}: {}",
                spec.key, spec.place, spec.meaning
            ));
        }
        problem.help(format!("possible here: {}", here.join(", ")))
    }
}

fn not_supported(item: &Item<'_>, key: &Key, node: &Node, spec: &KeySpec) -> Diagnostic {
    Diagnostic::error(
        codes::NOT_SUPPORTED_YET,
        key.span.clone(),
        format!("`{}` in {} is not supported yet", spec.key, spec.place),
    )
    .label(spec.meaning)
    .help("this release would not do what it says, so it is refused instead of ignored")
    .at(item.child(key, node).pointer)
}

/// Whether two keys differ in nothing but case, `-` and `_`.
fn is_same_but_for_case(a: &str, b: &str) -> bool {
    let folded = |text: &str| -> String {
        let kept = text.chars().filter(|c| !matches!(c, '-' | '_'));
        kept.flat_map(char::to_lowercase).collect()
    };
    folded(a) == folded(b)
}

/// Whether a key is the rest of an expression that YAML cut at a comma: `{ guard: size(a, b) > 0 }`.
fn looks_cut_off(key: &Key, node: &Node) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*' | '?');
    node.value == NodeValue::Null
        && node.style == Style::Plain
        && node.span.start.saturating_sub(key.span.end) <= 1
        && !key.text.chars().all(is_name)
}
