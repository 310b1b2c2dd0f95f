//! DOT, the language of Graphviz.

use super::Exported;
use super::outline::{Outline, id};
use crate::picture::{Edge, EdgeKind, Node, NodeId, NodeKind, Picture};
use crate::text::{Piece, Tone, wrap};

/// Widest line of a label, as [`wrap`] measures at [`SIZE`].
const WIDTH_MAX: f64 = 210.0;

/// Font size for measuring.
const SIZE: f64 = 11.0;

/// Most lines of one text.
const LINES_MAX: usize = 6;

/// A picture for Graphviz.
#[must_use]
pub(crate) fn dot(picture: &Picture) -> Exported {
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
        self.out.open("digraph machine {");
        self.out
            .line(&format!("label=\"{}\";", escape(&self.picture.title())));
        self.out
            .line("labelloc=t; compound=true; fontname=\"Helvetica\"; nodesep=0.4; ranksep=0.5;");
        self.out.line("node [shape=box, style=\"rounded,filled\", fillcolor=\"#eaf0fa\", color=\"#51637f\", fontname=\"Helvetica\", fontsize=11];");
        self.out
            .line("edge [color=\"#45546c\", fontname=\"Helvetica\", fontsize=10];");
        self.children(None);
        for edge in &self.picture.edges {
            self.edge(edge);
        }
        self.out.close("}");
        if !self.picture.inside.is_empty() {
            self.out.lose("what the machine itself does on entering, on leaving or on events without a target is left out");
        }
    }

    fn children(&mut self, parent: Option<NodeId>) {
        let picture = self.picture;
        for node in picture.children(parent) {
            self.declare(node);
        }
    }

    fn declare(&mut self, node: NodeId) {
        let shape = self.picture.node(node);
        let name = id(node);
        match shape.kind {
            NodeKind::Compound | NodeKind::Parallel => {
                self.out.open(&format!("subgraph cluster_{name} {{"));
                let style = if shape.is_region {
                    "rounded,dashed"
                } else {
                    "rounded"
                };
                let label = self.label(shape);
                self.out.line(&format!(
                    "label=\"{label}\"; labelloc=t; style=\"{style}\"; color=\"#8d9bb0\";"
                ));
                // Arrows of a box need a node to hold on to.
                self.out.line(&format!(
                    "{name} [shape=point, style=invis, width=0.01, label=\"\"];"
                ));
                self.children(Some(node));
                self.out.close("}");
            }
            NodeKind::Initial => {
                self.out.line(&format!("{name} [shape=circle, fillcolor=\"#45546c\", width=0.15, fixedsize=true, label=\"\"];"));
            }
            NodeKind::Fork => {
                self.out.line(&format!("{name} [style=filled, fillcolor=\"#45546c\", width=0.7, height=0.07, fixedsize=true, label=\"\"];"));
            }
            NodeKind::History { deep } => {
                let symbol = if deep { "H*" } else { "H" };
                self.out.line(&format!("{name} [shape=circle, fillcolor=white, width=0.3, fixedsize=true, label=\"{symbol}\"];"));
            }
            NodeKind::AnyState => {
                self.out.line(&format!(
                    "{name} [style=\"rounded,dashed\", label=\"any state\"];"
                ));
            }
            NodeKind::Atomic | NodeKind::Final => {
                let label = self.label(shape);
                let mut more = if shape.kind == NodeKind::Final {
                    ", peripheries=2"
                } else {
                    ""
                }
                .to_owned();
                if shape.deprecated.is_some() {
                    more.push_str(", style=\"rounded,dashed\", fontcolor=gray40");
                }
                self.out.line(&format!("{name} [label=\"{label}\"{more}];"));
            }
        }
    }

    /// The name, then the other lines of a box.
    fn label(&mut self, shape: &Node) -> String {
        let mut label = format!("{}\\n", escape(&shape.name));
        for note in self.out.notes(shape) {
            label.push_str(&lines(&note, "\\l"));
        }
        label
    }

    fn edge(&mut self, edge: &Edge) {
        let picture = self.picture;
        let words = self.out.words(edge);
        let mut attributes = Vec::new();
        if !words.is_empty() {
            attributes.push(format!("label=\"{}\"", lines(&words, "\\l")));
        }
        // An arrow is cut off at the border of a box only if it comes from outside.
        let is_box = |node: NodeId| picture.node(node).kind.is_container();
        let is_free = edge.from != edge.to
            && !picture.is_inside(edge.from, edge.to)
            && !picture.is_inside(edge.to, edge.from);
        if is_free && is_box(edge.from) {
            attributes.push(format!("ltail=cluster_{}", id(edge.from)));
        }
        if is_free && is_box(edge.to) {
            attributes.push(format!("lhead=cluster_{}", id(edge.to)));
        }
        if edge.kind == EdgeKind::Error {
            attributes.push("color=\"#b3261e\"".to_owned());
        }
        if edge.deprecated {
            attributes.push("style=dashed".to_owned());
        }
        if picture.node(edge.to).kind == NodeKind::Fork {
            attributes.push("arrowhead=none".to_owned());
        }
        let attributes = if attributes.is_empty() {
            String::new()
        } else {
            format!(" [{}]", attributes.join(", "))
        };
        self.out.line(&format!(
            "{} -> {}{attributes};",
            id(edge.from),
            id(edge.to)
        ));
    }
}

/// A text in escaped lines, each ended by `end`.
fn lines(text: &str, end: &str) -> String {
    let mut out = String::new();
    for line in wrap(&[Piece::new(text, Tone::Guard)], SIZE, WIDTH_MAX, LINES_MAX) {
        for piece in line.pieces {
            out.push_str(&escape(&piece.text));
        }
        out.push_str(end);
    }
    out
}

/// Text of a chart inside a quoted string, in which Graphviz reads backslashes and HTML entities.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_string() {
        assert_eq!(escape("a\" -> b [x=\"y\\"), "a\\\" -&gt; b [x=\\\"y\\\\");
        assert_eq!(escape("a\\N&quot;é"), "a\\\\N&amp;quot;é");
    }
}
