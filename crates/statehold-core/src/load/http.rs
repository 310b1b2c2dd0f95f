//! The request of an effect: method, address, headers, body.
//!
//! The host is never a chart's to compute: an address begins with a named destination, and what follows cannot
//! change it.

use super::chart::Loader;
use super::exprs::{Texts, View};
use super::keys::REQUEST;
use super::names::is_identifier;
use crate::codes;
use crate::diagnostic::{Diagnostic, Span};
use crate::expr::{Expr, Template};
use crate::machine::{HeaderValue, HttpTemplate, ValueExpr};
use crate::source::{Item, MapReader, NodeValue};

/// Headers that belong to the connection or to the engine.
const RESERVED_HEADERS: [&str; 14] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "idempotency-key",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "traceparent",
    "transfer-encoding",
    "upgrade",
];

/// A request template with what is known of its expressions.
pub(super) struct Http {
    pub(super) method: String,
    /// Empty if there is none, which has been noted.
    pub(super) destination: String,
    path: Option<Template>,
    headers: Vec<(String, HeaderValue)>,
    body: Option<ValueExpr>,
    /// Places (JSON pointers into the body, `path`, `header:NAME`) with the expressions that fill them.
    pub(super) leaves: Vec<(String, Vec<Expr>)>,
    /// Arguments it reads.
    pub(super) reads: Vec<Read>,
    /// It reads `input` as a whole.
    pub(super) reads_all: bool,
}

/// One argument that a request reads.
pub(super) struct Read {
    pub(super) argument: String,
    pub(super) span: Span,
    /// It asks whether the argument is there.
    pub(super) optional: bool,
}

impl Http {
    fn empty() -> Self {
        Self {
            method: "POST".to_owned(),
            destination: String::new(),
            path: None,
            headers: Vec::new(),
            body: None,
            leaves: Vec::new(),
            reads: Vec::new(),
            reads_all: false,
        }
    }

    /// The template as the machine has it; none if its address could not be read, which has been noted.
    pub(super) fn finish(self, sensitive: Vec<String>) -> Option<HttpTemplate> {
        Some(HttpTemplate {
            method: self.method,
            destination: self.destination,
            path: self.path?,
            headers: self.headers,
            body: self.body,
            sensitive,
        })
    }

    /// Notes that `place` is filled by these expressions, written at `span`.
    fn fill<'e>(&mut self, place: String, exprs: impl Iterator<Item = &'e Expr>, span: &Span) {
        let exprs: Vec<Expr> = exprs.cloned().collect();
        for expr in &exprs {
            let references = expr.references();
            self.reads_all |= references.paths().any(|path| path == "input");
            let optional = expr.source().contains("has(") || expr.source().contains("input.?");
            self.reads
                .extend(references.fields_of("input").map(|argument| Read {
                    argument: argument.to_owned(),
                    span: span.clone(),
                    optional,
                }));
        }
        if !exprs.is_empty() {
            self.leaves.push((place, exprs));
        }
    }

    fn fill_body(&mut self, value: &ValueExpr, item: &Item<'_>, place: &str) {
        match value {
            ValueExpr::Literal(_) => {}
            ValueExpr::Expr(expr) => {
                self.fill(place.to_owned(), std::iter::once(expr), &item.node.span);
            }
            ValueExpr::Template(template) => {
                self.fill(place.to_owned(), template.expressions(), &item.node.span);
            }
            ValueExpr::List(values) => {
                for (at, (value, item)) in values
                    .iter()
                    .zip(item.list().unwrap_or_default())
                    .enumerate()
                {
                    self.fill_body(value, &item, &format!("{place}/{at}"));
                }
            }
            ValueExpr::Map(values) => {
                for ((key, value), (_, item)) in
                    values.iter().zip(item.entries().unwrap_or_default())
                {
                    let segment = pointer_segment(key);
                    self.fill_body(value, &item, &format!("{place}/{segment}"));
                }
            }
        }
    }
}

/// A key as a part of a JSON pointer.
pub(super) fn pointer_segment(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What the templates of a request see beside the usual names.
const VIEW: View<'static> = View {
    input: None,
    event: None,
    extra: &[("input", None)],
};

impl<'n> Loader<'n> {
    /// The request of an effect.
    pub(super) fn request(&self, item: &Item<'n>) -> Http {
        let mut http = Http::empty();
        let Some(map) = item.map(REQUEST).map(MapReader::checked) else {
            return http;
        };
        let methods =
            ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"].map(|method| (method, method));
        if let Some(method) = map
            .required("method")
            .and_then(|item| item.choice(&methods))
        {
            http.method = method.to_owned();
        }
        if let Some(item) = map.required("url") {
            self.url(&item, &mut http);
        }
        if let Some(item) = map.optional("headers") {
            self.headers(&item, &mut http);
        }
        if let Some(item) = map.optional("body") {
            self.body(&item, &mut http);
        }
        http
    }

    fn url(&self, item: &Item<'n>, http: &mut Http) {
        let Some(text) = item.text() else {
            return;
        };
        let Some((destination, path)) = split_destination(text) else {
            let message = "an address begins with a named destination, so that nothing in the chart or in an event chooses the host";
            let problem = item.error(codes::UNSAFE_URL, message);
            self.reader.report(problem.help(
                "write it like \"${env.PAYMENTS}/charges\" and give PAYMENTS its address in the configuration",
            ));
            return;
        };
        destination.clone_into(&mut http.destination);
        if !(path.is_empty() || path.starts_with(['/', '?'])) {
            let message = format!("what follows ${{env.{destination}}} could change the host");
            let problem = item.error(codes::UNSAFE_URL, message);
            self.reader
                .report(problem.help("the address goes on with `/` or `?`"));
            return;
        }
        if let Some(template) = self.template(item, path, text.len() - path.len(), VIEW) {
            self.check_address(item, &template);
            http.fill("path".to_owned(), template.expressions(), &item.node.span);
            http.path = Some(template);
        }
    }

    fn check_address(&self, item: &Item<'n>, template: &Template) {
        let literals = template.parts().iter().filter_map(|part| match part {
            crate::expr::Part::Lit(text) => Some(text.as_str()),
            crate::expr::Part::Expr(_) => None,
        });
        let odd = |c: &char| {
            !c.is_ascii_graphic()
                || matches!(
                    c,
                    '#' | '\\' | '<' | '>' | '"' | '{' | '}' | '^' | '|' | '`'
                )
        };
        if let Some(c) = literals.flat_map(str::chars).find(odd) {
            let message = format!("an address cannot hold {c:?}");
            let problem = item.error(codes::UNSAFE_URL, message);
            self.reader.report(
                problem.help("percent-encode it; values in `${...}` are encoded by themselves"),
            );
        }
        // A value cannot be a dot segment (that fails the step), so only the text of the author is looked at.
        let text: String = (template.parts().iter())
            .map(|part| match part {
                crate::expr::Part::Lit(text) => text.as_str(),
                crate::expr::Part::Expr(_) => "x",
            })
            .collect();
        let resource = text.split('?').next().unwrap_or_default();
        if resource
            .split('/')
            .any(|segment| matches!(segment, "." | ".."))
        {
            let message = "an address cannot hold `.` or `..` as a segment";
            self.reader.report(item.error(codes::UNSAFE_URL, message));
        }
    }

    fn headers(&self, item: &Item<'n>, http: &mut Http) {
        let mut seen: Vec<String> = Vec::new();
        for (key, item) in item.entries().unwrap_or_default() {
            let name = key.text.to_ascii_lowercase();
            self.check_header_name(&item, &name, &seen);
            if let Some(value) = self.header(&item) {
                if let HeaderValue::Template(template) = &value {
                    http.fill(
                        format!("header:{}", key.text),
                        template.expressions(),
                        &item.node.span,
                    );
                }
                http.headers.push((key.text.clone(), value));
            }
            seen.push(name);
        }
    }

    fn check_header_name(&self, item: &Item<'n>, name: &str, seen: &[String]) {
        let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        let (code, problem) = if name.is_empty() || !name.bytes().all(is_token) {
            (
                codes::BAD_NAME,
                format!("`{name}` is not the name of a header"),
            )
        } else if RESERVED_HEADERS.contains(&name) {
            (
                codes::RESERVED_NAME,
                format!("the header `{name}` is set by the engine"),
            )
        } else if seen.iter().any(|other| other == name) {
            (
                codes::DUPLICATE_KEY,
                format!("the header `{name}` stands twice"),
            )
        } else {
            return;
        };
        self.reader
            .report(super::names::at_key(item, code, problem));
    }

    fn header(&self, item: &Item<'n>) -> Option<HeaderValue> {
        let text = item.text()?;
        if let Some((name, "")) = split_destination(text) {
            return Some(HeaderValue::Env(name.to_owned()));
        }
        if text.chars().any(char::is_control) {
            let message = "a header value cannot hold line breaks or other control characters";
            self.reader.report(item.error(codes::BAD_VALUE, message));
            return None;
        }
        self.template(item, text, 0, VIEW)
            .map(HeaderValue::Template)
    }

    fn body(&self, item: &Item<'n>, http: &mut Http) {
        if matches!(http.method.as_str(), "GET" | "HEAD") {
            let message = format!("a {} request has no body", http.method);
            let problem: Diagnostic = super::names::at_key(item, codes::BAD_STRUCTURE, message);
            self.reader
                .report(problem.help("put what it says into the address, or use another method"));
        }
        if item.node.value == NodeValue::Null {
            return;
        }
        if let Some(value) = self.value(item, Texts::Templates, VIEW) {
            http.fill_body(&value, item, "");
            http.body = Some(value);
        }
    }
}

/// `${env.NAME}` at the beginning, and what follows.
fn split_destination(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix("${env.")?.split_once('}')?;
    is_identifier(name).then_some((name, rest))
}
