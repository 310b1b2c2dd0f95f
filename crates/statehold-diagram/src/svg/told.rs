//! What is told about a picture in words: to those who hear it, in tooltips, and in class names for style sheets.

use crate::picture::{EdgeKind, Node, NodeKind, Picture};

/// Most transitions told in the description.
const DESCRIBED_MAX: usize = 100;

/// The whole picture in sentences.
pub(super) fn description(picture: &Picture) -> String {
    let states = (picture.nodes.iter()).filter(|node| node.kind.is_state());
    let told: Vec<&str> = (picture.edges.iter())
        .filter(|edge| edge.kind != EdgeKind::Branch)
        .map(|edge| edge.title.as_str())
        .collect();
    let mut text = format!("State machine with {} states. ", states.count());
    text.push_str(&told[..told.len().min(DESCRIBED_MAX)].join(". "));
    text.push('.');
    if told.len() > DESCRIBED_MAX {
        text.push_str(&format!(" And {} more.", told.len() - DESCRIBED_MAX));
    }
    text
}

/// All there is to say about a box; nothing for marks that say it all.
pub(super) fn title_of_node(node: &Node) -> String {
    let parent = (node.path.rsplit_once('.')).map_or("the machine", |(parent, _)| parent);
    let mut title = match node.kind {
        NodeKind::Atomic | NodeKind::Compound => format!("state {}", node.path),
        NodeKind::Parallel => format!("parallel state {}", node.path),
        NodeKind::Final => format!("final state {}", node.path),
        NodeKind::History { deep: false } => format!("history of {parent}"),
        NodeKind::History { deep: true } => format!("deep history of {parent}"),
        NodeKind::AnyState => return "any state".to_owned(),
        NodeKind::Initial | NodeKind::Fork => return String::new(),
    };
    for more in [&node.label, &node.description, &node.deprecated]
        .into_iter()
        .flatten()
    {
        title.push_str(&format!(". {more}"));
    }
    title
}

pub(super) fn class_of_node(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Atomic => "state atomic",
        NodeKind::Compound => "state compound",
        NodeKind::Parallel => "state parallel",
        NodeKind::Final => "state final",
        NodeKind::History { .. } => "history",
        NodeKind::Initial => "initial",
        NodeKind::AnyState => "any",
        NodeKind::Fork => "fork",
    }
}

pub(super) fn class_of_edge(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Initial => "initial",
        EdgeKind::HistoryDefault => "default",
        EdgeKind::Event => "event",
        EdgeKind::Always => "always",
        EdgeKind::Timer => "timer",
        EdgeKind::Done => "done",
        EdgeKind::Error => "error",
        EdgeKind::Branch => "branch",
    }
}
