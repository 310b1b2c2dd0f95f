//! What each part of a condition said: the operands of `&&`, `||` and `!`, as far as they were evaluated.

use super::super::ast::{Kind, Node};
use super::super::scope::Scope;
use super::{Eval, Evaluator};
use crate::expr::value::Val;

/// One part of a condition and what it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operand<'e> {
    /// Its text.
    pub source: &'e str,
    /// What it said.
    pub holds: bool,
}

/// The operands that were evaluated, in order. A condition that joins nothing is its own operand.
pub(in crate::expr) fn operands<'e>(
    root: &'e Node,
    source: &'e str,
    scope: &'e Scope<'e>,
) -> Vec<Operand<'e>> {
    let mut evaluator = Evaluator::new(scope, source);
    let mut found = Vec::new();
    // An error ends the walk; what was evaluated before it was.
    let _ = evaluator.part(root, &mut found);
    found
}

/// The text of every operand, evaluated or not.
pub(in crate::expr) fn operand_sources<'e>(root: &'e Node, source: &'e str) -> Vec<&'e str> {
    match &root.kind {
        Kind::And(operands) | Kind::Or(operands) => {
            let parts = operands.iter();
            parts
                .flat_map(|part| operand_sources(part, source))
                .collect()
        }
        Kind::Not(operand) => operand_sources(operand, source),
        _ => vec![source.get(root.span.range()).unwrap_or(source)],
    }
}

impl<'a> Evaluator<'a> {
    fn part(&mut self, node: &'a Node, found: &mut Vec<Operand<'a>>) -> Option<bool> {
        match &node.kind {
            Kind::And(operands) => self.parts(operands, false, found),
            Kind::Or(operands) => self.parts(operands, true, found),
            Kind::Not(operand) => self.part(operand, found).map(|holds| !holds),
            _ => {
                let holds = holds(&self.node(node))?;
                let source = self.source.get(node.span.range()).unwrap_or(self.source);
                found.push(Operand { source, holds });
                Some(holds)
            }
        }
    }

    fn parts(
        &mut self,
        operands: &'a [Node; 2],
        decisive: bool,
        found: &mut Vec<Operand<'a>>,
    ) -> Option<bool> {
        let left = self.part(&operands[0], found);
        if left == Some(decisive) {
            return left;
        }
        let right = self.part(&operands[1], found)?;
        if right == decisive { Some(right) } else { left }
    }
}

fn holds(value: &Eval<'_>) -> Option<bool> {
    match value {
        Ok(Val::Bool(holds)) => Some(*holds),
        _ => None,
    }
}
