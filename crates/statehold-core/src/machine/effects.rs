//! Declared effects: what is asked of the world, and what becomes of the answer.

use std::time::Duration;

use super::ValueExpr;
use crate::diagnostic::Span;
use crate::expr::{Expr, Template};
use crate::retry::RetryPolicy;

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
    /// What is asked, and of whom.
    pub kind: EffectKind,
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

impl EffectDef {
    /// The HTTP request, for an effect that is one.
    #[must_use]
    pub fn http(&self) -> Option<&HttpTemplate> {
        match &self.kind {
            EffectKind::Http(http) => Some(http),
            EffectKind::Handler(_) => None,
        }
    }

    /// The handler's part, for an effect that one does.
    #[must_use]
    pub fn handler(&self) -> Option<&HandlerTemplate> {
        match &self.kind {
            EffectKind::Http(_) => None,
            EffectKind::Handler(handler) => Some(handler),
        }
    }
}

/// What an effect asks, and of whom. Exactly one of these for every effect.
#[derive(Debug)]
pub enum EffectKind {
    /// An HTTP request.
    Http(HttpTemplate),
    /// Work done by code outside the chart that is known by name.
    Handler(HandlerTemplate),
}

/// Work for a handler. It gets the arguments of the effect as they are.
#[derive(Debug)]
pub struct HandlerTemplate {
    /// Name of the handler, in whatever form its own world gives names: `sendMail`, `App\Mailer::send`.
    pub name: String,
    /// JSON pointers into the arguments that may hold sensitive values.
    pub sensitive: Vec<String>,
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
