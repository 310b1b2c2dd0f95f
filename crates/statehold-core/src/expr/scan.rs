//! Tokens of an expression, before the parser sees it: bounds its depth, finds unbalanced brackets and habits of other
//! languages (`=`, `and`), and gives nodes and errors their places in the text.

use std::ops::Range;

use super::{DEPTH_MAX, ExprError, SOURCE_BYTES_MAX, TOKENS_MAX};

const SPLIT_HELP: &str = "split it into several named guards";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Name,
    Number,
    Text,
    Open,
    Close,
    /// An operator or mark; which one is read from the source.
    Mark,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) range: Range<usize>,
    /// For a bracket: index of the one that belongs to it.
    pub(super) partner: usize,
}

/// The tokens of a source that is short enough, balanced, and not too deep.
#[derive(Debug)]
pub(super) struct Tokens<'s> {
    pub(super) source: &'s str,
    pub(super) list: Vec<Token>,
}

impl<'s> Tokens<'s> {
    pub(super) fn scan(source: &'s str) -> Result<Self, ExprError> {
        if source.len() > SOURCE_BYTES_MAX {
            return Err(ExprError::new(
                0..source.len(),
                format!("the expression is longer than {SOURCE_BYTES_MAX} bytes"),
            )
            .help(SPLIT_HELP));
        }
        let mut scanner = Scanner {
            source,
            position: 0,
            list: Vec::new(),
        };
        while let Some(token) = scanner.next()? {
            if scanner.list.len() == TOKENS_MAX {
                return Err(ExprError::new(
                    token.range,
                    format!("the expression has more than {TOKENS_MAX} parts"),
                )
                .help(SPLIT_HELP));
            }
            scanner.list.push(token);
        }
        let mut tokens = Self {
            source,
            list: scanner.list,
        };
        tokens.pair_brackets()?;
        tokens.check_depth()?;
        Ok(tokens)
    }

    pub(super) fn text(&self, token: &Token) -> &'s str {
        &self.source[token.range.clone()]
    }

    /// Index of the token at or after this byte; the number of tokens if there is none.
    pub(super) fn index_at(&self, byte: usize) -> usize {
        self.list.partition_point(|token| token.range.end <= byte)
    }

    fn pair_brackets(&mut self) -> Result<(), ExprError> {
        let mut open: Vec<usize> = Vec::new();
        for index in 0..self.list.len() {
            match self.list[index].kind {
                TokenKind::Open => open.push(index),
                TokenKind::Close => {
                    let close = self.text(&self.list[index]);
                    let range = self.list[index].range.clone();
                    let Some(opened) = open.pop() else {
                        return Err(ExprError::new(range, format!("`{close}` closes nothing")));
                    };
                    let bracket = self.text(&self.list[opened]);
                    if !matches!((bracket, close), ("(", ")") | ("[", "]") | ("{", "}")) {
                        return Err(ExprError::new(
                            range,
                            format!("`{close}` does not close the `{bracket}` before it"),
                        ));
                    }
                    self.list[opened].partner = index;
                    self.list[index].partner = opened;
                }
                _ => {}
            }
        }
        match open.pop() {
            None => Ok(()),
            Some(index) => {
                let token = &self.list[index];
                let message = format!("`{}` is never closed", self.text(token));
                Err(ExprError::new(token.range.clone(), message))
            }
        }
    }

    /// An upper bound of the depth of the tree, without building it.
    fn check_depth(&self) -> Result<(), ExprError> {
        let mut levels = vec![Level::default()];
        let mut before: Option<&Token> = None;
        for token in &self.list {
            let Some(level) = levels.last_mut() else {
                break;
            };
            match token.kind {
                TokenKind::Open => levels.push(Level::default()),
                TokenKind::Close => {
                    let inside = level.total();
                    levels.pop();
                    if let Some(outside) = levels.last_mut() {
                        outside.operand.links += usize::from(!self.only_groups(token.partner));
                        outside.operand.inside = outside.operand.inside.max(inside);
                    }
                }
                TokenKind::Mark => {
                    let after_operand = before.is_some_and(|before| self.ends_operand(before));
                    level.mark(self.text(token), after_operand);
                }
                TokenKind::Name if self.text(token) == "in" => level.binary(),
                TokenKind::Name | TokenKind::Number | TokenKind::Text => {}
            }
            let deep = levels.len() > DEPTH_MAX
                || levels.last().is_some_and(|level| level.total() > DEPTH_MAX);
            if deep {
                return Err(ExprError::new(
                    token.range.clone(),
                    format!("the expression nests deeper than {DEPTH_MAX} levels here"),
                )
                .help("split it into several named guards, or use sum(), all() or exists() over a list"));
            }
            before = Some(token);
        }
        Ok(())
    }

    /// Whether the bracket that opens here is `(a + b)`, which is no node, rather than a call, index, list or map.
    fn only_groups(&self, open: usize) -> bool {
        let before = open.checked_sub(1).and_then(|index| self.list.get(index));
        self.text(&self.list[open]) == "(" && !before.is_some_and(|before| self.ends_operand(before))
    }

    fn ends_operand(&self, token: &Token) -> bool {
        match token.kind {
            TokenKind::Name => self.text(token) != "in",
            TokenKind::Number | TokenKind::Text | TokenKind::Close => true,
            TokenKind::Open | TokenKind::Mark => false,
        }
    }
}

/// Depth of what stands between two brackets (or commas): each part holds the deepest seen so far.
#[derive(Default)]
struct Level {
    /// Deepest of the parts before a comma or colon.
    done: usize,
    conditionals: usize,
    /// `&&` and `||`, which the parser balances.
    logic: usize,
    /// Deepest of the terms between them.
    term: usize,
    binaries: usize,
    /// Deepest of the operands between binary operators.
    operand_max: usize,
    operand: Operand,
}

#[derive(Default)]
struct Operand {
    /// Members, indexes, calls and unary operators.
    links: usize,
    /// Deepest bracket.
    inside: usize,
}

impl Level {
    fn mark(&mut self, mark: &str, after_operand: bool) {
        match mark {
            "." => self.operand.links += 1,
            "!" => self.operand.links += 1,
            "-" if !after_operand => self.operand.links += 1,
            "&&" | "||" => {
                self.end_term();
                self.logic += 1;
            }
            "?" if after_operand => {
                self.end_logic();
                self.conditionals += 1;
            }
            "?" => {}
            ":" => self.end_logic(),
            "," => {
                self.end_logic();
                self.conditionals = 0;
            }
            _ => self.binary(),
        }
    }

    fn binary(&mut self) {
        self.operand_max = self.operand_now();
        self.operand = Operand::default();
        self.binaries += 1;
    }

    fn end_term(&mut self) {
        self.term = self.term_now();
        self.binaries = 0;
        self.operand_max = 0;
        self.operand = Operand::default();
    }

    fn end_logic(&mut self) {
        self.done = self.total();
        self.end_term();
        self.term = 0;
        self.logic = 0;
    }

    fn operand_now(&self) -> usize {
        self.operand_max
            .max(self.operand.links + self.operand.inside.max(1))
    }

    fn term_now(&self) -> usize {
        self.term.max(self.binaries + self.operand_now())
    }

    fn total(&self) -> usize {
        // Each of the two logic operators forms a balanced tree of its own.
        let logic = match self.logic {
            0 => 0,
            count => 2 * (count.ilog2() as usize + 1),
        };
        self.done
            .max(self.conditionals + logic + self.term_now())
    }
}

struct Scanner<'s> {
    source: &'s str,
    position: usize,
    list: Vec<Token>,
}

impl Scanner<'_> {
    fn next(&mut self) -> Result<Option<Token>, ExprError> {
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
        self.list.last().is_some_and(|token| {
            !matches!(token.kind, TokenKind::Mark | TokenKind::Open)
        })
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
        if rest[..prefix].bytes().any(|byte| byte.eq_ignore_ascii_case(&b'b')) {
            return Err(ExprError::new(start..start + prefix, "bytes are not supported")
                .help("use text"));
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
        Err(ExprError::new(
            start..start + prefix + mark.len(),
            format!("the text that begins with {mark} never ends"),
        ))
    }

    fn escaped_name_length(&self, rest: &str) -> Result<usize, ExprError> {
        match rest[1..].find('`') {
            Some(length) => Ok(length + 2),
            None => Err(ExprError::new(
                self.position..self.position + 1,
                "the name that begins with ` never ends",
            )),
        }
    }

    fn mark_length(&self, rest: &str, first: char) -> Result<usize, ExprError> {
        let range = |length: usize| self.position..self.position + length;
        let wrong = |length: usize, help: &str| {
            let text = &rest[..length];
            Err(ExprError::new(range(length), format!("`{text}` is not an operator")).help(help))
        };
        if rest.starts_with("===") || rest.starts_with("!==") {
            return wrong(3, "values are compared with `==` and `!=`");
        }
        if rest.starts_with("=>") || rest.starts_with("->") {
            return wrong(2, "there are no functions of one's own; write `list.map(x, x + 1)`");
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
            '$' if rest.starts_with("${") => Err(ExprError::new(
                range(2),
                "`${` is only for text with expressions inside",
            )
            .help("write the expression alone")),
            '“' | '”' | '‘' | '’' => Err(ExprError::new(
                range(first.len_utf8()),
                "a typographic quote",
            )
            .help("text stands in straight quotes: 'like this'")),
            other => Err(ExprError::new(
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
        let fraction =
            *byte == b'.' && bytes.get(length + 1).is_some_and(u8::is_ascii_digit);
        if byte.is_ascii_alphanumeric() || fraction || (exponent && matches!(byte, b'+' | b'-')) {
            length += 1;
        } else {
            break;
        }
    }
    length
}
