//! Functions of texts. Positions count characters; sizes are known, and paid for, before anything is built.

use super::super::ITEMS_MAX;
use super::super::budget::Budget;
use super::super::error::Fault;
use super::super::functions::Function;
use super::super::value::{List, Text, Val};
use super::call::range;
use super::{Eval, Evaluator};

impl<'a> Evaluator<'a> {
    pub(super) fn built(&mut self, bytes: usize, build: impl FnOnce() -> String) -> Eval<'a> {
        self.budget.text(bytes)?;
        Ok(Val::Text(Text::Built(build().into())))
    }

    /// The characters from `from` up to `to`.
    pub(super) fn substring(&mut self, text: &str, from: i64, to: i64) -> Eval<'a> {
        let length = char_length(text, &mut self.budget)?;
        let range = range(from, to, usize::try_from(length).unwrap_or(usize::MAX))?;
        let count = range.len();
        let rest = skip_chars(text, range.start);
        let part = &rest[..rest.len() - skip_chars(rest, count).len()];
        self.built(part.len(), || part.to_owned())
    }

    /// Position in characters of a part, searching from `from`; -1 if it is not there.
    pub(super) fn index_of(
        &mut self,
        function: Function,
        text: &str,
        part: &str,
        from: Option<i64>,
    ) -> Eval<'a> {
        let length = char_length(text, &mut self.budget)?;
        self.budget.read(text.len())?;
        let from = match from {
            None if function == Function::IndexOf => 0,
            None => length,
            Some(from) => from,
        };
        let from = range(from, length, usize::try_from(length).unwrap_or(usize::MAX))?.start;
        let start = text.len() - skip_chars(text, from).len();
        let found = if function == Function::IndexOf {
            text[start..].find(part).map(|byte| start + byte)
        } else {
            // The part may begin at `from` and end after it.
            let tail = skip_chars(&text[start..], part.chars().count());
            text[..text.len() - tail.len()].rfind(part)
        };
        let index = found.map_or(-1, |byte| {
            i64::try_from(text[..byte].chars().count()).unwrap_or(i64::MAX)
        });
        Ok(Val::Int(index))
    }

    pub(super) fn split(&mut self, text: &Text<'a>, separator: &str, limit: i64) -> Eval<'a> {
        let text = text.as_str();
        self.budget.read(text.len())?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let parts: Vec<&str> = match limit {
            0 => Vec::new(),
            // One part more than is allowed is enough to know that there are too many.
            limit => {
                let limit = limit.min(ITEMS_MAX + 1);
                if separator.is_empty() {
                    split_chars(text, limit)
                } else {
                    text.splitn(limit, separator).collect()
                }
            }
        };
        self.budget.items(parts.len())?;
        self.budget.allocate(text.len())?;
        let parts = parts
            .into_iter()
            .map(|part| Val::Text(Text::Built(part.into())));
        Ok(Val::List(List::built(parts.collect())))
    }

    pub(super) fn replace(&mut self, text: &str, from: &str, to: &str, limit: i64) -> Eval<'a> {
        self.budget.read(text.len())?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        // The size is known before anything is built.
        let count = text.matches(from).take(limit).count();
        let bytes =
            (text.len() - count * from.len()).saturating_add(count.saturating_mul(to.len()));
        self.built(bytes, || text.replacen(from, to, limit))
    }
}

pub(super) fn char_length(text: &str, budget: &mut Budget) -> Result<i64, Fault> {
    budget.read(text.len())?;
    Ok(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))
}

pub(super) fn skip_chars(text: &str, count: usize) -> &str {
    let byte = text
        .char_indices()
        .nth(count)
        .map_or(text.len(), |(byte, _)| byte);
    &text[byte..]
}

pub(super) fn split_chars(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let next = skip_chars(rest, 1);
        if parts.len() + 1 == limit {
            parts.push(rest);
            break;
        }
        parts.push(&rest[..rest.len() - next.len()]);
        rest = next;
    }
    parts
}
