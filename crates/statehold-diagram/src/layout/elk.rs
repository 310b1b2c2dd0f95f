//! [`Elk`]: layered layout by the Rust port of Eclipse ELK, with nested boxes, label space and upright routes.
//!
//! No type of that crate leaves this module. It gets a budget of work units instead of time, so that a plan is refused
//! on every machine or on none; a panic inside it becomes an error, because a chart is input.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use merman_elk_layered::{
    CompoundEdgeSegment, CycleBreakingStrategy, EdgeLabelPlacement, ElkDirection, ElkInputEdge, ElkInputGraph,
    ElkInputLabel, ElkInputNode, ElkPadding, HierarchyHandling, LGraph, LNodeKind, LPoint, LSize, LayeredEdge,
    LayeredOptions, NodeFlexibility, NodeLabelPlacement, OrderingStrategy, PortRef, SpacingMargin,
    WorkControl, WorkError, execute_ported_compound_processors_with_work_control, import_graph_with_work_control,
};

use super::{Arrangement, Layout, LayoutError, Plan, PlanBox, Point, Rect, Route};

/// Work units spent on one plan at most: well under a second. About 200 boxes in one box, or 400 nested ones.
const WORK_MAX: usize = 250_000_000;

/// Largest plan that is tried at all, in boxes and links together; beyond it even planning the work is slow.
const ITEMS_MAX: usize = 1_200;

/// Room between the border of a box and what stands inside.
const PADDING: f64 = 18.0;

/// Layered layout from top to bottom.
#[derive(Debug, Clone, Copy, Default)]
pub struct Elk;

impl Layout for Elk {
    fn arrange(&self, plan: &Plan) -> Result<Arrangement, LayoutError> {
        let too_large = LayoutError::TooLarge {
            boxes: plan.boxes.len(),
            links: plan.links.len(),
        };
        if plan.boxes.len() + plan.links.len() > ITEMS_MAX {
            return Err(too_large);
        }
        let run = catch_unwind(AssertUnwindSafe(|| run(plan)));
        match run {
            Ok(Ok(arrangement)) => Ok(arrangement),
            Ok(Err(Failure::Budget)) => Err(too_large),
            Ok(Err(Failure::Other(text))) => Err(LayoutError::Failed(text)),
            Err(_) => Err(LayoutError::Failed("the layout engine gave up".to_owned())),
        }
    }
}

enum Failure {
    Budget,
    Other(String),
}

struct Budget(usize);

impl WorkControl for Budget {
    fn check(&mut self, units: usize) -> Result<(), WorkError> {
        if units > self.0 { Err(WorkError::Interrupted) } else { Ok(()) }
    }

    fn charge(&mut self, units: usize) -> Result<(), WorkError> {
        self.check(units)?;
        self.0 -= units;
        Ok(())
    }
}

fn run(plan: &Plan) -> Result<Arrangement, Failure> {
    let mut budget = Budget(WORK_MAX);
    let failure = |text: String, is_work: bool| if is_work { Failure::Budget } else { Failure::Other(text) };
    let mut graph = import_graph_with_work_control(&input(plan), &mut budget)
        .map_err(|error| failure(error.to_string(), matches!(error, merman_elk_layered::ImportError::Work(_))))?;
    execute_ported_compound_processors_with_work_control(&mut graph, &mut budget)
        .map_err(|error| failure(error.to_string(), matches!(error, merman_elk_layered::PipelineError::Work(_))))?;
    read(plan, &graph).ok_or_else(|| Failure::Other("a box or a link was lost".to_owned()))
}

fn input(plan: &Plan) -> ElkInputGraph {
    ElkInputGraph {
        id: "root".to_owned(),
        options: options(ElkPadding::uniform(0.0)),
        nodes: (0..plan.boxes.len()).map(|at| node(plan, at)).collect(),
        edges: (0..plan.links.len()).map(|at| edge(plan, at)).collect(),
    }
}

fn node(plan: &Plan, at: usize) -> ElkInputNode {
    let shape = &plan.boxes[at];
    let has_boxes_inside = plan.boxes.iter().any(|inner| inner.parent == Some(at));
    ElkInputNode {
        id: at.to_string(),
        // A box with boxes inside gets its size from them; one of its own would misplace the ends of links.
        width: if has_boxes_inside { 0.0 } else { shape.width },
        height: if has_boxes_inside { 0.0 } else { shape.height },
        parent: shape.parent.map(|parent| parent.to_string()),
        direction: has_boxes_inside.then_some(ElkDirection::Down),
        hierarchy_handling: has_boxes_inside.then_some(HierarchyHandling::IncludeChildren),
        layer_constraint: None,
        port_constraints: None,
        port_alignment: None,
        node_label_placement: NodeLabelPlacement::Fixed,
        node_flexibility: NodeFlexibility::None,
        ports_surrounding: None,
        nested_options: has_boxes_inside.then(|| Box::new(inner_options(shape))),
        label: None,
    }
}

fn edge(plan: &Plan, at: usize) -> ElkInputEdge {
    let link = &plan.links[at];
    let label = link.label.map(|(width, height)| ElkInputLabel {
        source_index: Some(at),
        text: String::new(),
        width,
        height,
        placement: EdgeLabelPlacement::Center,
        inline: false,
    });
    ElkInputEdge {
        id: at.to_string(),
        source: link.from.to_string(),
        target: link.to.to_string(),
        labels: label.into_iter().collect(),
        minlen: 1,
        inside_self_loops_yo: false,
        model_order: Some(at),
        priority_direction: 0,
        priority_shortness: 0,
        priority_straightness: 0,
    }
}

fn inner_options(shape: &PlanBox) -> LayeredOptions {
    let mut options = options(ElkPadding {
        top: shape.height + PADDING,
        ..ElkPadding::uniform(PADDING)
    });
    // The least size is applied before a graph laid out from left to right is turned downwards: sides are swapped.
    options.node_size_minimum = Some(LSize {
        width: shape.height + 2.0 * PADDING,
        height: shape.width,
    });
    options
}

/// Spacing is chosen so that a label never touches a box, and arrows that turn side by side stay apart.
fn options(padding: ElkPadding) -> LayeredOptions {
    let mut options = LayeredOptions {
        direction: ElkDirection::Down,
        hierarchy_handling: HierarchyHandling::IncludeChildren,
        padding,
        // Both follow the order of the file, so a chart reads from its initial state downwards.
        cycle_breaking_strategy: CycleBreakingStrategy::GreedyModelOrder,
        consider_model_order_strategy: OrderingStrategy::NodesAndEdges,
        // Two arrows that share a piece of way look like one arrow.
        merge_edges: false,
        merge_hierarchy_edges: false,
        ..LayeredOptions::default()
    };
    let spacing = &mut options.spacing;
    spacing.node_node = 28.0;
    spacing.node_self_loop = 16.0;
    spacing.component_component = 28.0;
    spacing.edge_node = 18.0;
    spacing.edge_edge = 16.0;
    spacing.edge_label = 5.0;
    spacing.label_label = 8.0;
    spacing.label_node = 8.0;
    spacing.port_port = 16.0;
    spacing.node_node_between_layers = 30.0;
    spacing.edge_node_between_layers = 18.0;
    spacing.edge_edge_between_layers = 14.0;
    spacing.ports_surrounding = SpacingMargin {
        top: 14.0,
        right: 14.0,
        bottom: 14.0,
        left: 14.0,
    };
    options
}

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

fn read(plan: &Plan, graph: &LGraph) -> Option<Arrangement> {
    let mut reader = Reader::default();
    let mut open = vec![(graph, LPoint::default())];
    while let Some((graph, parent)) = open.pop() {
        let origin = LPoint {
            x: parent.x + graph.offset.x + graph.padding.left,
            y: parent.y + graph.offset.y + graph.padding.top,
        };
        for node in graph.layerless_nodes.iter().filter(|node| node.kind == LNodeKind::Normal) {
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
    reader.finish(plan)
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
        let crossing: Vec<_> = graph.cross_hierarchy_edges.iter().filter(|crossing| crossing.edge == at).collect();
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

    fn finish(mut self, plan: &Plan) -> Option<Arrangement> {
        let boxes = (0..plan.boxes.len()).map(|at| self.boxes.get(&at).copied()).collect::<Option<Vec<_>>>()?;
        let mut links = Vec::with_capacity(plan.links.len());
        for at in 0..plan.links.len() {
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
