//! YAML text to nodes: takes the parser's events one by one, without recursion, and keeps the budgets.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::anchors::{Anchors, Budget, Fatal};
use super::node::{Key, Node, NodeValue, Style};
use super::position::CharOffsets;
use super::problems::{
    collection_as_key, duplicate_key, merge_key, plain_words, tag_problem, too_deep, unused_anchor,
};
use super::{MAX_DEPTH, Parsed, scalar, traps};
use crate::codes;
use crate::diagnostic::{Diagnostic, Span};

pub(super) fn parse(text: &str) -> Parsed {
    let mut builder = Builder::new(text);
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let taken = match event {
            Ok((event, span)) => {
                let span = builder.offsets.byte(span.start.index())
                    ..builder.offsets.byte(span.end.index());
                builder.take(event, span)
            }
            Err(error) => Err(builder.syntax_error(&error)),
        };
        if let Err(fatal) = taken {
            builder.diagnostics.push(*fatal);
            return Parsed {
                root: None,
                diagnostics: builder.diagnostics,
            };
        }
    }
    builder.finish()
}

struct Builder<'t> {
    text: &'t str,
    offsets: CharOffsets,
    stack: Vec<Frame>,
    root: Option<Node>,
    anchors: Anchors,
    budget: Budget,
    diagnostics: Vec<Diagnostic>,
}

/// An open list or mapping.
struct Frame {
    span: Span,
    style: Style,
    anchor: usize,
    content: Content,
}

enum Content {
    Seq(Vec<Node>),
    Map {
        entries: Vec<(Key, Node)>,
        seen: HashMap<String, Span>,
        key: Option<Key>,
    },
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            offsets: CharOffsets::new(text),
            stack: Vec::new(),
            root: None,
            anchors: Anchors::default(),
            budget: Budget::default(),
            diagnostics: Vec::new(),
        }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fatal> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => Err(Box::new(
                Diagnostic::error(codes::SYNTAX, span, "a second document begins here")
                    .help("one file holds one document: remove the `---` line, or split the file"),
            )),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), span)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(Content::Seq(Vec::new()), anchor, tag.as_deref(), span)
            }
            Event::MappingStart(anchor, tag) => {
                let content = Content::Map {
                    entries: Vec::new(),
                    seen: HashMap::new(),
                    key: None,
                };
                self.open(content, anchor, tag.as_deref(), span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&span),
            Event::Alias(anchor) => self.alias(anchor, &span),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Fatal> {
        self.budget
            .spend(usize::from(!self.wants_key()), text.len(), span.start)?;
        if text.contains('\0') {
            self.diagnostics.push(Diagnostic::error(
                codes::SYNTAX,
                span.clone(),
                "text must not hold the character U+0000",
            ));
        }
        if tag.is_some() {
            self.diagnostics.push(tag_problem(span.clone()));
            // What the author meant as text is kept as text, so that the rest of the file is judged by what it says.
            return self.place_scalar(self.text[span.clone()].to_owned(), Style::Plain, span, 0);
        }
        // The parser counts the blanks after a closing quote.
        let span = span.start..span.start + self.text[span.clone()].trim_end().len();
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        self.place_scalar(text.to_owned(), style, span, anchor)
    }

    fn place_scalar(
        &mut self,
        text: String,
        style: Style,
        span: Span,
        anchor: usize,
    ) -> Result<(), Fatal> {
        if let Some(Frame {
            content: Content::Map {
                key: key @ None, ..
            },
            ..
        }) = self.stack.last_mut()
        {
            if text == "<<" && style == Style::Plain {
                self.diagnostics.push(merge_key(span.clone()));
            }
            *key = Some(Key { text, span });
            return Ok(());
        }
        let value = if style == Style::Plain {
            scalar::resolve(&text).unwrap_or_else(|problem| {
                self.diagnostics
                    .push(Diagnostic::error(codes::BAD_VALUE, span.clone(), problem));
                NodeValue::Int(0)
            })
        } else {
            NodeValue::Str(text)
        };
        self.attach(Node { value, span, style }, anchor)
    }

    fn open(
        &mut self,
        content: Content,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Fatal> {
        self.budget.spend(1, 0, span.start)?;
        if self.stack.len() >= MAX_DEPTH {
            return Err(Box::new(too_deep(span.start)));
        }
        if self.wants_key() {
            return Err(Box::new(collection_as_key(span)));
        }
        if tag.is_some() {
            self.diagnostics.push(tag_problem(span.clone()));
        }
        let style = if span.is_empty() {
            Style::Indented
        } else {
            Style::Flow
        };
        self.stack.push(Frame {
            span,
            style,
            anchor,
            content,
        });
        Ok(())
    }

    fn close(&mut self, end: &Span) -> Result<(), Fatal> {
        // The parser balances its events; a missing frame would only mean that there is nothing to close.
        let Some(frame) = self.stack.pop() else {
            return Ok(());
        };
        let (value, last) = match frame.content {
            Content::Seq(items) => {
                let last = items.last().map(|node| node.span.end);
                (NodeValue::Seq(items), last)
            }
            Content::Map { entries, .. } => {
                let last = entries.last().map(|(_, node)| node.span.end);
                (NodeValue::Map(entries), last)
            }
        };
        // Indented collections end where their last value ends: the parser counts the blank lines after it too.
        let end = match frame.style {
            Style::Flow => (end.start + 1).min(self.text.len()),
            _ => last.unwrap_or(frame.span.end),
        };
        let node = Node {
            value,
            span: frame.span.start..end.max(frame.span.start),
            style: frame.style,
        };
        self.attach(node, frame.anchor)
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<(), Fatal> {
        if self.wants_key() {
            return Err(Box::new(collection_as_key(span.clone())));
        }
        let copy = self
            .anchors
            .copy(anchor, self.stack.len(), span, &mut self.budget)?;
        self.attach(copy, 0)
    }

    fn attach(&mut self, node: Node, anchor: usize) -> Result<(), Fatal> {
        if anchor != 0 {
            self.anchors.remember(anchor, &node, &mut self.budget)?;
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame { content, .. }) => match content {
                Content::Seq(items) => items.push(node),
                Content::Map { entries, seen, key } => {
                    if let Some(key) = key.take() {
                        match seen.entry(key.text.clone()) {
                            Entry::Vacant(free) => {
                                free.insert(key.span.clone());
                                entries.push((key, node));
                            }
                            Entry::Occupied(first) => {
                                let problem = duplicate_key(&key, first.get().clone());
                                self.diagnostics.push(problem);
                            }
                        }
                    }
                }
            },
        }
        Ok(())
    }

    fn wants_key(&self) -> bool {
        matches!(
            self.stack.last(),
            Some(Frame {
                content: Content::Map { key: None, .. },
                ..
            })
        )
    }

    fn syntax_error(&self, error: &ScanError) -> Fatal {
        let start = self.offsets.byte(error.marker().index());
        let width = self.text[start..]
            .chars()
            .next()
            .filter(|c| *c != '\n')
            .map_or(0, char::len_utf8);
        let help = traps::syntax_help(self.text, start, error.info());
        Box::new(
            Diagnostic::error(
                codes::SYNTAX,
                start..start + width,
                format!("this is not YAML: {}", plain_words(error.info())),
            )
            .help(help),
        )
    }

    fn finish(mut self) -> Parsed {
        let unused = self.anchors.unused().into_iter().map(unused_anchor);
        self.diagnostics.extend(unused);
        if self.root.is_none() {
            self.diagnostics
                .push(Diagnostic::error(codes::SYNTAX, 0..0, "the file is empty"));
        }
        Parsed {
            root: self.root,
            diagnostics: self.diagnostics,
        }
    }
}
