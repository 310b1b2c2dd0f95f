//! Mistakes in expressions: put where they are in the file, with help that knows the chart and YAML.

use std::ops::Range;

use super::chart::Loader;
use super::exprs::View;
use super::names::is_identifier;
use crate::codes::{self, Code};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::expr::{ExprError, ExprErrorKind};
use crate::interpreter::is_reserved;
use crate::source::{Item, Style, cut_off_comment};

impl<'n> Loader<'n> {
    /// What is wrong with an expression that begins at byte `offset` of the item's text.
    pub(super) fn mistake(
        &self,
        item: &Item<'n>,
        error: &ExprError,
        offset: usize,
        view: View<'_>,
    ) -> Diagnostic {
        let text = item.node.as_str().unwrap_or_default();
        let range = error.range.start + offset..error.range.end + offset;
        let span = self.span_of(item, text, range);
        let mut diagnostic = Diagnostic::error(code_of(error.kind), span, error.message.clone())
            .at(item.pointer.clone());
        if error.kind == ExprErrorKind::Constant {
            diagnostic.severity = Severity::Warning;
        }
        diagnostic.label = view.event.map(|event| format!("for event `{event}`"));
        diagnostic.help = self.help(item, text, error, view);
        diagnostic
    }

    fn help(
        &self,
        item: &Item<'n>,
        text: &str,
        error: &ExprError,
        view: View<'_>,
    ) -> Option<String> {
        let own = || error.help.clone();
        if item.node.style == Style::Plain && cut_off_comment(self.text, &item.node.span) {
            let help = "` #` begins a comment, so the rest of the line is not part of the expression; put all of it in quotes";
            return Some(help.to_owned());
        }
        if error.kind != ExprErrorKind::UnknownName {
            return own();
        }
        if error.message.contains("`env`") {
            let help = "`${env.NAME}` may stand only at the beginning of a `url`, or as the whole value of a header";
            return Some(help.to_owned());
        }
        if is_identifier(text) {
            return Some(self.help_for_word(text));
        }
        undeclared_input(text, view).or_else(own)
    }

    /// What a lone word that names nothing was probably meant to be.
    fn help_for_word(&self, word: &str) -> String {
        if self.context.get(word).is_some() {
            return format!("a field of the entity is written `ctx.{word}`");
        }
        if self.guards.contains_key(word) {
            let help = "guards are named by the transitions that use them; here the condition itself is needed";
            return help.to_owned();
        }
        let guards = self.guards.keys().map(String::as_str);
        match self.reader.nearest(word, guards) {
            Some(guard) => format!("did you mean the guard `{guard}`?"),
            None => format!(
                "text in an expression needs quotes inside the quotes of YAML: \"'{word}'\""
            ),
        }
    }

    /// Where a range of an item's text stands in the file: exact for scalars on one line that hold their text as it
    /// is, else the whole scalar.
    fn span_of(&self, item: &Item<'n>, text: &str, range: Range<usize>) -> Span {
        let whole = item.node.span.clone();
        let lead = match item.node.style {
            Style::Plain => 0,
            Style::Quoted => 1,
            _ => return whole,
        };
        let start = whole.start + lead;
        if self.text.get(start..start + text.len()) != Some(text) {
            return whole;
        }
        let span = start + range.start..start + range.end.min(text.len());
        // Ranges come from a parser of another crate: one that cuts a character in two is not worth a panic.
        if self.text.get(span.clone()).is_some() {
            span
        } else {
            whole
        }
    }
}

/// Help where an event that is declared without input is asked for some.
fn undeclared_input(text: &str, view: View<'_>) -> Option<String> {
    let event = view.event.filter(|event| !is_reserved(event))?;
    let takes_none = view.input.is_some_and(|record| record.fields().len() == 0);
    (takes_none && text.contains("event.input")).then(|| {
        format!("declare what the event brings: `events: {{ {event}: {{ input: {{ ... }} }} }}`")
    })
}

fn code_of(kind: ExprErrorKind) -> Code {
    match kind {
        ExprErrorKind::Syntax | ExprErrorKind::TooLarge => codes::BAD_EXPRESSION,
        ExprErrorKind::UnknownName => codes::UNKNOWN_NAME,
        ExprErrorKind::TypeMistake => codes::TYPE_MISTAKE,
        ExprErrorKind::Constant => codes::CONSTANT,
    }
}
