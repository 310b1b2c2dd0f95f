//! The file as a whole: its head, and the order in which its parts are read.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashSet};

use indexmap::IndexMap;

use super::effects::{EffectDraft, EffectUse};
use super::exprs::Expressions;
use super::guards::GuardDraft;
use super::keys::{CHART, DEPRECATION};
use super::names::check_identifier;
use super::outline::Outline;
use super::shapes::Shapes;
use super::{MAX_MICROSTEPS, events, fields, lint};
use crate::codes;
use crate::diagnostic::Span;
use crate::machine::{Definition, Deprecated, OnExpressionError, Unhandled};
use crate::schema::Record;
use crate::source::{Item, MapReader, Node, Reader};

/// What the parts of a chart are read against.
pub(super) struct Loader<'n> {
    pub(super) reader: &'n Reader,
    pub(super) text: &'n str,
    /// What `event.input` is for events of the engine: it has no fields.
    pub(super) no_input: Record,
    pub(super) shapes: Shapes,
    pub(super) version: u32,
    pub(super) context: Record,
    /// Inputs of declared events, by name or descriptor.
    pub(super) inputs: IndexMap<String, Record>,
    pub(super) guards: IndexMap<String, GuardDraft<'n>>,
    pub(super) effects: IndexMap<String, EffectDraft>,
    pub(super) outline: Outline<'n>,
    pub(super) uses: RefCell<Uses>,
    /// Events that some state waits for, once somebody asks.
    pub(super) awaited: OnceCell<HashSet<&'n str>>,
    /// Transitions read so far.
    pub(super) transitions: Cell<usize>,
    pub(super) expressions: RefCell<Expressions>,
    /// Comparisons that were found to have the same answer always.
    pub(super) constants: RefCell<Vec<Span>>,
}

/// What was referred to so far.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) guards: HashSet<String>,
    pub(super) effects: Vec<EffectUse>,
    /// Events that a transition waits for.
    pub(super) events: BTreeSet<String>,
    /// Events that an action raises.
    pub(super) raised: BTreeSet<String>,
}

/// Reads a chart. What it returns is a machine only if nothing was noted as an error.
pub(super) fn load(reader: &Reader, root: &Node, text: &str) -> Option<Definition> {
    let map = reader.root(root).map(CHART)?.checked();
    let head = Head::read(&map);
    let mut loader = Loader {
        reader,
        text,
        no_input: Record::default(),
        shapes: Shapes::default(),
        version: head.version,
        context: map
            .optional("context")
            .map(|item| fields::record(&item))
            .unwrap_or_default(),
        inputs: events::inputs(&map),
        guards: super::guards::drafts(&map),
        effects: IndexMap::new(),
        outline: Outline::of(&map),
        uses: RefCell::default(),
        awaited: OnceCell::new(),
        transitions: Cell::new(0),
        expressions: RefCell::default(),
        constants: RefCell::default(),
    };
    loader.effects = loader.read_effects(&map);
    let events = loader.read_events(&map);
    let authorize = (map.optional("authorize"))
        .and_then(|item| loader.condition(&item, super::exprs::View::default()));
    let states = loader.read_states();
    let invariants = loader.read_invariants(&map);
    let mut definition = Definition {
        name: head.name,
        version: head.version,
        label: words(&map, "label"),
        description: words(&map, "description"),
        deprecated: loader.deprecated(&map, |_| true),
        unhandled: head.unhandled,
        max_microsteps: head.max_microsteps,
        on_expression_error: head.on_expression_error,
        context: loader.context.clone(),
        events,
        authorize,
        invariants,
        states,
        by_path: loader.outline.by_path.clone(),
        effects: IndexMap::new(),
        destinations: loader.destinations(),
        source: text.to_owned(),
        hash: blake3::hash(text.as_bytes()).to_hex().to_string(),
    };
    loader.check_reserved_events(&definition.states);
    lint::check(&loader, &map, &definition);
    definition.effects = loader.finish_effects();
    Some(definition)
}

/// What stands at the top of a chart.
struct Head {
    name: String,
    version: u32,
    unhandled: Unhandled,
    max_microsteps: u32,
    on_expression_error: OnExpressionError,
}

impl Head {
    fn read(map: &MapReader<'_>) -> Self {
        check_format(map);
        check_storage(map);
        let name = map
            .required("machine")
            .and_then(|item| item.text().map(|text| (item, text)));
        if let Some((item, text)) = &name {
            check_identifier(&item.without_key(), text, "a machine");
        }
        let version =
            (map.required("version")).and_then(|item| item.integer(1..=i64::from(u32::MAX)));
        let microsteps = (map.optional("maxMicrosteps"))
            .and_then(|item| item.integer(1..=i64::from(MAX_MICROSTEPS)));
        let on_error = map.optional("onExpressionError").and_then(|item| {
            item.choice(&[
                ("reject", OnExpressionError::Reject),
                ("raise", OnExpressionError::Raise),
            ])
        });
        Self {
            name: name.map(|(_, text)| text.to_owned()).unwrap_or_default(),
            version: to_u32(version.unwrap_or(1)),
            unhandled: unhandled(map).unwrap_or_default(),
            max_microsteps: to_u32(microsteps.unwrap_or(1_000)),
            on_expression_error: on_error.unwrap_or_default(),
        }
    }
}

/// A number whose range was checked.
pub(super) fn to_u32(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn check_format(map: &MapReader<'_>) {
    let Some(item) = map.required("statehold") else {
        return;
    };
    if item.node.to_json() != 1 {
        let message = "the format version is not known to this release";
        map.item.reader.report(
            item.error(codes::FORMAT_VERSION, message)
                .help("write `statehold: 1`"),
        );
    }
}

/// How entities are stored and raced for. One value of each is done in this release.
fn check_storage(map: &MapReader<'_>) {
    let choices: [(&str, &[(&str, bool)]); 2] = [
        (
            "storage",
            &[("hybrid", true), ("current", false), ("log", false)],
        ),
        (
            "concurrency",
            &[
                ("optimistic", true),
                ("pessimistic", false),
                ("queued", false),
            ],
        ),
    ];
    for (key, values) in choices {
        let Some(item) = map.optional(key) else {
            continue;
        };
        if item.choice(values) == Some(false) {
            map.item.reader.report(not_yet(
                &item,
                &format!("`{key}: {}`", item.node.as_str().unwrap_or_default()),
            ));
        }
    }
}

/// `unhandled` of a chart or of an event.
pub(super) fn unhandled(map: &MapReader<'_>) -> Option<Unhandled> {
    map.optional("unhandled")?.choice(&[
        ("reject", Unhandled::Reject),
        ("ignore", Unhandled::Ignore),
        ("defer", Unhandled::Defer),
    ])
}

/// An error that says that a value is planned.
pub(super) fn not_yet(item: &Item<'_>, what: &str) -> crate::diagnostic::Diagnostic {
    item.error(
        codes::NOT_SUPPORTED_YET,
        format!("{what} is not supported yet"),
    )
    .help("this release would not do what it says, so it is refused instead of ignored")
}

/// Text for people under a key.
pub(super) fn words(map: &MapReader<'_>, key: &str) -> Option<String> {
    let item = map.optional(key)?;
    item.text().map(str::to_owned)
}

impl<'n> Loader<'n> {
    /// A deprecation note; `exists` tells whether what it says to use instead is there.
    pub(super) fn deprecated(
        &self,
        map: &MapReader<'n>,
        exists: impl Fn(&str) -> bool,
    ) -> Option<Deprecated> {
        let note = map.optional("deprecated")?.map(DEPRECATION)?.checked();
        let since = note
            .optional("since")
            .and_then(|item| item.integer(1..=i64::from(self.version)));
        let instead = note.optional("use");
        if let Some(item) = &instead
            && let Some(text) = item.text()
            && !exists(text)
        {
            let message = format!("`{text}`, to be used instead, is not there");
            self.reader.report(item.error(codes::BAD_VALUE, message));
        }
        Some(Deprecated {
            use_instead: instead.and_then(|item| item.node.as_str().map(str::to_owned)),
            since: since.map(to_u32),
        })
    }

    fn destinations(&self) -> Vec<String> {
        let names: BTreeSet<&String> = self
            .effects
            .values()
            .filter_map(EffectDraft::destination)
            .collect();
        names.into_iter().cloned().collect()
    }

    /// The nearest of the known names, as help.
    pub(super) fn did_you_mean<'a>(
        &self,
        text: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: String,
    ) -> String {
        match self.reader.nearest(text, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => otherwise,
        }
    }
}

/// Arguments that are sensitive at some use, by effect.
pub(super) type SensitiveArguments = BTreeMap<String, BTreeSet<String>>;
