//! How deep the tree of an expression can be, counted on its tokens: an upper bound, found before anything recurses.

use super::super::{DEPTH_MAX, ExprError};
use super::{Token, TokenKind, Tokens};

impl Tokens<'_> {
    /// An upper bound of the depth of the tree, without building it.
    pub(super) fn check_depth(&self) -> Result<(), ExprError> {
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
                return Err(ExprError::too_large(
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
        self.text(&self.list[open]) == "("
            && !before.is_some_and(|before| self.ends_operand(before))
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
        self.done.max(self.conditionals + logic + self.term_now())
    }
}
