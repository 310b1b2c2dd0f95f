//! Expressions of SCXML documents, rewritten into ours token by token.
//!
//! Variables become context fields, `In('x')` becomes `in_state` with the state's path, the system variables become
//! what they stand for, and the operators of ECMAScript that have another spelling here are respelled. What is left is
//! tried as it is; an expression that still does not compile becomes one that fails whenever it is evaluated, because
//! that is what a document that runs elsewhere expects of it.

use statehold_core::expr::Expr;

use super::EVENT_FIELD;

/// What names of an expression stand for.
pub(super) struct Names<'a> {
    /// Name of the document.
    pub(super) document: &'a str,
    /// Path of the state with this id.
    pub(super) path_of: &'a dyn Fn(&str) -> Option<String>,
    /// What `_event` stands for.
    pub(super) event: EventWords,
}

/// What `_event` and what is asked of it stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventWords {
    /// Every field of it, whatever made the event.
    Whole,
    /// `event.type` and `event.input`; other fields have no words.
    Input,
    /// `event.type` and `event.output`, for the end of a state.
    Output,
}

/// A rewritten expression.
pub(super) struct Rewritten {
    pub(super) expr: Expr,
    /// Why it can only fail.
    pub(super) broken: Option<String>,
}

/// Rewrites an expression.
pub(super) fn rewrite(source: &str, names: &Names<'_>) -> Rewritten {
    match Expr::compile(&respell(source, names)) {
        Ok(expr) => Rewritten { expr, broken: None },
        Err(error) => Rewritten {
            expr: failing(),
            broken: Some(format!("`{source}` is not an expression here: {error}")),
        },
    }
}

/// An expression that fails whenever it is evaluated: nothing has this name.
pub(super) fn failing() -> Expr {
    compiled("unusable_expression")
}

/// An expression of our own.
pub(super) fn compiled(source: &str) -> Expr {
    Expr::compile(source).expect("our own expression compiles")
}

/// Where this entity receives events, in the words of the SCXML event processor.
pub(super) const LOCATION: &str = "('#_scxml_' + entity.id)";

/// `_event`: what an event carries if a chart of ours or a harness made it; else what is known of events that the
/// interpreter makes. Unbound until the first event, as the recommendation demands.
fn event() -> String {
    format!(
        "(has(event.input.{EVENT_FIELD}) ? event.input.{EVENT_FIELD} : event.type == 'create' ? null : \
         {{'name': event.type, 'type': 'platform', 'sendid': null, 'origin': null, 'origintype': null, \
         'invokeid': null, 'data': event.?output.orValue(null)}})"
    )
}

fn io_processors() -> String {
    format!("{{'scxml': {{'location': {LOCATION}}}}}")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Text,
    Number,
    Sign,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind,
    pub(super) text: &'s str,
}

/// The words of an expression in our spelling, whether or not that makes an expression of ours.
pub(super) fn respell(source: &str, names: &Names<'_>) -> String {
    let tokens = tokens(source);
    let mut out = String::with_capacity(source.len() + 16);
    let mut at = 0;
    while at < tokens.len() {
        let token = tokens[at];
        let before = at.checked_sub(1).map(|at| tokens[at].text);
        // For people to read on, charts are written without blanks that say nothing.
        let is_tight = names.event != EventWords::Whole && stands_tight(before, token);
        if !out.is_empty() && !is_tight {
            out.push(' ');
        }
        let after = tokens.get(at + 1).map(|token| token.text);
        match token.kind {
            Kind::Sign => out.push_str(match token.text {
                "===" => "==",
                "!==" => "!=",
                other => other,
            }),
            Kind::Name if token.text == "In" && after == Some("(") && before != Some(".") => {
                at += respell_in(&tokens[at..], names, &mut out);
            }
            Kind::Name
                if token.text == "_event"
                    && before != Some(".")
                    && names.event != EventWords::Whole =>
            {
                at += respell_event(&tokens[at..], names.event, &mut out);
            }
            Kind::Name => respell_name(token.text, before, after, names, &mut out),
            Kind::Text | Kind::Number => out.push_str(token.text),
        }
        at += 1;
    }
    out
}

/// Whether no blank belongs before a token.
fn stands_tight(before: Option<&str>, token: Token<'_>) -> bool {
    let follows_word = before.is_some_and(|text| text.ends_with(is_name_part));
    let opens = matches!(token.text, "(" | "[") && (follows_word || before == Some(")"));
    opens
        || matches!(token.text, "." | ")" | "]" | "," | ":" | "}")
        || matches!(before, Some("." | "(" | "[" | "!" | "{"))
}

/// `In('id')`; returns how many tokens after the first it took.
fn respell_in(tokens: &[Token<'_>], names: &Names<'_>, out: &mut String) -> usize {
    let id = tokens.get(2).filter(|token| token.kind == Kind::Text);
    let ends = tokens.get(3).is_some_and(|token| token.text == ")");
    let Some(id) = id.filter(|_| ends) else {
        out.push_str("in_state");
        return 0;
    };
    let id = &id.text[1..id.text.len() - 1];
    let path = (names.path_of)(id).unwrap_or_else(|| id.to_owned());
    out.push_str(&format!("in_state('{path}')"));
    3
}

/// `_event.name` and `_event.data`; returns how many tokens after the first it took. What is left alone names nothing.
fn respell_event(tokens: &[Token<'_>], words: EventWords, out: &mut String) -> usize {
    let is_member = tokens.get(1).is_some_and(|token| token.text == ".");
    let field = tokens.get(2).filter(|_| is_member).map(|token| token.text);
    out.push_str(match (field, words) {
        (Some("name"), _) => "event.type",
        (Some("data"), EventWords::Output) => "event.output",
        (Some("data"), _) => "event.input",
        _ => {
            out.push_str("_event");
            return 0;
        }
    });
    2
}

/// Words that are no variables: values and operators of both languages, and words of programs, which expressions have
/// no use for and refuse.
const KEYWORDS: [&str; 20] = [
    "true", "false", "null", "in", "break", "const", "continue", "delete", "else", "for",
    "function", "if", "let", "new", "return", "this", "typeof", "var", "void", "while",
];

fn respell_name(
    name: &str,
    before: Option<&str>,
    after: Option<&str>,
    names: &Names<'_>,
    out: &mut String,
) {
    let is_member = before == Some(".");
    let is_called = after == Some("(");
    let is_key = after == Some(":") && matches!(before, Some("{" | ","));
    if is_key {
        out.push_str(&format!("'{name}'"));
    } else if is_member || is_called || KEYWORDS.contains(&name) {
        out.push_str(name);
    } else {
        out.push_str(&match name {
            "undefined" => "null".to_owned(),
            "_event" => event(),
            "_sessionid" => "entity.id".to_owned(),
            "_name" => quoted(names.document),
            "_ioprocessors" => io_processors(),
            variable => format!("ctx.{variable}"),
        });
    }
}

/// A text as our expressions write it.
pub(super) fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{escaped}'")
}

/// The tokens of an expression of either language.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = source.trim_start();
    while let Some(first) = rest.chars().next() {
        let (kind, length) = match first {
            '\'' | '"' => (Kind::Text, text_length(rest, first)),
            c if is_name_start(c) => (Kind::Name, run_length(rest, is_name_part)),
            c if c.is_ascii_digit() => (
                Kind::Number,
                run_length(rest, |c| c.is_ascii_alphanumeric() || c == '.'),
            ),
            _ => (Kind::Sign, sign_length(rest, first)),
        };
        let (text, more) = rest.split_at(length);
        tokens.push(Token { kind, text });
        rest = more.trim_start();
    }
    tokens
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | '$')
}

fn is_name_part(c: char) -> bool {
    is_name_start(c) || c.is_ascii_digit()
}

fn run_length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn text_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

fn sign_length(text: &str, first: char) -> usize {
    ["===", "!==", "==", "!=", "<=", ">=", "&&", "||"]
        .iter()
        .find(|sign| text.starts_with(**sign))
        .map_or(first.len_utf8(), |sign| sign.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respelled(source: &str) -> String {
        let path_of = |id: &str| (id == "b1").then(|| "b.b1".to_owned());
        respell(
            source,
            &Names {
                document: "it's",
                path_of: &path_of,
                event: EventWords::Whole,
            },
        )
    }

    #[test]
    fn names_become_fields_and_operators_are_respelled() {
        assert_eq!(respelled("x===1&&!y"), "ctx.x == 1 && ! ctx.y");
        assert_eq!(respelled("a.b !== 'x === y'"), "ctx.a . b != 'x === y'");
        assert_eq!(respelled("size(xs) > 2"), "size ( ctx.xs ) > 2");
        assert_eq!(
            respelled("{p: q, r: undefined}"),
            "{ 'p' : ctx.q , 'r' : null }"
        );
    }

    #[test]
    fn states_are_asked_for_by_path() {
        assert_eq!(
            respelled("In('b1') || In(\"zz\")"),
            "in_state('b.b1') || in_state('zz')"
        );
        assert_eq!(respelled("_name == _sessionid"), r"'it\'s' == entity.id");
    }

    #[test]
    fn fields_of_events_have_words_of_their_own_in_charts() {
        let path_of = |_: &str| None;
        let names = Names {
            document: "d",
            path_of: &path_of,
            event: EventWords::Output,
        };
        assert_eq!(
            respell("_event.name == 'x' && _event.data.y", &names),
            "event.type == 'x' && event.output.y"
        );
        assert_eq!(respell("_event.sendid", &names), "_event.sendid");
    }
}
