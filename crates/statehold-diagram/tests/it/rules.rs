//! What must be true of every drawing. Each rule returns its breaches in words.

use statehold_diagram::drawing::{Anchor, Drawing, Text};
use statehold_diagram::layout::{Point, Rect, Segment, segments};
use statehold_diagram::picture::{NodeId, NodeKind, Picture};

/// Rounding to half pixels may move two borders towards each other.
const SLACK: f64 = 0.6;

/// All breaches of all rules.
pub(crate) fn breaches(picture: &Picture, drawing: &Drawing) -> Vec<String> {
    let view = View { picture, drawing };
    let mut found = Vec::new();
    view.boxes_nest(&mut found);
    view.labels_are_free(&mut found);
    view.arrows_end_at_borders(&mut found);
    view.arrows_avoid_boxes(&mut found);
    view.texts_fit(&mut found);
    view.everything_is_on_the_canvas(&mut found);
    found
}

struct View<'a> {
    picture: &'a Picture,
    drawing: &'a Drawing,
}

impl View<'_> {
    fn nodes(&self) -> impl Iterator<Item = (NodeId, Rect)> + '_ {
        self.drawing
            .nodes
            .iter()
            .enumerate()
            .map(|(at, node)| (NodeId(at), node.rect))
    }

    fn name(&self, id: NodeId) -> String {
        let node = self.picture.node(id);
        format!("{:?} `{}` #{}", node.kind, node.path, id.0)
    }

    fn boxes_nest(&self, found: &mut Vec<String>) {
        for (id, rect) in self.nodes() {
            let parent = self.picture.node(id).parent;
            if let Some(parent) = parent
                && !self.drawing.nodes[parent.0]
                    .rect
                    .grown(-2.0)
                    .contains(&rect)
            {
                found.push(format!(
                    "{} sticks out of {}",
                    self.name(id),
                    self.name(parent)
                ));
            }
            for sibling in self
                .picture
                .children(parent)
                .filter(|sibling| *sibling > id)
            {
                if rect.overlaps(&self.drawing.nodes[sibling.0].rect) {
                    found.push(format!("{} overlaps {}", self.name(id), self.name(sibling)));
                }
            }
        }
    }

    fn labels_are_free(&self, found: &mut Vec<String>) {
        let labels: Vec<(usize, Rect)> = (self.drawing.edges.iter().enumerate())
            .filter_map(|(at, edge)| Some((at, edge.label?.grown(-SLACK))))
            .collect();
        for (at, (edge, label)) in labels.iter().enumerate() {
            let text = self.picture.edges[*edge].label.text();
            for (other, rect) in &labels[at + 1..] {
                if label.overlaps(rect) {
                    found.push(format!("label `{text}` overlaps that of edge {other}"));
                }
            }
            for (id, rect) in self.nodes() {
                let is_container = self.picture.node(id).kind.is_container();
                if label.overlaps(&rect) && !(is_container && rect.contains(label)) {
                    found.push(format!(
                        "label `{text}` covers a border of {}",
                        self.name(id)
                    ));
                }
            }
            for (other, drawn) in self.drawing.edges.iter().enumerate() {
                if segments(&drawn.points).any(|segment| crosses(&segment, label)) {
                    found.push(format!(
                        "label `{text}` is crossed by edge {other} (its own: {edge})"
                    ));
                }
            }
        }
    }

    fn arrows_end_at_borders(&self, found: &mut Vec<String>) {
        for (edge, drawn) in self.picture.edges.iter().zip(&self.drawing.edges) {
            let ends = [
                (edge.from, drawn.points.first()),
                (edge.to, drawn.points.last()),
            ];
            for (id, point) in ends {
                let rect = self.drawing.nodes[id.0].rect;
                if !point.is_some_and(|point| self.is_on_border(id, point)) {
                    found.push(format!(
                        "edge `{}` does not end at the border of {}: {point:?} {rect:?}",
                        edge.title,
                        self.name(id)
                    ));
                }
            }
        }
    }

    fn is_on_border(&self, id: NodeId, point: &Point) -> bool {
        let rect = self.drawing.nodes[id.0].rect;
        if matches!(
            self.picture.node(id).kind,
            NodeKind::Initial | NodeKind::History { .. }
        ) {
            let center = rect.center();
            let distance = (point.x - center.x).hypot(point.y - center.y);
            return (distance - rect.width / 2.0).abs() <= 1.0;
        }
        let at = Rect::new(point.x, point.y, 0.0, 0.0);
        rect.grown(SLACK).contains(&at) && !rect.grown(-SLACK).contains(&at)
    }

    fn arrows_avoid_boxes(&self, found: &mut Vec<String>) {
        for (edge, drawn) in self.picture.edges.iter().zip(&self.drawing.edges) {
            for (id, rect) in self.nodes() {
                if self.picture.node(id).kind.is_container() {
                    continue;
                }
                let inner = rect.grown(-SLACK - 0.5);
                let is_circle = matches!(
                    self.picture.node(id).kind,
                    NodeKind::Initial | NodeKind::History { .. }
                );
                // An arrow may end on a circle, which is inside the square around it.
                if is_circle && (edge.from == id || edge.to == id) {
                    continue;
                }
                if segments(&drawn.points).any(|segment| crosses(&segment, &inner)) {
                    found.push(format!(
                        "edge `{}` runs through {}",
                        edge.title,
                        self.name(id)
                    ));
                }
            }
        }
    }

    fn texts_fit(&self, found: &mut Vec<String>) {
        for (id, rect) in self.nodes() {
            for text in &self.drawing.nodes[id.0].texts {
                let extent = extent(text);
                if !rect.grown(-1.0).contains(&extent) {
                    found.push(format!(
                        "text {:?} at {extent:?} does not fit into {} {rect:?}",
                        text.line,
                        self.name(id)
                    ));
                }
            }
        }
        for edge in &self.drawing.edges {
            for text in &edge.texts {
                if !edge
                    .label
                    .is_some_and(|label| label.grown(SLACK).contains(&extent(text)))
                {
                    found.push(format!("text {:?} does not fit into its label", text.line));
                }
            }
        }
    }

    fn everything_is_on_the_canvas(&self, found: &mut Vec<String>) {
        let canvas = Rect::new(0.0, 0.0, self.drawing.width, self.drawing.height).grown(-4.0);
        let points = self
            .drawing
            .edges
            .iter()
            .flat_map(|edge| &edge.points)
            .map(|point| Rect::new(point.x, point.y, 0.0, 0.0));
        let labels = self.drawing.edges.iter().filter_map(|edge| edge.label);
        let boxes = self.drawing.nodes.iter().map(|node| node.rect);
        let heading = self.drawing.heading.iter().map(extent);
        for rect in points.chain(labels).chain(boxes).chain(heading) {
            if !canvas.contains(&rect) {
                found.push(format!("{rect:?} is off the canvas"));
            }
        }
    }
}

/// An upright segment through the inside of a rectangle.
fn crosses(segment: &Segment, rect: &Rect) -> bool {
    segment.bounds().grown(0.01).overlaps(rect)
}

/// The rectangle around a line of text.
fn extent(text: &Text) -> Rect {
    let width = text.line.width(text.size);
    let x = match text.anchor {
        Anchor::Start => text.at.x,
        Anchor::Middle => text.at.x - width / 2.0,
        Anchor::End => text.at.x - width,
    };
    Rect::new(x, text.at.y - text.size * 0.8, width, text.size)
}
