//! [`References`]: the names an expression uses, found without evaluating it.

use std::collections::BTreeSet;

use super::ast::{Kind, Literal, Node};
use super::functions::{self, Function};

/// The names an expression uses, each once, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    paths: BTreeSet<String>,
    functions: BTreeSet<String>,
    states: BTreeSet<String>,
}

impl References {
    pub(super) fn of(root: &Node) -> Self {
        let mut references = Self::default();
        references.visit(root);
        references
    }

    /// Dotted paths from a root as far as they are spelled out: `ctx.total`, `event.input.tracking`, `now`. A root
    /// that is used as a whole stands alone (`ctx`).
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// Functions and macros that are called, operators aside.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().map(String::as_str)
    }

    /// State paths that `in_state` is asked for, as literals.
    pub fn states(&self) -> impl Iterator<Item = &str> {
        self.states.iter().map(String::as_str)
    }

    /// Whether anything of this root is used.
    #[must_use]
    pub fn uses_root(&self, root: &str) -> bool {
        self.fields_of(root).next().is_some() || self.paths.contains(root)
    }

    /// The path segments that directly follow `prefix`: the fields of `ctx` that are read, for `ctx`.
    pub fn fields_of<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let mut last = "";
        self.paths.iter().filter_map(move |path| {
            let rest = path.strip_prefix(prefix)?.strip_prefix('.')?;
            let field = rest.split('.').next().unwrap_or(rest);
            // Sorted, so that equal fields stand together.
            let is_new = field != last;
            last = field;
            is_new.then_some(field)
        })
    }

    fn visit(&mut self, node: &Node) {
        if let Some(path) = path(node) {
            self.paths.insert(path);
            return;
        }
        match &node.kind {
            Kind::Call(function, args) => {
                self.functions.insert(functions::name(*function).to_owned());
                if let (Function::InState, Some(state)) = (function, args.first().and_then(text)) {
                    self.states.insert(state.to_owned());
                }
            }
            Kind::UnknownCall(name, _) => {
                self.functions.insert(name.to_string());
            }
            Kind::Matches(..) => {
                self.functions.insert("matches".to_owned());
            }
            _ => {}
        }
        node.children(|child| self.visit(child));
    }
}

pub(super) fn text(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    }
}

/// The dotted path of a node that is a root or a chain of fields on one.
pub(super) fn path(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Root(root) => Some(root.name().to_owned()),
        Kind::Known(known) | Kind::HasKnown(known) => Some(known.path()),
        Kind::Select(operand, field)
        | Kind::Has(operand, field)
        | Kind::OptionalSelect(operand, field) => Some(format!("{}.{field}", path(operand)?)),
        _ => None,
    }
}
