//! Problems of a file, drawn with the lines they are about, or as data for other programs.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};
use statehold_core::diagnostic::{Diagnostic, Severity};
use statehold_core::source::{Source, line_col};

use super::style::clean;

/// Columns of a drawing; longer lines of the file are cut around the place.
const WIDTH: usize = 120;

/// All problems of one file, a blank line between them.
pub(crate) fn draw(source: &Source, diagnostics: &[Diagnostic]) -> String {
    let renderer = Renderer::styled()
        .decor_style(DecorStyle::Unicode)
        .term_width(WIDTH);
    let drawn = diagnostics.iter().map(|diagnostic| {
        let group = group(source, diagnostic);
        renderer.render(&[group])
    });
    drawn.collect::<Vec<_>>().join("\n\n")
}

fn group<'a>(source: &'a Source, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let place = clamp(&source.text, &diagnostic.span);
    let label = diagnostic.label.as_deref().map(clean);
    let mut snippet = Snippet::source(source.text.as_str())
        .path(clean(&source.name))
        .annotation(AnnotationKind::Primary.span(place).label(label));
    for related in &diagnostic.related {
        let place = clamp(&source.text, &related.span);
        let label = clean(&related.message);
        snippet = snippet.annotation(AnnotationKind::Context.span(place).label(label));
    }
    let title = level
        .primary_title(clean(&diagnostic.message))
        .id(diagnostic.code.id());
    let help = diagnostic
        .help
        .as_deref()
        .map(|help| Level::HELP.message(clean(help)));
    title.element(snippet).elements(help.map(Element::from))
}

/// The span within the text, on character boundaries and at least one character wide where there is one.
fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = floor(text, span.start);
    let end = floor(text, span.end.max(start));
    if end > start {
        return start..end;
    }
    let next = text[start..].chars().next().map_or(0, char::len_utf8);
    start..start + next
}

fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The problems as data: file, line, column (both from 1, columns in characters), code, severity, message, help.
pub(crate) fn to_json(source: &Source, diagnostics: &[Diagnostic]) -> Vec<Value> {
    diagnostics
        .iter()
        .map(|diagnostic| one_to_json(source, diagnostic))
        .collect()
}

fn one_to_json(source: &Source, diagnostic: &Diagnostic) -> Value {
    let at = |offset| {
        let (line, column) = line_col(&source.text, offset);
        json!({ "line": line, "column": column })
    };
    let (start, end) = (at(diagnostic.span.start), at(diagnostic.span.end));
    json!({
        "file": source.name,
        "line": start["line"],
        "column": start["column"],
        "end_line": end["line"],
        "end_column": end["column"],
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "pointer": diagnostic.pointer,
        "related": diagnostic.related.iter().map(|related| {
            let place = at(related.span.start);
            json!({ "line": place["line"], "column": place["column"], "message": related.message })
        }).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use statehold_core::codes;

    use super::*;

    #[test]
    fn spans_outside_the_text_are_drawn_at_its_end() {
        for text in ["", "a", "ä", "a: b\n"] {
            for span in [0..0, 1..1, 99..100, 0..99] {
                let source = Source {
                    name: "x.yaml".to_owned(),
                    text: text.to_owned(),
                };
                let diagnostic = Diagnostic::error(codes::SYNTAX, span, "wrong");
                assert!(draw(&source, &[diagnostic]).contains("wrong"));
            }
        }
    }

    #[test]
    fn columns_count_characters_from_one() {
        let source = Source {
            name: "x.yaml".to_owned(),
            text: "äb: c\n".to_owned(),
        };
        let diagnostic = Diagnostic::warning(codes::UNUSED, 2..3, "unused");
        let listed = to_json(&source, &[diagnostic]);
        assert_eq!(
            (&listed[0]["line"], &listed[0]["column"]),
            (&json!(1), &json!(2))
        );
        assert_eq!(listed[0]["severity"], "warning");
    }
}
