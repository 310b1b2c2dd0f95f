//! Values of a reply that quote the request: `"${body.amount}"`.
//!
//! A text that is only one `${...}` keeps the type of what it names; inside a longer text the value is
//! written out. What is not there is `null`, or nothing inside a text: a mock must not fail because a
//! client left something out. `$${` stands for a literal `${`. There are no operators and no calls.

use serde_json::Value;

/// Deepest path, in steps, e.g. `body.a[0].b` has three.
const STEPS_MAX: usize = 32;

/// What templates may quote from.
pub(crate) trait Request {
    /// The value of one of [`ROOTS`].
    fn root(&self, root: Root) -> &Value;
}

/// The first word of a quoted path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    Body,
    Path,
    Query,
    Headers,
    Key,
    Call,
}

/// The words a `${...}` may begin with.
const ROOTS: &[(&str, Root)] = &[
    ("body", Root::Body),
    ("path", Root::Path),
    ("query", Root::Query),
    ("headers", Root::Headers),
    ("key", Root::Key),
    ("call", Root::Call),
];

/// A JSON value with places that quote the request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Template {
    /// As its author wrote it.
    source: Value,
    shape: Shape,
}

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Plain(Value),
    Quote(Quote),
    Text(Vec<Part>),
    List(Vec<Shape>),
    Object(Vec<(String, Shape)>),
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Literal(String),
    Quote(Quote),
}

#[derive(Debug, Clone, PartialEq)]
struct Quote {
    root: Root,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Template {
    /// Reads a value; texts in it may hold `${...}`.
    ///
    /// # Errors
    /// A sentence, without a full stop, about the first `${...}` that cannot be read.
    pub(crate) fn new(value: &Value) -> Result<Template, String> {
        Ok(Template {
            source: value.clone(),
            shape: Shape::new(value)?,
        })
    }

    /// A value that quotes nothing, whatever its texts look like.
    pub(crate) fn literal(value: Value) -> Template {
        Template {
            source: value.clone(),
            shape: Shape::Plain(value),
        }
    }

    /// The value as its author wrote it.
    pub(crate) fn source(&self) -> &Value {
        &self.source
    }

    /// The value for one request.
    pub(crate) fn fill(&self, request: &impl Request) -> Value {
        self.shape.fill(request)
    }
}

impl Shape {
    fn new(value: &Value) -> Result<Shape, String> {
        Ok(match value {
            Value::String(text) => text_shape(text)?,
            Value::Array(items) => {
                Shape::List(items.iter().map(Shape::new).collect::<Result<_, _>>()?)
            }
            Value::Object(entries) => {
                let entry = |(key, value): (&String, &Value)| Ok((key.clone(), Shape::new(value)?));
                Shape::Object(entries.iter().map(entry).collect::<Result<_, String>>()?)
            }
            plain => Shape::Plain(plain.clone()),
        })
    }

    fn fill(&self, request: &impl Request) -> Value {
        match self {
            Shape::Plain(value) => value.clone(),
            Shape::Quote(quote) => quote.find(request),
            Shape::Text(parts) => Value::String(fill_text(parts, request)),
            Shape::List(items) => items.iter().map(|item| item.fill(request)).collect(),
            Shape::Object(entries) => {
                let filled = entries
                    .iter()
                    .map(|(key, value)| (key.clone(), value.fill(request)));
                Value::Object(filled.collect())
            }
        }
    }
}

impl Quote {
    fn find<'r>(&self, request: &'r impl Request) -> Value {
        let step = |value: &'r Value, step: &Step| match step {
            Step::Key(key) => value.get(key.as_str()),
            Step::Index(index) => value.get(*index),
        };
        self.steps
            .iter()
            .try_fold(request.root(self.root), step)
            .cloned()
            .unwrap_or(Value::Null)
    }
}

/// A value as it stands inside a text: texts without quotes, nothing for `null`.
pub(crate) fn plain_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn fill_text(parts: &[Part], request: &impl Request) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Quote(quote) => text.push_str(&plain_text(&quote.find(request))),
        }
    }
    text
}

fn text_shape(text: &str) -> Result<Shape, String> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, quoted) = (&rest[..at], &rest[at + 2..]);
        if let Some(before) = before.strip_suffix('$') {
            literal.push_str(before);
            literal.push_str("${");
            rest = quoted;
            continue;
        }
        let Some((inside, after)) = quoted.split_once('}') else {
            return Err(format!("`${{{quoted}` is not closed"));
        };
        literal.push_str(before);
        if !literal.is_empty() {
            parts.push(Part::Literal(std::mem::take(&mut literal)));
        }
        parts.push(Part::Quote(quote(inside)?));
        rest = after;
    }
    literal.push_str(rest);
    if parts.is_empty() {
        return Ok(Shape::Plain(Value::String(literal)));
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(match parts.as_slice() {
        [Part::Quote(quote)] => Shape::Quote(quote.clone()),
        _ => Shape::Text(parts),
    })
}

fn quote(inside: &str) -> Result<Quote, String> {
    let inside = inside.trim();
    let length = inside.find(['.', '[']).unwrap_or(inside.len());
    let (word, mut rest) = inside.split_at(length);
    let Some((_, root)) = ROOTS.iter().find(|(known, _)| *known == word) else {
        let known: Vec<&str> = ROOTS.iter().map(|(known, _)| *known).collect();
        return Err(format!(
            "`${{{inside}}}` begins with none of {}",
            known.join(", ")
        ));
    };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, after) = step(rest).ok_or_else(|| unreadable(inside))?;
        steps.push(step);
        rest = after;
        if steps.len() > STEPS_MAX {
            return Err(format!("`${{{inside}}}` has more than {STEPS_MAX} steps"));
        }
    }
    Ok(Quote { root: *root, steps })
}

/// Reads `.name`, `[0]` or `["name"]` and returns what follows.
fn step(text: &str) -> Option<(Step, &str)> {
    if let Some(rest) = text.strip_prefix('.') {
        let length = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(length);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        return (!name.is_empty() && name.bytes().all(plain))
            .then(|| (Step::Key(name.to_owned()), after));
    }
    let (inside, after) = text.strip_prefix('[')?.split_once(']')?;
    if let Ok(index) = inside.parse() {
        return Some((Step::Index(index), after));
    }
    let name = ['"', '\'']
        .iter()
        .find_map(|quote| inside.strip_prefix(*quote)?.strip_suffix(*quote))?;
    Some((Step::Key(name.to_owned()), after))
}

fn unreadable(inside: &str) -> String {
    format!(
        "`${{{inside}}}` is no path such as `${{body.items[0].id}}` or `${{headers[\"x-name\"]}}`"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Asked(Value);

    impl Request for Asked {
        fn root(&self, root: Root) -> &Value {
            match root {
                Root::Body => &self.0["body"],
                Root::Headers => &self.0["headers"],
                Root::Key => &self.0["key"],
                Root::Call => &self.0["call"],
                Root::Path | Root::Query => &self.0["path"],
            }
        }
    }

    fn asked() -> Asked {
        Asked(json!({
            "body": {"amount": 12.5, "items": [{"id": "a"}], "odd key": true},
            "headers": {"x-name": "Ann"},
            "key": "k1",
            "call": 3,
            "path": {"id": "7"},
        }))
    }

    #[track_caller]
    fn check(template: &Value, filled: &Value) {
        assert_eq!(
            Template::new(template)
                .expect("a good template")
                .fill(&asked()),
            *filled
        );
    }

    #[test]
    fn a_lone_quote_keeps_its_type() {
        check(&json!("${body.amount}"), &json!(12.5));
        check(&json!("${ body.items }"), &json!([{"id": "a"}]));
        check(&json!({"a": ["${call}"]}), &json!({"a": [3]}));
    }

    #[test]
    fn a_quote_inside_a_text_is_written_out() {
        check(&json!("ch_${key}-${call}"), &json!("ch_k1-3"));
        check(
            &json!("${body.items[0].id}${headers[\"x-name\"]}"),
            &json!("aAnn"),
        );
        check(&json!("is ${body['odd key']}"), &json!("is true"));
    }

    #[test]
    fn what_is_absent_is_null_or_nothing() {
        check(&json!("${body.items[9].id}"), &Value::Null);
        check(&json!("${body.amount.x}"), &Value::Null);
        check(&json!("[${query.gone}]"), &json!("[]"));
    }

    #[test]
    fn a_doubled_dollar_is_literal() {
        check(&json!("$${key} costs $5"), &json!("${key} costs $5"));
        check(&json!("$$${key}"), &json!("$${key}"));
    }

    #[test]
    fn unreadable_quotes_are_refused() {
        for text in [
            "${",
            "${body",
            "${}",
            "${env.X}",
            "${body.}",
            "${body..a}",
            "${body[x]}",
            "${body a}",
            "${body[0}",
        ] {
            assert!(Template::new(&json!({ "a": [text] })).is_err(), "{text}");
        }
        let deep = format!("${{body{}}}", ".a".repeat(STEPS_MAX + 1));
        assert!(Template::new(&json!(deep)).is_err());
    }
}
