//! [`Notes`]: what an importer lost and refused, collected by byte and given a line at the end.

use crate::{FormatError, Loss, Problem};

/// Most losses that are kept; whoever has more will not read them one by one.
const LOSSES_MAX: usize = 2_000;

/// Most refusals that are kept.
const REFUSALS_MAX: usize = 200;

/// What was lost and refused so far.
pub(crate) struct Notes<'t> {
    text: &'t str,
    losses: Vec<(usize, String, String)>,
    refusals: Vec<(usize, String)>,
    /// Losses that were counted only.
    more: usize,
}

impl<'t> Notes<'t> {
    /// Nothing yet.
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            losses: Vec::new(),
            refusals: Vec::new(),
            more: 0,
        }
    }

    /// Notes that a construct at a byte of the text did not survive, and what to do about it.
    pub(crate) fn loss(
        &mut self,
        at: usize,
        construct: impl Into<String>,
        message: impl Into<String>,
    ) {
        if self.losses.len() < LOSSES_MAX {
            self.losses.push((at, construct.into(), message.into()));
        } else {
            self.more += 1;
        }
    }

    /// Notes that the text cannot become a chart because of what stands at a byte.
    pub(crate) fn refuse(&mut self, at: usize, message: impl Into<String>) {
        if self.refusals.len() < REFUSALS_MAX {
            self.refusals.push((at, message.into()));
        }
    }

    /// Whether anything was refused.
    pub(crate) fn is_refused(&self) -> bool {
        !self.refusals.is_empty()
    }

    /// The losses in order of place, or the refusals.
    pub(crate) fn into_losses(mut self) -> Result<Vec<Loss>, FormatError> {
        if self.is_refused() {
            self.refusals.sort_by_key(|(at, _)| *at);
            let mut places = Places::new(self.text);
            let problem = |(at, message): (usize, String)| {
                let (line, column) = places.of(at);
                Problem {
                    line,
                    column,
                    message,
                }
            };
            return Err(FormatError {
                problems: self.refusals.into_iter().map(problem).collect(),
            });
        }
        self.losses.sort_by_key(|(at, _, _)| *at);
        if self.more > 0 {
            let message = format!("{} losses after these are not listed", self.more);
            self.losses
                .push((self.text.len(), "more".to_owned(), message));
        }
        let mut places = Places::new(self.text);
        let loss = |(at, construct, message): (usize, String, String)| {
            let (line, column) = places.of(at);
            Loss {
                line,
                column,
                construct,
                message,
            }
        };
        Ok(self.losses.into_iter().map(loss).collect())
    }
}

/// Line and column of bytes that are asked for in order: one walk through the text, however many there are.
struct Places<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    column: usize,
}

impl<'t> Places<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            column: 1,
        }
    }

    fn of(&mut self, byte: usize) -> (usize, usize) {
        for c in self.text.get(self.at..).unwrap_or_default().chars() {
            if self.at >= byte {
                break;
            }
            self.at += c.len_utf8();
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        (self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_stand_in_order_of_place() {
        let mut notes = Notes::new("ä b\nc\n");
        notes.loss(5, "c", "second");
        notes.loss(3, "b", "first");
        let losses = notes.into_losses().unwrap();
        let places: Vec<(usize, usize)> = losses.iter().map(|l| (l.line, l.column)).collect();
        assert_eq!(places, [(1, 3), (2, 1)]);
    }

    #[test]
    fn a_refusal_outweighs_every_loss() {
        let mut notes = Notes::new("a\nb");
        notes.loss(0, "a", "lost");
        notes.refuse(2, "no");
        assert_eq!(notes.into_losses().unwrap_err().to_string(), "2:1: no");
    }

    #[test]
    fn many_losses_are_counted() {
        let mut notes = Notes::new("a");
        for _ in 0..LOSSES_MAX + 5 {
            notes.loss(0, "a", "lost");
        }
        let losses = notes.into_losses().unwrap();
        assert_eq!(losses.len(), LOSSES_MAX + 1);
        assert_eq!(
            losses[LOSSES_MAX].message,
            "5 losses after these are not listed"
        );
    }
}
