//! One token after the other: where it ends, and what is no token of this language.

use super::super::ExprError;
use super::{Token, TokenKind};

pub(super) struct Scanner<'s> {
    source: &'s str,
    position: usize,
    pub(super) list: Vec<Token>,
}

impl<'s> Scanner<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self {
            source,
            position: 0,
            list: Vec::new(),
        }
    }

    /// The next token; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token>, ExprError> {
        self.skip_blank();
        let start = self.position;
        let rest = &self.source[start..];
        let Some(first) = rest.chars().next() else {
            return Ok(None);
        };
        let (kind, length) = match first {
            '(' | '[' | '{' => (TokenKind::Open, 1),
            ')' | ']' | '}' => (TokenKind::Close, 1),
            '"' | '\'' => (TokenKind::Text, self.text_length(rest, 0)?),
            '`' => (TokenKind::Name, self.escaped_name_length(rest)?),
            '0'..='9' => (TokenKind::Number, number_length(rest)),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) && !self.after_operand() => {
                (TokenKind::Number, number_length(rest))
            }
            'a'..='z' | 'A'..='Z' | '_' => {
                let name = name_length(rest);
                let is_prefix = name <= 2
                    && rest[..name].bytes().all(|byte| b"rRbB".contains(&byte))
                    && rest[name..].starts_with(['"', '\'']);
                if is_prefix {
                    (TokenKind::Text, self.text_length(rest, name)?)
                } else {
                    (TokenKind::Name, name)
                }
            }
            _ => (TokenKind::Mark, self.mark_length(rest, first)?),
        };
        self.position += length;
        Ok(Some(Token {
            kind,
            range: start..self.position,
            partner: 0,
        }))
    }

    fn after_operand(&self) -> bool {
        self.list
            .last()
            .is_some_and(|token| !matches!(token.kind, TokenKind::Mark | TokenKind::Open))
    }

    /// White space and `// comments`.
    fn skip_blank(&mut self) {
        loop {
            let rest = &self.source[self.position..];
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
            self.position += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.position += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    /// Length of a text literal whose prefix (`r`, `b`) has `prefix` bytes.
    fn text_length(&self, rest: &str, prefix: usize) -> Result<usize, ExprError> {
        let start = self.position;
        let literal = &rest[prefix..];
        if rest[..prefix]
            .bytes()
            .any(|byte| byte.eq_ignore_ascii_case(&b'b'))
        {
            return Err(
                ExprError::syntax(start..start + prefix, "bytes are not supported")
                    .help("use text"),
            );
        }
        let raw = prefix > 0;
        let quote = &literal[..1];
        let triple = quote.repeat(3);
        let (mark, multiline) = if literal.starts_with(&triple) {
            (triple.as_str(), true)
        } else {
            (quote, false)
        };
        let mut position = mark.len();
        while position < literal.len() {
            let here = &literal[position..];
            if here.starts_with(mark) {
                return Ok(prefix + position + mark.len());
            }
            let mut chars = here.chars();
            match chars.next() {
                Some('\n') if !multiline => break,
                Some('\\') if !raw => {
                    position += 1 + chars.next().map_or(0, char::len_utf8);
                }
                Some(other) => position += other.len_utf8(),
                None => break,
            }
        }
        Err(ExprError::syntax(
            start..start + prefix + mark.len(),
            format!("the text that begins with {mark} never ends"),
        ))
    }

    fn escaped_name_length(&self, rest: &str) -> Result<usize, ExprError> {
        match rest[1..].find('`') {
            Some(length) => Ok(length + 2),
            None => Err(ExprError::syntax(
                self.position..self.position + 1,
                "the name that begins with ` never ends",
            )),
        }
    }

    fn mark_length(&self, rest: &str, first: char) -> Result<usize, ExprError> {
        let range = |length: usize| self.position..self.position + length;
        let wrong = |length: usize, help: &str| {
            let text = &rest[..length];
            Err(ExprError::syntax(range(length), format!("`{text}` is not an operator")).help(help))
        };
        if rest.starts_with("===") || rest.starts_with("!==") {
            return wrong(3, "values are compared with `==` and `!=`");
        }
        if rest.starts_with("=>") || rest.starts_with("->") {
            return wrong(
                2,
                "there are no functions of one's own; write `list.map(x, x + 1)`",
            );
        }
        let double = ["==", "!=", "<=", ">=", "&&", "||"];
        if double.iter().any(|mark| rest.starts_with(mark)) {
            return Ok(2);
        }
        if rest.starts_with("**") {
            return wrong(2, "there is no power; multiply");
        }
        match first {
            '=' => wrong(1, "values are compared with `==`"),
            '&' => wrong(1, "write `&&`"),
            '|' => wrong(1, "write `||`"),
            '^' | '~' => wrong(1, "there are no operators on bits"),
            '<' | '>' | '!' | '+' | '-' | '*' | '/' | '%' | '?' | ':' | ',' | '.' => Ok(1),
            '$' if rest.starts_with("${") => Err(ExprError::syntax(
                range(2),
                "`${` is only for text with expressions inside",
            )
            .help("write the expression alone")),
            '“' | '”' | '‘' | '’' => Err(ExprError::syntax(
                range(first.len_utf8()),
                "a typographic quote",
            )
            .help("text stands in straight quotes: 'like this'")),
            other => Err(ExprError::syntax(
                range(other.len_utf8()),
                format!("`{}` has no meaning here", other.escape_default()),
            )),
        }
    }
}

fn name_length(rest: &str) -> usize {
    rest.bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count()
}

/// Digits, a fraction, an exponent with its sign, and suffixes; the parser judges what is a number.
fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let hex = rest.starts_with("0x") || rest.starts_with("0X");
    let mut length = 0;
    while let Some(byte) = bytes.get(length) {
        let exponent = !hex && length > 0 && matches!(bytes[length - 1], b'e' | b'E');
        let fraction = *byte == b'.' && bytes.get(length + 1).is_some_and(u8::is_ascii_digit);
        if byte.is_ascii_alphanumeric() || fraction || (exponent && matches!(byte, b'+' | b'-')) {
            length += 1;
        } else {
            break;
        }
    }
    length
}
