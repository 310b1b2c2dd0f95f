//! Assignments of values to the places that conditions read, and the answers of the conditions to each.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::configurations::{Combinations, combinations};
use super::values::{Choice, choices, now};
use crate::expr::{ActorScope, EntityScope, EventParts, EventScope, Expr, Place, Scope, Variables};
use crate::machine::{Definition, State};
use crate::schema::Record;

/// Most assignments of one trial.
const TRIES_MAX: usize = 1_024;

/// Most roles whose combinations are tried.
const ROLES_MAX: usize = 4;

/// Most parts of an example that are put into words.
const WORDS_MAX: usize = 4;

/// Longest value in an example, in characters.
const VALUE_CHARS_MAX: usize = 40;

/// Where conditions are tried: what they see, and who may get there.
pub(super) struct Setting<'a> {
    pub(super) definition: &'a Definition,
    /// The state that is active.
    pub(super) state: &'a State,
    /// The event, if it is known.
    pub(super) event: &'a str,
    pub(super) input: Option<&'a Record>,
    pub(super) parts: EventParts<'a>,
}

/// What conditions answered.
pub(super) struct Answers {
    /// How many tries there were.
    pub(super) tried: usize,
    /// In how many each condition held.
    pub(super) held: Vec<usize>,
    /// In how many all of them held.
    pub(super) held_both: usize,
    /// The first in which all of them held, in words.
    pub(super) both: Option<String>,
    /// What was tried stands for all there is.
    pub(super) is_complete: bool,
    /// Evaluations made.
    pub(super) evaluated: usize,
}

/// Tries conditions on values around the literals of `variables`, with at most `left` evaluations. Where one of `rules`
/// does not hold, nothing is asked.
pub(super) fn answers(
    setting: &Setting<'_>,
    variables: &Variables,
    rules: &[&Expr],
    conditions: &[&Expr],
    left: usize,
) -> Answers {
    let space = Space::of(setting, variables);
    let per_try = conditions.len() + rules.len();
    let tries = space.size().min(TRIES_MAX).min(left / per_try.max(1));
    let mut answers = Answers {
        tried: 0,
        held: vec![0; conditions.len()],
        held_both: 0,
        both: None,
        is_complete: variables.is_complete() && space.is_complete && tries == space.size(),
        evaluated: tries * per_try,
    };
    for number in 0..tries {
        let world = space.world(number);
        let holds = |expr: &&Expr| world.holds(setting, expr);
        if !rules.iter().all(holds) {
            continue;
        }
        answers.tried += 1;
        let each: Vec<bool> = conditions.iter().map(holds).collect();
        for (held, holds) in answers.held.iter_mut().zip(&each) {
            *held += usize::from(*holds);
        }
        if each.iter().all(|holds| *holds) {
            answers.held_both += 1;
            answers.both.get_or_insert_with(|| world.words(variables));
        }
    }
    answers
}

/// Everything that may be tried: one choice for each place, roles, active states.
struct Space<'a> {
    places: Vec<(&'a Place, Vec<Option<Value>>)>,
    roles: Vec<&'a str>,
    states: Vec<&'a str>,
    combinations: Vec<u32>,
    is_complete: bool,
}

impl<'a> Space<'a> {
    fn of(setting: &Setting<'a>, variables: &'a Variables) -> Self {
        let mut is_complete = variables.roles.len() <= ROLES_MAX;
        let places: Vec<_> = (variables.places.iter())
            .map(|variable| {
                let Choice {
                    values,
                    is_complete: is_all,
                } = choices(variable, setting);
                is_complete &= is_all;
                (&variable.place, values)
            })
            .collect();
        // A place inside another one is not free to choose.
        let nested = |(outer, _): &(&Place, _)| {
            (places.iter()).any(|(inner, _)| inner != outer && is_inside(inner, outer))
        };
        is_complete &= !places.iter().any(nested);
        let Combinations {
            all,
            is_complete: are_all,
        } = combinations(setting.definition, setting.state.id, &variables.states);
        Self {
            places,
            roles: (variables.roles.iter().take(ROLES_MAX))
                .map(String::as_str)
                .collect(),
            states: variables.states.iter().map(String::as_str).collect(),
            combinations: all,
            is_complete: is_complete && are_all,
        }
    }

    fn size(&self) -> usize {
        let places = self.places.iter().map(|(_, values)| values.len());
        places
            .chain([1 << self.roles.len(), self.combinations.len()])
            .fold(1, usize::saturating_mul)
    }

    /// The try with this number, below [`Space::size`].
    fn world(&self, mut number: usize) -> World<'_> {
        let mut digit = |base: usize| {
            let digit = number % base.max(1);
            number /= base.max(1);
            digit
        };
        let mut world = World::default();
        let roles = digit(1 << self.roles.len());
        world.roles = (self.roles.iter().enumerate())
            .filter(|(at, _)| roles & (1 << at) != 0)
            .map(|(_, role)| (*role).to_owned())
            .collect();
        let active = digit(self.combinations.len());
        let active = self.combinations.get(active).copied().unwrap_or(0);
        world.active = (self.states.iter().enumerate())
            .filter(|(at, _)| *at < 32 && active & (1 << at) != 0)
            .map(|(_, path)| *path)
            .collect();
        for (place, values) in &self.places {
            if let Some(value) = values.get(digit(values.len())) {
                world.put(place, value.as_ref());
            }
        }
        world
    }
}

fn is_inside(inner: &Place, outer: &Place) -> bool {
    match (inner, outer) {
        (Place::Ctx(inner), Place::Ctx(outer))
        | (Place::Input(inner), Place::Input(outer))
        | (Place::Output(inner), Place::Output(outer))
        | (Place::Error(inner), Place::Error(outer)) => inner.starts_with(outer),
        _ => false,
    }
}

/// One made-up moment.
#[derive(Default)]
struct World<'s> {
    ctx: Map<String, Value>,
    input: Map<String, Value>,
    output: Option<Value>,
    error: Option<Value>,
    attempt: Option<u32>,
    actor: Option<String>,
    kind: Option<String>,
    owner: Option<String>,
    roles: Vec<String>,
    active: Vec<&'s str>,
    /// What was chosen, for words.
    chosen: Vec<(&'s Place, Option<Value>)>,
}

impl<'s> World<'s> {
    fn put(&mut self, place: &'s Place, value: Option<&Value>) {
        self.chosen.push((place, value.cloned()));
        let Some(value) = value else { return };
        let text = || value.as_str().map(str::to_owned);
        match place {
            Place::Ctx(path) => put_into(&mut self.ctx, path, value),
            Place::Input(path) => put_into(&mut self.input, path, value),
            Place::Output(path) => put_part(&mut self.output, path, value),
            Place::Error(path) => put_part(&mut self.error, path, value),
            Place::Attempt => {
                self.attempt = value.as_u64().and_then(|count| u32::try_from(count).ok());
            }
            Place::ActorId => self.actor = text(),
            Place::ActorKind => self.kind = text(),
            Place::Owner => self.owner = text(),
        }
    }

    fn holds(&self, setting: &Setting<'_>, condition: &Expr) -> bool {
        let in_state = |path: &str| self.active.contains(&path);
        let input = Value::Object(self.input.clone());
        let scope = Scope {
            ctx: &self.ctx,
            ctx_record: &setting.definition.context,
            event: EventScope {
                kind: setting.event,
                input: &input,
                input_record: setting.input,
                output: self.output.as_ref(),
                error: self.error.as_ref(),
                attempt: self.attempt,
            },
            actor: Some(ActorScope {
                id: self.actor.as_deref().unwrap_or("example"),
                kind: self.kind.as_deref().unwrap_or("user"),
                roles: &self.roles,
            }),
            entity: EntityScope {
                id: "example",
                owner: self.owner.as_deref(),
                version: setting.definition.version,
                revision: 1,
            },
            now: now(),
            in_state: &in_state,
            extra: &[],
        };
        condition.eval_bool(&scope) == Ok(true)
    }

    /// `` `ctx.total` is 1001 and `b.c` is active ``.
    fn words(&self, variables: &Variables) -> String {
        let mut words: Vec<String> = (self.chosen.iter())
            .map(|(place, value)| match value {
                Some(value) => format!("`{}` is {}", place.text(), short(value)),
                None => format!("`{}` is absent", place.text()),
            })
            .collect();
        words.extend(
            self.roles
                .iter()
                .map(|role| format!("the actor has role '{role}'")),
        );
        words.extend(self.active.iter().map(|path| format!("`{path}` is active")));
        if variables.reads_now {
            let instant: Timestamp = now();
            words.push(format!("it is {instant}"));
        }
        if words.len() > WORDS_MAX {
            words.truncate(WORDS_MAX);
            words.push("so on".to_owned());
        }
        match words.as_slice() {
            [] => "nothing stands against it".to_owned(),
            [one] => one.clone(),
            [before @ .., last] => format!("{} and {last}", before.join(", ")),
        }
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn put_part(part: &mut Option<Value>, path: &[String], value: &Value) {
    if path.is_empty() {
        *part = Some(value.clone());
        return;
    }
    let mut object = match part.take() {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    };
    put_into(&mut object, path, value);
    *part = Some(Value::Object(object));
}

fn put_into(object: &mut Map<String, Value>, path: &[String], value: &Value) {
    match path {
        [] => {}
        [name] => {
            object.insert(name.clone(), value.clone());
        }
        [name, rest @ ..] => {
            let inner = object
                .entry(name.clone())
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put_into(inner, rest, value);
            }
        }
    }
}
