//! [`Machine`]: a chart that was loaded and found valid. Immutable, cheap to clone, shared between threads.
//!
//! Invariants, established by the loader and relied upon by the interpreter without further checks:
//! - states stand in document order, depth first: `states[0]` is the root, the descendants of a state are the
//!   contiguous ids after it, up to `last`;
//! - every target, initial and default names a state of this machine, and targets of one transition can be active together;
//! - transitions of a state stand in the order in which they are tried;
//! - expressions compiled, and use only names that exist.

mod verify;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

use crate::diagnostic::Span;
use crate::expr::{Expr, Template};
use crate::interpreter::CREATE_EVENT;
use crate::retry::RetryPolicy;
use crate::schema::Record;

pub use verify::DefinitionError;

/// Index of a state in document order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateId(pub u16);

impl StateId {
    /// The root of every machine.
    pub const ROOT: StateId = StateId(0);

    /// As an index into [`Definition::states`].
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A chart that was loaded and found valid.
#[derive(Debug, Clone)]
pub struct Machine(pub(crate) Arc<Definition>);

impl Machine {
    /// A machine that was not read from a chart file but put together by an importer. Its hash is made here.
    ///
    /// # Errors
    /// The definition breaks one of the invariants above. Expressions are not looked at: a name that does not exist
    /// shows when it is evaluated.
    pub fn new(mut definition: Definition) -> Result<Self, DefinitionError> {
        verify::verify(&definition)?;
        definition.hash = blake3::hash(definition.source.as_bytes())
            .to_hex()
            .to_string();
        Ok(Self(Arc::new(definition)))
    }
}

impl std::ops::Deref for Machine {
    type Target = Definition;

    fn deref(&self) -> &Definition {
        &self.0
    }
}

/// The content of a [`Machine`].
#[derive(Debug)]
pub struct Definition {
    /// Name of the machine.
    pub name: String,
    /// Version of the machine, from 1.
    pub version: u32,
    /// For people.
    pub label: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Set when the whole machine is on its way out.
    pub deprecated: Option<Deprecated>,
    /// What to do with an external event that no transition takes.
    pub unhandled: Unhandled,
    /// Bound of a macrostep, 1 to 10,000.
    pub max_microsteps: u32,
    /// What an expression error does to the step.
    pub on_expression_error: OnExpressionError,
    /// The entity's data.
    pub context: Record,
    /// Declared events by name or descriptor (`payment.*`).
    pub events: IndexMap<String, EventDef>,
    /// Default permission of every event.
    pub authorize: Option<Expr>,
    /// All states in document order, the root first.
    pub states: Vec<State>,
    /// Path of each state but the root → its id.
    pub by_path: HashMap<String, StateId>,
    /// Declared effects by name.
    pub effects: IndexMap<String, EffectDef>,
    /// Names of `${env.NAME}` used by effects, sorted.
    pub destinations: Vec<String>,
    /// The file's text.
    pub source: String,
    /// BLAKE3 of the source text, lower-case hexadecimal.
    pub hash: String,
}

impl Definition {
    /// The state with this id.
    #[must_use]
    pub fn state(&self, id: StateId) -> &State {
        &self.states[id.index()]
    }

    /// The state with this path; the empty path is the root.
    #[must_use]
    pub fn state_at(&self, path: &str) -> Option<&State> {
        if path.is_empty() {
            return self.states.first();
        }
        self.by_path.get(path).map(|id| self.state(*id))
    }

    /// Whether `inner` stands below `outer` (a state is not below itself).
    #[must_use]
    pub fn is_below(&self, inner: StateId, outer: StateId) -> bool {
        inner > outer && inner <= self.state(outer).last
    }

    /// Schema of an event's input; a creation's input is the context.
    #[must_use]
    pub fn input_record(&self, kind: &str) -> Option<&Record> {
        match kind {
            CREATE_EVENT => Some(&self.context),
            _ => self.event(kind)?.input.as_ref(),
        }
    }

    /// The declaration of an event: its own, else that of the longest declared prefix (`payment.*`).
    #[must_use]
    pub fn event(&self, kind: &str) -> Option<&EventDef> {
        if let Some(def) = self.events.get(kind) {
            return Some(def);
        }
        let mut prefix = kind;
        loop {
            if let Some(def) = self.events.get(&format!("{prefix}.*")) {
                return Some(def);
            }
            match prefix.rfind('.') {
                Some(dot) => prefix = &prefix[..dot],
                None => return self.events.get("*"),
            }
        }
    }
}

/// What to do with an external event that no transition takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unhandled {
    /// Refuse it as `no_transition`.
    #[default]
    Reject,
    /// Answer `ignored` and change nothing.
    Ignore,
}

/// What an expression error does to the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnExpressionError {
    /// The step fails and changes nothing.
    #[default]
    Reject,
    /// As SCXML says: a guard counts as false, `error.execution` is queued, the rest of the action block is skipped.
    Raise,
}

/// How something is on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecated {
    /// What to use instead.
    pub use_instead: Option<String>,
    /// Machine version in which it began.
    pub since: Option<u32>,
}

impl Deprecated {
    /// One sentence for those who still use it.
    #[must_use]
    pub fn describe(&self, what: &str, name: &str) -> String {
        let since = self
            .since
            .map(|v| format!(" since version {v}"))
            .unwrap_or_default();
        let instead = self
            .use_instead
            .as_ref()
            .map(|u| format!(", use `{u}`"))
            .unwrap_or_default();
        format!("{what} `{name}` is deprecated{since}{instead}")
    }
}

/// A declared event.
#[derive(Debug)]
pub struct EventDef {
    /// For people.
    pub label: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Schema of the input; none means that no input is taken.
    pub input: Option<Record>,
    /// Who may fire it, beside the machine's own rule.
    pub authorize: Option<Expr>,
    /// Set when it is on its way out.
    pub deprecated: Option<Deprecated>,
    /// Overrides the machine's rule.
    pub unhandled: Option<Unhandled>,
}

/// A node of the chart.
#[derive(Debug)]
pub struct State {
    /// Its own id.
    pub id: StateId,
    /// Its parent; none for the root.
    pub parent: Option<StateId>,
    /// Last descendant in document order; itself if it has none.
    pub last: StateId,
    /// Nesting depth, 0 for the root.
    pub depth: u16,
    /// Last segment of the path; empty for the root.
    pub name: String,
    /// Full dotted path from the root; empty for the root.
    pub path: String,
    /// What kind of node it is.
    pub kind: StateKind,
    /// Children in document order, history nodes included.
    pub children: Vec<StateId>,
    /// For a compound state: where it begins. For a history state: where it leads without memory (none: the parent's initial).
    pub initial: Option<Initial>,
    /// Actions on entering, in order.
    pub entry: Vec<Action>,
    /// Actions on leaving, in order.
    pub exit: Vec<Action>,
    /// Transitions on events (also those of timers, invokes and done events), in the order in which they are tried.
    pub transitions: Vec<Transition>,
    /// Eventless transitions in order.
    pub always: Vec<Transition>,
    /// Timers set on entering.
    pub timers: Vec<TimerDef>,
    /// Effects tied to the state.
    pub invokes: Vec<Invoke>,
    /// For a final state (and the root): the output.
    pub output: Option<ValueExpr>,
    /// For people.
    pub label: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Free marks.
    pub tags: Vec<String>,
    /// Set when it is on its way out.
    pub deprecated: Option<Deprecated>,
    /// Where it stands in the file.
    pub span: Span,
}

/// Kind of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKind {
    /// No children.
    Atomic,
    /// Exactly one child is active.
    Compound,
    /// All children (regions) are active.
    Parallel,
    /// An end.
    Final,
    /// A memory of what was active; never active itself.
    History {
        /// Remembers leaves instead of direct children.
        deep: bool,
    },
}

/// Where a compound state begins, or a history state without memory leads.
#[derive(Debug)]
pub struct Initial {
    /// Target states, usually one child.
    pub targets: Vec<StateId>,
    /// Actions run when it is taken.
    pub actions: Vec<Action>,
}

/// An edge.
#[derive(Debug)]
pub struct Transition {
    /// What it waits for; none for an eventless one.
    pub on: Option<Descriptor>,
    /// Matches the results of only this invoke (index into the source state's `invokes`).
    pub invoke: Option<usize>,
    /// State that owns it.
    pub source: StateId,
    /// Where it goes; empty means targetless.
    pub targets: Vec<StateId>,
    /// Leaves and enters its source again even where it would not have to.
    pub reenter: bool,
    /// The condition.
    pub guard: Option<Guard>,
    /// Actions in order (assign first, effects last).
    pub actions: Vec<Action>,
    /// For people.
    pub label: Option<String>,
    /// Where it stands in the file.
    pub span: Span,
}

/// Which events a transition takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Descriptor {
    /// Exactly this name.
    Exact(String),
    /// `a.b.*`: this name and everything below it; from outside only unless `internal`.
    Prefix {
        /// Name without the `.*`.
        prefix: String,
        /// Also takes events raised inside.
        internal: bool,
    },
    /// `*`: everything; from outside only unless `internal`.
    Any {
        /// Also takes events raised inside.
        internal: bool,
    },
}

impl Descriptor {
    /// Whether it takes an event of this type.
    #[must_use]
    pub fn takes(&self, kind: &str, raised_inside: bool) -> bool {
        match self {
            Self::Exact(name) => name == kind,
            Self::Prefix { prefix, internal } => {
                (*internal || !raised_inside)
                    && kind
                        .strip_prefix(prefix.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }
            Self::Any { internal } => *internal || !raised_inside,
        }
    }

    /// As an author writes it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Exact(name) => name.clone(),
            Self::Prefix { prefix, .. } => format!("{prefix}.*"),
            Self::Any { .. } => "*".to_owned(),
        }
    }
}

/// A condition with the words that a refused caller reads.
#[derive(Debug)]
pub struct Guard {
    /// The condition.
    pub expr: Expr,
    /// Its name, if it was declared under `guards:`.
    pub name: Option<String>,
    /// What a refused caller reads.
    pub reason: Option<String>,
    /// A code of the author's own.
    pub code: Option<String>,
    /// Where it stands in the file.
    pub span: Span,
}

/// Something to do in a step.
#[derive(Debug)]
pub enum Action {
    /// Writes context fields; all right sides see the context before the block.
    Assign(Vec<(String, ValueExpr)>),
    /// Queues an internal event.
    Raise {
        /// Its type.
        event: String,
        /// Its input.
        input: ValueExpr,
    },
    /// Asks for an effect, independent of later states.
    Effect {
        /// Name of the effect.
        effect: String,
        /// Arguments its templates see as `input`.
        input: Vec<(String, ValueExpr)>,
    },
    /// Does the first branch whose condition holds.
    If {
        /// Conditions with their actions.
        branches: Vec<(Expr, Vec<Action>)>,
        /// Done if no condition holds.
        otherwise: Vec<Action>,
    },
    /// Does its actions in order; an error that is not fatal to the step ends this block only.
    Block(Vec<Action>),
    /// Does its actions once per element of a list, as the list is when it begins.
    Foreach {
        /// The list.
        list: ValueExpr,
        /// Context field that holds the element.
        item: String,
        /// Context field that holds its number, from 0.
        index: Option<String>,
        /// What to do with each.
        actions: Vec<Action>,
    },
    /// Sends an event to the entity itself.
    Send {
        /// Its type, a text.
        event: ValueExpr,
        /// Its input.
        input: ValueExpr,
        /// When it arrives.
        when: SendWhen,
        /// A text by which it can be cancelled until then.
        id: Option<ValueExpr>,
    },
    /// Takes back what was sent under this id and has not arrived.
    Cancel {
        /// The id, a text.
        id: ValueExpr,
    },
    /// Adds a line to what the step reports.
    Log {
        /// What it is about.
        label: String,
        /// What to note.
        value: ValueExpr,
    },
    /// Fails like an expression that cannot be evaluated, but with an event of its own in place of
    /// `error.execution`: the rest of the block is skipped, or the step refused, as the machine says.
    Fail {
        /// Type of the internal event.
        event: String,
        /// Its input.
        input: ValueExpr,
    },
}

/// When an event that an entity sends to itself arrives.
#[derive(Debug)]
pub enum SendWhen {
    /// In this macrostep, as an internal event: a `raise` whose type is computed.
    Within,
    /// From outside, this long after this macrostep and in one of its own.
    After(Duration),
    /// The same, with a delay that is computed: a text such as `48h` or `PT48H`.
    Computed(ValueExpr),
}

/// A value to be computed: literal, expression, or a structure of these.
#[derive(Debug)]
pub enum ValueExpr {
    /// As written.
    Literal(Value),
    /// CEL.
    Expr(Expr),
    /// Text with `${CEL}` parts.
    Template(Template),
    /// A list of values.
    List(Vec<ValueExpr>),
    /// A mapping of values, in the order of the file.
    Map(Vec<(String, ValueExpr)>),
}

/// A timer of a state. Fires as the event `timer.<state path>.<name>`.
#[derive(Debug)]
pub struct TimerDef {
    /// Its name within the state, e.g. `48h`.
    pub name: String,
    /// The event it fires, e.g. `timer.pending.48h`: [`timer_event`] of its state and name, kept for matching.
    pub event: String,
    /// When it is due.
    pub when: TimerWhen,
}

impl TimerDef {
    /// A timer of the state with this path.
    #[must_use]
    pub fn new(state: &str, name: impl Into<String>, when: TimerWhen) -> Self {
        let name = name.into();
        Self {
            event: timer_event(state, &name),
            name,
            when,
        }
    }
}

/// Type of the event that a timer fires: `timer.STATE.NAME`, and `timer.NAME` for a timer of the root.
#[must_use]
pub fn timer_event(state: &str, name: &str) -> String {
    match state {
        "" => format!("timer.{name}"),
        path => format!("timer.{path}.{name}"),
    }
}

/// When a timer is due.
#[derive(Debug)]
pub enum TimerWhen {
    /// This long after the entry.
    After(Duration),
    /// At an instant computed at the entry, after the entry actions.
    At(Expr),
}

/// An effect tied to a state.
#[derive(Debug)]
pub struct Invoke {
    /// Name of the effect.
    pub effect: String,
    /// Arguments its templates see as `input`.
    pub input: Vec<(String, ValueExpr)>,
}

/// A declared effect.
#[derive(Debug)]
pub struct EffectDef {
    /// Its name.
    pub name: String,
    /// For people.
    pub label: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// What is asked of the world.
    pub http: HttpTemplate,
    /// Bound of one call.
    pub timeout: Duration,
    /// What is tried again, when, how often.
    pub retry: RetryPolicy,
    /// When a reply means yes; none means the default (2xx).
    pub ok: Option<Expr>,
    /// When a reply means no; none means the default (4xx but 408, 425, 429).
    pub refused: Option<Expr>,
    /// Its end is reported to the chart as `done.effect.NAME` or `error.effect.NAME`.
    pub reports: bool,
    /// What exhausted retries do to the chart; none means the default.
    pub on_dead: Option<OnDead>,
    /// Where it stands in the file.
    pub span: Span,
}

/// What the death of an effect does to the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDead {
    /// `error.effect.NAME` is fired.
    Raise,
    /// The chart is told nothing; the dead letter waits for an operator.
    Continue,
}

/// An HTTP request to be filled in at commit.
#[derive(Debug)]
pub struct HttpTemplate {
    /// Method in capitals.
    pub method: String,
    /// Name of the destination: `PAYMENTS` for an address that begins with `${env.PAYMENTS}`.
    pub destination: String,
    /// The rest of the address, beginning with `/`, `?` or empty.
    pub path: Template,
    /// Headers in order.
    pub headers: Vec<(String, HeaderValue)>,
    /// JSON body.
    pub body: Option<ValueExpr>,
    /// JSON pointers into the body, `path`, or `header:NAME`, that may hold sensitive values.
    pub sensitive: Vec<String>,
}

/// Value of a header.
#[derive(Debug)]
pub enum HeaderValue {
    /// Text with `${CEL}` parts, filled in at commit.
    Template(Template),
    /// `${env.NAME}`, alone: filled in when the request is sent and never stored.
    Env(String),
}
