//! What aliases stand for, and the budget they are counted against.
//!
//! A few nested aliases can stand for millions of values, so an alias is counted as what it stands for before it is
//! copied.

use std::collections::HashMap;

use super::node::Node;
use super::problems::{too_deep, too_many_nodes};
use super::{MAX_DEPTH, MAX_NODES, MAX_TEXT_BYTES};
use crate::codes;
use crate::diagnostic::{Diagnostic, Span};

/// Most text a file may stand for once its aliases are expanded, in bytes.
const MAX_EXPANDED_BYTES: usize = 2 * MAX_TEXT_BYTES;

/// A problem after which the rest of the text cannot be read.
pub(super) type Fatal = Box<Diagnostic>;

/// What was read so far.
#[derive(Default)]
pub(super) struct Budget {
    nodes: usize,
    bytes: usize,
}

impl Budget {
    /// Counts values and text met at `at`.
    pub(super) fn spend(&mut self, nodes: usize, bytes: usize, at: usize) -> Result<(), Fatal> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.nodes > MAX_NODES {
            return Err(Box::new(too_many_nodes(at)));
        }
        if self.bytes > MAX_EXPANDED_BYTES {
            return Err(Box::new(Diagnostic::error(
                codes::LIMIT,
                at..at,
                format!("more than {MAX_EXPANDED_BYTES} bytes of text once aliases are expanded"),
            )));
        }
        Ok(())
    }
}

/// Nodes with an anchor, by its number.
#[derive(Default)]
pub(super) struct Anchors(HashMap<usize, Anchored>);

struct Anchored {
    node: Node,
    nodes: usize,
    bytes: usize,
    height: usize,
    used: bool,
}

impl Anchors {
    /// Keeps a copy of a node that aliases may stand for.
    pub(super) fn remember(
        &mut self,
        anchor: usize,
        node: &Node,
        budget: &mut Budget,
    ) -> Result<(), Fatal> {
        let (nodes, bytes) = node.size();
        budget.spend(nodes, bytes, node.span.start)?;
        let anchored = Anchored {
            node: node.clone(),
            nodes,
            bytes,
            height: node.height(),
            used: false,
        };
        self.0.insert(anchor, anchored);
        Ok(())
    }

    /// What an alias at `span`, `depth` levels deep, stands for.
    pub(super) fn copy(
        &mut self,
        anchor: usize,
        depth: usize,
        span: &Span,
        budget: &mut Budget,
    ) -> Result<Node, Fatal> {
        let Some(anchored) = self.0.get_mut(&anchor) else {
            return Err(Box::new(Diagnostic::error(
                codes::SYNTAX,
                span.clone(),
                "an alias cannot stand for a key, or for what it is part of",
            )));
        };
        anchored.used = true;
        if depth + anchored.height > MAX_DEPTH {
            return Err(Box::new(too_deep(span.start)));
        }
        budget.spend(anchored.nodes, anchored.bytes, span.start)?;
        Ok(anchored.node.clone())
    }

    /// Places of nodes whose anchor nothing refers to, in order.
    pub(super) fn unused(&self) -> Vec<Span> {
        let anchored = self.0.values().filter(|anchored| !anchored.used);
        let mut spans: Vec<Span> = anchored
            .map(|anchored| anchored.node.span.clone())
            .collect();
        spans.sort_by_key(|span| span.start);
        spans
    }
}
