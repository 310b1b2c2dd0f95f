//! Guards: the part of Symfony's expression language that means the same in an expression here.

use statehold_core::expr::Expr;

use super::place::snake;
use crate::draft::slug;

/// Longest guard that is looked at, in bytes.
const GUARD_BYTES_MAX: usize = 1_000;

/// A guard that was rewritten.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rewritten {
    pub(super) source: String,
    /// Fields of the subject, which are fields of the context now.
    pub(super) fields: Vec<String>,
    /// It asks for roles.
    pub(super) has_roles: bool,
}

/// Rewrites a guard; none if it holds anything that is not certain to mean the same.
pub(super) fn rewrite(text: &str) -> Option<Rewritten> {
    if text.len() > GUARD_BYTES_MAX {
        return None;
    }
    let tokens = tokens(text)?;
    let mut out = Rewritten {
        source: String::new(),
        fields: Vec::new(),
        has_roles: false,
    };
    let mut rest = tokens.as_slice();
    while !rest.is_empty() {
        rest = step(rest, &mut out)?;
    }
    let source = out.source.trim().to_owned();
    out.source = source;
    Expr::compile(&out.source).is_ok().then_some(out)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Number(String),
    Sign(String),
}

/// Takes one thing off the tokens and writes what it is here.
fn step<'t>(tokens: &'t [Token], out: &mut Rewritten) -> Option<&'t [Token]> {
    let (first, rest) = tokens.split_first()?;
    match first {
        Token::Text(text) => out.source.push_str(&crate::draft::quoted(text)),
        Token::Number(number) => out.source.push_str(number),
        Token::Sign(sign) => match sign.as_str() {
            "===" => out.source.push_str(" == "),
            "!==" => out.source.push_str(" != "),
            "(" | ")" | "[" | "]" | "!" => out.source.push_str(sign),
            "," => out.source.push_str(", "),
            "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||" => {
                out.source.push(' ');
                out.source.push_str(sign);
                out.source.push(' ');
            }
            _ => return None,
        },
        Token::Word(word) => return self::word(word, rest, out),
    }
    Some(rest)
}

fn word<'t>(word: &str, rest: &'t [Token], out: &mut Rewritten) -> Option<&'t [Token]> {
    let is = |at: usize, sign: &str| rest.get(at) == Some(&Token::Sign(sign.to_owned()));
    match word {
        "and" => out.source.push_str(" && "),
        "or" => out.source.push_str(" || "),
        "not" => out.source.push('!'),
        "in" => out.source.push_str(" in "),
        "true" | "false" | "null" => out.source.push_str(word),
        "is_granted" => {
            let (true, Some(Token::Text(role)), true) = (is(0, "("), rest.get(1), is(2, ")"))
            else {
                return None;
            };
            let role = crate::draft::quoted(role);
            out.source.push_str(&format!("has_role({role})"));
            out.has_roles = true;
            return rest.get(3..);
        }
        "subject" => {
            let (true, Some(Token::Word(name))) = (is(0, "."), rest.get(1)) else {
                return None;
            };
            let is_call = is(2, "(");
            if is_call && !is(3, ")") {
                return None;
            }
            let field = field(name, is_call)?;
            out.source.push_str(&format!("ctx.{field}"));
            if !out.fields.contains(&field) {
                out.fields.push(field);
            }
            let rest = rest.get(if is_call { 4 } else { 2 }..)?;
            // What a field holds is not known, so nothing further inside is.
            return (rest.first() != Some(&Token::Sign(".".to_owned()))).then_some(rest);
        }
        _ => return None,
    }
    Some(rest)
}

/// `getTotal()` and `isPaid()` are about the fields `total` and `paid`.
fn field(name: &str, is_call: bool) -> Option<String> {
    let bare = if is_call {
        let starts_a_word = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_uppercase());
        ["get", "is", "has"]
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix).filter(starts_a_word))?
    } else {
        name
    };
    Some(snake(bare)).filter(|field| slug(field, "") == *field)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let length = match c {
            'a'..='z' | 'A'..='Z' | '_' => {
                let end = rest
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                end
            }
            '0'..='9' => {
                let end = rest
                    .find(|c: char| !c.is_ascii_digit() && c != '.')
                    .unwrap_or(rest.len());
                tokens.push(Token::Number(rest[..end].to_owned()));
                end
            }
            '\'' | '"' => {
                let end = rest[1..].find(c)? + 1;
                let inner = &rest[1..end];
                if inner.contains('\\') {
                    return None;
                }
                tokens.push(Token::Text(inner.to_owned()));
                end + 1
            }
            _ => {
                let signs = ["===", "!==", "==", "!=", "<=", ">=", "&&", "||"];
                let length = signs
                    .iter()
                    .find(|sign| rest.starts_with(**sign))
                    .map_or(c.len_utf8(), |sign| sign.len());
                tokens.push(Token::Sign(rest[..length].to_owned()));
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_is_rewritten() {
        for (guard, source) in [
            ("is_granted('ROLE_ADMIN')", "has_role('ROLE_ADMIN')"),
            (
                "is_granted(\"A\") and subject.total >= 100",
                "has_role('A') && ctx.total >= 100",
            ),
            (
                "not subject.isPaid() or subject.getOrderState() === 'new'",
                "!ctx.paid || ctx.order_state == 'new'",
            ),
            ("subject.kind in ['a', 'b']", "ctx.kind in ['a', 'b']"),
            ("!!true", "!!true"),
        ] {
            assert_eq!(
                rewrite(guard).map(|done| done.source).as_deref(),
                Some(source),
                "{guard}"
            );
        }
    }

    #[test]
    fn what_may_mean_something_else_is_not() {
        for guard in [
            "is_granted('EDIT', subject)",
            "subject.customer.name == 'x'",
            "subject.total * 2 > 3",
            "user.isAdmin()",
            "is_fully_authenticated()",
            "subject.name matches '/x/'",
            "'it\\'s'",
            "subject",
            "a ? b : c",
            "((",
        ] {
            assert_eq!(rewrite(guard), None, "{guard}");
        }
    }
}
