//! From the laid out graph back to rectangles and routes: coordinates become absolute, and the pieces of a link that
//! crosses the borders of boxes are put together.

use std::collections::BTreeMap;

use merman_elk_layered::{CompoundEdgeSegment, LGraph, LNodeKind, LPoint, LayeredEdge, PortRef};

use super::loops::Loops;
use crate::layout::{Arrangement, Plan, Point, Rect, Route};

/// A piece of a link within one box.
struct Piece {
    /// Pieces on the way out of boxes come first, from the inside; then those on the way in.
    order: (u8, i64),
    points: Vec<Point>,
    label: Option<Rect>,
}

#[derive(Default)]
struct Reader {
    boxes: BTreeMap<usize, Rect>,
    pieces: BTreeMap<usize, Vec<Piece>>,
}

pub(super) fn read(plan: &Plan, loops: &Loops, graph: &LGraph) -> Option<Arrangement> {
    let mut reader = Reader::default();
    let mut open = vec![(graph, LPoint::default())];
    while let Some((graph, parent)) = open.pop() {
        let origin = LPoint {
            x: parent.x + graph.offset.x + graph.padding.left,
            y: parent.y + graph.offset.y + graph.padding.top,
        };
        for node in graph
            .layerless_nodes
            .iter()
            .filter(|node| node.kind == LNodeKind::Normal)
        {
            let (x, y) = (origin.x + node.position.x, origin.y + node.position.y);
            let rect = Rect::new(x, y, node.size.width, node.size.height);
            reader.boxes.insert(node.id.parse().ok()?, rect);
            if let Some(inner) = node.nested_graph.as_deref() {
                open.push((inner, LPoint { x, y }));
            }
        }
        for (at, edge) in graph.edges.iter().enumerate() {
            if graph.edge_source_attached(at) && graph.edge_target_attached(at) {
                reader.edge(graph, origin, at, edge);
            }
        }
    }
    reader.finish(plan, loops)
}

impl Reader {
    fn edge(&mut self, graph: &LGraph, origin: LPoint, at: usize, edge: &LayeredEdge) {
        let shift = |point: LPoint| Point::new(origin.x + point.x, origin.y + point.y);
        let mut points = vec![shift(anchor(graph, edge.source))];
        points.extend(edge.bend_points.iter().map(|point| shift(*point)));
        points.push(shift(anchor(graph, edge.target)));
        let label = edge.labels.first().map(|label| {
            let at = shift(label.position);
            Rect::new(at.x, at.y, label.size.width, label.size.height)
        });
        let crossing: Vec<_> = graph
            .cross_hierarchy_edges
            .iter()
            .filter(|crossing| crossing.edge == at)
            .collect();
        let mut add = |id: &str, segment: Option<CompoundEdgeSegment>| {
            if let Ok(link) = id.parse() {
                self.pieces.entry(link).or_default().push(Piece {
                    order: order(segment),
                    points: points.clone(),
                    label,
                });
            }
        };
        if crossing.is_empty() {
            add(&edge.id, edge.compound_segment);
        }
        for crossing in crossing {
            add(&crossing.original_edge_id, Some(crossing.segment));
        }
    }

    fn finish(mut self, plan: &Plan, loops: &Loops) -> Option<Arrangement> {
        let boxes = (0..plan.boxes.len())
            .map(|at| self.boxes.get(&at).copied())
            .collect::<Option<Vec<_>>>()?;
        let mut links = Vec::with_capacity(plan.links.len());
        for at in 0..plan.links.len() {
            if let Some(route) = loops.route(at, &boxes) {
                links.push(route);
                continue;
            }
            let mut pieces = self.pieces.remove(&at)?;
            pieces.sort_by_key(|piece| piece.order);
            let label = pieces.iter().find_map(|piece| piece.label);
            if plan.links[at].label.is_some() != label.is_some() {
                return None;
            }
            links.push(Route {
                points: pieces.into_iter().flat_map(|piece| piece.points).collect(),
                label,
            });
        }
        Some(Arrangement { boxes, links })
    }
}

fn order(segment: Option<CompoundEdgeSegment>) -> (u8, i64) {
    let depth = |depth: usize| i64::try_from(depth).unwrap_or(i64::MAX);
    match segment {
        None => (0, 0),
        Some(CompoundEdgeSegment::Output { depth: at }) => (0, -depth(at)),
        Some(CompoundEdgeSegment::Input { depth: at }) => (1, depth(at)),
    }
}

fn anchor(graph: &LGraph, port: PortRef) -> LPoint {
    let node = &graph.layerless_nodes[port.node];
    let port = &node.ports[port.port];
    LPoint {
        x: node.position.x + port.position.x + port.anchor.x,
        y: node.position.y + port.position.y + port.anchor.y,
    }
}
