//! What the text formats share: ids, the lines of a box, and the block in which an arrow belongs.

use std::fmt::Write as _;

use super::Exported;
use crate::picture::{Edge, EdgeKind, Node, NodeId, NodeKind, Picture};
use crate::text::clip;

/// Longest label, in characters: what a reader takes in at an arrow.
const LABEL_CHARS_MAX: usize = 160;

/// A text being written, line by line.
#[derive(Debug, Default)]
pub(super) struct Outline {
    text: String,
    depth: usize,
    losses: Vec<String>,
}

impl Outline {
    /// Writes a line.
    pub(super) fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{:width$}{line}", "", width = self.depth * 4);
    }

    /// Writes a line; the next ones stand inside.
    pub(super) fn open(&mut self, line: &str) {
        self.line(line);
        self.depth += 1;
    }

    /// Ends the inside with a line.
    pub(super) fn close(&mut self, line: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(line);
    }

    /// Notes what the text does not show.
    pub(super) fn lose(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        if !self.losses.contains(&sentence) {
            self.losses.push(sentence);
        }
    }

    /// The words of an arrow on one line.
    pub(super) fn words(&mut self, edge: &Edge) -> String {
        self.cut(&marked(edge.label.text(), edge.deprecated), &edge.title)
    }

    /// What stands in a box below its name.
    pub(super) fn notes(&mut self, node: &Node) -> Vec<String> {
        let mut lines: Vec<String> = [&node.label, &node.description]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        if !node.tags.is_empty() {
            lines.push(format!("#{}", node.tags.join(" #")));
        }
        lines.extend(node.deprecated.clone());
        lines.extend(
            node.inside
                .iter()
                .map(|item| marked(item.label.text(), item.deprecated)),
        );
        lines
            .iter()
            .map(|line| self.cut(line, &node.path))
            .collect()
    }

    fn cut(&mut self, text: &str, place: &str) -> String {
        let cut = clip(text, LABEL_CHARS_MAX);
        if cut != text {
            self.lose(format!("a text is cut off ({place})"));
        }
        cut
    }

    /// The finished text.
    pub(super) fn finish(self) -> Exported {
        Exported {
            text: self.text,
            losses: self.losses,
        }
    }
}

fn marked(mut text: String, is_deprecated: bool) -> String {
    if is_deprecated {
        text.push_str(" (deprecated)");
    }
    text
}

/// Id of a node in a text.
pub(super) fn id(node: NodeId) -> String {
    format!("s{}", node.0)
}

/// Whether the machine itself is parallel: then its regions need a box that the picture does without.
pub(super) fn is_parallel_at_top(picture: &Picture) -> bool {
    picture.children(None).any(|id| picture.node(id).is_region)
}

/// The innermost box that holds both ends of an arrow and can hold arrows at all. In the formats with regions a
/// parallel state cannot: what stands between its regions stands nowhere.
pub(super) fn home(picture: &Picture, edge: &Edge) -> Option<NodeId> {
    let mut home = picture.node(edge.from).parent;
    while let Some(id) = home {
        if picture.is_inside(edge.to, id) && picture.node(id).kind != NodeKind::Parallel {
            break;
        }
        home = picture.node(id).parent;
    }
    home
}

/// The block in which a box is declared: marks between regions go to the next block outside.
pub(super) fn block(picture: &Picture, id: NodeId) -> Option<NodeId> {
    let node = picture.node(id);
    let mut block = node.parent;
    if node.kind.is_state() {
        return block;
    }
    while let Some(at) = block {
        if picture.node(at).kind != NodeKind::Parallel {
            break;
        }
        block = picture.node(at).parent;
    }
    block
}

/// What a history state is called where the format has only plain states: like its symbol.
pub(super) fn history_name(picture: &Picture, id: NodeId, deep: bool) -> String {
    let symbol = if deep { "H*" } else { "H" };
    match picture.node(id).parent.map(|parent| picture.node(parent)) {
        Some(parent) if parent.kind == NodeKind::Parallel => format!("{symbol} {}", parent.name),
        _ => symbol.to_owned(),
    }
}

/// Whether an arrow comes out of an initial dot.
pub(super) fn is_initial(edge: &Edge) -> bool {
    edge.kind == EdgeKind::Initial
}
