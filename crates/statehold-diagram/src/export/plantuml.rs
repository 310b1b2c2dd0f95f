//! PlantUML, state diagrams.

use std::fmt::Write as _;

use super::Exported;
use super::outline::{Outline, block, history_name, home, id, is_initial, is_parallel_at_top};
use crate::picture::{Edge, Node, NodeId, NodeKind, Picture};

/// A picture for PlantUML.
#[must_use]
pub(crate) fn plantuml(picture: &Picture) -> Exported {
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
        self.out.line("@startuml");
        self.out.line("hide empty description");
        self.out
            .line(&format!("title {}", escape(&self.picture.title())));
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
        self.out.line("@enduml");
        if !self.picture.inside.is_empty() {
            self.out.lose("what the machine itself does on entering, on leaving or on events without a target is left out");
        }
    }

    /// Boxes and arrows of a block; regions at the top stand in a box of their own.
    fn block(&mut self, parent: Option<NodeId>, without_states: bool) {
        let picture = self.picture;
        for node in (0..picture.nodes.len())
            .map(NodeId)
            .filter(|node| block(picture, *node) == parent)
        {
            if !(without_states && picture.node(node).is_region) {
                self.declare(node);
            }
        }
        for edge in picture
            .edges
            .iter()
            .filter(|edge| home(picture, edge) == parent)
        {
            self.edge(edge);
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
            NodeKind::Initial => return,
            NodeKind::Fork => self.out.line(&format!("state {id} <<fork>>")),
            NodeKind::Compound | NodeKind::Parallel => {
                self.out.open(&format!(
                    "state \"{}\" as {id}{} {{",
                    escape(&shape.name),
                    line_style(shape)
                ));
                match shape.kind {
                    NodeKind::Parallel => self.regions(Some(node)),
                    _ => self.block(Some(node), false),
                }
                self.out.close("}");
            }
            NodeKind::History { deep } => {
                let name = history_name(self.picture, node, deep);
                let stereotype = if deep { "<<history*>>" } else { "<<history>>" };
                self.out
                    .line(&format!("state \"{}\" as {id} {stereotype}", escape(&name)));
            }
            NodeKind::AnyState => {
                self.out
                    .line(&format!("state \"any state\" as {id} ##[dotted]"));
                self.out.lose(
                    "transitions of the machine itself start at a plain state named `any state`",
                );
            }
            NodeKind::Atomic | NodeKind::Final => {
                self.out.line(&format!(
                    "state \"{}\" as {id}{}",
                    escape(&shape.name),
                    line_style(shape)
                ));
            }
        }
        for line in self.out.notes(shape) {
            self.out.line(&format!("{id} : {}", escape(&line)));
        }
    }

    /// Real regions where nothing leads across their borders: PlantUML refuses such arrows. Else boxes beside each other.
    fn regions(&mut self, parent: Option<NodeId>) {
        let picture = self.picture;
        let are_closed = self.are_closed(parent);
        if !are_closed {
            let name = parent.map_or(&picture.machine, |parent| &picture.node(parent).path);
            self.out.lose(format!("the regions of `{name}` are boxes beside each other, because arrows lead out of them"));
        }
        for (at, region) in picture
            .children(parent)
            .filter(|child| picture.node(*child).is_region)
            .enumerate()
        {
            if at > 0 && are_closed {
                self.out.line("--");
            }
            self.declare(region);
            if picture.node(region).kind == NodeKind::Final {
                self.out.line(&format!("{} --> [*]", id(region)));
            }
        }
    }

    fn are_closed(&self, parent: Option<NodeId>) -> bool {
        let picture = self.picture;
        let is_within = |node: NodeId| parent.is_none_or(|parent| picture.is_inside(node, parent));
        let region_of = |node: NodeId| {
            let is_around = |region: &NodeId| *region == node || picture.is_inside(node, *region);
            picture
                .children(parent)
                .filter(|child| picture.node(*child).is_region)
                .find(is_around)
        };
        picture.edges.iter().all(|edge| {
            let touches = is_within(edge.from) || is_within(edge.to);
            !touches || region_of(edge.from) == region_of(edge.to)
        })
    }

    fn edge(&mut self, edge: &Edge) {
        let from = if is_initial(edge) {
            "[*]".to_owned()
        } else {
            id(edge.from)
        };
        let words = self.out.words(edge);
        let label = if words.is_empty() {
            String::new()
        } else {
            format!(" : {}", escape(&words))
        };
        self.out.line(&format!("{from} --> {}{label}", id(edge.to)));
    }
}

fn line_style(node: &Node) -> &'static str {
    if node.deprecated.is_some() {
        " ##[dashed]gray"
    } else if node.is_region {
        " ##[dashed]"
    } else {
        ""
    }
}

/// Text of a chart as text of a label: whatever the grammar, the preprocessor or the markup could take for its own
/// goes as `<U+XXXX>`, which becomes a character only when the label is painted.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | ' ' | ',' | '.' | '(' | ')' | '=' | '[' | ']' => {
                out.push(c);
            }
            c => {
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
            }
        }
    }
    // A name in front of a bracket would call a function of the preprocessor only behind a percent sign, but `[[` opens
    // a link.
    out.replace("[[", "<U+005B><U+005B>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_label() {
        assert_eq!(escape("a\"b:c"), "a<U+0022>b<U+003A>c");
        assert_eq!(escape("%date()"), "<U+0025>date()");
        assert_eq!(
            escape("**b** \\n [[x]]"),
            "<U+002A><U+002A>b<U+002A><U+002A> <U+005C>n <U+005B><U+005B>x]]"
        );
        assert_eq!(escape("😀"), "<U+1F600>");
    }
}
