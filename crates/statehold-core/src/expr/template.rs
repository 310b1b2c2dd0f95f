//! [`Template`]: text with `${CEL}` parts.

use super::error::ExprError;
use super::{Expr, SOURCE_BYTES_MAX};

/// Parts of one template: more is a document, and belongs into a service.
const PARTS_MAX: usize = 256;

/// Text with `${CEL}` parts; `$${` stands for a literal `${`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    /// Byte at which each expression begins in the template's text.
    places: Vec<usize>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as it is.
    Lit(String),
    /// An expression whose value stands in its place.
    Expr(Expr),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// The first expression that does not compile, or a `${` that never ends; ranges count in the template's text.
    pub fn compile(text: &str) -> Result<Self, ExprError> {
        let mut parts = Vec::new();
        let mut places = Vec::new();
        let mut literal = String::new();
        let mut position = 0;
        while let Some(found) = text[position..].find("${") {
            let dollar = position + found;
            if text[position..dollar].ends_with('$') {
                literal.push_str(&text[position..dollar]);
                literal.push('{');
                position = dollar + 2;
                continue;
            }
            literal.push_str(&text[position..dollar]);
            let start = dollar + 2;
            let end = end_of_expression(text, start).ok_or_else(|| {
                ExprError::syntax(dollar..start, "`${` is never closed with `}`")
                    .help("write `$${` for a literal `${`")
            })?;
            let expr = Expr::compile(&text[start..end]).map_err(|error| error.shifted(start))?;
            if !literal.is_empty() {
                parts.push(Part::Lit(std::mem::take(&mut literal)));
            }
            parts.push(Part::Expr(expr));
            places.push(start);
            if parts.len() > PARTS_MAX {
                return Err(ExprError::too_large(
                    dollar..end + 1,
                    format!("more than {PARTS_MAX} parts"),
                ));
            }
            position = end + 1;
        }
        literal.push_str(&text[position..]);
        if !literal.is_empty() {
            parts.push(Part::Lit(literal));
        }
        Ok(Self { parts, places })
    }

    /// The parts in order; neighbouring texts are one.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The expressions in order.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.parts.iter().filter_map(|part| match part {
            Part::Expr(expr) => Some(expr),
            Part::Lit(_) => None,
        })
    }

    /// The expressions in order, each with the byte at which it begins in the template's text.
    pub fn places(&self) -> impl Iterator<Item = (usize, &Expr)> {
        self.places.iter().copied().zip(self.expressions())
    }

    /// Whether it is nothing but one `${...}`, whose value keeps its type.
    #[must_use]
    pub fn is_single_expr(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Expr(_)])
    }

    /// The text, if it has no expressions.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Lit(text)] => Some(text),
            _ => None,
        }
    }
}

/// Byte of the `}` that ends the expression which begins at `start`; braces and text inside it do not count.
fn end_of_expression(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut position = start;
    while position < bytes.len() && position - start <= SOURCE_BYTES_MAX {
        match bytes[position] {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(position),
            b'}' => depth -= 1,
            quote @ (b'\'' | b'"') => {
                position = end_of_text(bytes, start, position, quote)?;
            }
            _ => {}
        }
        position += 1;
    }
    None
}

/// Last byte of the text literal that begins at `position`.
fn end_of_text(bytes: &[u8], start: usize, position: usize, quote: u8) -> Option<usize> {
    let raw = position > start && matches!(bytes[position - 1], b'r' | b'R');
    let triple = bytes[position..].starts_with(&[quote; 3]);
    let width = if triple { 3 } else { 1 };
    let mut at = position + width;
    while at < bytes.len() {
        if bytes[at] == b'\\' && !raw {
            at += 2;
            continue;
        }
        if bytes[at..].starts_with(&[quote; 3][..width]) {
            return Some(at + width - 1);
        }
        at += 1;
    }
    None
}
