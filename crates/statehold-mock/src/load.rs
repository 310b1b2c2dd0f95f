//! Text to [`MockSpec`]: every problem of a file at once, each with its place.
//!
//! The shape of the file is [`FORMAT`]; what values mean is checked here; what they may be is the
//! business of the types they become. Nothing is guessed: a key that is not known is refused.

use axum::http::Method;
use statehold_core::codes;
use statehold_core::diagnostic::{Diagnostic, Span};
use statehold_core::source::{
    Format, Item, KeySpec, MapReader, NodeValue, Reader, nearest, parse_partial,
};

use crate::load_reply::read_replies;
use crate::path::PathPattern;
use crate::spec::{MockSpec, Per, ROUTES_MAX, Replies, Route};

/// Methods a route may have.
const METHODS: &[(&str, Method)] = &[
    ("GET", Method::GET),
    ("POST", Method::POST),
    ("PUT", Method::PUT),
    ("PATCH", Method::PATCH),
    ("DELETE", Method::DELETE),
    ("HEAD", Method::HEAD),
    ("OPTIONS", Method::OPTIONS),
];

const PER: &[(&str, Per)] = &[("route", Per::Route), ("key", Per::Key)];

/// Most field names under `sensitive`; each field of each body is compared with them.
const SENSITIVE_MAX: usize = 100;

pub(crate) const MOCK: &str = "a mock";
pub(crate) const ROUTE: &str = "a route";
pub(crate) const REPLY: &str = "a reply";

/// The body of a request that replaces replies at run time.
const REPLACEMENT: &str = "a replacement";

const fn key(place: &'static str, key: &'static str, meaning: &'static str) -> KeySpec {
    KeySpec {
        place,
        key,
        meaning,
        built: true,
    }
}

static FORMAT: Format = Format {
    keys: &[
        key(MOCK, "mock", "the name of the API"),
        key(
            MOCK,
            "env",
            "the name that charts use for its address, e.g. `PAYMENTS` for `${env.PAYMENTS}`",
        ),
        key(
            MOCK,
            "sensitive",
            "names of fields that are masked in the record of calls",
        ),
        key(
            MOCK,
            "routes",
            "what the API answers, e.g. `- POST /charges: { replies: [{ status: 200 }] }`",
        ),
        key(ROUTE, "method", "the request method"),
        key(ROUTE, "path", "the request path, e.g. `/charges/{id}`"),
        key(
            ROUTE,
            "replies",
            "the replies, used in turn; the last one repeats for ever",
        ),
        key(
            ROUTE,
            "idempotent",
            "whether a repeated Idempotency-Key gets the first successful reply again",
        ),
        key(
            ROUTE,
            "per",
            "whose calls take turns: `route` (all together) or `key` (each Idempotency-Key)",
        ),
        key(REPLY, "status", "the HTTP status"),
        key(REPLY, "headers", "headers by name"),
        key(
            REPLY,
            "body",
            "the body: any value, whose texts may quote the request with `${...}`",
        ),
        key(
            REPLY,
            "delay",
            "how long to wait before answering, e.g. `300ms`",
        ),
        key(
            REPLY,
            "timeout",
            "`true`: accept the request and never answer",
        ),
        key(
            REPLY,
            "cut",
            "cut the connection: `before` the reply, or `after` half of its body",
        ),
        key(
            REPLY,
            "acted",
            "whether the service has acted when it answers so",
        ),
        key(REPLY, "times", "how many turns in a row this reply takes"),
        key(REPLACEMENT, "replies", "the new replies of the route"),
    ],
};

impl MockSpec {
    /// Reads a mock file; `name` is its path or whatever tells it apart, and a name that ends in
    /// `.json` is read as JSON.
    ///
    /// # Errors
    /// Every problem of the file, in order of place.
    pub fn load(name: &str, text: &str) -> Result<MockSpec, Vec<Diagnostic>> {
        load(name, text, read_mock)
    }
}

impl Replies {
    /// Reads replies alone, as they stand under `replies:`; a mapping with that key is fine too.
    ///
    /// # Errors
    /// Every problem of the text, in order of place.
    pub fn load(text: &str) -> Result<Replies, Vec<Diagnostic>> {
        // Clients send JSON, which YAML would mostly read too, but not with tabs between the values.
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        load(if is_json { ".json" } else { "" }, text, read_replacement)
    }
}

fn load<T>(name: &str, text: &str, read: fn(&Item<'_>) -> Option<T>) -> Result<T, Vec<Diagnostic>> {
    let parsed = parse_partial(name, text);
    let reader = Reader::new(&FORMAT);
    for diagnostic in parsed.diagnostics {
        reader.report(diagnostic);
    }
    let value = parsed
        .root
        .as_ref()
        .and_then(|root| read(&reader.root(root)));
    let diagnostics = reader.into_diagnostics();
    match value {
        Some(value) if !diagnostics.iter().any(Diagnostic::is_error) => Ok(value),
        _ => Err(diagnostics),
    }
}

fn read_mock(root: &Item<'_>) -> Option<MockSpec> {
    let map = root.map(MOCK)?.checked();
    let name = map.required("mock").and_then(|item| read_name(&item));
    let env = map.optional("env").map(|item| read_env(&item));
    let sensitive = map
        .optional("sensitive")
        .map(|item| read_sensitive(&item))
        .unwrap_or_default();
    let routes = map.required("routes").and_then(|item| read_routes(&item));
    Some(MockSpec {
        name: name?,
        env: env.flatten(),
        sensitive,
        routes: routes?,
    })
}

fn read_replacement(root: &Item<'_>) -> Option<Replies> {
    match root.node.value {
        NodeValue::Map(_) => read_replies(&root.map(REPLACEMENT)?.checked().required("replies")?),
        _ => read_replies(root),
    }
}

fn read_name(item: &Item<'_>) -> Option<String> {
    let text = item.text()?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    if text.trim().is_empty() || !text.chars().all(plain) {
        let message = format!("`{text}` cannot name a mock");
        item.reader.report(
            item.error(codes::BAD_NAME, message)
                .help("use letters, digits, `-` and `_`"),
        );
        return None;
    }
    Some(text.to_owned())
}

fn read_env(item: &Item<'_>) -> Option<String> {
    let text = item.text()?;
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    if !text.starts_with(|first: char| first.is_ascii_uppercase()) || !text.bytes().all(plain) {
        let help = format!(
            "write the name alone, in capitals, e.g. `PAYMENTS` for `{}`",
            "${env.PAYMENTS}"
        );
        item.reader.report(
            item.error(
                codes::BAD_NAME,
                format!("`{text}` cannot be an environment name"),
            )
            .help(help),
        );
        return None;
    }
    Some(text.to_owned())
}

fn read_sensitive(item: &Item<'_>) -> Vec<String> {
    let names = item.list().unwrap_or_default();
    if names.len() > SENSITIVE_MAX {
        let message = format!("more than {SENSITIVE_MAX} sensitive names");
        item.reader.report(item.error(codes::LIMIT, message));
    }
    names
        .iter()
        .filter_map(Item::text)
        .map(str::to_owned)
        .collect()
}

fn read_routes(item: &Item<'_>) -> Option<Vec<Route>> {
    let items = item.list()?;
    if items.is_empty() {
        item.reader
            .report(item.error(codes::BAD_MOCK, "a mock without routes answers nothing"));
        return None;
    }
    if items.len() > ROUTES_MAX {
        item.reader
            .report(item.error(codes::LIMIT, format!("more than {ROUTES_MAX} routes")));
        return None;
    }
    let mut found: Vec<(Span, Route)> = Vec::new();
    for item in &items {
        let Some((place, route)) = read_route(item) else {
            continue;
        };
        let twin = found
            .iter()
            .find(|(_, known)| known.method == route.method && known.path.same_paths(&route.path));
        if let Some((first, _)) = twin {
            let problem = Diagnostic::error(
                codes::BAD_MOCK,
                place.clone(),
                format!("the route `{route}` stands twice"),
            );
            let help =
                "put the second one's replies behind those of the first, they are used in turn";
            item.reader.report(
                problem
                    .related(first.clone(), "first here")
                    .help(help)
                    .at(item.pointer.clone()),
            );
        }
        found.push((place, route));
    }
    // With a broken route among them the file is refused anyway; the rest was read for its problems.
    (found.len() == items.len()).then(|| found.into_iter().map(|(_, route)| route).collect())
}

/// A route in the short form, `POST /charges: {...}`, or with `method` and `path` as keys.
fn read_route(item: &Item<'_>) -> Option<(Span, Route)> {
    if let Some((head, value)) = short_form(item) {
        let map = value.map(ROUTE)?.checked();
        for extra in ["method", "path"]
            .iter()
            .filter_map(|key| map.optional(key))
        {
            let help = "leave it out, or write `method`, `path` and `replies` side by side";
            extra.reader.report(
                extra
                    .error(codes::BAD_MOCK, "the route is named by its key already")
                    .help(help),
            );
        }
        let named = read_head(item, head);
        let rest = read_rest(&map);
        let (method, path) = named?;
        let (idempotent, per, replies) = rest?;
        return Some((
            head.span.clone(),
            Route {
                method,
                path,
                idempotent,
                per,
                replies,
            },
        ));
    }
    let map = item.map(ROUTE)?.checked();
    let method = map.required("method").and_then(|item| read_method(&item));
    let path = map.required("path").and_then(|item| read_path(&item));
    let (idempotent, per, replies) = read_rest(&map)?;
    Some((
        item.head(),
        Route {
            method: method?,
            path: path?,
            idempotent,
            per,
            replies,
        },
    ))
}

/// The only key of a mapping, when it looks like `METHOD /path` and not like a key of the format.
fn short_form<'n>(item: &Item<'n>) -> Option<(&'n statehold_core::source::Key, Item<'n>)> {
    let NodeValue::Map(entries) = &item.node.value else {
        return None;
    };
    match entries.as_slice() {
        [(key, _)] if key.text.contains([' ', '/']) => item.entries()?.pop(),
        _ => None,
    }
}

fn read_head(item: &Item<'_>, head: &statehold_core::source::Key) -> Option<(Method, PathPattern)> {
    let problem = |message: String| {
        Diagnostic::error(codes::BAD_MOCK, head.span.clone(), message).at(item.pointer.clone())
    };
    let Some((method, path)) = head.text.split_once(' ') else {
        item.reader.report(
            problem(format!("`{}` lacks a method", head.text))
                .help("write it like `POST /charges`"),
        );
        return None;
    };
    let known = METHODS
        .iter()
        .find(|(name, _)| *name == method)
        .map(|(_, method)| method.clone());
    if known.is_none() {
        let names = METHODS.iter().map(|(name, _)| *name);
        let help = match nearest(method, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("possible: {}", names.collect::<Vec<_>>().join(", ")),
        };
        item.reader
            .report(problem(format!("`{method}` is no request method")).help(help));
    }
    let path = PathPattern::new(path.trim())
        .map_err(|message| item.reader.report(problem(message)))
        .ok();
    known.zip(path)
}

fn read_method(item: &Item<'_>) -> Option<Method> {
    let names: Vec<(&str, usize)> = METHODS
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (*name, at))
        .collect();
    item.choice(&names).map(|at| METHODS[at].1.clone())
}

fn read_path(item: &Item<'_>) -> Option<PathPattern> {
    let read = PathPattern::new(item.text()?);
    read.map_err(|message| item.reader.report(item.error(codes::BAD_MOCK, message)))
        .ok()
}

fn read_rest(map: &MapReader<'_>) -> Option<(bool, Per, Replies)> {
    let idempotent = map
        .optional("idempotent")
        .map_or(Some(false), |item| item.boolean());
    let per = map
        .optional("per")
        .map_or(Some(Per::Route), |item| item.choice(PER));
    let replies = map.required("replies").and_then(|item| read_replies(&item));
    Some((idempotent?, per?, replies?))
}
