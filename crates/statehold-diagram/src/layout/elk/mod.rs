//! [`Elk`]: layered layout by the Rust port of Eclipse ELK, with nested boxes, label space and upright routes.
//!
//! No type of that crate leaves this module. It gets a budget of work units instead of time, so that a plan is refused
//! on every machine or on none; a panic inside it becomes an error, because a chart is input.

mod loops;
mod options;
mod order;
mod read;

use std::panic::{AssertUnwindSafe, catch_unwind};

use merman_elk_layered::{
    EdgeLabelPlacement, ElkDirection, ElkInputEdge, ElkInputGraph, ElkInputLabel, ElkInputNode,
    ElkPadding, HierarchyHandling, ImportError, NodeFlexibility, NodeLabelPlacement, PipelineError,
    WorkControl, WorkError, execute_ported_compound_processors_with_work_control,
    import_graph_with_work_control,
};

use super::{Arrangement, Layout, LayoutError, Plan};
use loops::Loops;

/// Work units spent on one plan at most: well under a second. About 200 boxes in one box, or 400 nested ones.
const WORK_MAX: usize = 250_000_000;

/// Largest plan that is tried at all, in boxes and links together; beyond it even planning the work is slow.
const ITEMS_MAX: usize = 1_200;

/// Layered layout from top to bottom, in one of a few styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elk {
    sequence: Sequence,
    back: Back,
    placement: Placement,
    /// Whether boxes of one layer stand in their sequence rather than where fewest links cross.
    keeps_sequence: bool,
}

/// In which order the engine is told of the boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sequence {
    /// That of the plan, which is that of the file.
    Plan,
    /// That in which a reader meets them.
    Reading,
}

/// Which links lead back where links form circles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Back {
    /// As few as possible.
    Few,
    /// Those against the sequence.
    AgainstSequence,
}

/// How boxes are placed along their layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placement {
    /// So that many links run straight.
    Straight,
    /// So that links are short.
    Near,
}

impl Elk {
    /// The styles worth trying, the one that is best most often first. For every plan that was looked at one of them
    /// was within two percent of the best of all combinations.
    pub const STYLES: [Self; 6] = [
        Self::new(
            Sequence::Reading,
            Back::AgainstSequence,
            Placement::Near,
            true,
        ),
        Self::new(Sequence::Reading, Back::Few, Placement::Near, true),
        Self::new(
            Sequence::Reading,
            Back::AgainstSequence,
            Placement::Near,
            false,
        ),
        Self::new(Sequence::Plan, Back::AgainstSequence, Placement::Near, true),
        Self::new(
            Sequence::Reading,
            Back::AgainstSequence,
            Placement::Straight,
            true,
        ),
        Self::new(Sequence::Reading, Back::Few, Placement::Straight, true),
    ];

    const fn new(
        sequence: Sequence,
        back: Back,
        placement: Placement,
        keeps_sequence: bool,
    ) -> Self {
        Self {
            sequence,
            back,
            placement,
            keeps_sequence,
        }
    }
}

impl Default for Elk {
    fn default() -> Self {
        Self::STYLES[0]
    }
}

impl Layout for Elk {
    fn arrange(&self, plan: &Plan) -> Result<Arrangement, LayoutError> {
        let too_large = LayoutError::TooLarge {
            boxes: plan.boxes.len(),
            links: plan.links.len(),
        };
        if plan.boxes.len() + plan.links.len() > ITEMS_MAX {
            return Err(too_large);
        }
        let run = catch_unwind(AssertUnwindSafe(|| run(plan, *self)));
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
        if units > self.0 {
            Err(WorkError::Interrupted)
        } else {
            Ok(())
        }
    }

    fn charge(&mut self, units: usize) -> Result<(), WorkError> {
        self.check(units)?;
        self.0 -= units;
        Ok(())
    }
}

fn run(plan: &Plan, style: Elk) -> Result<Arrangement, Failure> {
    let mut budget = Budget(WORK_MAX);
    let failure = |text: String, is_work: bool| {
        if is_work {
            Failure::Budget
        } else {
            Failure::Other(text)
        }
    };
    let loops = Loops::of(plan);
    let mut graph = import_graph_with_work_control(&input(plan, style, &loops), &mut budget)
        .map_err(|error| failure(error.to_string(), matches!(error, ImportError::Work(_))))?;
    loops.reserve(&mut graph);
    execute_ported_compound_processors_with_work_control(&mut graph, &mut budget)
        .map_err(|error| failure(error.to_string(), matches!(error, PipelineError::Work(_))))?;
    read::read(plan, &loops, &graph)
        .ok_or_else(|| Failure::Other("a box or a link was lost".to_owned()))
}

fn input(plan: &Plan, style: Elk, loops: &Loops) -> ElkInputGraph {
    let links = (0..plan.links.len()).filter(|link| !loops.has(*link));
    let sequence = match style.sequence {
        Sequence::Plan => (0..plan.boxes.len()).collect(),
        Sequence::Reading => order::reading(plan),
    };
    ElkInputGraph {
        id: "root".to_owned(),
        options: options::layered(style, ElkPadding::uniform(0.0)),
        nodes: (sequence.into_iter())
            .map(|at| node(plan, style, loops, at))
            .collect(),
        edges: links.map(|at| edge(plan, at)).collect(),
    }
}

fn node(plan: &Plan, style: Elk, loops: &Loops, at: usize) -> ElkInputNode {
    let shape = &plan.boxes[at];
    let has_boxes_inside = plan.boxes.iter().any(|inner| inner.parent == Some(at));
    ElkInputNode {
        id: at.to_string(),
        // A box with boxes inside gets its size from them; one of its own would misplace the ends of links.
        width: if has_boxes_inside { 0.0 } else { shape.width },
        height: if has_boxes_inside {
            0.0
        } else {
            shape.height.max(loops.height(at))
        },
        parent: shape.parent.map(|parent| parent.to_string()),
        direction: has_boxes_inside.then_some(ElkDirection::Down),
        hierarchy_handling: has_boxes_inside.then_some(HierarchyHandling::IncludeChildren),
        layer_constraint: None,
        port_constraints: None,
        port_alignment: None,
        node_label_placement: NodeLabelPlacement::Fixed,
        node_flexibility: NodeFlexibility::None,
        ports_surrounding: None,
        nested_options: has_boxes_inside.then(|| Box::new(options::inside(style, shape))),
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
