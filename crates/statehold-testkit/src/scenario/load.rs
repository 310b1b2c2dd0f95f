//! Reading a scenario file: the file, its actors and defaults, the scenarios with their cases.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};
use statehold_core::Actor;
use statehold_core::codes;
use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::{Item, MapReader, NodeValue, Reader, parse_partial};

use super::keys::{ACTOR, DEFAULTS, FILE, FORMAT, GIVEN, SCENARIO};
use super::{Begin, SCENARIOS_MAX, STEPS_MAX, Scenario, ScenarioFile, cases, steps};

/// When scenarios begin that do not say it: a fixed instant, so that a test says the same every day.
const DEFAULT_NOW: &str = "2026-01-01T00:00:00Z";

impl ScenarioFile {
    /// Reads a scenario file; a name that ends in `.json` is read as JSON.
    ///
    /// # Errors
    /// Every problem of the file, ordered by place.
    pub fn load(name: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let parsed = parse_partial(name, text);
        let reader = Reader::new(&FORMAT);
        for diagnostic in parsed.diagnostics {
            reader.report(diagnostic);
        }
        let root = parsed.root.as_ref().map(|root| reader.root(root));
        let read = root.and_then(|root| read_file(&root));
        let diagnostics = reader.into_diagnostics();
        match read {
            Some((chart, scenarios)) if !diagnostics.iter().any(Diagnostic::is_error) => Ok(Self {
                name: name.to_owned(),
                text: text.to_owned(),
                chart,
                scenarios,
            }),
            _ => Err(diagnostics),
        }
    }
}

/// What the scenarios of a file share.
pub(super) struct Shared {
    actors: BTreeMap<String, Actor>,
    now: Timestamp,
    actor: Actor,
    create: Option<Value>,
}

fn read_file(root: &Item<'_>) -> Option<(Option<String>, Vec<Scenario>)> {
    let map = root.map(FILE)?.checked();
    map.required("test").and_then(|item| item.integer(1..=1));
    let chart = map
        .optional("chart")
        .and_then(|item| item.text().map(str::to_owned));
    let mut shared = Shared {
        actors: map
            .optional("actors")
            .map(|item| read_actors(&item))
            .unwrap_or_default(),
        now: DEFAULT_NOW.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        actor: Actor::anonymous(),
        create: None,
    };
    if let Some(defaults) = map.optional("defaults").and_then(|item| item.map(DEFAULTS)) {
        let defaults = defaults.checked();
        shared.now = read_now(&defaults, shared.now);
        shared.actor = shared.acting(&defaults, &shared.actor);
        shared.create = defaults.optional("create").map(|item| item.node.to_json());
    }
    let list = map.required("scenarios")?;
    let mut scenarios = Vec::new();
    for item in list.list()? {
        read_scenario(&item, &shared, &mut scenarios);
    }
    if scenarios.len() > SCENARIOS_MAX {
        let message = format!("{} scenarios, more than {SCENARIOS_MAX}", scenarios.len());
        list.reader.report(list.error(codes::LIMIT, message));
    }
    Some((chart, scenarios))
}

fn read_actors(item: &Item<'_>) -> BTreeMap<String, Actor> {
    let entries = item.entries().unwrap_or_default();
    let actors = entries
        .into_iter()
        .filter_map(|(key, item)| Some((key.text.clone(), read_actor(&item)?)));
    actors.collect()
}

fn read_actor(item: &Item<'_>) -> Option<Actor> {
    let map = item.map(ACTOR)?.checked();
    let id = map
        .required("id")
        .and_then(|item| item.text().map(str::to_owned));
    let kind = map
        .optional("kind")
        .and_then(|item| item.text().map(str::to_owned));
    let roles = map
        .optional("roles")
        .map(|item| texts(&item))
        .unwrap_or_default();
    Some(Actor {
        id: id?,
        kind: kind.unwrap_or_else(|| Actor::anonymous().kind),
        roles,
    })
}

/// The texts of a list.
pub(super) fn texts(item: &Item<'_>) -> Vec<String> {
    let items = item.list().unwrap_or_default();
    items
        .iter()
        .filter_map(Item::text)
        .map(str::to_owned)
        .collect()
}

impl Shared {
    /// Who acts: named under `actors`, written out, or whoever acts anyway.
    pub(super) fn acting(&self, map: &MapReader<'_>, otherwise: &Actor) -> Actor {
        let Some(item) = map.optional("as") else {
            return otherwise.clone();
        };
        if matches!(item.node.value, NodeValue::Map(_)) {
            return read_actor(&item).unwrap_or_else(|| otherwise.clone());
        }
        let Some(name) = item.text() else {
            return otherwise.clone();
        };
        if let Some(actor) = self.actors.get(name) {
            return actor.clone();
        }
        let problem = item.error(codes::BAD_SCENARIO, format!("there is no actor `{name}`"));
        let names = self.actors.keys().map(String::as_str);
        item.reader.report(match item.reader.nearest(name, names) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("declare it under `actors`, or write it out: `as: { id: ... }`"),
        });
        otherwise.clone()
    }
}

fn read_now(map: &MapReader<'_>, otherwise: Timestamp) -> Timestamp {
    let Some(item) = map.optional("now") else {
        return otherwise;
    };
    steps::instant(&item).unwrap_or(otherwise)
}

/// Reads one scenario, once for each of its cases.
fn read_scenario(item: &Item<'_>, shared: &Shared, into: &mut Vec<Scenario>) {
    let Some(map) = item.map(SCENARIO) else {
        return;
    };
    let Some(list) = map.optional("cases") else {
        into.extend(read_case(item, shared, None));
        return;
    };
    for (at, case) in list.list().unwrap_or_default().iter().enumerate() {
        if into.len() > SCENARIOS_MAX {
            return;
        }
        let Some(values) = cases::values(case) else {
            continue;
        };
        let name = values.get("name").and_then(|node| node.as_str());
        let label = name.map_or_else(|| format!("case {}", at + 1), str::to_owned);
        let filled = cases::fill(item, item.node, &values);
        let item = Item {
            node: &filled,
            ..item.clone()
        };
        into.extend(read_case(&item, shared, Some(&label)));
    }
}

fn read_case(item: &Item<'_>, shared: &Shared, label: Option<&str>) -> Option<Scenario> {
    let map = item.map(SCENARIO)?.checked();
    let name = map
        .required("name")
        .and_then(|item| item.text().map(str::to_owned));
    let actor = shared.acting(&map, &shared.actor);
    let begin = read_begin(&map, shared, &actor);
    let list = map.required("steps")?;
    let items = list.list()?;
    if items.len() > STEPS_MAX {
        list.reader
            .report(list.error(codes::LIMIT, format!("more than {STEPS_MAX} steps")));
        return None;
    }
    let steps = items
        .iter()
        .filter_map(|item| steps::read(item, shared, &actor))
        .collect();
    let name = name?;
    Some(Scenario {
        name: match label {
            Some(label) => format!("{name} ({label})"),
            None => name,
        },
        span: item.head(),
        now: read_now(&map, shared.now),
        begin,
        steps,
    })
}

fn read_begin(map: &MapReader<'_>, shared: &Shared, actor: &Actor) -> Begin {
    let create = map.optional("create");
    let Some(given) = map.optional("given") else {
        let input = create.as_ref().map(|item| item.node.to_json()).or_else(|| {
            let is_created = has_creation(map);
            shared.create.clone().filter(|_| !is_created)
        });
        let span = create.map_or_else(|| map.item.head(), |item| item.node.span.clone());
        return match input {
            Some(input) => Begin::Create {
                input,
                actor: actor.clone(),
                span,
            },
            None => Begin::Nothing,
        };
    };
    if let Some(create) = create {
        let message = "an entity is either created or given";
        create
            .reader
            .report(create.error(codes::BAD_SCENARIO, message));
    }
    read_given(&given).unwrap_or(Begin::Nothing)
}

/// Whether the first step creates the entity itself.
fn has_creation(map: &MapReader<'_>) -> bool {
    let steps = map.item.node.get("steps");
    match steps.map(|steps| &steps.value) {
        Some(NodeValue::Seq(steps)) => steps.iter().any(|step| step.get("create").is_some()),
        _ => false,
    }
}

fn read_given(item: &Item<'_>) -> Option<Begin> {
    let map = item.map(GIVEN)?.checked();
    let state = map
        .required("state")
        .and_then(|item| item.text().map(str::to_owned));
    let text = |key: &str| {
        map.optional(key)
            .and_then(|item| item.text().map(str::to_owned))
    };
    let context = match map.optional("context") {
        Some(item) => steps::object(&item)?,
        None => Map::new(),
    };
    Some(Begin::Given {
        state: state?,
        context,
        id: text("id"),
        owner: text("owner"),
        span: item.head(),
    })
}
