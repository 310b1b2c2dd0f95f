//! A typed reader over a tree: knows the keys of a format, and notes every problem instead of stopping at one.
//!
//! A format is a table of [`KeySpec`]s, so that a key in the wrong place, a key that is spelled almost right and a
//! key of a later release each get their own words. The reader checks shape; what values mean is the loader's work.

use std::cell::RefCell;
use std::collections::HashSet;

use super::node::{Key, Node, NodeValue, Style};
use super::suggest::nearest;
use crate::codes::{self, Code};
use crate::diagnostic::{Diagnostic, Span};

/// A key of a format: where it is valid and what it is for.
#[derive(Debug, Clone, Copy)]
pub struct KeySpec {
    /// Kind of mapping it stands in, with its article, e.g. `a state`.
    pub place: &'static str,
    /// The key.
    pub key: &'static str,
    /// What it is for, in a few words.
    pub meaning: &'static str,
    /// Whether this release does what it says. If not, using it is an error that says so.
    pub built: bool,
}

/// The keys of a file format.
#[derive(Debug)]
pub struct Format {
    /// Every key in every place where it is valid.
    pub keys: &'static [KeySpec],
}

impl Format {
    fn spec(&self, place: &str, key: &str) -> Option<&'static KeySpec> {
        self.in_place(place).find(|spec| spec.key == key)
    }

    fn in_place<'a>(&self, place: &'a str) -> impl Iterator<Item = &'static KeySpec> + use<'a> {
        self.keys.iter().filter(move |spec| spec.place == place)
    }
}

/// Collects the problems of one file.
#[derive(Debug)]
pub struct Reader {
    format: &'static Format,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

impl Reader {
    /// A reader for a file of this format.
    #[must_use]
    pub fn new(format: &'static Format) -> Self {
        Self {
            format,
            diagnostics: RefCell::new(Vec::new()),
        }
    }

    /// The root of the file.
    #[must_use]
    pub fn root<'n>(&'n self, node: &'n Node) -> Item<'n> {
        Item {
            reader: self,
            node,
            key: None,
            pointer: String::new(),
        }
    }

    /// Notes a problem.
    pub fn report(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// How many problems were noted so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.diagnostics.borrow().len()
    }

    /// The problems, ordered by place, each once: aliases make one place count several times.
    #[must_use]
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics.into_inner();
        diagnostics.sort_by(|a, b| {
            (a.span.start, a.span.end, a.code).cmp(&(b.span.start, b.span.end, b.code))
        });
        let mut seen = HashSet::new();
        diagnostics.retain(|d| seen.insert((d.code, d.span.clone(), d.message.clone())));
        diagnostics
    }
}

/// A node with its place in the file.
#[derive(Debug, Clone)]
pub struct Item<'n> {
    /// Where problems go.
    pub reader: &'n Reader,
    /// The node itself.
    pub node: &'n Node,
    /// The key it stands under, if it stands in a mapping.
    pub key: Option<&'n Key>,
    /// JSON pointer of the node.
    pub pointer: String,
}

impl<'n> Item<'n> {
    /// The words for messages: the key it stands under, or its position.
    #[must_use]
    pub fn name(&self) -> String {
        match self.key {
            Some(key) => format!("`{}`", key.text),
            None => "this".to_owned(),
        }
    }

    /// A short place for problems of the whole node: its key, or the first line of it.
    #[must_use]
    pub fn head(&self) -> Span {
        match (self.key, &self.node.value) {
            (Some(key), NodeValue::Map(_) | NodeValue::Seq(_)) => key.span.clone(),
            (_, NodeValue::Map(entries)) => match entries.first() {
                Some((key, _)) => key.span.clone(),
                None => self.node.span.clone(),
            },
            _ => self.node.span.clone(),
        }
    }

    /// An error about this node.
    #[must_use]
    pub fn error(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.head(), message).at(self.pointer.clone())
    }

    /// A warning about this node.
    #[must_use]
    pub fn warning(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, self.head(), message).at(self.pointer.clone())
    }

    /// Notes that the node is not of the kind expected.
    pub fn expected(&self, what: &str) {
        let message = format!(
            "{} must be {what}, not {}",
            self.name(),
            self.node.kind()
        );
        self.reader.report(self.error(codes::WRONG_TYPE, message));
    }

    /// The text; anything else is noted.
    #[must_use]
    pub fn text(&self) -> Option<&'n str> {
        let text = self.node.as_str();
        if text.is_none() {
            self.expected("text");
        }
        text
    }

    /// The whole number; anything else, and a number outside `range`, is noted.
    #[must_use]
    pub fn integer(&self, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let NodeValue::Int(value) = self.node.value else {
            self.expected("a whole number");
            return None;
        };
        if range.contains(&value) {
            return Some(value);
        }
        let message = format!(
            "{} must be from {} to {}, not {value}",
            self.name(),
            range.start(),
            range.end()
        );
        self.reader.report(self.error(codes::BAD_VALUE, message));
        None
    }

    /// `true` or `false`; anything else is noted.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match self.node.value {
            NodeValue::Bool(value) => Some(value),
            _ => {
                self.expected("true or false");
                None
            }
        }
    }

    /// One of a few words; anything else is noted.
    #[must_use]
    pub fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let problem = self.error(
            codes::BAD_VALUE,
            format!("{} cannot be `{text}`", self.name()),
        );
        self.reader.report(problem.help(match nearest(text, words.iter().copied()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("possible: {}", words.join(", ")),
        }));
        None
    }

    /// The items of a list; anything else is noted.
    #[must_use]
    pub fn list(&self) -> Option<Vec<Item<'n>>> {
        let NodeValue::Seq(nodes) = &self.node.value else {
            self.expected("a list");
            return None;
        };
        Some(self.items(nodes))
    }

    /// The items of a list, or the node alone.
    #[must_use]
    pub fn one_or_many(&self) -> Vec<Item<'n>> {
        match &self.node.value {
            NodeValue::Seq(nodes) => self.items(nodes),
            _ => vec![self.clone()],
        }
    }

    fn items(&self, nodes: &'n [Node]) -> Vec<Item<'n>> {
        let item = |(at, node)| Item {
            reader: self.reader,
            node,
            key: None,
            pointer: format!("{}/{at}", self.pointer),
        };
        nodes.iter().enumerate().map(item).collect()
    }

    /// The entries of a mapping whose keys are names the author chose; anything else is noted.
    #[must_use]
    pub fn entries(&self) -> Option<Vec<(&'n Key, Item<'n>)>> {
        let NodeValue::Map(entries) = &self.node.value else {
            self.expected("a mapping");
            return None;
        };
        let entry = |(key, node): &'n (Key, Node)| (key, self.child(key, node));
        Some(entries.iter().map(entry).collect())
    }

    /// The mapping, read as `place` of the format; anything else is noted.
    #[must_use]
    pub fn map(&self, place: &'static str) -> Option<MapReader<'n>> {
        match &self.node.value {
            NodeValue::Map(entries) => Some(MapReader {
                item: self.clone(),
                entries,
                place,
            }),
            _ => {
                self.expected("a mapping");
                None
            }
        }
    }

    fn child(&self, key: &'n Key, node: &'n Node) -> Item<'n> {
        Item {
            reader: self.reader,
            node,
            key: Some(key),
            pointer: format!(
                "{}/{}",
                self.pointer,
                key.text.replace('~', "~0").replace('/', "~1")
            ),
        }
    }
}

/// A mapping whose keys the format knows. Reports keys it does not know when it is made into one by [`Item::map`]
/// and then [`checked`](MapReader::checked).
#[derive(Debug)]
pub struct MapReader<'n> {
    /// The mapping itself.
    pub item: Item<'n>,
    entries: &'n [(Key, Node)],
    place: &'static str,
}

impl<'n> MapReader<'n> {
    /// Notes every key that is not valid here, is not supported yet, or belongs elsewhere.
    #[must_use]
    pub fn checked(self) -> Self {
        for (key, node) in self.entries {
            match self.item.reader.format.spec(self.place, &key.text) {
                Some(spec) if spec.built => {}
                Some(spec) => self.item.reader.report(not_supported(&self.item, key, node, spec)),
                None => self.item.reader.report(self.unknown(key, node)),
            }
        }
        self
    }

    /// The value under a key, if it is there.
    #[must_use]
    pub fn optional(&self, key: &str) -> Option<Item<'n>> {
        debug_assert!(
            self.item.reader.format.spec(self.place, key).is_some(),
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
                format!("inside {{ }} a comma ends a value, so `{}` is read as a key", key.text),
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
        let here: Vec<&str> = format.in_place(self.place).map(|spec| spec.key).collect();
        if let Some(elsewhere) = format.keys.iter().find(|spec| spec.key == key.text) {
            return problem.help(format!(
                "`{}` belongs in {}: {}",
                elsewhere.key, elsewhere.place, elsewhere.meaning
            ));
        }
        if let Some(near) = nearest(&key.text, here.iter().copied()) {
            return problem.help(format!("did you mean `{near}`?"));
        }
        let near = nearest(&key.text, format.keys.iter().map(|spec| spec.key));
        if let Some(spec) = near.and_then(|near| format.keys.iter().find(|s| s.key == near)) {
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

/// Whether a key is the rest of an expression that YAML cut at a comma: `{ guard: size(a, b) > 0 }`.
fn looks_cut_off(key: &Key, node: &Node) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*' | '?');
    node.value == NodeValue::Null
        && node.style == Style::Plain
        && node.span.start.saturating_sub(key.span.end) <= 1
        && !key.text.chars().all(is_name)
}
