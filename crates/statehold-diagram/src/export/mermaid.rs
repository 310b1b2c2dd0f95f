//! Mermaid, `stateDiagram-v2`.

use std::fmt::Write as _;

use super::Exported;
use super::outline::{Outline, block, history_name, home, id, is_initial, is_parallel_at_top};
use crate::picture::{Edge, NodeId, NodeKind, Picture};

/// A picture for Mermaid.
#[must_use]
pub(crate) fn mermaid(picture: &Picture) -> Exported {
    let mut writer = Writer {
        picture,
        out: Outline::default(),
    };
    writer.document();
    writer.out.finish()
}

struct Writer<'a> {
    picture: &'a Picture,
    out: Outline,
}

impl Writer<'_> {
    fn document(&mut self) {
        self.out.line("---");
        self.out
            .line(&format!("title: {}", yaml(&self.picture.title())));
        self.out.line("---");
        self.out.open("stateDiagram-v2");
        let is_parallel = is_parallel_at_top(self.picture);
        if is_parallel {
            self.out.open(&format!(
                "state \"{}\" as machine {{",
                escape(&self.picture.machine)
            ));
            self.regions(None);
            self.out.close("}");
        }
        self.block(None, is_parallel);
        self.notes();
        let deprecated: Vec<NodeId> = self
            .nodes()
            .filter(|id| self.picture.node(*id).deprecated.is_some())
            .collect();
        if !deprecated.is_empty() {
            self.out
                .line("classDef deprecated stroke-dasharray:4 3,opacity:0.6");
        }
        for node in deprecated {
            self.out.line(&format!("class {} deprecated", id(node)));
        }
        if !self.picture.inside.is_empty() {
            self.out.lose("what the machine itself does on entering, on leaving or on events without a target is left out");
        }
    }

    fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.picture.nodes.len()).map(NodeId)
    }

    /// Boxes and arrows of a block; regions at the top stand in a box of their own.
    fn block(&mut self, parent: Option<NodeId>, without_states: bool) {
        let picture = self.picture;
        for node in self.nodes().filter(|node| block(picture, *node) == parent) {
            if !(without_states && picture.node(node).is_region) {
                self.declare(node);
            }
        }
        for (at, edge) in picture
            .edges
            .iter()
            .enumerate()
            .filter(|(_, edge)| home(picture, edge) == parent)
        {
            if edge.from != edge.to {
                self.edge(edge, &[edge]);
                continue;
            }
            // Of several arrows from a box to itself Mermaid draws one only: it gets the words of all.
            let is_same = |other: &&Edge| other.from == edge.from && other.to == edge.to;
            if !picture.edges[..at].iter().any(|other| is_same(&other)) {
                let all: Vec<&Edge> = picture.edges.iter().filter(is_same).collect();
                self.edge(edge, &all);
            }
        }
        for node in picture
            .children(parent)
            .filter(|node| picture.node(*node).kind == NodeKind::Final)
        {
            self.out.line(&format!("{} --> [*]", id(node)));
        }
    }

    fn declare(&mut self, node: NodeId) {
        let shape = self.picture.node(node);
        let id = id(node);
        match shape.kind {
            NodeKind::Initial => {}
            NodeKind::Fork => self.out.line(&format!("state {id} <<fork>>")),
            NodeKind::Compound | NodeKind::Parallel => {
                self.out
                    .open(&format!("state \"{}\" as {id} {{", escape(&shape.name)));
                match shape.kind {
                    NodeKind::Parallel => self.regions(Some(node)),
                    _ => self.block(Some(node), false),
                }
                self.out.close("}");
            }
            NodeKind::History { deep } => {
                let name = history_name(self.picture, node, deep);
                self.out
                    .line(&format!("state \"{}\" as {id}", escape(&name)));
                self.out
                    .lose("history states look like plain states named H or H*");
            }
            NodeKind::AnyState => {
                self.out.line(&format!("state \"any state\" as {id}"));
                self.out.lose(
                    "transitions of the machine itself start at a plain state named `any state`",
                );
            }
            NodeKind::Atomic | NodeKind::Final => {
                self.out
                    .line(&format!("state \"{}\" as {id}", escape(&shape.name)));
                for line in self.out.notes(shape) {
                    self.out.line(&format!("{id} : {}", escape(&line)));
                }
            }
        }
    }

    fn regions(&mut self, parent: Option<NodeId>) {
        let picture = self.picture;
        for (at, region) in picture
            .children(parent)
            .filter(|child| picture.node(*child).is_region)
            .enumerate()
        {
            if at > 0 {
                self.out.line("--");
            }
            self.declare(region);
            // Arrows cannot stand between regions, but the end of a final one must stand beside it.
            if picture.node(region).kind == NodeKind::Final {
                self.out.line(&format!("{} --> [*]", id(region)));
            }
        }
    }

    fn edge(&mut self, edge: &Edge, all: &[&Edge]) {
        let from = if is_initial(edge) {
            "[*]".to_owned()
        } else {
            id(edge.from)
        };
        let words: Vec<String> = all
            .iter()
            .map(|edge| escape(&self.out.words(edge)))
            .collect();
        let words = words.join("<br/>");
        let label = if words.is_empty() {
            String::new()
        } else {
            format!(" : {words}")
        };
        self.out.line(&format!("{from} --> {}{label}", id(edge.to)));
    }

    /// A box with boxes inside has no lines of its own.
    fn notes(&mut self) {
        for node in self
            .nodes()
            .filter(|node| self.picture.node(*node).kind.is_container())
        {
            let lines = self.out.notes(self.picture.node(node));
            if !lines.is_empty() {
                let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
                self.out.line(&format!(
                    "note right of {} : {}",
                    id(node),
                    lines.join("<br/>")
                ));
            }
        }
    }
}

/// Text of a chart as text of a label. Mermaid replaces `#NN;` before it reads anything else, so that is how every
/// character goes that its grammar, its HTML or its Markdown could take for its own.
fn escape(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().copied().enumerate() {
        let after = chars.get(at + 1).copied().unwrap_or(' ');
        let is_plain = match c {
            // A digit in front would make a list of it, and `end` and the like are words of the grammar.
            '0'..='9' => at > 0,
            'A'..='Z' | 'a'..='z' | ' ' | '.' | ',' | '/' | '[' | ']' | ')' | '=' | '?' | '\'' => {
                true
            }
            '_' => before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric(),
            // `[text](address)` is a link.
            '(' => before != ']',
            _ => false,
        };
        if is_plain {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
        before = c;
    }
    out
}

/// A YAML string on one line.
fn yaml(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            c if u32::from(c) <= 0xffff => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_label() {
        assert_eq!(escape("a;b:c#d\"e<f>"), "a#59;b#58;c#35;d#34;e#60;f#62;");
        assert_eq!(escape("x --> y"), "x #45;#45;#62; y");
        assert_eq!(escape("charge_card"), "charge_card");
        assert_eq!(escape("__proto__"), "#95;#95;proto#95;#95;");
        assert_eq!(escape("1. é"), "#49;. #233;");
        assert_eq!(escape("[a](b)"), "[a]#40;b)");
        assert_eq!(yaml("a\"\\é😀"), "\"a\\\"\\\\\\u00e9\\U0001f600\"");
    }
}
