//! Tokens of an expression, before the parser sees it: bounds its depth, finds unbalanced brackets and habits of other
//! languages (`=`, `and`), and gives nodes and errors their places in the text.

mod depth;
mod scanner;

use std::ops::Range;

use super::{ExprError, SOURCE_BYTES_MAX, TOKENS_MAX};
use scanner::Scanner;

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
            return Err(ExprError::too_large(
                0..source.len(),
                format!("the expression is longer than {SOURCE_BYTES_MAX} bytes"),
            )
            .help(SPLIT_HELP));
        }
        let mut scanner = Scanner::new(source);
        while let Some(token) = scanner.next()? {
            if scanner.list.len() == TOKENS_MAX {
                return Err(ExprError::too_large(
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
                        return Err(ExprError::syntax(
                            range,
                            format!("`{close}` closes nothing"),
                        ));
                    };
                    let bracket = self.text(&self.list[opened]);
                    if !matches!((bracket, close), ("(", ")") | ("[", "]") | ("{", "}")) {
                        return Err(ExprError::syntax(
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
                Err(ExprError::syntax(token.range.clone(), message))
            }
        }
    }
}
